"""Hostile input for every entrance of the core: it is taken or refused, and nothing else comes of it."""

import random

import pytest

from benchmarks.hostile_core import ENTRANCES, drawn, require_sentence, tried
from tests.effort import LONG

COUNT = 2000 // len(ENTRANCES) * (10 if LONG else 1)


@pytest.fixture(scope="module")
def seed() -> int:
    return random.randrange(2**32)


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_hostile_input_is_taken_or_refused_with_a_sentence(entrance: str, seed: int) -> None:
    print(f"seed {seed}")
    found = tried(entrance, seed, COUNT)
    assert found.failures == [], "\n".join(map(str, found.failures))
    assert found.counts["taken"] + found.counts["refused"] == COUNT
    assert min(found.counts["taken"], found.counts["refused"]) > COUNT // 50, "some of both, or little is tried"


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_an_input_can_be_drawn_again_by_its_seed_and_number(entrance: str) -> None:
    assert [repr(drawn(entrance, 1, number)) for number in range(20)] == [
        repr(drawn(entrance, 1, number)) for number in range(20)
    ]
    assert repr(drawn(entrance, 1, 3)) != repr(drawn(entrance, 2, 3))


@pytest.mark.parametrize("sentence", ["", "a\nb", "\x00", "x" * 601])
def test_what_is_no_sentence_is_a_failure(sentence: str) -> None:
    with pytest.raises(AssertionError):
        require_sentence(sentence)

"""Random and hostile inputs: no exception, and what a refused one leaves is the last good state."""

import random
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.effort import LONG
from tests.views.driving import link_of, opened, paste, scenario, sentence, type_axes, typed
from vmapdemo.scenario import link
from vmapdemo.scenario.argument import InputError, read_values
from vmapdemo.scenario.link import LinkError
from vmapdemo.scenario.presets import DEFAULT, PRESETS
from vmapdemo.scenario.scenario import MAX_AXES_TEXT, read_axes

SEED = 20240611
COUNT = 100 if LONG else 20
SHAPES = ((3,), (4, 3), (4, 5), (3, 4), (1, 3), (2, 4, 3))
PIECES = (
    *"0123456789-+.,;()[]{}<>'\"\\/&=~_ #%",
    *("None", "True", "nan", "inf", "1e9", "1e400", "\t", "\n", "\x00", "é", "\u202e", "[[", "]]", "[0, 1]", "(0, 1)"),
    *("<script>alert(1)</script>", "[a](http://x)", "__import__('os')", "a" * 300, "9" * 50, "[" * 60),
)
LITERALS = ("0", "1", "-1", "2", "None", "True", "0.5", "'a'", "(0,)", "[1, 0]", "(0, None)", "(1, 1)", "((0,), 2)")


def noise(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, 12)))


def numbers(chance: random.Random) -> str:
    """An array of a shape that occurs often, so that little has to be compiled; sometimes with a wrong number in it."""

    def nested(shape: tuple[int, ...]) -> str:
        if not shape:
            return str(chance.choice((3.5, 2**31, "nan")) if chance.random() < 0.1 else chance.randint(-9, 9))
        return f"[{', '.join(nested(shape[1:]) for _ in range(shape[0]))}]"

    return nested(chance.choice(SHAPES))


def axes(chance: random.Random) -> str:
    return noise(chance) if chance.random() < 0.5 else chance.choice(LITERALS)


def query(chance: random.Random) -> str:
    fields = {
        "preset": lambda: chance.choice([*PRESETS, noise(chance)]),
        "v": lambda: chance.choice(("1", "1", "2", noise(chance))),
        "view": lambda: chance.choice(("explore", "explore", "time", "gallery", noise(chance))),
        "strategy": lambda: chance.choice(("loop", "jit", noise(chance))),
        "large": lambda: chance.choice(("0", "1", "2")),
        "x_batch": lambda: chance.choice((numbers, noise))(chance),
        "y_batch": lambda: chance.choice((numbers, noise))(chance),
        "x_batch.dtype": lambda: chance.choice(("int32", "float32", noise(chance))),
        "y_batch.T": lambda: chance.choice(("0", "1", noise(chance))),
        "in_axes": lambda: axes(chance),
        "out_axes": lambda: axes(chance),
        noise(chance) or "x": lambda: noise(chance),
    }
    drawn: list[tuple[str, Callable[[], str]]] = chance.sample(list(fields.items()), chance.randint(1, 4))
    pairs = [(name, value()) for name, value in drawn]
    return urlencode(pairs + pairs[:1] if chance.random() < 0.1 else pairs)


@pytest.fixture
def chance() -> random.Random:
    print(f"seed {SEED}")
    return random.Random(SEED)


def test_links_open_or_give_a_sentence_and_the_default_preset(chance: random.Random) -> None:
    refused = 0
    for _ in range(COUNT):
        text = query(chance)
        print(text)
        page = opened(text)
        try:
            expected = link.decode(text)[0]
        except LinkError:
            refused += 1
            assert sentence(page, "link")
            assert scenario(page) == DEFAULT.scenario
        else:
            assert scenario(page) == expected
            assert sentence(page, "link") is None
    assert 0 < refused < COUNT


@pytest.mark.parametrize("place", ["in_axes", "out_axes"])
def test_typed_axes_are_taken_or_leave_the_last_good_state(chance: random.Random, place: str) -> None:
    page = opened()
    for _ in range(COUNT // 2):
        text, before = axes(chance), link_of(page)
        shown = typed(page, place)
        print(repr(text))
        type_axes(page, place, text)
        if text == shown:  # nothing has been typed
            continue
        try:
            expected = read_axes(text)
        except InputError:
            assert sentence(page, place)
            assert link_of(page) == before
        else:
            assert repr(getattr(scenario(page), place)) == repr(expected)
            assert sentence(page, place) is None


def test_pasted_texts_are_taken_or_leave_the_last_good_state(chance: random.Random) -> None:
    page = opened()
    for _ in range(COUNT):
        name = chance.choice(("x_batch", "y_batch"))
        text, before = chance.choice((numbers, noise))(chance), link_of(page)
        print(name, repr(text))
        paste(page, name, text)
        if sentence(page, f"numbers_{name}"):
            assert link_of(page) == before
        else:
            assert scenario(page).argument(name).stored.shape == _shape(text)


def _shape(text: str) -> tuple[int, ...]:
    values, shape = read_values(text), []
    while isinstance(values, tuple):
        shape.append(len(values))
        values = values[0]
    return tuple(shape)


def test_a_text_that_no_browser_lets_through_stays_small() -> None:
    page = opened()
    type_axes(page, "in_axes", "1" * 1_000_000)
    assert len(repr(scenario(page).in_axes)) <= MAX_AXES_TEXT
    before = link_of(page)
    paste(page, "x_batch", "1 " * 500_000)
    assert sentence(page, "numbers_x_batch")
    assert link_of(page) == before

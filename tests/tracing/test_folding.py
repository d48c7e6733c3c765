from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.tracing.functions import Case, cases
from vmapdemo.strategies import convolve
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.folding import Block, fold
from vmapdemo.tracing.records import Step

SEED = 31


def _convolve(length: int) -> tuple[Step, ...]:
    structs = jax.ShapeDtypeStruct((4, length), "float32"), jax.ShapeDtypeStruct((4, 3), "float32")
    return trace(convolve)(*structs).steps


def test_a_long_convolve_folds_to_a_few_lines() -> None:
    steps = _convolve(60)
    assert len(steps) > 170
    blocks = fold(steps)
    assert sum(len(block.steps) for block in blocks) <= 8
    assert [(block.times, [step.primitive for step in block.steps]) for block in blocks[:2]] == [
        (58, ["slice", "dot_general"]),
        (58, ["broadcast_in_dim"]),
    ]


def test_a_short_one_folds_to_the_windows_that_it_has() -> None:
    found = trace(convolve)(jnp.ones((4, 5)), jnp.ones((4, 3)))
    assert [block.times for block in fold(found.steps)] == [3, 3, 1]


@pytest.mark.parametrize("case", list(cases())[::3], ids=lambda case: case.name)
def test_unfolding_gives_back_the_steps(case: Case) -> None:
    steps = trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments).steps
    assert _unfolded(fold(steps)) == steps


def _unfolded(blocks: tuple[Block, ...]) -> tuple[Step, ...]:
    return tuple(step for block in blocks for steps in block.rounds for step in steps)


def _made_of(letters: str) -> tuple[Step, ...]:
    """A step for every letter, alike where the letters are; names differ, as they do in a program."""
    one = _convolve(5)[0]
    return tuple(
        replace(one, primitive=letter, outputs=(replace(one.outputs[0], name=f"{letter}{place}"),))
        for place, letter in enumerate(letters)
    )


def _folded(letters: str) -> list[tuple[str, int]]:
    blocks = fold(_made_of(letters))
    return [("".join(step.primitive for step in block.steps), block.times) for block in blocks]


@pytest.mark.parametrize(
    ("letters", "blocks"),
    [
        ("", []),
        ("a", [("a", 1)]),
        ("abc", [("abc", 1)]),
        ("aaaa", [("a", 4)]),
        ("ababab", [("ab", 3)]),
        ("xababy", [("x", 1), ("ab", 2), ("y", 1)]),
        ("aabaabaab", [("aab", 3)]),
        ("abcabcab", [("abc", 2), ("ab", 1)]),
        ("aabb", [("a", 2), ("b", 2)]),
    ],
)
def test_the_repeat_that_saves_most_is_folded(letters: str, blocks: list[tuple[str, int]]) -> None:
    assert _folded(letters) == blocks


def test_random_steps_are_all_there_after_folding() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(60):
        steps = _made_of("".join(random.choice(list("abc"), size=int(random.integers(40)))))
        blocks = fold(steps)
        assert _unfolded(blocks) == steps, f"seed {SEED}"
        assert all(len(steps) == len(block.steps) for block in blocks for steps in block.rounds)


def test_steps_of_other_lines_or_shapes_are_no_repeats() -> None:
    one = _convolve(5)[0]
    assert [block.times for block in fold((one, replace(one, source=None)))] == [1]
    assert [block.times for block in fold((one, replace(one, outputs=(replace(one.outputs[0], axis=1),))))] == [1]
    assert [block.times for block in fold((one, replace(one, example_text="other")))] == [2]

"""Every message has a short headline, a reason with the argument's name and both numbers, and a next step."""

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.call.call import make_call
from vmapdemo.diagnosis.engine import diagnose, explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.strategies import convolve

NAMES = ("x_batch", "y_batch")
SHAPES = [
    ((5, 4), (4, 3)),
    ((4, 5), (4, 3)),
    ((3, 5), (3,)),
    ((), (3,)),
    ((4, 5), (4, 2)),
    ((2, 4, 5), (4, 3)),
    ((4, 2), (4, 3)),
]
MENDABLE = [((5, 4), (4, 3)), ((4, 5), (4, 3)), ((3, 5), (3,)), ((2, 4, 5), (4, 3)), ((4, 2), (4, 3))]
IN_AXES = [0, 1, 2, -3, None, True, 0.5, "a", (1, 0), [0, None], (0,), (0, 0, 0), ((0, 1), 0), (0, "b"), {"a": 0}]
OUT_AXES = [0, 1, 3, None, True, (0, 0)]


@cache
def _explanations() -> tuple[tuple[Any, Explanation], ...]:
    """Every call of the grid with its shapes and what is said of it."""
    return tuple(_each_explanation())


def _each_explanation() -> Iterator[tuple[Any, Explanation]]:
    probe = Probe(binds_shared=False)
    for shapes, in_axes, out_axes in itertools.product(SHAPES, IN_AXES, OUT_AXES):
        arguments = tuple(jnp.zeros(shape) for shape in shapes)
        call = make_call(convolve, arguments, {}, in_axes, out_axes, example_ndim=(1, 1), names=NAMES)
        yield shapes, diagnose(call, probe)


def test_every_message_is_short_and_made_of_sentences() -> None:
    for _, found in _explanations():
        assert 2 <= len(found.headline.split()) <= 13, found.headline
        assert found.headline.endswith("."), found.headline
        assert found.reason.endswith("."), found.reason
        for text in (found.headline, found.reason, *found.advice, *(c.text for c in found.cautions)):
            assert "\n" not in text
            assert "  " not in text, text
            assert len(text) < 320, text


def test_every_refusal_has_a_culprit_and_the_words_of_jax() -> None:
    for _, found in _explanations():
        assert (found.culprit is None) == found.ok
        assert (found.jax_error is None) == found.ok


def test_every_refusal_has_a_next_step_where_some_axes_fit() -> None:
    stuck = {
        found.headline for shapes, found in _explanations() if shapes in MENDABLE and not (found.ok or found.fixes)
    }
    assert stuck == set()


def _found(x: tuple[int, ...], y: tuple[int, ...], in_axes: Any = 0, out_axes: Any = 0) -> Explanation:
    return explain(convolve, in_axes, out_axes, example_ndim=(1, 1), names=NAMES)(jnp.ones(x), jnp.ones(y))


@pytest.mark.parametrize(
    ("x", "y", "in_axes", "numbers"),
    [
        ((5, 4), (4, 3), 1, {4, 3}),
        ((6, 5), (4, 3), 0, {6, 4}),
        ((7, 9), (8, 3), (1, 0), {9, 8}),
        ((1, 5), (4, 3), 0, {1, 4}),
    ],
)
def test_a_disagreement_names_both_arguments_axes_and_sizes(x: Any, y: Any, in_axes: Any, numbers: set[int]) -> None:
    found = _found(x, y, in_axes)
    assert found.headline == "`x_batch` and `y_batch` disagree on the batch size."
    assert {int(size) for size in re.findall(r"has (\d+) examples?\b", found.reason)} == numbers
    assert f"`x_batch` {x}" in found.reason
    assert f"`y_batch` {y}" in found.reason


@pytest.mark.parametrize(
    ("in_axes", "guilty", "innocent"),
    [
        ((2, 0), "x_batch", "y_batch"),
        ((0, 2), "y_batch", "x_batch"),
        ((0, -3), "y_batch", "x_batch"),
        ((-3, None), "x_batch", "y_batch"),
    ],
)
def test_the_innocent_argument_is_not_named(in_axes: Any, guilty: str, innocent: str) -> None:
    found = _found((4, 5), (4, 3), in_axes)
    assert f"`{guilty}`" in found.headline
    assert f"`{guilty}`" in found.reason
    assert innocent not in found.headline + found.reason
    assert [row.path for row in found.arguments if row.offends] == [guilty]


@pytest.mark.parametrize("odd", range(3))
def test_the_odd_one_of_three_is_named_alone(odd: int) -> None:
    arguments = [jnp.ones((4, 2)) for _ in range(3)]
    arguments[odd] = jnp.ones((3, 2))
    found = explain(lambda a, b, c: a + b + c)(*arguments)
    name = "abc"[odd]
    assert found.headline == f"`{name}` disagrees with the others on the batch size."
    assert found.reason == f"Axis 0 of `{name}` (3, 2) has 3 examples; the other mapped axes have 4."
    assert [row.path for row in found.arguments if row.offends] == [name]


def test_three_that_all_disagree_are_all_named() -> None:
    found = explain(lambda a, b, c: a + b + c)(jnp.ones(2), jnp.ones(3), jnp.ones(4))
    assert [name for name in "abc" if f"`{name}`" in found.headline] == ["a", "b", "c"]
    assert [size for size in (2, 3, 4) if f"has {size} examples" in found.reason] == [2, 3, 4]


@pytest.mark.parametrize("out_axes", [2, 5, -3])
def test_a_wrong_out_axes_names_no_argument(out_axes: int) -> None:
    found = _found((4, 5), (4, 3), 0, out_axes)
    assert found.culprit == "out_axes"
    assert "_batch" not in found.headline + found.reason
    assert f"asks for {out_axes}." in found.reason
    assert "shape (3,)" in found.reason


@pytest.mark.parametrize("entry", [True, 0.5, "a", 2.0])
def test_what_is_no_axis_is_quoted_as_it_was_written(entry: Any) -> None:
    found = _found((4, 5), (4, 3), (entry, 0))
    assert found.headline == f"{entry!r} is not an axis."
    assert type(entry).__name__ in found.reason


@pytest.mark.parametrize(("count", "said"), [(1, "1 entry"), (3, "3 entries"), (4, "4 entries")])
def test_a_wrong_count_of_entries_says_both_counts(count: int, said: str) -> None:
    found = _found((4, 5), (4, 3), (0,) * count)
    assert found.headline == f"in_axes has {said} for 2 arguments."


def test_a_kernel_of_two_taps_says_what_is_seen_and_what_would_work() -> None:
    found = _found((4, 5), (4, 2))
    assert found.culprit == "function"
    assert "`y_batch` as (2,)" in found.reason
    assert found.advice[0] == "It would work with exactly 3 values of `y_batch`; here there are 2."


@pytest.mark.parametrize(("size", "said"), [(1, "1 example."), (4, "4 examples.")])
def test_a_call_that_runs_says_on_how_many_examples(size: int, said: str) -> None:
    found = _found((size, 5), (size, 3))
    assert found.headline == f"vmap runs `convolve` on {said}"
    assert found.reason == "`x_batch` and `y_batch` are mapped; one example is `x_batch` as (5,), `y_batch` as (3,)."


def test_a_shared_argument_is_not_said_to_be_mapped() -> None:
    assert _found((4, 5), (3,), (0, None)).reason.startswith("`x_batch` is mapped;")


@pytest.mark.parametrize("text", ["a" * 190, "'\"<b>`", "\n\n"])
def test_a_long_or_odd_text_in_the_axes_keeps_the_message_short(text: str) -> None:
    found = _found((4, 5), (4, 3), text)
    assert len(found.headline) < 320
    assert "\n" not in found.headline + found.reason

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import axes
from vmapdemo.diagnosis.call.axes import Problem, exists, is_axis, leaf_axes, out_axes_problem, with_axis, without

SHAPES = [(), (4,), (2, 3), (2, 3, 4)]


@pytest.mark.parametrize("entry", [0, 1, -7, None])
def test_an_integer_or_none_is_an_axis(entry: Any) -> None:
    assert is_axis(entry)


@pytest.mark.parametrize("entry", [True, False, 0.0, "0", np.int64(0), np.int32(1), (0,), [0], jnp.array(0), 1j])
def test_nothing_else_is_an_axis(entry: Any) -> None:
    assert not is_axis(entry)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axis", range(-5, 5))
def test_an_axis_exists_where_numpy_can_take_along_it(shape: tuple[int, ...], axis: int) -> None:
    try:
        left = np.zeros(shape).take(0, axis=axis).shape
        there = bool(shape)
    except (np.exceptions.AxisError, ValueError):
        there = False
    assert exists(axis, len(shape)) == there
    if there:
        assert without(shape, axis) == left


@pytest.mark.parametrize("shape", SHAPES)
def test_an_unmapped_argument_keeps_its_shape(shape: tuple[int, ...]) -> None:
    assert without(shape, None) == shape
    assert with_axis(shape, None, 9) == shape


@pytest.mark.parametrize("shape", SHAPES)
def test_an_axis_put_in_is_where_numpy_would_stack(shape: tuple[int, ...]) -> None:
    for axis in range(-len(shape) - 1, len(shape) + 1):
        whole = with_axis(shape, axis, 7)
        assert whole == np.stack([np.zeros(shape)] * 7, axis=axis).shape
        assert whole[axis] == 7
        assert without(whole, axis) == shape


@pytest.mark.parametrize(
    ("in_axes", "entries"),
    [
        (0, (0, 0, 0)),
        (None, (None, None, None)),
        ((1, None), (1, None, None)),
        ([1, 0], (1, 0, 0)),
        ((None, {"a": 0, "b": 1}), (None, 0, 1)),
        ((0, {"a": None, "b": -1}), (0, None, -1)),
    ],
)
def test_in_axes_is_spread_over_the_arrays(in_axes: Any, entries: tuple[Any, ...]) -> None:
    arguments = (jnp.zeros((2, 2)), {"a": jnp.zeros((2, 2)), "b": jnp.zeros((2, 2))})
    assert repr(leaf_axes(in_axes, arguments)) == repr(entries)


@pytest.mark.parametrize(
    ("in_axes", "headline"),
    [
        (True, "True is not an axis."),
        ((0, 0.0), "0.0 is not an axis."),
        ("a", "'a' is not an axis."),
        (((0, 1), 0), "in_axes does not have the structure of the arguments."),
        ((0,), "in_axes has 1 entry for 2 arguments."),
        ((0, 0, 0), "in_axes has 3 entries for 2 arguments."),
        ([], "in_axes has 0 entries for 2 arguments."),
        ({"a": 0}, "in_axes cannot be a bare dict."),
    ],
)
def test_what_cannot_be_read_is_a_problem(in_axes: Any, headline: str) -> None:
    found = leaf_axes(in_axes, (jnp.zeros((2, 2)), jnp.zeros((2, 2))))
    assert isinstance(found, Problem)
    assert found.headline == headline


@pytest.mark.parametrize(
    ("entry", "kind"), [(True, "a bool"), (0.5, "a float"), ("a", "a str"), (np.int64(0), "a NumPy int64")]
)
def test_the_reason_names_the_type_of_what_was_written(entry: Any, kind: str) -> None:
    found = leaf_axes(entry, (jnp.zeros(2),))
    assert isinstance(found, Problem)
    assert found.reason.endswith(f"is {kind}.")


@given(axes(), st.integers(1, 3))
def test_in_axes_is_readable_exactly_where_jax_reads_it(in_axes: Any, count: int) -> None:
    arguments = (jnp.zeros((1,) * 9),) * count
    found = leaf_axes(in_axes, arguments)
    nothing_mapped = isinstance(found, tuple) and all(axis is None for axis in found)
    assert _jax_takes(in_axes, arguments) == (isinstance(found, tuple) and not nothing_mapped)


def _jax_takes(in_axes: Any, arguments: tuple[Any, ...]) -> bool:
    try:
        jax.eval_shape(jax.vmap(lambda *_: 0.0, in_axes), *arguments)
    except (TypeError, ValueError):
        return False
    return True


@given(axes())
def test_out_axes_is_a_problem_exactly_where_jax_refuses_its_entries(out_axes: Any) -> None:
    entries = jax.tree.leaves(out_axes)
    assert (out_axes_problem(out_axes) is None) == all(_jax_takes_out(entry) for entry in entries)


def _jax_takes_out(out_axes: Any) -> bool:
    try:
        jax.eval_shape(jax.vmap(lambda a: a, 0, out_axes), jnp.zeros((1,) * 9))
    except (TypeError, ValueError):
        return False
    return True

"""One test for each diagnosis: JAX really refuses the call, and we say why and whose fault it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.diagnosis.engine import explain
from vmapdemo.strategies import convolve


def pair(x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
    return x.sum(), y


def unbatchable(x: jax.Array) -> jax.Array:
    @jax.custom_batching.custom_vmap
    def inner(a: jax.Array) -> jax.Array:
        return a

    @inner.def_vmap
    def refused(axis_size: int, in_batched: Any, a: jax.Array) -> tuple[jax.Array, bool]:
        raise NotImplementedError("no batched form")

    return inner(x)


def _ones(*shape: int) -> jax.Array:
    return jnp.ones(shape)


@dataclass(frozen=True)
class Refusal:
    """A call that JAX refuses, with the diagnosis that is due; ``offends``: the arguments that it is about."""

    headline: str
    culprit: str
    reason: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    vmap: dict[str, Any] = field(default_factory=dict)
    offends: tuple[str, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    example_ndim: tuple[int, ...] | None = None


CONVOLVED = (_ones(4, 5), _ones(4, 3))
REFUSALS = {
    "an entry of in_axes is no axis": Refusal(
        "True is not an axis.",
        "in_axes",
        "An axis is an integer or None; True is a bool.",
        convolve,
        CONVOLVED,
        {"in_axes": (True, 0)},
    ),
    "in_axes is a NumPy integer": Refusal(
        "np.int64(0) is not an axis.", "in_axes", "is a NumPy int64.", convolve, CONVOLVED, {"in_axes": np.int64(0)}
    ),
    "in_axes is a bare dict": Refusal(
        "in_axes cannot be a bare dict.",
        "in_axes",
        "a tuple with one entry for each",
        convolve,
        CONVOLVED,
        {"in_axes": {"x": 0}},
    ),
    "in_axes is too short": Refusal(
        "in_axes has 1 entry for 2 arguments.", "in_axes", "exactly one entry", convolve, CONVOLVED, {"in_axes": (0,)}
    ),
    "in_axes is too long": Refusal(
        "in_axes has 3 entries for 2 arguments.",
        "in_axes",
        "exactly one entry",
        convolve,
        CONVOLVED,
        {"in_axes": [0, 0, 0]},
    ),
    "in_axes goes too deep": Refusal(
        "in_axes does not have the structure of the arguments.",
        "in_axes",
        "in_axes=((0, 1), 0) goes deeper",
        convolve,
        CONVOLVED,
        {"in_axes": ((0, 1), 0)},
    ),
    "an argument is not an array": Refusal(
        "`y` is not an array.", "arguments", "`y` is of type str.", convolve, (_ones(4, 5), "abc"), {}, ("y",)
    ),
    "an argument is a single number": Refusal(
        "`y` has no axis to map.", "in_axes", "shape ()", convolve, (_ones(4, 5), 2.0), {}, ("y",)
    ),
    "an axis that is not there": Refusal(
        "`x` has no axis 2.",
        "in_axes",
        "axis 2 of `x`, but its shape (4, 5) has 2 axes: 0 to 1.",
        convolve,
        CONVOLVED,
        {"in_axes": (2, 0)},
        ("x",),
    ),
    "an axis before the first": Refusal(
        "`y` has no axis -3.",
        "in_axes",
        "axis -3 of `y`, but its shape (4, 3) has 2 axes",
        convolve,
        CONVOLVED,
        {"in_axes": (0, -3)},
        ("y",),
    ),
    "an axis that a vector lacks": Refusal(
        "`y` has no axis 1.",
        "in_axes",
        "its shape (3,) has 1 axis: axis 0.",
        convolve,
        (_ones(4, 5), _ones(3)),
        {"in_axes": (0, 1)},
        ("y",),
    ),
    "a keyword is a single number": Refusal(
        "`y` has no axis to map.", "arguments", "shape ()", convolve, (_ones(4, 5),), {}, ("y",), {"y": 2.0}
    ),
    "nothing is mapped": Refusal(
        "Nothing is mapped.", "in_axes", "Every entry of in_axes is None", convolve, CONVOLVED, {"in_axes": None}
    ),
    "there is no array": Refusal(
        "There is no array to map.", "in_axes", "at least one array", lambda x: 0.0, ((),), {}
    ),
    "two sizes disagree": Refusal(
        "`x` and `y` disagree on the batch size.",
        "in_axes",
        "Axis 1 of `x` (5, 4) has 4 examples; axis 1 of `y` (4, 3) has 3 examples.",
        convolve,
        (_ones(5, 4), _ones(4, 3)),
        {"in_axes": 1},
        ("x", "y"),
    ),
    "one size disagrees with the others": Refusal(
        "`b` disagrees with the others on the batch size.",
        "in_axes",
        "Axis 0 of `b` (3,) has 3 examples; the other mapped axes have 4.",
        lambda a, b, c: a + b + c,
        (_ones(4), _ones(3), _ones(4)),
        {},
        ("b",),
    ),
    "axis_size is another": Refusal(
        "axis_size is not the size of the mapped axes.",
        "axis_size",
        "axis_size=5, but the mapped axes have 4 examples.",
        convolve,
        CONVOLVED,
        {"axis_size": 5},
    ),
    "the function refuses one example": Refusal(
        "`convolve` refuses one example of these shapes.",
        "function",
        "the function sees `x` as (5,), `y` as (2,)",
        convolve,
        (_ones(4, 5), _ones(4, 2)),
        example_ndim=(1, 1),
    ),
    "other axes give the function what it takes": Refusal(
        "With these axes `convolve` gets shapes that it cannot take.",
        "in_axes",
        "It sees `x` as (4,), `y` as (4,)",
        convolve,
        (_ones(3, 4), _ones(4, 3)),
        {"in_axes": (0, 1)},
        ("x", "y"),
    ),
    "an operation has no batched form": Refusal(
        "JAX cannot batch `unbatchable`.", "function", "has no batched form", unbatchable, (_ones(3),)
    ),
    "an entry of out_axes is no axis": Refusal(
        "0.0 is not an axis.",
        "out_axes",
        "out_axes is an integer or None; 0.0 is a float.",
        convolve,
        CONVOLVED,
        {"out_axes": 0.0},
    ),
    "out_axes goes too deep": Refusal(
        "out_axes does not have the structure of the result.",
        "out_axes",
        "out_axes=(0, 0) goes deeper",
        convolve,
        CONVOLVED,
        {"out_axes": (0, 0)},
    ),
    "an axis that the result cannot have": Refusal(
        "The result cannot have its batch on axis 3.",
        "out_axes",
        "has shape (3,), so its batch axis can be axis 0 to 1",
        convolve,
        CONVOLVED,
        {"out_axes": 3},
    ),
    "an axis that a single number cannot have": Refusal(
        "The result cannot have its batch on axis 1.",
        "out_axes",
        "can only be axis 0; out_axes asks for 1.",
        jnp.sum,
        (_ones(4, 5),),
        {"out_axes": 1},
    ),
    "one of two results lacks the axis": Refusal(
        "The result cannot have its batch on axis 1.",
        "out_axes",
        "One result has shape ()",
        pair,
        CONVOLVED,
        {"out_axes": (1, 0)},
    ),
    "out_axes is None for a result that differs": Refusal(
        "out_axes=None, but the result differs from example to example.",
        "out_axes",
        "None promises one result for the batch",
        convolve,
        CONVOLVED,
        {"out_axes": None},
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_jax_refuses_what_we_say_it_refuses(refusal: Refusal) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the type is JAX's affair
        jax.vmap(refusal.function, **refusal.vmap)(*refusal.arguments, **refusal.keywords)
    assert not isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_the_diagnosis_says_what_is_wrong_and_whose_fault_it_is(refusal: Refusal) -> None:
    found = explain(refusal.function, **refusal.vmap, example_ndim=refusal.example_ndim)(
        *refusal.arguments, **refusal.keywords
    )
    assert not found.ok
    assert found.headline == refusal.headline
    assert refusal.reason in found.reason
    assert found.culprit == refusal.culprit
    assert tuple(row.path for row in found.arguments if row.offends) == refusal.offends
    assert found.output == ()
    assert found.cautions == ()
    assert found.jax_error


def test_out_axes_none_is_right_where_the_result_is_shared() -> None:
    found = explain(lambda x, y: y * 2, in_axes=(0, None), out_axes=None)(_ones(4), _ones(3))
    assert found.ok
    assert found.output[0].shape == (3,)
    assert found.output[0].axis is None


def test_axis_size_alone_maps_a_call_without_mapped_arrays() -> None:
    found = explain(lambda x: x * 2, in_axes=None, axis_size=5)(_ones(3))
    assert found.ok
    assert found.batch_size == 5
    assert found.output[0].shape == (5, 3)


@pytest.mark.parametrize("out_axes", [0, 1, -1, -2])
def test_an_accepted_call_has_the_shapes_that_it_gives(out_axes: int) -> None:
    found = explain(convolve, out_axes=out_axes)(*CONVOLVED)
    result = jax.vmap(convolve, 0, out_axes)(*CONVOLVED)
    assert found.ok
    assert found.output[0].shape == result.shape
    assert found.output[0].dtype == str(result.dtype)
    assert found.output[0].example_shape == (3,)


def test_a_row_says_what_the_function_sees() -> None:
    rows = explain(convolve, in_axes=(1, None))(_ones(5, 4), _ones(3)).arguments
    assert [(row.path, row.shape, row.axis, row.mapped_size, row.example_shape) for row in rows] == [
        ("x", (5, 4), 1, 4, (5,)),
        ("y", (3,), None, None, (3,)),
    ]


def test_an_axis_that_is_not_there_has_no_size_and_no_example() -> None:
    row = explain(convolve, in_axes=(7, 0))(*CONVOLVED).arguments[0]
    assert (row.axis, row.mapped_size, row.example_shape) == (7, None, None)


@pytest.mark.parametrize(
    ("in_axes", "shown"),
    [((True, 0), [True, 0]), ((0,), [0, "none given"]), (0.5, [0.5, 0.5]), ([1, 2, 3], [1, 2]), ("a", ["a", "a"])],
)
def test_an_unreadable_in_axes_is_shown_beside_the_arguments(in_axes: Any, shown: list[Any]) -> None:
    rows = explain(convolve, in_axes=in_axes)(*CONVOLVED).arguments
    assert repr([row.axis for row in rows]) == repr(shown)


@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
@pytest.mark.parametrize("in_axes", [0, (5, 0), (-4, None)])
@pytest.mark.parametrize("out_axes", ["a", True, 0.5, (0, "b")])
def test_in_axes_and_out_axes_may_both_be_wrong(shape: tuple[int, ...], in_axes: Any, out_axes: Any) -> None:
    found = explain(convolve, in_axes=in_axes, out_axes=out_axes)(_ones(*shape), _ones(3))
    assert not found.ok
    assert found.culprit in ("in_axes", "out_axes")

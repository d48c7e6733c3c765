"""A call as somebody walks through it in the head: loops over layers of axes, with nothing of vmap in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo import outcome
from vmapdemo.lessons.answers import RefusalError
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Scenario

Axis = int | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One walk: the axis of each array, None where all rounds are given the whole of it; and where the results go."""

    axes: tuple[Axis, ...]
    out_axes: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arrays laid out flat, and the layers in which it is walked through, the outer one first.

    ``keeps``: whether what was walked along stays inside, with size 1. ``by_keyword``: which arrays come by keyword.
    """

    function: Callable[..., Any]
    arguments: tuple[Argument, ...]
    arrays: tuple[Any, ...]
    ndim: tuple[int, ...]
    by_keyword: tuple[bool, ...]
    layers: tuple[Layer, ...]
    keeps: bool = False

    @property
    def layer(self) -> Layer:
        """The outer one."""
        return self.layers[0]

    def with_layer(self, **changes: Any) -> "Call":
        """The call with a different outer layer."""
        return replace(self, layers=(replace(self.layer, **changes), *self.layers[1:]))

    def with_axes(self, change: Callable[[int, Axis], Axis]) -> "Call":
        """The call with the axis of each array changed by a function of its position and its axis."""
        return self.with_layer(axes=tuple(change(position, axis) for position, axis in enumerate(self.layer.axes)))

    def with_arrays(self, change: Callable[[Any, Axis], Any]) -> "Call":
        """The call with each array changed by a function of it and its axis."""
        arrays = tuple(change(array, axis) for array, axis in zip(self.arrays, self.layer.axes, strict=True))
        return replace(self, arrays=arrays)


def call_of(scenario: Scenario) -> Call | None:
    """The call of a scenario; None where its axes are none to walk along, or its function looks at other examples."""
    found = outcome.explanation(scenario)
    if not scenario.batched or scenario.entry.axis_name or len(found.arguments) != len(scenario.arguments):
        return None
    layers = [_layer(tuple(row.axis for row in found.arguments), scenario.out_axes)]
    if scenario.inner is not None:
        if not found.ok:
            return None
        layers.append(_layer(outcome.loops(scenario)[1].axes, scenario.inner.out_axes))
    if None in layers:
        return None
    return Call(
        function=scenario.form.one(),
        arguments=scenario.arguments,
        arrays=tuple(argument.passed for argument in scenario.arguments),
        ndim=scenario.entry.example_ndim,
        by_keyword=tuple(argument.root in scenario.keywords for argument in scenario.arguments),
        layers=tuple(layer for layer in layers if layer is not None),
    )


def _layer(axes: tuple[Any, ...], out_axes: Any) -> Layer | None:
    """A layer whose axes are numbers or None, as everybody understands them."""
    if type(out_axes) is not int or not all(axis is None or type(axis) is int for axis in axes):
        return None
    return Layer(axes, out_axes)


def walk(call: Call) -> np.ndarray:
    """What the loops give. RefusalError where they cannot be walked, or the function takes no such arrays."""
    if not call.layers:
        return _called(call)
    rounds = [walk(inside) for inside in _rounds(call)]
    try:
        return np.stack(rounds, call.layer.out_axes)
    except ValueError as error:
        raise RefusalError("out_axes") from error


def inside(call: Call) -> tuple[tuple[int, ...], ...]:
    """The shapes that the function is given. RefusalError where the loops cannot be walked."""
    while call.layers:
        call = next(_rounds(call))
    return tuple(np.shape(array) for array in call.arrays)


def rounds(call: Call) -> int:
    """How often the function is called. RefusalError where the loops cannot be walked."""
    return sum(map(rounds, _rounds(call))) if call.layers else 1


def walked(call: Call) -> np.ndarray | None:
    """As ``walk``; None for what is refused."""
    try:
        return walk(call)
    except RefusalError:
        return None


def mapped_sizes(call: Call) -> list[int]:
    """The sizes along the mapped axes, of those arrays that have such an axis."""
    given = zip(call.arrays, call.layer.axes, strict=True)
    return [array.shape[axis] for array, axis in given if axis is not None and -array.ndim <= axis < array.ndim]


def is_key(array: Any) -> bool:
    """Whether an array holds random keys."""
    return bool(jnp.issubdtype(array.dtype, jax.dtypes.prng_key))


def _called(call: Call) -> np.ndarray:
    try:
        return np.asarray(call.function(*map(jnp.asarray, call.arrays)))
    except (TypeError, ValueError, IndexError) as error:
        raise RefusalError("function") from error


def _rounds(call: Call) -> Iterator[Call]:
    """The call of each round of the outer layer, without that layer."""
    axes = call.layer.axes
    if not all(axis is None or -array.ndim <= axis < array.ndim for array, axis in zip(call.arrays, axes, strict=True)):
        raise RefusalError("rank")
    sizes = {array.shape[axis] for array, axis in zip(call.arrays, axes, strict=True) if axis is not None}
    if len(sizes) != 1:
        raise RefusalError("sizes" if sizes else "axes")
    for index in range(sizes.pop()):
        arrays = tuple(_slice(array, axis, index, call.keeps) for array, axis in zip(call.arrays, axes, strict=True))
        yield replace(call, arrays=arrays, layers=call.layers[1:])


def _slice(array: Any, axis: Axis, index: int, keeps: bool) -> Any:
    if axis is None:
        return array
    position = slice(index, index + 1) if keeps else index
    return array[(slice(None),) * (axis % array.ndim) + (position,)]

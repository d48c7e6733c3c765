"""What people believe of several arguments: which example meets which, what is shared, whose sizes must agree."""

import itertools
from dataclasses import replace
from typing import Any

from vmapdemo.lessons.answers import Answer, Refused
from vmapdemo.lessons.calls import Axis, Call, Layer, mapped_sizes, walked


def all_pairs(call: Call) -> Call | None:
    """Every example of one argument meets every example of the others."""
    mapped = [position for position, axis in enumerate(call.layer.axes) if axis is not None]
    if len(mapped) < 2 or len(call.layers) > 1:
        return None
    layers = (
        Layer(tuple(axis if position == one else None for position, axis in enumerate(call.layer.axes)))
        for one in mapped
    )
    return replace(call, layers=tuple(layers))


def numpy_aligned(call: Call) -> Call | None:
    """Arrays that are mapped together are lined up by their last axes."""
    return replace(call, layers=()) if len(mapped_sizes(call)) > 1 else None


def same_ndim(call: Call) -> Answer | None:
    """Arguments that are mapped together need as many axes as each other."""
    ndim = {array.ndim for array, axis in zip(call.arrays, call.layer.axes, strict=True) if axis is not None}
    return Refused("axes") if len(ndim) > 1 else None


def lined_up(call: Call) -> Call | None:
    """None is walked along too: it only leaves the axis open."""
    if None not in call.layer.axes:
        return None
    return call.with_axes(lambda position, axis: 0 if axis is None and call.arrays[position].ndim else axis)


def first_only(call: Call) -> Call | None:
    """None takes the first row, or the first number, for all."""
    if not any(axis is None and array.ndim for array, axis in zip(call.arrays, call.layer.axes, strict=True)):
        return None
    return call.with_arrays(lambda array, axis: array[0] if axis is None and array.ndim else array)


def none_walks(call: Call) -> Call | None:
    """The argument with None is the one that is walked along, and the other is shared."""
    if None not in call.layer.axes or set(call.layer.axes) == {None}:
        return None
    if any(axis is None and not array.ndim for array, axis in zip(call.arrays, call.layer.axes, strict=True)):
        return None
    return call.with_axes(lambda _, axis: 0 if axis is None else None)


def same_sizes(call: Call) -> Call | Answer | None:
    """All arguments must have as many rows as each other, shared or not."""
    sizes = {array.shape[0] for array in call.arrays if array.ndim}
    return Refused("sizes") if len(sizes) > 1 else None


def shorter_wins(call: Call) -> Call | None:
    """The walk stops where the shortest argument ends, as that of zip does."""
    sizes = mapped_sizes(call)
    if len(set(sizes)) < 2:
        return None
    return call.with_arrays(lambda array, axis: array if axis is None else _cut(array, axis, min(sizes)))


def stretched(call: Call) -> Call | None:
    """A mapped axis of size 1 is stretched to the others', as NumPy does."""
    sizes = mapped_sizes(call)
    if 1 not in sizes or len(set(sizes)) < 2:
        return None
    return call.with_arrays(
        lambda array, axis: array.repeat(max(sizes), axis) if axis is not None and array.shape[axis] == 1 else array
    )


def axes_found(call: Call) -> Call | None:
    """vmap looks for axes whose sizes agree."""
    if walked(call) is not None:
        return None
    given = zip(call.arrays, call.layer.axes, strict=True)
    choices: list[list[Axis]] = [[None] if axis is None else list(range(array.ndim)) for array, axis in given]
    for axes in itertools.product(*choices):
        tried = call.with_layer(axes=axes)
        if axes != call.layer.axes and walked(tried) is not None:
            return tried
    return None


def sizes_unchecked(call: Call) -> Answer | None:
    """vmap does not compare sizes: it is the function that cannot take what it is given."""
    return Refused("function") if len(set(mapped_sizes(call))) > 1 else None


def larger_blamed(call: Call) -> Answer | None:
    """The argument with more examples is the one with too many."""
    given = zip(call.arguments, call.arrays, call.layer.axes, strict=True)
    sizes = {one.name: array.shape[axis] for one, array, axis in given if axis is not None and axis < array.ndim}
    if len(set(sizes.values())) < 2:
        return None
    return Refused("sizes", max(sizes, key=lambda name: sizes[name]))


def layers_swapped(call: Call) -> Call | None:
    """Of two vmaps the inner one is walked along outside."""
    if len(call.layers) != 2:
        return None
    return replace(call, layers=call.layers[::-1])


def in_step(call: Call) -> Call | Answer | None:
    """Two vmaps walk along all arguments in step, like one."""
    if len(call.layers) != 2:
        return None
    return replace(call, layers=(Layer((0,) * len(call.arrays)),))


def _cut(array: Any, axis: int, size: int) -> Any:
    return array[(slice(None),) * (axis % array.ndim) + (slice(size),)]

"""What people believe of the examples: what the function sees, and how it is called."""

from dataclasses import replace

from vmapdemo.lessons.answers import Answer, Count, Refused, numbers
from vmapdemo.lessons.calls import Call, walked


def whole_batch(call: Call) -> Call:
    """vmap does nothing: the function sees the whole arrays."""
    return replace(call, layers=())


def refuses_batch(call: Call) -> Answer | None:
    """A function that is written for one example refuses a batch."""
    is_batch = any(array.ndim > ndim for array, ndim in zip(call.arrays, call.ndim, strict=True))
    return Refused("function") if is_batch else None


def axis_kept(call: Call) -> Call:
    """The mapped axis stays inside, with size 1."""
    return replace(call, keeps=True)


def handed_over(call: Call) -> Call | None:
    """in_axes names the axis that the function is handed, as ``axis=`` of a sum does: the walk goes along the other."""
    mapped = [array.ndim for array, axis in zip(call.arrays, call.layer.axes, strict=True) if axis is not None]
    if set(mapped) != {2}:
        return None
    return call.with_axes(lambda _, axis: None if axis is None else 1 - axis % 2)


def added_up(call: Call) -> Answer | None:
    """The results of all examples are added up to one."""
    result = walked(call)
    return None if result is None else numbers(result.sum(call.layer.out_axes))


def no_negatives(call: Call) -> Answer | None:
    """A negative axis is none."""
    given = [axis for layer in call.layers for axis in (*layer.axes, layer.out_axes) if axis is not None]
    return Refused("negative") if min(given) < 0 else None


def whole_counted(call: Call) -> Call | None:
    """A negative axis in in_axes counts among the axes of one example, so that it lies one further to the left."""
    if not any(axis is not None and axis < 0 for axis in call.layer.axes):
        return None
    return call.with_axes(lambda _, axis: axis - 1 if axis is not None and axis < 0 else axis)


def called_for_each(call: Call) -> Call:
    """Python calls the function once for each example."""
    return call


def never_called(_: Call) -> Answer:
    """Python does not call the function at all: it is compiled."""
    return Count(0)


def called_twice(_: Call) -> Answer:
    """Once for the shapes, and once to compute."""
    return Count(2)

"""What people believe of the place where the results go."""

from vmapdemo.lessons.answers import Answer, Refused, numbers
from vmapdemo.lessons.calls import Call, walked


def out_follows(call: Call) -> Call:
    """The batch comes out at the axis at which it went in."""
    return call.with_layer(out_axes=next((axis for axis in call.layer.axes if axis is not None), 0))


def out_ignored(call: Call) -> Call:
    """out_axes changes nothing."""
    return call.with_layer(out_axes=0)


def out_walks(call: Call) -> Call:
    """out_axes names the axis that is walked along."""
    out = call.layer.out_axes
    return call.with_layer(axes=tuple(None if axis is None else out for axis in call.layer.axes), out_axes=0)


def out_of_one(call: Call) -> Call | Answer | None:
    """out_axes counts among the axes of one result, which has fewer."""
    result, out = walked(call), call.layer.out_axes
    if result is None:
        return None
    ndim = result.ndim - 1
    if not -ndim <= out < max(ndim, 1):
        return Refused("out_axes")
    return call.with_layer(out_axes=ndim + out) if out < 0 else None


def in_a_row(call: Call) -> Answer | None:
    """Two vmaps give all results in one row."""
    result = walked(call)
    return None if result is None or len(call.layers) != 2 else numbers(result.ravel())

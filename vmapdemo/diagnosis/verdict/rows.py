"""A verdict as rows to show: what each array gives, and the shapes of the result."""

from collections.abc import Sequence
from typing import Any

from vmapdemo.diagnosis.call.axes import exists, is_axis, without
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.probe.probe import Example
from vmapdemo.diagnosis.records import ArgumentRow, Output, Shape
from vmapdemo.diagnosis.verdict.verdict import Accepted, Refused, Verdict


def argument_rows(verdict: Verdict) -> tuple[ArgumentRow, ...]:
    """One row per array: its shape, the axis, the batch size that it gives, and what the function sees of it."""
    call = verdict.call
    written = verdict.mapped.axes if verdict.mapped is not None else _as_written(call)
    offenders = verdict.problem.offenders if isinstance(verdict, Refused) else ()
    rows = enumerate(zip(call.leaves, written, strict=True))
    return tuple(_row(leaf, axis, index in offenders) for index, (leaf, axis) in rows)


def _row(leaf: Leaf, axis: Any, offends: bool) -> ArgumentRow:
    dtype = "not an array" if leaf.struct is None else str(leaf.struct.dtype)
    legal = axis is None or (is_axis(axis) and exists(axis, len(leaf.shape)))
    size = leaf.shape[axis] if legal and axis is not None else None
    return ArgumentRow(leaf.path, leaf.shape, dtype, axis, size, without(leaf.shape, axis) if legal else None, offends)


def _as_written(call: Call) -> tuple[Any, ...]:
    """The entries of an unreadable in_axes for the arrays that they stand for, as far as there are any."""
    count = len(call.leaves)
    if isinstance(call.in_axes, (tuple, list)) and len(call.arguments) == count:
        return (*call.in_axes, *("none given",) * count)[:count]
    return (call.in_axes,) * count


def outputs(accepted: Accepted) -> tuple[Output, ...]:
    """The shapes of the result, for one example and for the batch."""
    return output_rows(accepted.example, accepted.out_axes, accepted.shapes)


def output_rows(example: Example, axes: Sequence[int | None], shapes: Sequence[Shape]) -> tuple[Output, ...]:
    """A row for each output of an example, with the axis of the batch in its whole, and the shape of that."""
    rows = zip(example.paths, example.outputs, example.shapes, shapes, axes, strict=True)
    return tuple(Output(path, str(struct.dtype), one, whole, axis) for path, struct, one, whole, axis in rows)

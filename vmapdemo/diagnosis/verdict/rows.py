"""A verdict as rows to show: what each array gives, and the shapes of the result."""

from typing import Any

from vmapdemo.diagnosis.call.axes import exists, is_axis, with_axis, without
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.records import ArgumentRow, Output
from vmapdemo.diagnosis.verdict.verdict import Verdict


def argument_rows(call: Call, verdict: Verdict) -> tuple[ArgumentRow, ...]:
    """One row per array: its shape, the axis, the batch size that it gives, and what the function sees of it."""
    written = verdict.axes if verdict.axes is not None else _as_written(call)
    offenders = verdict.problem.offenders if verdict.problem else ()
    return tuple(
        _row(leaf, axis, index in offenders)
        for index, (leaf, axis) in enumerate(zip(call.leaves, written, strict=True))
    )


def _row(leaf: Leaf, axis: Any, offends: bool) -> ArgumentRow:
    dtype = "not an array" if leaf.struct is None else str(leaf.struct.dtype)
    legal = axis is None or (is_axis(axis) and exists(axis, len(leaf.shape)))
    size = leaf.shape[axis] if legal and axis is not None else None
    return ArgumentRow(leaf.path, leaf.shape, dtype, axis, size, without(leaf.shape, axis) if legal else None, offends)


def _as_written(call: Call) -> tuple[Any, ...]:
    """The entries of an unreadable in_axes beside the arrays that they stand for, as far as there are any."""
    count = len(call.leaves)
    if isinstance(call.in_axes, (tuple, list)) and len(call.arguments) == count:
        return (*call.in_axes, *("none given",) * count)[:count]
    return (call.in_axes,) * count


def outputs(verdict: Verdict) -> tuple[Output, ...]:
    """The shapes of the result, for one example and for the batch; empty where there is none."""
    if verdict.example is None or not verdict.ok:
        return ()
    example, size = verdict.example, verdict.size or 0
    shapes = [tuple(struct.shape) for struct in example.outputs]
    whole = verdict.whole or [with_axis(*parts, size) for parts in zip(shapes, verdict.out_axes, strict=True)]
    return tuple(
        Output(path, str(struct.dtype), shape, all_, axis)
        for path, struct, shape, all_, axis in zip(
            example.paths, example.outputs, shapes, whole, verdict.out_axes, strict=True
        )
    )

"""Reading in_axes and out_axes as jax.vmap does: which axis each array gets, or what is wrong with what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from vmapdemo.diagnosis.call.structure import Trees, difference
from vmapdemo.diagnosis.records import Shape
from vmapdemo.diagnosis.wording import a, counted

LONGEST = 60
"""An in_axes that is longer when it is printed is not quoted in a sentence."""

Place = tuple[int, int]
"""An array of the call, by its position, and one of its axes inside the function."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in a headline and a reason, and which arrays (by position) it is about."""

    headline: str
    reason: str
    offenders: tuple[int, ...] = ()


def is_axis(entry: Any) -> bool:
    """Whether JAX takes the entry for an axis: an int (no bool, no NumPy integer) or None."""
    return entry is None or type(entry) is int


def leaf_axes(in_axes: Any, arguments: tuple[Any, ...], names: tuple[str, ...] = ()) -> tuple[Any, ...] | Problem:
    """The entry of in_axes for each array of the positional arguments, or what is wrong with in_axes.

    in_axes is a tree prefix of the arguments, as in ``jax.vmap``; a list counts as a tuple at the top.
    """
    axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes
    wrong = _no_axes(axes)
    if wrong is not None:
        return wrong
    if not isinstance(axes, tuple):
        return tuple(axes for _ in jax.tree.leaves(arguments))
    if len(axes) != len(arguments):
        return _wrong_count(len(axes), len(arguments))
    try:
        return spread(axes, arguments)
    except (ValueError, TypeError):
        return Problem(
            "in_axes does not have the structure of the arguments.", _why_no_prefix(in_axes, axes, arguments, names)
        )


def _why_no_prefix(in_axes: Any, axes: tuple[Any, ...], arguments: tuple[Any, ...], names: tuple[str, ...]) -> str:
    trees = Trees(f"in_axes={in_axes!r}" if len(repr(in_axes)) <= LONGEST else "in_axes", "the arguments")
    named = names or tuple(f"arg{index}" for index in range(len(arguments)))
    found = (difference(*parts, trees) for parts in zip(axes, arguments, named, strict=True))
    reason = next(filter(None, found), f"{trees.axes} is no prefix of {trees.whole}")
    return f"{reason[0].upper() if reason.startswith('`') else reason[0]}{reason[1:]}."


def spread(prefix: Any, tree: Any) -> tuple[Any, ...]:
    """The entry of a tree prefix for each leaf of the tree; None is an entry of the prefix, and no leaf of the tree.

    Raises ValueError or TypeError if it is no prefix.
    """
    entries: list[Any] = []

    def take(entry: Any, below: Any) -> None:
        entries.extend([entry] * len(jax.tree.leaves(below)))

    jax.tree.map(take, prefix, tree, is_leaf=lambda entry: entry is None)
    return tuple(entries)


def _no_axes(axes: Any) -> Problem | None:
    """A problem if an entry is no axis, or if in_axes is neither an axis nor a tuple."""
    for entry in jax.tree.leaves(axes):
        if not is_axis(entry):
            return Problem(
                f"{entry!r} is not an axis.",
                f"An axis is an integer or None; {entry!r} is {_kind(entry)}.",
            )
    if is_axis(axes) or isinstance(axes, tuple):
        return None
    return Problem(
        f"in_axes cannot be a bare {type(axes).__name__}.",
        "in_axes is an integer, None, or a tuple with one entry for each positional argument.",
    )


def _kind(entry: Any) -> str:
    """The entry's type with its article: ``a bool``, ``a NumPy int64``."""
    return a(f"{'NumPy ' if type(entry).__module__ == 'numpy' else ''}{type(entry).__name__}")


def _wrong_count(entries: int, arguments: int) -> Problem:
    return Problem(
        f"in_axes has {counted(entries, 'entry', 'entries')} for {counted(arguments, 'argument')}.",
        "A tuple or list needs exactly one entry for each positional argument.",
    )


def out_axes_problem(out_axes: Any) -> Problem | None:
    """What is wrong with the entries of out_axes as they were written, whatever the result is like."""
    for entry in jax.tree.leaves(out_axes):
        if not is_axis(entry):
            return Problem(
                f"{entry!r} is not an axis.", f"out_axes is an integer or None; {entry!r} is {_kind(entry)}."
            )
    return None


def exists(axis: int, ndim: int) -> bool:
    """Whether an array of that many axes has this one; negative axes count from the end."""
    return -ndim <= axis < ndim


def same_axis(written: Any, axis: int | None, ndim: int) -> bool:
    """Whether what is written, and may be negative, means an axis that is counted from the front."""
    if written is None or axis is None or not isinstance(written, int):
        return written is axis
    return axis in (written, written + ndim)


def without(shape: Shape, axis: int | None) -> Shape:
    """The shape that is left when an axis is mapped away; the whole shape if None."""
    if axis is None:
        return shape
    position = axis % len(shape)
    return shape[:position] + shape[position + 1 :]


def with_axis(shape: tuple[Any, ...], axis: int | None, size: Any) -> tuple[Any, ...]:
    """The shape with the batch inserted at ``axis``, or unchanged if None."""
    if axis is None:
        return shape
    position = axis % (len(shape) + 1)
    return (*shape[:position], size, *shape[position:])


def resized(shapes: Sequence[tuple[Any, ...]], sizes: Mapping[Place, Any]) -> tuple[tuple[Any, ...], ...]:
    """The shapes with other sizes in these places."""
    return tuple(
        tuple(sizes.get((array, axis), size) for axis, size in enumerate(shape)) for array, shape in enumerate(shapes)
    )

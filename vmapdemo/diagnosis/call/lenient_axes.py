"""Likely readings of an in_axes that JAX does not take: ``True``, ``1.0``, a bare dict, a prefix with gaps."""

from typing import Any

import jax

from vmapdemo.diagnosis.call.axes import is_axis, leaf_axes
from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.structure import Trees, difference

UNSAID = "?"
"""In place of an axis: in_axes says nothing about this array that could be an axis."""


def meant_axes(call: Call) -> tuple[Any, ...]:
    """An axis, None or UNSAID for each array of the call; those given by keyword have axis 0."""
    strict = leaf_axes(call.in_axes, call.arguments)
    axes = strict if isinstance(strict, tuple) else _leniently(call)
    return axes + tuple(0 for leaf in call.leaves if leaf.keyword)


def _leniently(call: Call) -> tuple[Any, ...]:
    entries = _entries(call)
    return tuple(
        axis for entry, argument in zip(entries, call.arguments, strict=True) for axis in _spread(entry, argument)
    )


def _entries(call: Call) -> tuple[Any, ...]:
    """An entry for each argument, from a tuple or list, from a dict by name, or the same for all."""
    axes, count = call.in_axes, len(call.arguments)
    if isinstance(axes, dict) and axes and set(axes) <= set(call.names):
        return tuple(axes.get(name, UNSAID) for name in call.names)
    if isinstance(axes, (tuple, list)) and count == 1 and len(axes) != 1 and _is_prefix(axes, call.arguments[0]):
        return (axes,)
    if isinstance(axes, (tuple, list)):
        return (*axes, *(UNSAID,) * count)[:count]
    return (axes,) * count


def _is_prefix(axes: Any, argument: Any) -> bool:
    """Whether axes are those of the parts of one argument, written without the tuple around them."""
    return difference(axes, argument, "", Trees("", "")) is None


def _spread(entry: Any, argument: Any) -> list[Any]:
    """The entry for each array of one argument; UNSAID in the gaps of a tree."""
    paths = [path for path, _ in _leaves_with_paths(argument)]
    if not _is_tree(entry):
        return [_axis(entry)] * len(paths)
    said = {tuple(map(str, path)): axis for path, axis in _leaves_with_paths(entry, none_is_leaf=True)}
    return [_axis(_nearest(said, tuple(map(str, path)))) for path in paths]


def _nearest(said: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    lengths = range(len(path), -1, -1)
    return next((said[path[:length]] for length in lengths if path[:length] in said), UNSAID)


def _leaves_with_paths(tree: Any, none_is_leaf: bool = False) -> list[tuple[Any, Any]]:
    is_leaf = (lambda part: part is None) if none_is_leaf else None
    found: list[tuple[Any, Any]] = jax.tree_util.tree_flatten_with_path(tree, is_leaf=is_leaf)[0]
    return found


def _is_tree(entry: Any) -> bool:
    return not jax.tree_util.all_leaves([entry], is_leaf=lambda part: part is None)


def _axis(entry: Any) -> Any:
    """The axis that somebody may mean who writes True, 1.0 or np.int64(1)."""
    if is_axis(entry):
        return entry
    try:
        return int(entry) if entry == int(entry) else UNSAID
    except (TypeError, ValueError, OverflowError):
        return UNSAID

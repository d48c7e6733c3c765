"""Why a tree of axes is no prefix of a tree of arrays: where they first differ, and how."""

import dataclasses
from typing import Any

import jax

from vmapdemo.diagnosis.wording import a, counted, listed


@dataclasses.dataclass(frozen=True, slots=True)
class Trees:
    """What the two trees are called: ``axes`` is in_axes or out_axes, ``whole`` the arguments or the result."""

    axes: str
    whole: str


def difference(prefix: Any, tree: Any, path: str, trees: Trees) -> str | None:
    """The first place where the prefix does not fit the tree, as a sentence without its full stop; None if it fits."""
    if prefix is None or _is_leaf(prefix):
        return None
    if _is_leaf(tree):
        kind = "an array" if hasattr(tree, "shape") else a(type(tree).__name__)
        return f"{trees.axes} goes deeper than {trees.whole}: `{path}` is {kind}, which takes one integer or None"
    if tree is None:
        return f"{trees.axes} goes deeper than {trees.whole}: `{path}` is None, which has no axes"
    return _of_nodes(prefix, tree, path, trees) or _of_children(prefix, tree, path, trees)


def _of_nodes(prefix: Any, tree: Any, path: str, trees: Trees) -> str | None:
    """How two containers differ, whatever is in them."""
    if type(prefix) is not type(tree):
        mine, yours = a(type(tree).__name__), a(type(prefix).__name__)
        return f"`{path}` is {mine}, and {trees.axes} has {yours} there: write the same class, or one integer or None"
    if isinstance(tree, dict):
        return _of_keys(prefix, tree, path, trees)
    if isinstance(tree, (list, tuple)) and len(prefix) != len(tree):
        return f"`{path}` has {counted(len(tree), 'entry', 'entries')}, and {trees.axes} has {len(prefix)} there"
    return _of_static_data(prefix, tree, path, trees)


def _of_keys(prefix: dict[Any, Any], tree: dict[Any, Any], path: str, trees: Trees) -> str | None:
    missing = [f"{path}[{key!r}]" for key in tree if key not in prefix]
    extra = [f"{key!r}" for key in prefix if key not in tree]
    if missing:
        return f"{trees.axes} has no entry for {listed(missing)}"
    return f"{trees.axes} has an entry for {listed(extra)}, which `{path}` lacks" if extra else None


def _of_static_data(prefix: Any, tree: Any, path: str, trees: Trees) -> str | None:
    """What JAX takes for a part of the structure: fields that are no arrays have to be equal in both."""
    if _are_equal(_node_data(tree), _node_data(prefix)):
        return None
    start = f"`{path}` is a {type(tree).__name__} here and in {trees.axes}, but their static data differ"
    for field in dataclasses.fields(tree) if dataclasses.is_dataclass(tree) else ():
        of_tree, of_prefix = getattr(tree, field.name, None), getattr(prefix, field.name, None)
        if not _holds_arrays(tree, field.name) and not _are_equal(of_tree, of_prefix):
            return f"{start}: the field `{field.name}` of `{path}` is {of_tree!r}, and that of the axes {of_prefix!r}"
    return start


def _node_data(value: Any) -> Any:
    structure: Any = jax.tree.structure(value, is_leaf=lambda part: part is not value)
    return structure.node_data()


def _holds_arrays(tree: Any, field: str) -> bool:
    """Whether a field is among the children that JAX sees."""
    keys = (path[0] for path, _ in jax.tree_util.tree_flatten_with_path(tree)[0])
    return any(getattr(key, "name", None) == field for key in keys)


def _of_children(prefix: Any, tree: Any, path: str, trees: Trees) -> str | None:
    parts = jax.tree_util.tree_flatten_with_path(tree, is_leaf=lambda part: part is not tree)[0]
    entries = jax.tree.leaves(prefix, is_leaf=lambda part: part is not prefix)
    for (keys, part), entry in zip(parts, entries, strict=False):
        found = difference(entry, part, path + jax.tree_util.keystr(keys), trees)
        if found is not None:
            return found
    return None


def _is_leaf(value: Any) -> bool:
    return value is not None and jax.tree_util.all_leaves([value])


def _are_equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:
        return False

"""Random keys among the arguments: one that stands alone has no batch axis, and is to be split, not shared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.call.axes import exists
from vmapdemo.diagnosis.call.call import Call, Leaf, Struct, is_key_dtype
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.repair.replacing import with_leaf


@dataclass(frozen=True, slots=True)
class Split:
    """A call with lone keys made into one for each example, and the names of these."""

    call: Call
    names: tuple[str, ...]


def lone_keys(call: Call) -> list[int]:
    """The positions of the arrays that hold one random key; an old one is two uint32 numbers, as any two such are."""
    return [index for index, leaf in enumerate(call.leaves) if _is_lone_key(leaf)]


def _is_lone_key(leaf: Leaf) -> bool:
    if leaf.struct is None:
        return False
    if is_key_dtype(leaf.struct.dtype):
        return leaf.shape == ()
    return leaf.shape == (2,) and bool(leaf.struct.dtype == jnp.uint32)


def key_batches(call: Call) -> Iterator[tuple[Leaf, int]]:
    """The arrays that hold several keys, with their number."""
    for leaf in call.leaves:
        is_of_old_keys = leaf.shape[1:] == (2,) and leaf.struct is not None and leaf.struct.dtype == jnp.uint32
        if is_of_old_keys or (leaf.is_key and len(leaf.shape) == 1):
            yield leaf, leaf.shape[0]


def batch_of_others(call: Call) -> int | None:
    """How many examples the arrays that are no keys have, as far as in_axes says it of them."""
    batches = {id(leaf) for leaf, _ in key_batches(call)}
    keys = {*lone_keys(call), *(index for index, leaf in enumerate(call.leaves) if id(leaf) in batches)}
    axes = enumerate(MappedCall(call, meant_axes(call)).pairs)
    sizes = [
        leaf.shape[axis]
        for index, (leaf, axis) in axes
        if index not in keys and type(axis) is int and exists(axis, len(leaf.shape))
    ]
    return sizes[0] if sizes else call.options.axis_size


def splits(call: Call, size: int | None) -> Iterator[Split]:
    """The lone keys of the call made into as many as there are examples, if their number is known.

    First all that are mapped, if there are several, then each alone.
    """
    if type(size) is not int or size < 1:
        return
    keys, axes = lone_keys(call), meant_axes(call)
    mapped = [index for index in keys if axes[index] is not None]
    for indices in ([mapped] if len(mapped) > 1 else []) + [[index] for index in keys]:
        changed = call
        for index in indices:
            changed = _with_split(changed, index, size)
        yield Split(changed, tuple(call.leaves[index].path for index in indices))


def _with_split(call: Call, index: int, size: int) -> Call:
    leaf = call.leaves[index]
    changed = with_leaf(call, index, _split(leaf.value, size), f"jax.random.split({leaf.path}, {size})")
    return changed if leaf.keyword else replace(changed, in_axes=_axes_with_batch(call, index))


def _axes_with_batch(call: Call, index: int) -> Any:
    """in_axes with 0 for the keys, unchanged if it says so already."""
    axes = list(meant_axes(call))
    if type(axes[index]) is int and axes[index] == 0 and not isinstance(call.in_axes, bool):
        return call.in_axes
    axes[index] = 0
    known = tuple(axis if axis is None or type(axis) is int else 0 for axis in axes)
    return MappedCall(call, known).as_tree


def _split(key: Any, size: int) -> Any:
    if isinstance(key, Struct):
        return Struct((size, *key.shape), key.dtype)
    return jax.random.split(jnp.asarray(key) if not isinstance(key, jax.Array) else key, size)

"""JAX's gather and scatter in NumPy: the places that an index array names, one array of places for each axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True, slots=True)
class Places:
    """Where pieces of an operand are: for each of its axes an array of places, batch axes before those of a piece.

    ``is_inside``: for each piece whether all of it is in the operand. ``kept``: the axes of a piece that are left.
    """

    index: tuple[np.ndarray, ...]
    is_inside: np.ndarray
    kept: tuple[int, ...]
    batch_ndim: int


def _places(
    shape: tuple[int, ...],
    indices: np.ndarray,
    sizes: Sequence[int],
    start_map: Sequence[int],
    dropped: Sequence[int],
    batching: Sequence[tuple[int, int]],
    *,
    clips: bool,
) -> Places:
    batch = indices.shape[:-1]
    ndim = len(shape)
    starts = [np.zeros(batch, dtype=np.int64) for _ in shape]
    for column, axis in enumerate(start_map):
        starts[axis] = indices[..., column].astype(np.int64)
    for axis, batch_axis in batching:
        along = [1] * len(batch)
        along[batch_axis] = batch[batch_axis]
        starts[axis] = np.broadcast_to(np.arange(batch[batch_axis]).reshape(along), batch)
    is_inside = np.ones(batch, dtype=bool)
    for axis, start in enumerate(starts):
        last = shape[axis] - sizes[axis]
        is_inside &= (start >= 0) & (start <= last)
        starts[axis] = np.clip(start, 0, max(last, 0))
    index = []
    for axis, start in enumerate(starts):
        along = [1] * ndim
        along[axis] = sizes[axis]
        index.append(start.reshape(*batch, *[1] * ndim) + np.arange(sizes[axis]).reshape(along))
    kept = tuple(axis for axis in range(ndim) if axis not in (*dropped, *(axis for axis, _ in batching)))
    return Places(tuple(index), np.ones(batch, dtype=bool) if clips else is_inside, kept, len(batch))


def gathered(params: dict[str, Any], operand: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """``lax.gather``: pieces of the operand; what is outside is clipped, or the fill value."""
    numbers = params["dimension_numbers"]
    places = _places(
        operand.shape,
        indices,
        params["slice_sizes"],
        numbers.start_index_map,
        numbers.collapsed_slice_dims,
        list(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True)),
        clips=_clips(params),
    )
    pieces = operand[places.index]
    outside = ~places.is_inside.reshape(*places.is_inside.shape, *[1] * operand.ndim)
    if outside.any():
        pieces = np.where(outside, _fill(params, operand.dtype), pieces)
    dropped = tuple(places.batch_ndim + axis for axis in range(operand.ndim) if axis not in places.kept)
    pieces = np.squeeze(pieces, dropped)
    offsets = tuple(int(axis) for axis in numbers.offset_dims)
    return np.moveaxis(pieces, range(places.batch_ndim, pieces.ndim), offsets)


def scattered(params: dict[str, Any], operand: np.ndarray, indices: np.ndarray, updates: np.ndarray, ufunc: Any) -> Any:
    """``lax.scatter`` and its kin: ``ufunc`` says how an update meets what is there, None replaces it."""
    numbers = params["dimension_numbers"]
    window = tuple(int(axis) for axis in numbers.update_window_dims)
    batching = list(zip(numbers.operand_batching_dims, numbers.scatter_indices_batching_dims, strict=True))
    dropped = tuple(numbers.inserted_window_dims)
    rest = iter(updates.shape[axis] for axis in window)
    gone = (*dropped, *(axis for axis, _ in batching))
    sizes = [1 if axis in gone else next(rest) for axis in range(operand.ndim)]
    places = _places(
        operand.shape,
        indices,
        sizes,
        numbers.scatter_dims_to_operand_dims,
        dropped,
        batching,
        clips=_clips(params),
    )
    pieces = np.moveaxis(updates, window, range(updates.ndim - len(window), updates.ndim))
    pieces = pieces.reshape(*places.is_inside.shape, *sizes)
    inside = np.broadcast_to(places.is_inside.reshape(*places.is_inside.shape, *[1] * operand.ndim), pieces.shape)
    index = tuple(np.broadcast_to(axis, pieces.shape)[inside] for axis in places.index)
    changed = operand.copy()
    if ufunc is None:
        changed[index] = pieces[inside]
    else:
        ufunc.at(changed, index, pieces[inside])
    return changed


def _clips(params: dict[str, Any]) -> bool:
    return "FILL" not in str(params["mode"])


def _fill(params: dict[str, Any], dtype: Any) -> Any:
    """JAX's default for indices outside of the array: NaN, or the largest whole number."""
    if params["fill_value"] is not None:
        return params["fill_value"]
    if jnp.issubdtype(dtype, jnp.inexact):
        return np.nan
    if dtype == np.bool_:
        return True
    return jnp.iinfo(dtype).min if jnp.issubdtype(dtype, jnp.signedinteger) else jnp.iinfo(dtype).max

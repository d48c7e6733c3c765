"""A strategy written by hand knows axis 0 alone: the batch moved there before it, and back after it."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def moved(
    function: Callable[..., jax.Array], axes: tuple[int | None, ...], out_axes: Any, size: int
) -> Callable[..., jax.Array]:
    """The function with every batch moved to axis 0 before it, shared arguments repeated, and the result moved back."""

    def function_of_any_axes(*passed: jax.Array) -> jax.Array:
        batched = function(*(_to_front(array, axis, size) for array, axis in zip(passed, axes, strict=True)))
        if out_axes is None:
            return batched[0]
        return batched if out_axes == 0 else jnp.moveaxis(batched, 0, out_axes)

    return function_of_any_axes


def _to_front(array: jax.Array, axis: int | None, size: int) -> jax.Array:
    if axis is None:
        return jnp.broadcast_to(array, (size, *array.shape))
    return array if axis == 0 else jnp.moveaxis(array, axis, 0)

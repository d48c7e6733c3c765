"""A call of vmap as a function of its traced arrays alone, and its programs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call, Leaf

Axis = int | None


@dataclass(frozen=True, slots=True)
class FlatCall:
    """``call``'s function of flat arrays: ``axes`` and ``is_traced`` have an entry for every leaf of the call.

    Leaves that are not traced are given by value. ``out_axes`` has an entry for every array of the result.
    """

    call: Call
    axes: tuple[Axis, ...]
    out_axes: tuple[Axis, ...]
    size: int
    is_traced: tuple[bool, ...]

    def __call__(self, *arrays: Any) -> list[Any]:
        """The flat result of the caller's function."""
        rest = iter(arrays)
        leaves = [
            next(rest) if is_traced else leaf.value
            for leaf, is_traced in zip(self.call.leaves, self.is_traced, strict=True)
        ]
        arguments, keywords = jax.tree.unflatten(self.call.structure, leaves)
        return list(jax.tree.leaves(self.call.function(*arguments, **keywords)))

    @property
    def traced(self) -> tuple[tuple[Leaf, Axis], ...]:
        """The traced arrays with their axes."""
        leaves = zip(self.call.leaves, self.axes, self.is_traced, strict=True)
        return tuple((leaf, axis) for leaf, axis, is_traced in leaves if is_traced)

    def example_jaxpr(self) -> ClosedJaxpr:
        """The program of one example; collectives find their axis. Raises what the function raises."""
        axis_name = self.call.options.axis_name
        axis_env = None if axis_name is None else [(axis_name, self.size)]
        return jax.make_jaxpr(self, axis_env=axis_env)(*(example_struct(leaf, axis) for leaf, axis in self.traced))

    def batched_jaxpr(self, function: Callable[..., list[Any]] | None = None) -> ClosedJaxpr:
        """JAX's program of the whole batch, of this function or of another that takes and gives the same arrays."""
        axes = tuple(axis for _, axis in self.traced)
        options = self.call.options.given() | {"axis_size": self.size}
        batched = jax.vmap(function or self, axes or 0, list(self.out_axes), **options)
        return jax.make_jaxpr(batched)(*(leaf.struct for leaf, _ in self.traced))


def flatten(call: Call, axes: tuple[Axis, ...], out_axes: tuple[Axis, ...], size: int, *, bind: bool) -> FlatCall:
    """The flat form of a call; ``bind`` gives the shared arrays that have a value by value."""
    positions = tuple(
        None if axis is None else axis % len(leaf.shape) for leaf, axis in zip(call.leaves, axes, strict=True)
    )
    is_traced = tuple(
        leaf.struct is not None and not (bind and axis is None and leaf.is_concrete)
        for leaf, axis in zip(call.leaves, axes, strict=True)
    )
    return FlatCall(call, positions, out_axes, size, is_traced)


def example_struct(leaf: Leaf, axis: Axis) -> jax.ShapeDtypeStruct | None:
    """Shape and dtype of one example of an array; None where the leaf is no array."""
    struct = leaf.struct
    if struct is None:
        return None
    return jax.ShapeDtypeStruct(without(leaf.shape, axis), struct.dtype, weak_type=struct.weak_type)

"""A call of vmap as a function of its traced arrays alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.probe.probe import Program

Axis = int | None


@dataclass(frozen=True, slots=True)
class FlatCall:
    """``call`` with the program of one example, whose inputs are the leaves that ``program`` does not hold by value.

    ``axes`` has an entry for every leaf of the call, counted from the front, ``out_axes`` one for every array of the
    result.
    """

    call: Call
    program: Program
    axes: tuple[Axis, ...]
    out_axes: tuple[Axis, ...]
    size: int

    @property
    def traced(self) -> tuple[tuple[Leaf, Axis], ...]:
        """The traced arrays with their axes."""
        leaves = zip(self.call.leaves, self.axes, self.program.asked.bound, strict=True)
        return tuple((leaf, axis) for leaf, axis, is_bound in leaves if not is_bound)

    def batched_jaxpr(self, function: Callable[..., list[Any]]) -> ClosedJaxpr:
        """JAX's program of the whole batch for a function that takes and gives the same flat arrays."""
        axes = tuple(axis for _, axis in self.traced)
        options = self.call.options.given() | {"axis_size": self.size}
        batched = jax.vmap(function, axes or 0, list(self.out_axes), **options)
        return jax.make_jaxpr(batched)(*(leaf.struct for leaf, _ in self.traced))


def flatten(call: Call, program: Program, axes: tuple[Axis, ...], out_axes: tuple[Axis, ...], size: int) -> FlatCall:
    """The flat form of a call, its axes counted from the front."""
    positions = tuple(
        None if axis is None else axis % len(leaf.shape) for leaf, axis in zip(call.leaves, axes, strict=True)
    )
    return FlatCall(call, program, positions, out_axes, size)

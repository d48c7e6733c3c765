"""A call of vmap as a function of its traced arrays alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.call.call import Leaf
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.probe import Program
from vmapdemo.diagnosis.verdict.verdict import Accepted


@dataclass(frozen=True)
class FlatCall:
    """An accepted call with the program of one example, whose inputs are the leaves that it does not hold by value."""

    accepted: Accepted
    program: Program

    @cached_property
    def mapped(self) -> MappedCall:
        """The call with its axes counted from the front."""
        pairs = self.accepted.mapped.pairs
        axes = tuple(None if axis is None else axis % len(leaf.shape) for leaf, axis in pairs)
        return MappedCall(self.accepted.call, axes)

    @property
    def traced(self) -> tuple[tuple[Leaf, int | None], ...]:
        """The traced arrays with their axes."""
        pairs = zip(self.mapped.pairs, self.program.asked.bound, strict=True)
        return tuple(pair for pair, is_bound in pairs if not is_bound)

    def batched_jaxpr(self, function: Callable[..., list[Any]]) -> ClosedJaxpr:
        """JAX's program of the whole batch for a function that takes and gives the same flat arrays."""
        axes = tuple(axis for _, axis in self.traced)
        options = self.accepted.call.options.given() | {"axis_size": self.accepted.size}
        batched = jax.vmap(function, axes or 0, list(self.accepted.out_axes), **options)
        return jax.make_jaxpr(batched)(*(leaf.struct for leaf, _ in self.traced))

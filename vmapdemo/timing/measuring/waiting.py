"""How to wait until a strategy's result is there."""

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import jax

from vmapdemo.timing.measuring.blocks import no_wait


def wait_for(result: Any) -> Callable[[Any], Any]:
    """How to wait for results like this one: a method where it is one array, as a function would add 1 µs a call."""
    if isinstance(result, jax.Array):
        return methodcaller("block_until_ready")
    return jax.block_until_ready if any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(result)) else no_wait

"""What a strategy should take: its dispatches, each at the price that eager JAX asks for it on this machine.

An eager call is the sum of its dispatches as long as the arrays are small: then the machine is busy with Python, and
hardly with numbers. `jnp.dot` and `*` go a short way through compiled code, indexing and `jnp.array` a long one through
Python; under an eager vmap all of them go the long way.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax


@dataclass(frozen=True, slots=True)
class Price:
    """Seconds of one operation, dispatched as it is and under an eager vmap."""

    primitive: str
    eager_s: float
    vmapped_s: float


@dataclass(frozen=True, slots=True)
class Prices:
    """The price of every operation known, of calling a jitted function, and of vmap before its first operation.

    `mixing`: how many times its price an operation costs when others come between, as it does in a real function; the
    prices are those of one kind again and again, which stays in the processor's caches. `vmapped_mixing` under vmap.
    `confirmed`: whether the times that all of it comes from were.
    """

    operations: tuple[Price, ...]
    jitted_call_s: float
    vmap_call_s: float
    mixing: float = 1.0
    vmapped_mixing: float = 1.0
    confirmed: bool = True

    def price_s(self, primitive: str, *, vmapped: bool = False) -> float | None:
        """Seconds of one such dispatch; None for a primitive that has no price."""
        if primitive == "jit":
            return self.jitted_call_s
        found = next((price for price in self.operations if price.primitive == primitive), None)
        return None if found is None else found.vmapped_s if vmapped else found.eager_s


def count_primitives(function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, int] | None:
    """How often one call dispatches each primitive; None for a function that JAX cannot trace.

    >>> import jax.numpy as jnp
    >>> count_primitives(lambda x: x[0] * x[1], (jnp.ones(3),))
    {'slice': 2, 'squeeze': 2, 'mul': 1}
    """
    try:
        equations = jax.make_jaxpr(function)(*args).jaxpr.eqns
    except Exception:  # not a function that JAX can trace
        return None
    return dict(Counter(equation.primitive.name for equation in equations))


def predicted_s(dispatches: Mapping[str, int], prices: Prices, *, vmapped: bool = False) -> float | None:
    """Seconds of a call with these dispatches, on arrays so small that the arithmetic is free.

    `vmapped`: whether it is an eager vmap, which its dispatches do not show. None where one of them has no price.
    """
    total_s = 0.0
    for primitive, count in dispatches.items():
        price_s = prices.price_s(primitive, vmapped=vmapped)
        if price_s is None:
            return None
        total_s += count * price_s
    if len(dispatches) > 1:
        total_s *= prices.vmapped_mixing if vmapped else prices.mixing
    return total_s + (prices.vmap_call_s if vmapped else 0.0)

"""What a strategy makes JAX do, counted instead of timed: dispatches per call and floating-point operations."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr

_LOOP_PRIMITIVES = frozenset({"while", "scan"})
_LOOP_INSTRUCTION = re.compile(r"\bwhile\(")


@dataclass(frozen=True, slots=True)
class Meters:
    """What tracing a strategy shows; None where it cannot be traced.

    `dispatches`: top-level equations, each of which eager JAX hands to the device on its own (a jitted call is one).
    `operations`: equations at all levels, each counted once, inside loops too. `has_loop`: whether one is a loop.
    """

    dispatches: int | None = None
    operations: int | None = None
    has_loop: bool = False


def read_meters(function: Callable[..., Any], args: tuple[Any, ...]) -> Meters:
    """Trace the function, and count.

    >>> import jax.numpy as jnp
    >>> read_meters(lambda x: jnp.sin(x) * 2, (jnp.ones(3),))
    Meters(dispatches=2, operations=2, has_loop=False)
    """
    try:
        jaxpr = jax.make_jaxpr(function)(*args).jaxpr
    except Exception:  # not a function that JAX can trace
        return Meters()
    primitives = list(_primitives(jaxpr))
    return Meters(len(jaxpr.eqns), len(primitives), not _LOOP_PRIMITIVES.isdisjoint(primitives))


def count_flops(compiled: jax.stages.Compiled, meters: Meters) -> float | None:
    """Floating-point operations of one run, by XLA's `cost_analysis`; None where a loop makes its figure false.

    XLA counts the body of a loop once, however often it runs; its own loops (`sort`, for one) included.
    """
    if meters.has_loop or _LOOP_INSTRUCTION.search(compiled.as_text() or ""):
        return None
    costs = compiled.cost_analysis()
    flops = costs.get("flops") if isinstance(costs, dict) else None
    return float(flops) if flops is not None and math.isfinite(flops) and flops >= 0 else None


def _primitives(jaxpr: Jaxpr) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, tuple | list) else (parameter,):
                if isinstance(inner, ClosedJaxpr):
                    yield from _primitives(inner.jaxpr)
                elif isinstance(inner, Jaxpr):
                    yield from _primitives(inner)

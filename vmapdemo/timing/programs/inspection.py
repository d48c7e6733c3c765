"""What JAX makes of a strategy, counted instead of timed: its dispatches, and its program as a whole."""

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr

from vmapdemo.timing.measuring.cold import Program, Traced, compile_traced, trace_whole

# XLA compiles about 300 operations a second: more than this in one program would take longer than the measurement.
MOST_OPERATIONS_COMPILED = 500
_OPERATIONS_PER_S, _DISPATCHES_PER_S = 300, 10_000
_LOOP_PRIMITIVES = frozenset({"while", "scan"})
_LOOP_INSTRUCTION = re.compile(r"\bwhile\(")


@dataclass(frozen=True, slots=True)
class Inspection:
    """What tracing a strategy shows, and its program; None where JAX cannot trace it.

    `primitives`: how often each stands at the top level, from where eager JAX hands it to the device on its own (a
    jitted call is one). `operations`: equations at all levels, each counted once, inside loops too. `has_loop`: whether
    one is a loop. `program`: None also where it was too long to be compiled.
    """

    primitives: Mapping[str, int] | None = None
    operations: int | None = None
    has_loop: bool = False
    program: Program | None = None

    @property
    def dispatches(self) -> int | None:
        """How many operations one call hands to the device."""
        return None if self.primitives is None else sum(self.primitives.values())

    @property
    def compile_s(self) -> float | None:
        """What the whole took from its Python to a program; None where it was not seen to compile."""
        return self.program.total_s if self.program is not None and self.program.is_new else None

    @property
    def flops(self) -> float | None:
        """Floating-point operations of one run, by XLA's `cost_analysis`; None where a loop makes its figure false.

        XLA counts the body of a loop once, however often it runs; its own loops (`sort`, for one) included.
        """
        if self.program is None or self.has_loop:
            return None
        compiled = self.program.compiled
        if _LOOP_INSTRUCTION.search(compiled.as_text() or ""):
            return None
        costs = compiled.cost_analysis()
        flops = costs.get("flops") if isinstance(costs, dict) else None
        return float(flops) if flops is not None and math.isfinite(flops) and flops >= 0 else None

    @property
    def first_call_guess_s(self) -> float:
        """What a first call will take where there was none before; 0 for what cannot be traced.

        Right within a factor of three or so: enough to leave alone what would take minutes.
        """
        if self.dispatches == 1:
            return self.compile_guess_s
        return (self.dispatches or 0) / _DISPATCHES_PER_S

    @property
    def compile_guess_s(self) -> float:
        """The same for compiling all of it as one program."""
        return (self.operations or 0) / _OPERATIONS_PER_S


def inspect_trace(function: Callable[..., Any], args: tuple[Any, ...]) -> Inspection:
    """Trace the function, and count.

    >>> import jax.numpy as jnp
    >>> inspect_trace(lambda x: x[0] * x[1], (jnp.ones(3),)).primitives
    {'slice': 2, 'squeeze': 2, 'mul': 1}
    """
    return _counted(trace_whole(function, args))


def inspect_program(
    function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> Inspection:
    """Trace the function once, and compile what was traced, unless it is too long."""
    whole = trace_whole(function, args, clock)
    found = _counted(whole)
    if whole is None or (found.operations or 0) > MOST_OPERATIONS_COMPILED:
        return found
    return replace(found, program=compile_traced(whole, clock))


def _counted(whole: Traced | None) -> Inspection:
    if whole is None:
        return Inspection()
    jaxpr = whole.traced.jaxpr.jaxpr
    everything = list(_primitives(jaxpr))
    top = Counter(equation.primitive.name for equation in jaxpr.eqns)
    return Inspection(dict(top), len(everything), not _LOOP_PRIMITIVES.isdisjoint(everything))


def _primitives(jaxpr: Jaxpr) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield equation.primitive.name
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, tuple | list) else (parameter,):
                if isinstance(inner, ClosedJaxpr):
                    yield from _primitives(inner.jaxpr)
                elif isinstance(inner, Jaxpr):
                    yield from _primitives(inner)

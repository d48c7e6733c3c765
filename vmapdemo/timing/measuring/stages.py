"""Compiling taken apart: tracing the Python, lowering to StableHLO, and XLA's own work on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from vmapdemo.timing.measuring.cold import count_programs
from vmapdemo.timing.results.records import require_count, require_seconds

_TRIES, _ENOUGH_S = 3, 0.2


@dataclass(frozen=True, slots=True)
class Stages:
    """The seconds that `jit(strategy)` took at one size from the first call's Python to a program."""

    name: str
    size: int
    trace_s: float
    lower_s: float
    compile_s: float

    def __post_init__(self) -> None:
        require_count(1, size=self.size)
        require_seconds(trace_s=self.trace_s, lower_s=self.lower_s, compile_s=self.compile_s)

    @property
    def total_s(self) -> float:
        """All three together."""
        return self.trace_s + self.lower_s + self.compile_s


def time_stages(
    name: str,
    size: int,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    clock: Callable[[], float] = time.perf_counter,
) -> Stages | None:
    """Trace, lower and compile the whole strategy as one program; None where JAX cannot, or had the program already.

    What is quick is done up to three times, and the shortest of each stage counts: once is easily disturbed.
    """
    tries: list[Stages] = []
    while len(tries) < _TRIES and sum(one.total_s for one in tries) < _ENOUGH_S:
        found = _time_once(name, size, function, args, clock)
        if found is None:
            break
        tries.append(found)
    if not tries:
        return None
    shortest = {stage: min(getattr(one, stage) for one in tries) for stage in ("trace_s", "lower_s", "compile_s")}
    return Stages(name, size, **shortest)


def _time_once(
    name: str, size: int, function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float]
) -> Stages | None:
    with count_programs() as count:
        try:
            started = clock()
            # A function of its own: jit finds what it has traced before.
            traced = jax.jit(lambda *values: function(*values)).trace(*args)
            after_trace = clock()
            lowered = traced.lower()
            after_lower = clock()
            lowered.compile()
            after_compile = clock()
        except Exception:  # not a function that JAX can trace
            return None
    if not count.all_compiled:
        return None
    return Stages(name, size, after_trace - started, after_lower - after_trace, after_compile - after_lower)

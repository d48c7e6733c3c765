"""The cold phase: what the first call and compiling cost, measured once, before the run times.

Eager JAX compiles as well, one small program for each new operation and shape; a `jax.monitoring` listener counts them.
Nothing is ever cleared: where no program was seen to compile, everything was warm already and there is no figure.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import jax
from jax import monitoring

# Not part of JAX's promises. Should a release rename it, no program is seen and the figures become None.
COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"
# A program loaded from the persistent compilation cache was not compiled: its time says nothing about compiling.
CACHE_HIT_EVENT = "/jax/compilation_cache/cache_hits"

_TRIES, _ENOUGH_S = 3, 0.2


@dataclass(slots=True)
class ProgramCount:
    """How many programs this thread compiled, and how many it loaded from the persistent cache, so far."""

    compiled: int = 0
    loaded: int = 0

    @property
    def all_compiled(self) -> bool:
        """Whether programs were seen to compile and none came from the cache."""
        return self.compiled > 0 and self.loaded == 0


@contextmanager
def count_programs() -> Iterator[ProgramCount]:
    """Count the programs that the calling thread compiles inside the block."""
    count, thread = ProgramCount(), threading.get_ident()

    def on_duration(event: str, duration_secs: float, **_: str | int) -> None:
        if event == COMPILE_EVENT and threading.get_ident() == thread:
            count.compiled += 1

    def on_event(event: str, **_: str | int) -> None:
        if event == CACHE_HIT_EVENT and threading.get_ident() == thread:
            count.loaded += 1

    monitoring.register_event_duration_secs_listener(on_duration)
    monitoring.register_event_listener(on_event)
    try:
        yield count
    finally:
        monitoring.unregister_event_duration_listener(on_duration)
        monitoring.unregister_event_listener(on_event)


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The first call's result or error, its seconds and the programs that it compiled (None: it was warm)."""

    result: Any
    error: Exception | None = None
    first_call_s: float | None = None
    programs: int | None = None


@dataclass(frozen=True, slots=True)
class Traced:
    """A whole strategy as JAX traces it, and the seconds of tracing its Python."""

    traced: jax.stages.Traced
    trace_s: float


@dataclass(frozen=True, slots=True)
class Program:
    """A whole strategy as one compiled program: the seconds of tracing, of lowering to StableHLO, and of XLA's work.

    `is_new`: whether XLA was seen to compile it. One that came from a cache says nothing about compiling.
    """

    compiled: jax.stages.Compiled
    trace_s: float
    lower_s: float
    compile_s: float
    is_new: bool

    @property
    def total_s(self) -> float:
        """All three together."""
        return self.trace_s + self.lower_s + self.compile_s


def call_first(
    function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> FirstCall:
    """Call the function, wait for the result and time it; what it raises comes back as a value."""
    with count_programs() as count:
        started = clock()
        try:
            result = jax.block_until_ready(function(*args))
        except Exception as error:  # the caller's function may raise anything
            return FirstCall(None, error)
        seconds = clock() - started
    if not count.all_compiled:
        return FirstCall(result)
    return FirstCall(result, first_call_s=seconds, programs=count.compiled)


def trace_whole(
    function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> Traced | None:
    """Trace `jit(function)` for these arguments; None where JAX cannot."""
    started = clock()
    try:
        # A function of its own: jit finds what it has met before.
        traced = jax.jit(lambda *values: function(*values)).trace(*args)
    except Exception:  # the caller's function may raise anything
        return None
    return Traced(traced, clock() - started)


def compile_traced(whole: Traced, clock: Callable[[], float] = time.perf_counter) -> Program | None:
    """Lower and compile it, without running it; None where XLA cannot.

    To be done after the first calls: compiling `jit(f)` would warm up another strategy that is `jit(f)` itself.
    """
    with count_programs() as count:
        started = clock()
        try:
            lowered = whole.traced.lower()
            after_lower = clock()
            compiled = lowered.compile()
        except Exception:  # a callback that the device lacks, for one
            return None
        after_compile = clock()
    return Program(compiled, whole.trace_s, after_lower - started, after_compile - after_lower, count.all_compiled)


def time_compiling(
    function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> Program | None:
    """Trace, lower and compile the whole strategy; None where JAX cannot, or had the program already.

    What is quick is done up to three times, and the shortest of each step counts: once is easily disturbed.
    """
    tries: list[Program] = []
    while len(tries) < _TRIES and sum(one.total_s for one in tries) < _ENOUGH_S:
        whole = trace_whole(function, args, clock)
        found = None if whole is None else compile_traced(whole, clock)
        if found is None or not found.is_new:
            break
        tries.append(found)
    if not tries:
        return None
    steps = ("trace_s", "lower_s", "compile_s")
    return replace(tries[0], **{step: min(getattr(one, step) for one in tries) for step in steps})

"""The cold phase: what the first call and compiling cost, measured once, before the run times.

Eager JAX compiles as well, one small program for each new operation and shape; a `jax.monitoring` listener counts them.
Nothing is ever cleared: where no program was seen to compile, everything was warm already and there is no figure.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax
from jax import monitoring

# Not part of JAX's promises. Should a release rename it, no program is seen and the figures become None.
COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"
# A program loaded from the persistent compilation cache was not compiled: its time says nothing about compiling.
CACHE_HIT_EVENT = "/jax/compilation_cache/cache_hits"


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
class Compilation:
    """The compiled program of a whole strategy (None: it cannot be jitted) and the seconds that it took."""

    compiled: jax.stages.Compiled | None = None
    compile_s: float | None = None


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


def compile_whole(
    function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float] = time.perf_counter
) -> Compilation:
    """Trace, lower and compile `jit(function)` for these arguments, without running it.

    To be done after the first calls: compiling `jit(f)` would warm up another strategy that is `jit(f)` itself.
    """
    with count_programs() as count:
        started = clock()
        try:
            # A function of its own: jit finds the programs of a function that it has met before.
            compiled = jax.jit(lambda *values: function(*values)).lower(*args).compile()
        except Exception:  # not a function that JAX can trace
            return Compilation()
        seconds = clock() - started
    return Compilation(compiled, seconds if count.all_compiled else None)

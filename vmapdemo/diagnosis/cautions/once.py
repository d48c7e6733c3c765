"""What Python does once, while the function is traced, although it looks as if each example did it."""

import random
from collections.abc import Iterator
from typing import Any

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.probe.calling import Traced
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Caution
from vmapdemo.diagnosis.verdict.verdict import Accepted
from vmapdemo.diagnosis.wording import listed

_CLOCKS = frozenset(("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "process_time", "now", "today"))
_ENTROPY = ("secrets", "uuid")


def once_cautions(accepted: Accepted, probe: Probe) -> Iterator[Caution]:
    """Random numbers and clocks that are read once for all examples, and traced values that are left behind."""
    call, example, written = accepted.call, accepted.example.traced, probe.written(accepted.mapped)
    if not isinstance(written, Traced) or probe.surroundings is None:
        return
    written = written if example is None else written.with_signs_of(example)
    yield from _drawn_once(accepted, probe, written)
    yield from _read_once(call, probe)
    yield from _counted_once(accepted, probe, written)
    places = dict.fromkeys(leftover.place for leftover in written.leftovers)
    if places:
        yield Caution(
            "leaked-tracer",
            f"`{call.function_name}` leaves a traced value in {' and in '.join(places)}. It stands for all examples at "
            "once and holds no numbers: to use it after the call is an UnexpectedTracerError. Return it instead.",
        )


def _drawn_once(accepted: Accepted, probe: Probe, written: Traced) -> Iterator[Caution]:
    """Random numbers of NumPy or Python: drawn while the function is traced, one set for all examples."""
    sources = written.drawn or tuple(_new_sources(probe))
    if written.drawn or (sources and probe.changes(accepted.mapped)):
        yield Caution(
            "shared-random",
            f"`{accepted.call.function_name}` draws from {' and '.join(sources)}, which vmap does once, while it "
            f"traces the function: all {accepted.size} examples get the same numbers. Pass one key for each example, "
            "`jax.random.split(key, n)`, and draw with `jax.random`.",
        )


def _new_sources(probe: Probe) -> Iterator[str]:
    """Generators that the function makes itself, and functions that ask the operating system."""
    for value in probe.surroundings.library if probe.surroundings is not None else ():
        module, name = str(getattr(value, "__module__", "")), str(getattr(value, "__name__", ""))
        is_of_system = isinstance(getattr(value, "__self__", None), random.SystemRandom)
        if module.startswith("numpy.random") or module in _ENTROPY or name == "urandom" or is_of_system:
            yield f"`{name}`"


def _read_once(call: Call, probe: Probe) -> Iterator[Caution]:
    """A clock: it says when the function was traced."""
    library = probe.surroundings.library if probe.surroundings is not None else ()
    clocks = [_name(value) for value in library if _is_clock(value)]
    if clocks:
        yield Caution(
            "clock",
            f"`{call.function_name}` reads a clock, {listed(clocks)}, which vmap does once, while it traces the "
            "function: all examples get that one time. Pass it as an argument.",
        )


def _counted_once(accepted: Accepted, probe: Probe, written: Traced) -> Iterator[Caution]:
    """A counter of the caller's: it counts how often the function was traced."""
    if written.counted and not written.drawn and probe.changes_with_use(accepted.mapped):
        yield Caution(
            "counter",
            f"`{accepted.call.function_name}` changes {' and '.join(written.counted)} and uses it, which vmap does "
            f"once, while it traces the function: all {accepted.size} examples get the same number. Pass the numbers "
            "as an argument that is mapped, `jnp.arange(n)`.",
        )


def _is_clock(value: Any) -> bool:
    module = str(getattr(value, "__module__", None) or getattr(getattr(value, "__objclass__", None), "__module__", ""))
    owner = str(getattr(getattr(value, "__self__", None), "__module__", ""))
    return _name(value) in _CLOCKS and ("time" in (module, owner) or "datetime" in (module, owner))


def _name(value: Any) -> str:
    return str(getattr(value, "__name__", ""))

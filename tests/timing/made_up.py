"""Made-up figures for tests of what is said about figures."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Conditions, Rejected, Timing

CONDITIONS = Conditions(
    device="cpu",
    jax_version="0.10.2",
    python_version="3.11.7",
    cores=2,
    arguments=("int32[4, 5]", "float32[4, 3]"),
    rounds=52,
    spent_s=0.5,
    budget_s=4.0,
)


def timing(name: str, best_s: float, **others: Any) -> Timing:
    """A confirmed timing with the given best; the rest follows from it unless it is given."""
    plain = Timing(
        name=name,
        best_s=best_s,
        lower_quartile_s=1.02 * best_s,
        median_s=1.1 * best_s,
        upper_quartile_s=1.3 * best_s,
        mean_s=1.2 * best_s,
        std_s=0.1 * best_s,
        runs=52,
        loops=8,
        spread=0.012,
        confirmed=True,
    )
    return replace(plain, **others)


def notebook() -> Comparison:
    """The notebook's four strategies with round figures, and two that were not timed."""
    timings = (
        timing("loop", 3.2e-3, dispatches=57, first_call_s=0.205, programs=9, compile_s=0.09, flops=60.0),
        timing("mathy", 0.7e-3, dispatches=10, first_call_s=0.11, programs=4, compile_s=0.045, flops=60.0),
        timing("vmap", 3.1e-3, dispatches=10, first_call_s=0.066, programs=3, compile_s=0.036, flops=60.0),
        timing("jit", 8e-6, dispatches=1, first_call_s=0.034, programs=1, compile_s=0.036, flops=60.0),
    )
    rejected = (
        Rejected("typo", "wrong", "Its result differs from that of loop by up to 3."),
        Rejected("<b>boom</b>", "raised", "TypeError: no <i>such</i> thing"),
    )
    return Comparison(timings, rejected, "loop", CONDITIONS)


def alone() -> AbstractContextManager[Callable[[], float]]:
    """What a measurement knows of waiting where nobody else uses the processor."""
    return nullcontext(lambda: 0.0)

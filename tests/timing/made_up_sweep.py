"""A made-up sweep for tests of what is said, drawn and saved of sweeps."""

from dataclasses import replace
from typing import Any

from tests.timing.made_up import CONDITIONS, timing
from vmapdemo.timing.results.records import Rejected
from vmapdemo.timing.results.sweep import COPY, EMPTY, Point, Skipped, Stages, Sweep

SIZES = (1, 4, 16, 64)


def lines(**costs: Any) -> tuple[Point, ...]:
    """Points of each strategy at the sizes, from the cost at the first and the factor from one to the next."""
    return tuple(
        Point(size, timing(name.replace("_", " "), first_s * factor**place))
        for name, (first_s, factor) in costs.items()
        for place, size in enumerate(SIZES)
    )


def batches() -> Sweep:
    """The loop is left out at 64 and jit takes over from it; a strategy is wrong; everything else is confirmed."""
    points = lines(**{COPY: (1e-6, 1.1), "empty_call": (5e-6, 1.0), "loop": (1e-3, 4.0), "jit": (6e-6, 1.2)})
    points = tuple(point for point in points if (point.name, point.size) != ("loop", 64))
    return Sweep(
        vary="batch",
        names=("loop", "jit", "typo"),
        sizes=SIZES,
        conditions=replace(CONDITIONS, arguments=("int32[B, 5]", "float32[B, 3]"), budget_s=20.0),
        points=points,
        skipped=(Skipped("loop", 64, "run", 2.5),),
        rejected=(Rejected("typo", "wrong", "At batch size 1: Its result differs from that of loop by up to 3."),),
        complete=True,
    )


def lengths() -> Sweep:
    """Compiling jit grows sixteenfold and is left out at 64; compiling shifted does not grow."""
    points = lines(**{COPY: (1e-6, 1.1), "empty_call": (5e-6, 1.0), "jit": (6e-6, 1.2), "shifted": (5e-6, 1.1)})
    return Sweep(
        vary="length",
        names=("jit", "shifted"),
        sizes=SIZES,
        conditions=replace(CONDITIONS, arguments=("int32[4, N]", "float32[4, 3]"), budget_s=20.0),
        points=tuple(replace(p, timing=replace(p.timing, first_call_s=0.04, programs=1)) for p in points),
        stages=(
            *(Stages("jit", size, 0.01 * size, 0.01, 0.03 * size) for size in SIZES[:3]),
            *(Stages("shifted", size, 0.005, 0.005, 0.02) for size in SIZES),
        ),
        skipped=(Skipped("jit", 64, "compile", 2.5),),
        complete=True,
    )


assert EMPTY == "empty call"

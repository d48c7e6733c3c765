"""What a measurement leaves behind: immutable figures, checked when they are made."""

import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

import jax

from vmapdemo.timing.measuring.blocks import Blocks

Reason = Literal["wrong", "raised", "slow"]
SHORTEST_S, LONGEST_S = 1e-12, 1e6
"""Between these, and far from both, lies everything that is measured: what does not comes from outside."""
Labels = Mapping[str, str]
"""What strategies are called in charts, tables and sentences, by name; the others keep their names."""
NO_LABELS: Labels = MappingProxyType({})
SAME = 1.1
"""Ratios of confirmed runs hold within 10 %: anything closer to 1 is no difference."""
Named = TypeVar("Named", bound=Any)
MOST_COUNTED = 2**53
"""Readers of JSON take whole numbers for floats, and these hold no larger ones exactly."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One strategy's figures: seconds of one call, over `runs` blocks of `loops` calls.

    `best_s` is the figure to compare. `undisturbed` of the runs had a processor all the time (None: not known),
    `spread` is how far the third lowest of them lies above the lowest of all (0.05 is 5 %), and `confirmed` says that
    there is a third and that it is near enough. `first_call_s`, `programs` and `compile_s` are None unless programs
    were seen to compile; `dispatches` and `flops` are None where they cannot be read. `unwaited_s` is no run time: how
    long the call took to return, without waiting for its result.
    """

    name: str
    best_s: float
    lower_quartile_s: float
    median_s: float
    upper_quartile_s: float
    mean_s: float
    std_s: float
    runs: int
    loops: int
    spread: float
    confirmed: bool
    first_call_s: float | None = None
    programs: int | None = None
    compile_s: float | None = None
    dispatches: int | None = None
    flops: float | None = None
    unwaited_s: float | None = None
    undisturbed: int | None = None

    def __post_init__(self) -> None:
        require_seconds(best_s=self.best_s, median_s=self.median_s, mean_s=self.mean_s)
        require_seconds(lower_quartile_s=self.lower_quartile_s, upper_quartile_s=self.upper_quartile_s)
        require_seconds(first_call_s=self.first_call_s, compile_s=self.compile_s, unwaited_s=self.unwaited_s)
        require_within(0, LONGEST_S, std_s=self.std_s)
        require_within(0, LONGEST_S / SHORTEST_S, spread=self.spread, flops=self.flops)
        require_count(1, runs=self.runs, loops=self.loops)
        require_count(0, programs=self.programs, dispatches=self.dispatches, undisturbed=self.undisturbed)

    @classmethod
    def of(cls, blocks: Blocks, **known: Any) -> "Timing":
        """The figures of these blocks; `known`: the other fields, as far as they were learned elsewhere."""
        lower_quartile_s, upper_quartile_s = _quartiles(blocks.seconds)
        return cls(
            name=blocks.name,
            best_s=min(blocks.seconds),
            lower_quartile_s=lower_quartile_s,
            median_s=statistics.median(blocks.seconds),
            upper_quartile_s=upper_quartile_s,
            mean_s=statistics.fmean(blocks.seconds),
            std_s=statistics.pstdev(blocks.seconds),
            runs=len(blocks.seconds),
            loops=blocks.loops,
            undisturbed=blocks.undisturbed,
            spread=blocks.spread,
            confirmed=blocks.confirmed,
            **known,
        )

    @property
    def iqr_s(self) -> float:
        """The interquartile range of the blocks."""
        return self.upper_quartile_s - self.lower_quartile_s


@dataclass(frozen=True, slots=True)
class Rejected:
    """A strategy that was not timed: its result is `"wrong"`, it `"raised"`, or it was not begun, as it is `"slow"`.

    `sentence` says how.
    """

    name: str
    reason: Reason
    sentence: str

    def __post_init__(self) -> None:
        if self.reason not in get_args(Reason):
            raise ValueError(f"reason must be one of {', '.join(get_args(Reason))}, got {self.reason!r}.")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the figures hold for: where they were measured, on which arguments, for how long."""

    device: str
    jax_version: str
    python_version: str
    cores: int
    arguments: tuple[str, ...]
    rounds: int
    spent_s: float
    budget_s: float

    def __post_init__(self) -> None:
        require_count(0, cores=self.cores, rounds=self.rounds)
        require_within(0, MOST_COUNTED, spent_s=self.spent_s, budget_s=self.budget_s)

    @classmethod
    def here(
        cls, device: jax.Device, arguments: tuple[str, ...], budget_s: float, rounds: int = 0, spent_s: float = 0.0
    ) -> "Conditions":
        """The machine as it is now, with what is measured on it."""
        same = device.device_kind.lower() == device.platform.lower()
        return cls(
            device=device.device_kind if same else f"{device.device_kind} ({device.platform})",
            jax_version=jax.__version__,
            python_version=platform.python_version(),
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            arguments=arguments,
            rounds=rounds,
            spent_s=spent_s,
            budget_s=budget_s,
        )

    def __str__(self) -> str:
        arguments = ", ".join(self.arguments) or "no arguments"
        place = f"{self.device}, {self.cores} core{'s' * (self.cores != 1)}"
        versions = f"JAX {self.jax_version}, Python {self.python_version}"
        return f"{arguments}; {place}; {versions}; {self.rounds} rounds in {self.spent_s:.1f} s"


def _quartiles(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return seconds[0], seconds[0]
    lower, _, upper = statistics.quantiles(seconds, n=4, method="inclusive")
    return lower, upper


def renamed(records: Iterable[Named], labels: Labels) -> tuple[Named, ...]:
    """The same records, which have a name, under their labels."""
    return tuple(replace(one, name=labels.get(one.name, one.name)) for one in records)


def require_within(least: float, most: float, **figures: float | None) -> None:
    """ValueError, with the field's name, for a figure that is there and no number between the two."""
    for name, value in figures.items():
        if value is not None and not (isinstance(value, int | float) and least <= value <= most):
            raise ValueError(f"{name} must be a number from {least:g} to {most:g}, got {value!r:.40}.")


def require_seconds(**figures: float | None) -> None:
    """ValueError, with the field's name, for a time that is there and that no measurement can give."""
    require_within(SHORTEST_S, LONGEST_S, **figures)


def require_count(least: int, **figures: int | None) -> None:
    """ValueError, with the field's name, for a number that is there and below `least`, or too large for JSON."""
    require_within(least, MOST_COUNTED, **figures)

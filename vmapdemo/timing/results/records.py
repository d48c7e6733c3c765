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
from vmapdemo.timing.results.ranges import Amount, Count, Name, Number, Seconds, Share, Spent, Text, check

Reason = Literal["wrong", "raised", "slow"]
Labels = Mapping[str, str]
"""What strategies are called in charts, tables and sentences, by name; the others keep their names."""
NO_LABELS: Labels = MappingProxyType({})
SAME = 1.1
"""Ratios of confirmed runs hold within 10 %: anything closer to 1 is no difference."""
Named = TypeVar("Named", bound=Any)


@dataclass(frozen=True, slots=True)
class Timing:
    """One strategy's figures: seconds of one call, over `runs` blocks of `loops` calls.

    `best_s` is the figure to compare. `undisturbed` of the runs had a processor all the time (None: not known),
    `spread` is how far the third lowest of them lies above the lowest of all (0.05 is 5 %), and `confirmed` says that
    there is a third and that it is near enough. `first_call_s`, `programs` and `compile_s` are None unless programs
    were seen to compile; `dispatches` and `flops` are None where they cannot be read. `unwaited_s` is no run time: how
    long the call took to return, without waiting for its result.
    """

    name: Name
    best_s: Seconds
    lower_quartile_s: Seconds
    median_s: Seconds
    upper_quartile_s: Seconds
    mean_s: Seconds
    std_s: Spent
    runs: Number
    loops: Number
    spread: Share
    confirmed: bool
    first_call_s: Seconds | None = None
    programs: Count | None = None
    compile_s: Seconds | None = None
    dispatches: Count | None = None
    flops: Amount | None = None
    unwaited_s: Seconds | None = None
    undisturbed: Count | None = None

    def __post_init__(self) -> None:
        check(self)
        if self.undisturbed is not None and self.undisturbed > self.runs:
            raise ValueError(f"undisturbed must be a number from 0 to runs, {self.runs:,}, got {self.undisturbed:,}.")

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

    name: Name
    reason: Reason
    sentence: Text

    def __post_init__(self) -> None:
        check(self)
        if self.reason not in get_args(Reason):
            raise ValueError(f"reason must be one of {', '.join(get_args(Reason))}, got {self.reason!r}.")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the figures hold for: where they were measured, on which arguments, for how long."""

    device: Name
    jax_version: Name
    python_version: Name
    cores: Count
    arguments: tuple[Text, ...]
    rounds: Count
    spent_s: Spent
    budget_s: Spent

    def __post_init__(self) -> None:
        check(self)

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

"""What a measurement leaves behind: immutable figures, checked when they are made."""

from dataclasses import dataclass
from typing import Literal, get_args

Reason = Literal["wrong", "raised", "slow"]
SHORTEST_S, LONGEST_S = 1e-12, 1e6
"""Between these, and far from both, lies everything that is measured: what does not comes from outside."""
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

    def __str__(self) -> str:
        arguments = ", ".join(self.arguments) or "no arguments"
        place = f"{self.device}, {self.cores} core{'s' * (self.cores != 1)}"
        versions = f"JAX {self.jax_version}, Python {self.python_version}"
        return f"{arguments}; {place}; {versions}; {self.rounds} rounds in {self.spent_s:.1f} s"


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

"""What a measurement leaves behind: immutable figures, checked when they are made."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

Phase = Literal["cold", "check", "measure"]
Reason = Literal["wrong", "raised", "slow"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a comparison is: `fraction` runs from 0 to 1 over all phases."""

    phase: Phase
    strategy: str | None
    fraction: float
    text: str


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
        require_positive(best_s=self.best_s, median_s=self.median_s, mean_s=self.mean_s)
        require_positive(runs=self.runs, loops=self.loops)
        require_positive(lower_quartile_s=self.lower_quartile_s, upper_quartile_s=self.upper_quartile_s)
        require_not_negative(std_s=self.std_s, spread=self.spread)
        require_not_negative(first_call_s=self.first_call_s, programs=self.programs, compile_s=self.compile_s)
        require_not_negative(dispatches=self.dispatches, flops=self.flops)
        require_not_negative(unwaited_s=self.unwaited_s, undisturbed=self.undisturbed)

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

    def __str__(self) -> str:
        arguments = ", ".join(self.arguments) or "no arguments"
        place = f"{self.device}, {self.cores} core{'s' * (self.cores != 1)}"
        versions = f"JAX {self.jax_version}, Python {self.python_version}"
        return f"{arguments}; {place}; {versions}; {self.rounds} rounds in {self.spent_s:.1f} s"


def require_positive(**figures: float) -> None:
    """ValueError, with the field's name, for a figure that is not a finite number above 0."""
    for name, value in figures.items():
        if not _is_number(value) or value <= 0:
            raise ValueError(f"{name} must be a positive number, got {value!r}.")


def require_not_negative(**figures: float | None) -> None:
    """ValueError, with the field's name, for a figure that is there and no finite number from 0 up."""
    for name, value in figures.items():
        if value is not None and (not _is_number(value) or value < 0):
            raise ValueError(f"{name} must be a number from 0 up, got {value!r}.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

"""What a sweep is to do, and when it has to stop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.cold import Program
from vmapdemo.timing.programs.inspection import Inspection
from vmapdemo.timing.results.sweep import Sweep

BUDGET_S = 20.0


@dataclass(frozen=True, slots=True)
class Case:
    """All strategies at one size, the arguments that each takes, and the limits that no strategy gets below."""

    strategies: Mapping[str, Callable[..., Any]]
    args: tuple[Any, ...]
    limits: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """When to stop: `budget_s` for everything, `size_s` for timing at one size, `cell_s` for one strategy at one."""

    budget_s: float = BUDGET_S
    size_s: float = 0.8
    cell_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Task:
    """What to sweep: a `sweep` without points yet, whose sizes stand in the order in which to visit them.

    `warm_up`: a size at which everything is called once beforehand and not measured. `inspect`: what to guess from
    where there is nothing to predict from yet. `time_compiling`: None where compiling is not to be taken apart.
    `unwaited`: the strategies whose calls are timed once more without waiting. `labels`: what strategies are called in
    sentences, where that is not their name.
    """

    sweep: Sweep
    case: Callable[[int], Case]
    warm_up: int | None = None
    inspect: Callable[..., Inspection] = lambda function, args: Inspection()
    time_compiling: Callable[..., Program | None] | None = None
    unwaited: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

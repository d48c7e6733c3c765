"""What a sweep is to do, and when it has to stop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax

from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.measuring import unwaited
from vmapdemo.timing.measuring.stages import Stages, time_stages
from vmapdemo.timing.results.sweep import Sweep, Vary
from vmapdemo.timing.summary import conditions
from vmapdemo.timing.sweeping import cases
from vmapdemo.timing.sweeping.cases import Case
from vmapdemo.timing.sweeping.forecast import guess_compile_s, guess_first_call_s

BUDGET_S = 20.0
Guess = Callable[[Callable[..., Any], tuple[Any, ...]], float]


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """When to stop: `budget_s` for everything, `size_s` for timing at one size, `cell_s` for one strategy at one."""

    budget_s: float = BUDGET_S
    size_s: float = 0.8
    cell_s: float = 1.5


def no_guess(function: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """Of a function that is known to be quick."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """What to sweep: a `sweep` without points yet, whose sizes stand in the order in which to visit them.

    `warm_up`: a size at which everything is called once beforehand and not measured. The two guesses are for what
    there is nothing to predict from yet. `time_stages`: None where compiling is not to be taken apart. `unwaited`:
    the strategies whose calls are timed once more without waiting.
    """

    sweep: Sweep
    case: Callable[[int], Case]
    warm_up: int | None = None
    guess_first_call_s: Guess = no_guess
    guess_compile_s: Guess = no_guess
    time_stages: Callable[..., Stages | None] | None = None
    unwaited: Sequence[str] = ()


def task_of(scenario: Scenario, vary: Vary, budget_s: float, *, shows_lie: bool = False) -> Task:
    """The task for a scenario that vmap accepts. InputError, one sentence, where there is nothing to vary.

    Compiling is taken apart where the length varies: what is compiled does not depend on the batch size.
    """
    here = conditions(jax.devices()[0], cases.labels(scenario, vary), 0, 0.0, budget_s)
    return Task(
        Sweep(vary, scenario.entry.strategies, cases.sizes(scenario, vary), here),
        partial(cases.case, scenario, vary),
        cases.WARM_UP[vary],
        guess_first_call_s,
        guess_compile_s,
        time_stages if vary == "length" else None,
        unwaited.NAMES if shows_lie else (),
    )

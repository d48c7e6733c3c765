"""How a sweep is measured: size by size, within a budget, and without the cells that would take too long.

At each size every strategy is called once (the cold call), its result held against the others', and then those that
are quick enough are timed in turns, as in a comparison. What a cell costs is predicted from the sizes so far: one that
would take longer than `SweepPlan.cell_s`, or than what is left of the budget, is skipped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.measuring.blocks import Blocks, Candidate
from vmapdemo.timing.measuring.cold import FirstCall, call_first
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure
from vmapdemo.timing.measuring.stages import Stages
from vmapdemo.timing.measuring.unwaited import time_unwaited
from vmapdemo.timing.measuring.waiting import wait_for
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.results.records import Rejected, Timing
from vmapdemo.timing.results.sweep import VARIED, Found, Part, Point, Skipped, Sweep
from vmapdemo.timing.summary import summarise
from vmapdemo.timing.sweeping.cases import Case
from vmapdemo.timing.sweeping.forecast import predicted
from vmapdemo.timing.sweeping.task import SweepPlan, Task

# A cell calls its strategy at least so often after the first call: to fill caches, to count the loops of a block,
# and to measure one after a call that is not timed.
_CALLS = 4
# Less time than this is not enough for a size.
_LEAST_S = 1.0

Cost = Literal["first", "call", "stages"]


def run_sweep(
    task: Task,
    plan: SweepPlan,
    instruments: Instruments,
    emit: Callable[[Part], None],
    report: Callable[[Progress], None] = lambda progress: None,
) -> Sweep:
    """Measure the task size by size; each part goes to `emit` once it is known. What either raises ends the sweep."""
    run = _Run(task, plan, instruments, emit, report, instruments.clock(), task.sweep)
    run.warm_up()
    for position, size in enumerate(task.sweep.sizes):
        if run.left_s < _LEAST_S:
            break
        run.visit(position, size)
    return replace(run.sweep, complete=True)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What the calls before the measurement showed: the first one, and the seconds of a second, warm one."""

    function: Callable[..., Any]
    first: FirstCall
    wait: Callable[[Any], Any]
    call_s: float


@dataclass(slots=True)
class _Run:
    """A sweep that is going on. `known`: what each part of a strategy cost so far, by size."""

    task: Task
    plan: SweepPlan
    instruments: Instruments
    emit: Callable[[Part], None]
    report: Callable[[Progress], None]
    started_s: float
    sweep: Sweep
    rounds: int = 0
    known: dict[tuple[str, Cost], dict[int, float]] = field(default_factory=dict)

    @property
    def spent_s(self) -> float:
        return self.instruments.clock() - self.started_s

    @property
    def left_s(self) -> float:
        return self.plan.budget_s - self.spent_s

    def warm_up(self) -> None:
        """Call everything once at a size of no interest, except what would take long."""
        if self.task.warm_up is None:
            return
        self.report(Progress("cold", None, 0.0, "First calls of all, which are not measured"))
        case = self.task.case(self.task.warm_up)
        for function in case.strategies.values():
            if self.task.guess_first_call_s(function, case.args) <= min(self.plan.cell_s / 2, self.left_s):
                call_first(function, case.args, self.instruments.clock)

    def visit(self, position: int, size: int) -> None:
        """Everything at one size."""
        self._tell("cold", position, size, "first calls")
        case = self.task.case(size)
        ran = self._without_wrong(size, dict(self._call_all(size, case)))
        self._tell("measure", position, size, "measuring")
        for group in _groups(case, ran, self.plan.size_s):
            for blocks in self._measure(group):
                timing = self._timing(blocks, ran.get(blocks.name), case.args)
                self._learn(timing.name, "call", size, timing.best_s)
                self._add(Point(size, timing))
        if self.task.time_stages is not None:
            self._tell("cold", position, size, "compiling")
            for name, function in case.strategies.items():
                self._take_compiling_apart(size, name, function, case.args, self.task.time_stages)

    def _call_all(self, size: int, case: Case) -> Iterator[tuple[str, _Ran]]:
        for name, function in case.strategies.items():
            if not self._is_rejected(name) and self._is_affordable(size, name, function, case.args):
                ran = self._call(size, name, function, case.args)
                if ran.first.error is None:
                    yield name, ran
                else:
                    self._reject(size, name, "raised", _error_text(ran.first.error))

    def _call(self, size: int, name: str, function: Callable[..., Any], args: tuple[Any, ...]) -> _Ran:
        clock = self.instruments.clock
        started = clock()
        first = call_first(function, args, clock)
        after_first = clock()
        wait = wait_for(first.result)
        if first.error is not None:
            return _Ran(function, first, wait, 0.0)
        wait(function(*args))
        call_s = clock() - after_first
        self._learn(name, "first", size, after_first - started)
        self._learn(name, "call", size, call_s)
        return _Ran(function, first, wait, call_s)

    def _is_affordable(self, size: int, name: str, function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        first_s, call_s = self._predicted(name, "first", size), self._predicted(name, "call", size)
        first_cost_s = self.task.guess_first_call_s(function, args) if first_s is None else first_s
        cost_s = first_cost_s + _CALLS * (call_s or 0.0)
        if cost_s <= min(self.plan.cell_s, self.left_s):
            return True
        self._add(Skipped(name, size, "run", cost_s))
        return False

    def _without_wrong(self, size: int, ran: Mapping[str, _Ran]) -> Mapping[str, _Ran]:
        """Those whose results agree with that of the first strategy that ran."""
        reference = next(iter(ran), "")
        sentences = {
            name: disagreement(one.first.result, ran[reference].first.result, reference)
            for name, one in ran.items()
            if name != reference
        }
        for name, sentence in sentences.items():
            if sentence is not None:
                self._reject(size, name, "wrong", sentence)
        return {name: one for name, one in ran.items() if sentences.get(name) is None}

    def _measure(self, group: Sequence[Candidate]) -> tuple[Blocks, ...]:
        budget_s = min(self.plan.size_s, self.left_s)
        if not group or budget_s <= 0:
            return ()
        found = measure(group, Plan(budget_s), self.instruments, lambda rounds, spent_s: None)
        self.rounds += found.rounds
        return found.blocks

    def _timing(self, blocks: Blocks, ran: _Ran | None, args: tuple[Any, ...]) -> Timing:
        if ran is None:
            return summarise(blocks)
        shows_lie = blocks.name in self.task.unwaited
        return summarise(
            blocks,
            first_call_s=ran.first.first_call_s,
            programs=ran.first.programs,
            unwaited_s=time_unwaited(ran.function, args, self.instruments.clock) if shows_lie else None,
        )

    def _take_compiling_apart(
        self,
        size: int,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        time_stages: Callable[..., Stages | None],
    ) -> None:
        if self._is_rejected(name):
            return
        cost_s = self._predicted(name, "stages", size)
        cost_s = self.task.guess_compile_s(function, args) if cost_s is None else cost_s
        if cost_s > min(self.plan.cell_s, self.left_s):
            self._add(Skipped(name, size, "compile", cost_s))
            return
        stages = time_stages(name, size, function, args, self.instruments.clock)
        if stages is not None:
            self._learn(name, "stages", size, stages.total_s)
            self._add(stages)

    def _is_rejected(self, name: str) -> bool:
        return any(one.name == name for one in self.sweep.rejected)

    def _reject(self, size: int, name: str, reason: Literal["wrong", "raised"], sentence: str) -> None:
        place = f"At {VARIED[self.sweep.vary]} {size:,}"
        self._add(Rejected(name, reason, f"{place}: {sentence}"))

    def _learn(self, name: str, cost: Cost, size: int, seconds: float) -> None:
        self.known.setdefault((name, cost), {})[size] = seconds

    def _predicted(self, name: str, cost: Cost, size: int) -> float | None:
        return predicted(self.known.get((name, cost), {}), size)

    def _add(self, found: Found) -> None:
        part = Part(found, self.rounds, self.spent_s)
        self.sweep = self.sweep.plus(part)
        self.emit(part)

    def _tell(self, phase: Literal["cold", "measure"], position: int, size: int, what: str) -> None:
        count, spent_s = len(self.sweep.sizes), self.spent_s
        expected_s = spent_s / position * (count - position) if position else self.left_s
        left = f"about {max(1, round(min(expected_s, self.left_s)))} s left"
        fraction = min(1.0, max(position / count, spent_s / self.plan.budget_s))
        text = f"{VARIED[self.sweep.vary].capitalize()} {size:,}: {what}; {left}"
        self.report(Progress(phase, None, fraction, text))


def _groups(case: Case, ran: Mapping[str, _Ran], size_s: float) -> Iterator[list[Candidate]]:
    """First those that can be timed in turns, eight rounds within `size_s`, with the limits; then each slower alone."""
    least_rounds, block_s = Plan().least_rounds, Plan().block_s
    together, round_s = list(case.limits), 2 * block_s * len(case.limits)
    alone: list[Candidate] = []
    for name, one in sorted(ran.items(), key=lambda pair: pair[1].call_s):
        candidate = Candidate(name, one.function, case.args, one.wait)
        round_s += one.call_s + max(one.call_s, 2 * block_s)
        if least_rounds * round_s <= size_s:
            together.append(candidate)
        else:
            alone.append(candidate)
    yield together
    for candidate in alone:
        yield [candidate]


def _error_text(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"

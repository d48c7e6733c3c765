"""How a sweep is measured: size by size, within a budget, and without the cells that would take too long.

At each size every strategy is called once (the cold call), its result held against the others', and then those that
are quick enough are timed in turns, as in a comparison. What a cell costs is predicted from the sizes so far: one that
would take longer than `SweepPlan.cell_s`, or than what is left of the budget, is skipped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.measuring.blocks import Blocks, Candidate, wait_for
from vmapdemo.timing.measuring.cold import FirstCall, call_first
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure
from vmapdemo.timing.measuring.unwaited import time_unwaited
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.results.ranges import printable
from vmapdemo.timing.results.records import Rejected, Timing
from vmapdemo.timing.results.sweep import VARIED, Found, Part, Point, Skipped, SkippedPart, Stages, Sweep
from vmapdemo.timing.sweeping.forecast import predicted
from vmapdemo.timing.sweeping.task import Case, SweepPlan, Task

# A cell calls its strategy at least so often after the first call: to fill caches, to count the loops of a block,
# and to measure one after a call that is not timed.
_CALLS = 4
# Less time than this is not enough for a size.
_LEAST_S = 1.0

Cost = Literal["first", "call", "compile"]


def run_sweep(
    task: Task,
    plan: SweepPlan,
    instruments: Instruments,
    emit: Callable[[Part], None],
    report: Callable[[Progress], None] = lambda progress: None,
) -> Sweep:
    """Measure the task size by size; each part goes to `emit` once it is known. What either raises ends the sweep."""
    ledger = _Ledger(task.sweep, plan, instruments.clock, emit, instruments.clock())
    runner = _Runner(task, plan, instruments, report, ledger)
    runner.warm_up()
    for position, size in enumerate(task.sweep.sizes):
        if ledger.left_s < _LEAST_S:
            break
        runner.visit(position, size)
    return replace(ledger.sweep, complete=True)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What the calls before the measurement showed: the first one, and the seconds of a second, warm one."""

    function: Callable[..., Any]
    first: FirstCall
    wait: Callable[[Any], Any]
    call_s: float


@dataclass(slots=True)
class _Ledger:
    """What has been found and spent so far, and what each part of a strategy cost, by size."""

    sweep: Sweep
    plan: SweepPlan
    clock: Callable[[], float]
    emit: Callable[[Part], None]
    started_s: float
    rounds: int = 0
    known: dict[tuple[str, Cost], dict[int, float]] = field(default_factory=dict)

    @property
    def spent_s(self) -> float:
        return self.clock() - self.started_s

    @property
    def left_s(self) -> float:
        return self.plan.budget_s - self.spent_s

    def add(self, found: Found) -> None:
        part = Part(found, self.rounds, self.spent_s)
        self.sweep = self.sweep.plus(part)
        self.emit(part)

    def learn(self, name: str, cost: Cost, size: int, seconds: float) -> None:
        self.known.setdefault((name, cost), {})[size] = seconds

    def predicted_s(self, name: str, cost: Cost, size: int) -> float | None:
        return predicted(self.known.get((name, cost), {}), size)

    def affords(self, name: str, size: int, part: SkippedPart, cost_s: float) -> bool:
        """Whether there is time for it; else it is written down as left out."""
        if cost_s <= min(self.plan.cell_s, self.left_s):
            return True
        self.add(Skipped(name, size, part, cost_s))
        return False

    def is_rejected(self, name: str) -> bool:
        return any(one.name == name for one in self.sweep.rejected)

    def reject(self, name: str, size: int, reason: Literal["wrong", "raised"], sentence: str) -> None:
        self.add(Rejected(name, reason, printable(f"At {VARIED[self.sweep.vary]} {size:,}: {sentence}")))


@dataclass(frozen=True, slots=True)
class _Runner:
    """Does what the task says, and writes into the ledger."""

    task: Task
    plan: SweepPlan
    instruments: Instruments
    report: Callable[[Progress], None]
    ledger: _Ledger

    def warm_up(self) -> None:
        """Call everything once at a size of no interest, except what would take long."""
        if self.task.warm_up is None:
            return
        self.report(Progress("cold", None, 0.0, "First calls of all, which are not measured"))
        case = self.task.case(self.task.warm_up)
        for function in case.strategies.values():
            guess_s = self.task.inspect(function, case.args).first_call_guess_s
            if guess_s <= min(self.plan.cell_s / 2, self.ledger.left_s):
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
                self.ledger.learn(timing.name, "call", size, timing.best_s)
                self.ledger.add(Point(size, timing))
        if self.task.time_compiling is not None:
            self._tell("cold", position, size, "compiling")
            for name, function in case.strategies.items():
                self._compile(name, size, function, case.args)

    def _call_all(self, size: int, case: Case) -> Iterator[tuple[str, _Ran]]:
        for name, function in case.strategies.items():
            if self.ledger.is_rejected(name):
                continue
            if not self.ledger.affords(name, size, "run", self._cost_s(name, size, function, case.args)):
                continue
            ran = self._call(name, size, function, case.args)
            if ran.first.error is None:
                yield name, ran
            else:
                self.ledger.reject(name, size, "raised", _error_text(ran.first.error))

    def _cost_s(self, name: str, size: int, function: Callable[..., Any], args: tuple[Any, ...]) -> float:
        """What the strategy will cost at the size, by what it cost before, or by what it consists of."""
        first_s, call_s = (self.ledger.predicted_s(name, cost, size) for cost in ("first", "call"))
        if first_s is None:
            first_s = self.task.inspect(function, args).first_call_guess_s
        return first_s + _CALLS * (call_s or 0.0)

    def _call(self, name: str, size: int, function: Callable[..., Any], args: tuple[Any, ...]) -> _Ran:
        clock = self.instruments.clock
        started = clock()
        first = call_first(function, args, clock)
        after_first = clock()
        wait = wait_for(first.result)
        if first.error is not None:
            return _Ran(function, first, wait, 0.0)
        wait(function(*args))
        call_s = clock() - after_first
        self.ledger.learn(name, "first", size, after_first - started)
        self.ledger.learn(name, "call", size, call_s)
        return _Ran(function, first, wait, call_s)

    def _without_wrong(self, size: int, ran: Mapping[str, _Ran]) -> Mapping[str, _Ran]:
        """Those whose results agree with that of the first strategy that ran."""
        reference = next(iter(ran), "")
        label = self.task.labels.get(reference, reference)
        sentences = {
            name: disagreement(one.first.result, ran[reference].first.result, label)
            for name, one in ran.items()
            if name != reference
        }
        for name, sentence in sentences.items():
            if sentence is not None:
                self.ledger.reject(name, size, "wrong", sentence)
        return {name: one for name, one in ran.items() if sentences.get(name) is None}

    def _measure(self, group: Sequence[Candidate]) -> tuple[Blocks, ...]:
        budget_s = min(self.plan.size_s, self.ledger.left_s)
        if not group or budget_s <= 0:
            return ()
        found = measure(group, Plan(budget_s), self.instruments, lambda rounds, spent_s: None)
        self.ledger.rounds += found.rounds
        return found.blocks

    def _timing(self, blocks: Blocks, ran: _Ran | None, args: tuple[Any, ...]) -> Timing:
        if ran is None:
            return Timing.of(blocks)
        shows_lie = blocks.name in self.task.unwaited
        return Timing.of(
            blocks,
            first_call_s=ran.first.first_call_s,
            programs=ran.first.programs,
            unwaited_s=time_unwaited(ran.function, args, self.instruments.clock) if shows_lie else None,
        )

    def _compile(self, name: str, size: int, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Compile the strategy as a whole, and time the steps."""
        if self.task.time_compiling is None or self.ledger.is_rejected(name):
            return
        cost_s = self.ledger.predicted_s(name, "compile", size)
        if cost_s is None:
            cost_s = self.task.inspect(function, args).compile_guess_s
        if not self.ledger.affords(name, size, "compile", cost_s):
            return
        program = self.task.time_compiling(function, args, self.instruments.clock)
        if program is not None:
            self.ledger.learn(name, "compile", size, program.total_s)
            self.ledger.add(Stages(name, size, program.trace_s, program.lower_s, program.compile_s))

    def _tell(self, phase: Literal["cold", "measure"], position: int, size: int, what: str) -> None:
        count, spent_s = len(self.task.sweep.sizes), self.ledger.spent_s
        expected_s = spent_s / position * (count - position) if position else self.ledger.left_s
        left = f"about {max(1, round(min(expected_s, self.ledger.left_s)))} s left"
        fraction = min(1.0, max(position / count, spent_s / self.plan.budget_s))
        text = f"{VARIED[self.task.sweep.vary].capitalize()} {size:,}: {what}; {left}"
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

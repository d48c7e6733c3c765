"""How to measure: interleaved blocks in shuffled rounds, of which the lowest counts.

Other programs on the machine only ever add time, so the minimum of many short blocks is what a strategy costs, and
strategies measured in turns meet the same disturbances. A mean of consecutive runs, as %timeit prints, does not have
these properties: beside two busy processes it is 20 to 40 % off, the minimum of interleaved blocks within 10 %.

A call longer than a turn on the processor hardly ever has a block to itself on a busy machine, and blocks that are all
disturbed alike agree on a figure twice too high. So a block counts for confirming only if its thread did not have to
wait for a processor.

Clock, sleep, shuffling and what is known of waiting are given by the caller, so tests do not depend on the machine.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from vmapdemo.timing.measuring.blocks import LOWEST, MOST_LOOPS, Blocks, Candidate, Timer, loops_from, loops_per_block
from vmapdemo.timing.measuring.processor import watched

# With so many calls in a block, another one before it hardly makes a difference.
_SHORT_CALLS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """When to stop: after `budget_s` seconds at the latest.

    Earlier, at one of the `checkpoints`, if three undisturbed blocks of every candidate are within `agreement` of its
    lowest and there are `least_rounds` blocks: the result is then confirmed. It is not looked at after each round,
    because a few equally disturbed blocks would sooner or later agree by chance.
    """

    budget_s: float = 4.0
    block_s: float = 0.002
    rest_s: float = 0.001
    agreement: float = 0.05
    least_rounds: int = 8
    least_s: float = 0.4

    @property
    def checkpoints(self) -> tuple[float, ...]:
        """Seconds after which to look, rising, the budget last."""
        early = (step for step in (self.least_s, 5 * self.least_s) if step < self.budget_s)
        return (*early, self.budget_s)


@dataclass(frozen=True, slots=True)
class Instruments:
    """The clock (seconds), the sleep and the shuffling that a measurement uses.

    `watched` surrounds it, and gives the seconds for which this thread has waited for a processor so far.
    """

    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)
    watched: Callable[[], AbstractContextManager[Callable[[], float]]] = watched


@dataclass(frozen=True, slots=True)
class Measurement:
    """All candidates' blocks, how many rounds there were, and the seconds that they took."""

    blocks: tuple[Blocks, ...]
    rounds: int
    spent_s: float


OnRound = Callable[[int, float], None]


def measure(candidates: Sequence[Candidate], plan: Plan, instruments: Instruments, on_round: OnRound) -> Measurement:
    """Time the candidates in turns until they are confirmed or the budget is spent.

    `on_round(rounds, spent_s)` is called after each round; what it raises ends the measurement. At least one round is
    measured, however long it takes. A confirmed measurement has `plan.least_rounds` rounds in `plan.least_s` seconds.
    """
    checkpoints, rounds = list(plan.checkpoints), 0
    with instruments.watched() as waited_s:
        timer = Timer(instruments.clock, waited_s)
        series = [_Series(candidate, loops_per_block(candidate, plan.block_s, timer)) for candidate in candidates]
        started = instruments.clock()
        while checkpoints:
            _measure_round(series, plan, instruments, timer)
            rounds, spent_s = rounds + 1, instruments.clock() - started
            on_round(rounds, spent_s)
            if spent_s >= checkpoints[0] and all(one.is_confirmed(spent_s, plan) for one in series):
                break
            checkpoints = _still_ahead(checkpoints, rounds, spent_s, plan)
    return Measurement(tuple(one.blocks(confirmed=one.is_confirmed(spent_s, plan)) for one in series), rounds, spent_s)


@dataclass(slots=True)
class _Series:
    """A candidate's blocks while they are being measured."""

    candidate: Candidate
    loops: int
    seconds: list[float] = field(default_factory=list)
    disturbed: set[int] = field(default_factory=set)

    def prepare_block(self, plan: Plan, instruments: Instruments, timer: Timer) -> None:
        """A pause, so that the scheduler serves others now rather than in the block, and a call that fills the caches.

        A long call comes first: after the pause, it would use up the turn that the block needs.
        """
        is_long = self.loops < _SHORT_CALLS
        if is_long:
            timer.block_s(self.candidate, 1)
        instruments.sleep(plan.rest_s)
        if not is_long:
            timer.block_s(self.candidate, 1)

    def measure_block(self, plan: Plan, timer: Timer) -> None:
        """Add a block. One that is too short shows that the calls were counted on a busy machine: start over."""
        while (block_s := timer.block_s(self.candidate, self.loops)) < plan.block_s and self.loops < MOST_LOOPS:
            self.loops = loops_from(self.loops, block_s, plan.block_s)
            self.seconds.clear()
            self.disturbed.clear()
        if timer.was_disturbed:
            self.disturbed.add(len(self.seconds))
        self.seconds.append(block_s / self.loops)

    def is_confirmed(self, spent_s: float, plan: Plan) -> bool:
        found = self.blocks()
        enough = found.undisturbed >= LOWEST and len(found.seconds) >= plan.least_rounds and spent_s >= plan.least_s
        return enough and found.spread <= plan.agreement

    def blocks(self, *, confirmed: bool = False) -> Blocks:
        return Blocks(self.candidate.name, self.loops, tuple(self.seconds), confirmed, frozenset(self.disturbed))


def _measure_round(series: Sequence[_Series], plan: Plan, instruments: Instruments, timer: Timer) -> None:
    with _no_garbage_collection():
        for one in instruments.rng.sample(series, len(series)):
            one.prepare_block(plan, instruments, timer)
            one.measure_block(plan, timer)


def _still_ahead(checkpoints: list[float], rounds: int, spent_s: float, plan: Plan) -> list[float]:
    if rounds < plan.least_rounds and spent_s < plan.budget_s:
        return checkpoints
    return [checkpoint for checkpoint in checkpoints if checkpoint > spent_s]


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

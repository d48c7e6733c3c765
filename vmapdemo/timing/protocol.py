"""How to measure: interleaved blocks in shuffled rounds, of which the lowest counts.

Other programs on the machine only ever add time, so the minimum of many short blocks is what a strategy costs, and
strategies measured in turns meet the same disturbances. A mean of consecutive runs, as %timeit prints, does not have
these properties: beside two busy processes it is 20 to 40 % off, the minimum of interleaved blocks within 10 %.

A call longer than a turn on the processor hardly ever has a block to itself on a busy machine, and blocks that are all
disturbed alike agree on a figure twice too high. So a block counts for confirming only if the process had not to wait
for a processor in it.

Clock, sleep, shuffling and what is known of waiting are given by the caller, so tests do not depend on the machine.
"""

import gc
import math
import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from vmapdemo.timing.processor import watched

LOWEST = 3
"""So many of the lowest blocks have to agree."""

_MOST_LOOPS = 2**20
# A block this many times longer than needed is not a short one met by a disturbance: no need to repeat it.
_CERTAINLY_LONG = 50
# So often is a block tried in search of three that are not disturbed, when calls are counted.
_TRIES = 12
# Calls measured on a busy machine look longer than the best of them will be.
_MARGIN = 1.5
# With so many calls in a block, another one before it hardly makes a difference.
_SHORT_CALLS = 20
# Waiting for a processor for less than this share of a block does not matter.
_DISTURBED = 0.02


def no_wait(result: object) -> object:
    """The `wait` of a function that has finished when it returns."""
    return result


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function to time as `wait(function(*args))`."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    wait: Callable[[Any], Any] = no_wait


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

    `watched` surrounds it, and gives the seconds for which this process has waited for a processor so far.
    """

    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)
    watched: Callable[[], AbstractContextManager[Callable[[], float]]] = watched


@dataclass(frozen=True, slots=True)
class Blocks:
    """One candidate's blocks, in the order measured: seconds of one call, each the mean over `loops` calls.

    `disturbed`: the positions of those during which the process had to wait for a processor.
    """

    name: str
    loops: int
    seconds: tuple[float, ...]
    confirmed: bool
    disturbed: frozenset[int] = frozenset()

    @property
    def undisturbed(self) -> int:
        """How many blocks had a processor all the time."""
        return len(self.seconds) - len(self.disturbed)

    @property
    def spread(self) -> float:
        """How far the third lowest undisturbed block (the highest of fewer) lies above the lowest: 0.05 is 5 %."""
        return _spread(self.seconds, self.disturbed)


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
        series = [_Series(candidate, loops_per_block(candidate, plan, timer)) for candidate in candidates]
        started = instruments.clock()
        while checkpoints:
            _measure_round(series, plan, instruments, timer)
            rounds, spent_s = rounds + 1, instruments.clock() - started
            on_round(rounds, spent_s)
            if spent_s >= checkpoints[0] and all(one.is_confirmed(spent_s, plan) for one in series):
                break
            checkpoints = _still_ahead(checkpoints, rounds, spent_s, plan)
    return Measurement(tuple(one.blocks(spent_s, plan) for one in series), rounds, spent_s)


@dataclass(slots=True)
class Timer:
    """Times blocks by `clock`, both in seconds, and knows by `waited_s` whether the last one was disturbed."""

    clock: Callable[[], float]
    waited_s: Callable[[], float]
    was_disturbed: bool = False

    def block_s(self, candidate: Candidate, loops: int) -> float:
        """The seconds that so many calls take together."""
        function, args, wait, clock = candidate.function, candidate.args, candidate.wait, self.clock
        waited_before_s = self.waited_s()
        started = clock()
        for _ in repeat(None, loops):
            wait(function(*args))
        block_s = clock() - started
        self.was_disturbed = self.waited_s() - waited_before_s > _DISTURBED * block_s
        return block_s


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
        while (block_s := timer.block_s(self.candidate, self.loops)) < plan.block_s and self.loops < _MOST_LOOPS:
            self.loops = _loops_from(self.loops, block_s, plan)
            self.seconds.clear()
            self.disturbed.clear()
        if timer.was_disturbed:
            self.disturbed.add(len(self.seconds))
        self.seconds.append(block_s / self.loops)

    def is_confirmed(self, spent_s: float, plan: Plan) -> bool:
        enough = len(self.seconds) - len(self.disturbed) >= LOWEST and len(self.seconds) >= plan.least_rounds
        return enough and spent_s >= plan.least_s and _spread(self.seconds, self.disturbed) <= plan.agreement

    def blocks(self, spent_s: float, plan: Plan) -> Blocks:
        confirmed = self.is_confirmed(spent_s, plan)
        return Blocks(self.candidate.name, self.loops, tuple(self.seconds), confirmed, frozenset(self.disturbed))


def loops_per_block(candidate: Candidate, plan: Plan, timer: Timer) -> int:
    """How many calls make a block of at least `plan.block_s`, with a margin for a machine that is busy just now."""
    loops, block_s = 1, _shortest_block_s(candidate, 1, plan, timer)
    while loops < _MOST_LOOPS and block_s < plan.block_s:
        loops *= 2
        block_s = _shortest_block_s(candidate, loops, plan, timer)
    return _loops_from(loops, block_s, plan)


def _loops_from(loops: int, block_s: float, plan: Plan) -> int:
    wanted = _MARGIN * plan.block_s * loops / block_s if block_s > 0 else _MOST_LOOPS
    return min(_MOST_LOOPS, max(1, math.ceil(wanted)))


def _shortest_block_s(candidate: Candidate, loops: int, plan: Plan, timer: Timer) -> float:
    # One disturbed block would make a fast function look slow, and its blocks too short from then on.
    shortest, undisturbed = math.inf, 0
    for _ in range(_TRIES):
        shortest = min(shortest, timer.block_s(candidate, loops))
        undisturbed += not timer.was_disturbed
        if undisturbed == LOWEST or not plan.block_s <= shortest < _CERTAINLY_LONG * plan.block_s:
            break
    return shortest


def _measure_round(series: Sequence[_Series], plan: Plan, instruments: Instruments, timer: Timer) -> None:
    with _no_garbage_collection():
        for one in instruments.rng.sample(series, len(series)):
            one.prepare_block(plan, instruments, timer)
            one.measure_block(plan, timer)


def _still_ahead(checkpoints: list[float], rounds: int, spent_s: float, plan: Plan) -> list[float]:
    if rounds < plan.least_rounds and spent_s < plan.budget_s:
        return checkpoints
    return [checkpoint for checkpoint in checkpoints if checkpoint > spent_s]


def _spread(seconds: Sequence[float], disturbed: Collection[int]) -> float:
    """Where fewer than three are undisturbed, the lowest disturbed ones stand in."""
    ordered = sorted((position in disturbed, second) for position, second in enumerate(seconds))
    lowest, third = min(seconds), max(second for _, second in ordered[:LOWEST])
    return third / lowest - 1 if lowest > 0 else 0.0


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

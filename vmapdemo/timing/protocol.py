"""How to measure: interleaved blocks in shuffled rounds, of which the lowest counts.

Other programs on the machine only ever add time, so the minimum of many short blocks is what a strategy costs, and
strategies measured in turns meet the same disturbances. A mean of consecutive runs, as %timeit prints, does not have
these properties: beside two busy processes it is 20 to 40 % off, the minimum of interleaved blocks within 10 %.

Clock, sleep and shuffling are given by the caller, so tests do not depend on the machine's speed.
"""

import gc
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

_MOST_LOOPS = 2**20
# A block this many times longer than needed is not a short one met by a disturbance: no need to repeat it.
_CERTAINLY_LONG = 50
# Calls measured on a busy machine look longer than the best of them will be.
_MARGIN = 1.5


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

    Earlier, at one of the `checkpoints`, if every candidate's three lowest blocks agree within `agreement` and there
    are `least_rounds` of them: the result is then confirmed. It is not looked at after each round, because a few
    equally disturbed blocks would sooner or later agree by chance.
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
    """The clock (seconds), the sleep and the shuffling that a measurement uses."""

    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class Blocks:
    """One candidate's blocks, in the order measured: seconds of one call, each the mean over `loops` calls."""

    name: str
    loops: int
    seconds: tuple[float, ...]
    confirmed: bool

    @property
    def spread(self) -> float:
        """How far the third lowest block (or the highest of fewer) lies above the lowest: 0.05 is 5 %."""
        return _spread(self.seconds)


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
    series = [_Series(candidate, loops_per_block(candidate, plan, instruments.clock)) for candidate in candidates]
    checkpoints, rounds = list(plan.checkpoints), 0
    started = instruments.clock()
    while checkpoints:
        _measure_round(series, plan, instruments)
        rounds, spent_s = rounds + 1, instruments.clock() - started
        on_round(rounds, spent_s)
        if spent_s >= checkpoints[0] and all(one.is_confirmed(spent_s, plan) for one in series):
            break
        checkpoints = _still_ahead(checkpoints, rounds, spent_s, plan)
    return Measurement(tuple(one.blocks(spent_s, plan) for one in series), rounds, spent_s)


@dataclass(slots=True)
class _Series:
    """A candidate's blocks while they are being measured."""

    candidate: Candidate
    loops: int
    seconds: list[float] = field(default_factory=list)

    def measure_block(self, plan: Plan, clock: Callable[[], float]) -> None:
        """Add a block. One that is too short shows that the calls were counted on a busy machine: start over."""
        while (block_s := _block_s(self.candidate, self.loops, clock)) < plan.block_s and self.loops < _MOST_LOOPS:
            self.loops = _loops_from(self.loops, block_s, plan)
            self.seconds.clear()
        self.seconds.append(block_s / self.loops)

    def is_confirmed(self, spent_s: float, plan: Plan) -> bool:
        enough = len(self.seconds) >= plan.least_rounds and spent_s >= plan.least_s
        return enough and _spread(self.seconds) <= plan.agreement

    def blocks(self, spent_s: float, plan: Plan) -> Blocks:
        confirmed = self.is_confirmed(spent_s, plan)
        return Blocks(self.candidate.name, self.loops, tuple(self.seconds), confirmed)


def loops_per_block(candidate: Candidate, plan: Plan, clock: Callable[[], float]) -> int:
    """How many calls make a block of at least `plan.block_s`, with a margin for a machine that is busy just now."""
    loops, block_s = 1, _shortest_block_s(candidate, 1, plan, clock)
    while loops < _MOST_LOOPS and block_s < plan.block_s:
        loops *= 2
        block_s = _shortest_block_s(candidate, loops, plan, clock)
    return _loops_from(loops, block_s, plan)


def _loops_from(loops: int, block_s: float, plan: Plan) -> int:
    wanted = _MARGIN * plan.block_s * loops / block_s if block_s > 0 else _MOST_LOOPS
    return min(_MOST_LOOPS, max(1, math.ceil(wanted)))


def _shortest_block_s(candidate: Candidate, loops: int, plan: Plan, clock: Callable[[], float]) -> float:
    # One disturbed block would make a fast function look slow, and its blocks too short from then on.
    shortest = _block_s(candidate, loops, clock)
    for _ in range(2):
        if not plan.block_s <= shortest < _CERTAINLY_LONG * plan.block_s:
            break
        shortest = min(shortest, _block_s(candidate, loops, clock))
    return shortest


def _block_s(candidate: Candidate, loops: int, clock: Callable[[], float]) -> float:
    function, args, wait = candidate.function, candidate.args, candidate.wait
    started = clock()
    for _ in repeat(None, loops):
        wait(function(*args))
    return clock() - started


def _measure_round(series: Sequence[_Series], plan: Plan, instruments: Instruments) -> None:
    with _no_garbage_collection():
        for one in instruments.rng.sample(series, len(series)):
            # The pause lets the scheduler serve others now rather than inside the block; the untimed call fills caches.
            instruments.sleep(plan.rest_s)
            _block_s(one.candidate, 1, instruments.clock)
            one.measure_block(plan, instruments.clock)


def _still_ahead(checkpoints: list[float], rounds: int, spent_s: float, plan: Plan) -> list[float]:
    if rounds < plan.least_rounds and spent_s < plan.budget_s:
        return checkpoints
    return [checkpoint for checkpoint in checkpoints if checkpoint > spent_s]


def _spread(seconds: Sequence[float]) -> float:
    lowest = sorted(seconds)[:3]
    return lowest[-1] / lowest[0] - 1 if lowest[0] > 0 else 0.0


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

"""Blocks: so many calls in a row that a clock can time them, and what is known of what disturbed them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from operator import methodcaller
from typing import Any

import jax

LOWEST = 3
"""So many of the lowest blocks have to agree."""

MOST_LOOPS = 2**20
"""No block has more calls."""

# A block this many times longer than needed is not a short one met by a disturbance: no need to repeat it.
_CERTAINLY_LONG = 50
# So often is a block tried in search of three that are not disturbed, when calls are counted.
_TRIES = 12
# Calls measured on a busy machine look longer than the best of them will be.
_MARGIN = 1.5
# Waiting for a processor for less than this share of a block does not matter.
_DISTURBED = 0.02


def no_wait(result: object) -> object:
    """The `wait` of a function that has finished when it returns."""
    return result


def wait_for(result: Any) -> Callable[[Any], Any]:
    """How to wait for results like this one: a method where it is one array, as a function would add 1 µs a call."""
    if isinstance(result, jax.Array):
        return methodcaller("block_until_ready")
    return jax.block_until_ready if any(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(result)) else no_wait


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function to time as `wait(function(*args))`."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    wait: Callable[[Any], Any] = no_wait


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


@dataclass(frozen=True, slots=True)
class Blocks:
    """One candidate's blocks, in the order measured: seconds of one call, each the mean over `loops` calls.

    `disturbed`: the positions of those during which the thread had to wait for a processor.
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
        """How far the third lowest undisturbed block lies above the lowest of all: 0.05 is 5 %.

        Where fewer than three are undisturbed, the lowest disturbed ones stand in.
        """
        ordered = sorted((position in self.disturbed, seconds) for position, seconds in enumerate(self.seconds))
        lowest, third = min(self.seconds), max(seconds for _, seconds in ordered[:LOWEST])
        return third / lowest - 1 if lowest > 0 else 0.0


def loops_per_block(candidate: Candidate, least_s: float, timer: Timer) -> int:
    """How many calls make a block of at least `least_s`, with a margin for a machine that is busy just now."""
    loops, block_s = 1, _shortest_block_s(candidate, 1, least_s, timer)
    while loops < MOST_LOOPS and block_s < least_s:
        loops *= 2
        block_s = _shortest_block_s(candidate, loops, least_s, timer)
    return loops_from(loops, block_s, least_s)


def loops_from(loops: int, block_s: float, least_s: float) -> int:
    """The same, known from so many calls that took `block_s` together."""
    wanted = _MARGIN * least_s * loops / block_s if block_s > 0 else MOST_LOOPS
    return min(MOST_LOOPS, max(1, math.ceil(wanted)))


def _shortest_block_s(candidate: Candidate, loops: int, least_s: float, timer: Timer) -> float:
    # One disturbed block would make a fast function look slow, and its blocks too short from then on.
    shortest, undisturbed = math.inf, 0
    for _ in range(_TRIES):
        shortest = min(shortest, timer.block_s(candidate, loops))
        undisturbed += not timer.was_disturbed
        if undisturbed == LOWEST or not least_s <= shortest < _CERTAINLY_LONG * least_s:
            break
    return shortest

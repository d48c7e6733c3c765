"""Blocks, on a machine whose clock moves and whose processor is busy when a test says so."""

from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from vmapdemo.timing.measuring.blocks import Blocks, Candidate, Timer, loops_per_block


class Machine:
    """A function whose calls take one cost after the other, and wait for a processor as long as is said beside it."""

    def __init__(self, *costs_s: tuple[float, float], then_s: float) -> None:
        self.costs_s: Iterator[tuple[float, float]] = chain(costs_s, repeat((then_s, 0.0)))
        self.now_s = self.waited_s = 0.0

    def candidate(self) -> Candidate:
        def function() -> None:
            cost_s, waited_s = next(self.costs_s)
            self.now_s += cost_s
            self.waited_s += waited_s

        return Candidate("a", function)

    def timer(self) -> Timer:
        return Timer(lambda: self.now_s, lambda: self.waited_s)


def loops(machine: Machine) -> int:
    return loops_per_block(machine.candidate(), 2e-3, machine.timer())


def test_a_block_is_timed_and_known_to_be_disturbed() -> None:
    machine = Machine((1e-3, 0.0), (4e-3, 3e-3), then_s=1e-3)
    timer, candidate = machine.timer(), machine.candidate()
    seen = [(timer.block_s(candidate, 1), timer.was_disturbed) for _ in range(3)]
    assert seen == [(pytest.approx(1e-3), False), (pytest.approx(4e-3), True), (pytest.approx(1e-3), False)]


def test_waiting_hardly_at_all_is_no_disturbance() -> None:
    machine = Machine((1e-3, 1e-5), then_s=1e-3)
    timer = machine.timer()
    timer.block_s(machine.candidate(), 1)
    assert not timer.was_disturbed


@pytest.mark.parametrize("known_to_have_waited_s", [0.0, 4.9e-3])
def test_one_disturbed_call_does_not_shorten_the_blocks(known_to_have_waited_s: float) -> None:
    assert loops(Machine((5e-3, known_to_have_waited_s), then_s=1e-5)) * 1e-5 >= 2e-3


def test_calls_are_counted_by_blocks_that_had_a_processor() -> None:
    disturbed = [(5e-3, 4e-3)] * 6
    assert loops(Machine(*disturbed, then_s=1e-5)) * 1e-5 >= 2e-3


def test_counting_ends_where_every_block_is_disturbed() -> None:
    def always() -> Iterator[tuple[float, float]]:
        yield from repeat((5e-3, 4e-3))

    machine = Machine(then_s=0.0)
    machine.costs_s = always()
    assert loops(machine) == 1


def test_the_spread_is_that_of_the_third_lowest_block() -> None:
    assert Blocks("a", 1, (9.0, 1.0, 1.05, 1.02, 5.0), True).spread == pytest.approx(0.05)


def test_the_spread_is_that_of_the_third_lowest_undisturbed_block_where_there_is_one() -> None:
    seconds = (9.0, 1.0, 1.05, 1.02, 1.1)
    assert Blocks("a", 1, seconds, True, frozenset({3})).spread == pytest.approx(0.1)
    assert Blocks("a", 1, seconds, False, frozenset({0, 2, 4})).spread == pytest.approx(0.05)

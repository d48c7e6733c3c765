"""The protocol against known truths, on a machine of our own whose clock only moves when it is told to."""

import gc
import random
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Measurement, Plan, measure


class Machine:
    """A clock, a sleep, and functions that take as long as they are said to."""

    def __init__(self, seed: int = 0) -> None:
        self.now_s = 0.0
        self.waited_s = 0.0
        self.slept_s: list[float] = []
        self.rng = random.Random(seed)
        self.order: list[str] = []

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds

    def instruments(self) -> Instruments:
        return Instruments(self.clock, self.sleep, self.rng, lambda: nullcontext(lambda: self.waited_s))

    def candidate(self, name: str, cost_s: Callable[[], float]) -> Candidate:
        def function() -> None:
            if self.order[-1:] != [name]:
                self.order.append(name)
            self.now_s += cost_s()

        return Candidate(name, function)

    def measure(self, *candidates: Candidate, plan: Plan | None = None) -> Measurement:
        return measure(candidates, plan or Plan(), self.instruments(), lambda rounds, spent_s: None)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def best_s(measurement: Measurement, name: str) -> float:
    return min(next(blocks.seconds for blocks in measurement.blocks if blocks.name == name))


def test_a_strategy_against_itself_is_one(machine: Machine) -> None:
    noisy = lambda: 10e-6 * (1 + machine.rng.expovariate(4))  # noqa: E731
    found = machine.measure(machine.candidate("a", noisy), machine.candidate("again", noisy))
    assert best_s(found, "a") / best_s(found, "again") == pytest.approx(1, abs=0.1)


def test_a_strategy_called_twice_takes_twice_as_long(machine: Machine) -> None:
    once = lambda: 10e-6 * (1 + machine.rng.expovariate(4))  # noqa: E731
    found = machine.measure(machine.candidate("once", once), machine.candidate("twice", lambda: once() + once()))
    assert best_s(found, "twice") / best_s(found, "once") == pytest.approx(2, abs=0.2)


def test_spikes_do_not_move_the_minimum(machine: Machine) -> None:
    spiky = lambda: 3e-3 + (20e-3 if machine.rng.random() < 0.3 else 0)  # noqa: E731
    found = machine.measure(machine.candidate("spiky", spiky))
    assert best_s(found, "spiky") == pytest.approx(3e-3)
    assert found.blocks[0].confirmed


def test_quiet_strategies_are_confirmed_at_the_first_checkpoint(machine: Machine) -> None:
    found = machine.measure(machine.candidate("a", lambda: 1e-4), machine.candidate("b", lambda: 2e-4))
    assert all(blocks.confirmed for blocks in found.blocks)
    assert 0.4 <= found.spent_s < 0.5


def test_a_strategy_that_never_repeats_itself_stops_at_the_budget_unconfirmed(machine: Machine) -> None:
    growing = iter(range(1, 1_000_000))
    found = machine.measure(
        machine.candidate("restless", lambda: 1e-3 * 1.1 ** (next(growing) % 60)),
        machine.candidate("quiet", lambda: 3e-3),
        plan=Plan(budget_s=0.5, least_rounds=2),
    )
    restless, quiet = found.blocks
    assert not restless.confirmed
    assert restless.spread > 0.05
    assert quiet.spread == pytest.approx(0)
    assert found.spent_s >= 0.5


def test_agreement_is_looked_at_only_at_checkpoints(machine: Machine) -> None:
    # Calls cost 10, 11, 12, ... ms until 0.6 s have passed, then always 5 ms: confirmed at 2 s, not before.
    costs = iter(range(10, 10_000))
    settling = machine.candidate("settling", lambda: next(costs) * 1e-3 if machine.now_s < 0.6 else 5e-3)
    found = machine.measure(settling)
    assert found.blocks[0].confirmed
    assert 2.0 <= found.spent_s < 2.1


def test_blocks_that_agree_are_not_confirmed_where_all_of_them_had_to_wait(machine: Machine) -> None:
    def cost_s() -> float:
        machine.waited_s += 3e-3
        return 7e-3

    measured = machine.measure(machine.candidate("divided", cost_s))
    found = measured.blocks[0]
    assert found.spread == pytest.approx(0)
    assert found.undisturbed == 0
    assert not found.confirmed
    assert measured.spent_s >= 4


def test_the_few_blocks_that_had_a_processor_to_themselves_are_enough(machine: Machine) -> None:
    def cost_s() -> float:
        waits = machine.rng.random() < 0.8
        machine.waited_s += 3e-3 * waits
        return 4e-3 + 3e-3 * waits

    found = machine.measure(machine.candidate("divided", cost_s)).blocks[0]
    assert found.confirmed
    assert 3 <= found.undisturbed < len(found.seconds) / 2
    assert min(found.seconds) == pytest.approx(4e-3)


def test_a_block_that_waited_hardly_at_all_is_undisturbed(machine: Machine) -> None:
    def cost_s() -> float:
        machine.waited_s += 1e-5
        return 4e-3

    assert machine.measure(machine.candidate("a", cost_s)).blocks[0].confirmed


def test_what_is_known_of_waiting_is_of_the_blocks_that_count(machine: Machine) -> None:
    # Blocks are counted on a busy machine, found too short and counted anew: the old ones' waiting is forgotten too.
    def cost_s() -> float:
        is_busy = machine.now_s < 0.1
        machine.waited_s += 25e-6 * is_busy
        return 30e-6 if is_busy else 5e-6

    found = machine.measure(machine.candidate("a", cost_s)).blocks[0]
    assert found.undisturbed == len(found.seconds)
    assert found.confirmed


def test_fewer_than_eight_rounds_are_never_confirmed(machine: Machine) -> None:
    found = machine.measure(machine.candidate("slow", lambda: 0.5))
    assert len(found.blocks[0].seconds) < 8
    assert not found.blocks[0].confirmed
    assert 4.0 <= found.spent_s <= 5.1


def test_a_budget_below_the_least_time_confirms_nothing(machine: Machine) -> None:
    found = machine.measure(machine.candidate("a", lambda: 1e-4), plan=Plan(budget_s=0.1))
    assert not found.blocks[0].confirmed
    assert found.spent_s == pytest.approx(0.1, abs=0.01)


def test_one_round_is_measured_however_long_it_takes(machine: Machine) -> None:
    found = machine.measure(machine.candidate("endless", lambda: 100.0))
    assert found.blocks[0].seconds == (pytest.approx(100.0),)


@pytest.mark.parametrize("cost_s", [1e-7, 5e-6, 1.9e-3, 2.1e-3, 0.3])
def test_blocks_last_at_least_two_milliseconds(machine: Machine, cost_s: float) -> None:
    found = machine.measure(machine.candidate("a", lambda: cost_s)).blocks[0]
    assert found.loops * cost_s >= 2e-3
    assert found.loops * cost_s < max(5e-3, 1.5 * cost_s)


def test_blocks_counted_on_a_busy_machine_are_counted_anew_when_it_is_quiet(machine: Machine) -> None:
    found = machine.measure(machine.candidate("a", lambda: 30e-6 if machine.now_s < 0.1 else 5e-6)).blocks[0]
    assert found.loops * 5e-6 >= 2e-3
    assert found.seconds == pytest.approx([5e-6] * len(found.seconds))
    assert found.confirmed


def test_every_round_visits_all_in_an_order_of_its_own(machine: Machine) -> None:
    names = ("a", "b", "c", "d")
    found = machine.measure(*(machine.candidate(name, lambda: 3e-3) for name in names))
    assert {len(blocks.seconds) for blocks in found.blocks} == {len(found.blocks[0].seconds)}
    assert len({tuple(machine.order[i : i + 4]) for i in range(4, len(machine.order) - 3, 4)}) > 2


def calls_and_pauses(machine: Machine, cost_s: float) -> str:
    """What happens in a measurement of 0.5 s, in order: c for a call, p for a pause."""
    happened: list[str] = []

    def function() -> None:
        machine.now_s += cost_s
        happened.append("c")

    def sleep(seconds: float) -> None:
        machine.now_s += seconds
        happened.append("p")

    instruments = replace(machine.instruments(), sleep=sleep)
    found = measure([Candidate("a", function)], Plan(0.5), instruments, lambda rounds, spent_s: None)
    assert len(found.blocks[0].seconds) == happened.count("p")
    return "".join(happened)


def test_before_each_block_of_short_calls_there_is_a_pause_and_then_an_untimed_call(machine: Machine) -> None:
    assert re.fullmatch(r"c+(pcc{31})+", calls_and_pauses(machine, 0.99e-4))


def test_before_each_block_of_long_calls_there_is_an_untimed_call_and_then_a_pause(machine: Machine) -> None:
    assert re.fullmatch(r"c+?(cpc)+", calls_and_pauses(machine, 5e-3))


def test_garbage_collection_is_off_inside_blocks_and_on_again_afterwards(machine: Machine) -> None:
    seen = []
    machine.measure(machine.candidate("a", lambda: seen.append(gc.isenabled()) or 0.1))
    assert seen[-1] is False
    assert gc.isenabled()


def test_garbage_collection_is_on_again_after_an_error(machine: Machine) -> None:
    def fail() -> float:
        if machine.slept_s:
            raise RuntimeError("no")
        return 0.1

    with pytest.raises(RuntimeError):
        machine.measure(machine.candidate("a", fail))
    assert gc.isenabled()


def test_progress_is_told_after_each_round_and_can_end_the_measurement(machine: Machine) -> None:
    told: list[tuple[int, float]] = []

    def on_round(rounds: int, spent_s: float) -> None:
        told.append((rounds, spent_s))
        if rounds == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure([machine.candidate("a", lambda: 1e-2)], Plan(), machine.instruments(), on_round)
    assert [rounds for rounds, _ in told] == [1, 2, 3]
    assert told[0][1] < told[1][1] < told[2][1]


def test_the_result_is_waited_for(machine: Machine) -> None:
    def finish(seconds: float) -> None:
        machine.now_s += seconds

    found = machine.measure(Candidate("lazy", lambda: 0.02, (), finish))
    assert best_s(found, "lazy") == pytest.approx(0.02)

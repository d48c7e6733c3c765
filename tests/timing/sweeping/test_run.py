"""A sweep on a machine of our own, whose clock only moves when a strategy says so."""

import random
from collections.abc import Callable, Mapping
from functools import partial

import pytest

from tests.timing.made_up import CONDITIONS, alone
from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.cold import Program
from vmapdemo.timing.measuring.protocol import Instruments
from vmapdemo.timing.programs.inspection import Inspection
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.results.sweep import COPY, EMPTY, Part, Point, Skipped, Sweep
from vmapdemo.timing.sweeping.run import run_sweep
from vmapdemo.timing.sweeping.task import Case, SweepPlan, Task

Costs = Mapping[str, Callable[[int], float]]
SIZES = (1, 4, 16, 64, 256, 1024, 4096)


class Machine:
    """A clock, and strategies that take what their cost says; the first call at a size takes what `cold` says."""

    def __init__(self, costs: Costs, cold: Costs | None = None, results: Mapping[str, int] | None = None) -> None:
        self.now_s = 0.0
        self.costs = costs
        self.cold = cold or {}
        self.results = results or {}
        self.called: set[tuple[str, int]] = set()
        self.parts: list[Part] = []
        self.told: list[Progress] = []

    def call(self, name: str, size: int) -> int:
        is_cold = (name, size) not in self.called and name in self.cold
        self.called.add((name, size))
        self.now_s += (self.cold if is_cold else self.costs)[name](size)
        return self.results.get(name, 0)

    def case(self, size: int) -> Case:
        limits = (Candidate(COPY, self.limit(1e-6)), Candidate(EMPTY, self.limit(5e-6)))
        return Case({name: partial(self.call, name, size) for name in self.costs}, (), limits)

    def limit(self, cost_s: float) -> Callable[[], None]:
        def function() -> None:
            self.now_s += cost_s

        return function

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def sweep(self, *, budget_s: float = 20.0, sizes: tuple[int, ...] = SIZES, **task: object) -> Sweep:
        empty = Sweep("batch", tuple(self.costs), sizes, CONDITIONS)
        instruments = Instruments(lambda: self.now_s, self.sleep, random.Random(0), alone)
        return run_sweep(
            Task(empty, self.case, **task),  # type: ignore[arg-type]
            SweepPlan(budget_s),
            instruments,
            self.parts.append,
            self.told.append,
        )


def sizes_of(sweep: Sweep, name: str) -> list[int]:
    return [point.size for point in sweep.points_of(name)]


def test_every_strategy_and_both_limits_are_measured_at_every_size() -> None:
    found = Machine({"a": lambda n: 1e-5, "b": lambda n: 2e-5}).sweep()
    assert {name: sizes_of(found, name) for name in ("a", "b", COPY, EMPTY)} == {
        name: list(SIZES) for name in ("a", "b", COPY, EMPTY)
    }
    assert found.skipped == found.rejected == ()
    assert found.complete
    assert found.confirmed
    assert found.at("b", 64).best_s == pytest.approx(2e-5)  # type: ignore[union-attr]


def test_a_call_that_grows_is_left_out_where_a_cell_would_take_more_than_a_second_and_a_half() -> None:
    found = Machine({"loop": lambda n: 1e-3 * n, "jit": lambda n: 1e-5}).sweep()
    assert sizes_of(found, "loop") == [1, 4, 16, 64, 256]
    assert [(one.size, one.part) for one in found.skipped] == [(1024, "run"), (4096, "run")]
    assert found.skipped[0].cost_s == pytest.approx(1.024 * 5, rel=0.01)
    assert sizes_of(found, "jit") == list(SIZES)


def test_a_cold_call_that_grows_is_left_out_although_the_warm_one_is_quick() -> None:
    machine = Machine({"jit": lambda n: 1e-5}, cold={"jit": lambda n: 0.01 * n})
    found = machine.sweep()
    assert sizes_of(found, "jit") == [1, 4, 16, 64]
    assert [one.size for one in found.skipped] == [256, 1024, 4096]
    assert ("jit", 256) not in machine.called


@pytest.mark.parametrize("budget_s", [3.0, 20.0])
def test_the_budget_is_kept(budget_s: float) -> None:
    slow = {name: lambda n: 0.05 for name in "abcdefgh"}
    machine = Machine(slow, cold={name: lambda n: 0.4 for name in slow})
    found = machine.sweep(budget_s=budget_s)
    assert machine.now_s <= budget_s + 0.5
    assert found.complete
    assert found.conditions.spent_s <= budget_s + 0.5
    assert len({point.size for point in found.points}) < len(SIZES)


def test_what_costs_more_than_is_left_is_left_out() -> None:
    found = Machine({"a": lambda n: 1e-5}, cold={"a": lambda n: 1.3}).sweep(budget_s=2.9, sizes=(1, 4))
    assert sizes_of(found, "a") == [1]
    assert sizes_of(found, EMPTY) == [1, 4]
    assert [(one.size, one.part) for one in found.skipped] == [(4, "run")]


def test_the_sizes_are_visited_in_the_order_given() -> None:
    machine = Machine({"a": lambda n: 1e-5})
    machine.sweep(sizes=(1, 16, 4))
    visited = [part.found.size for part in machine.parts if isinstance(part.found, Point)]
    assert list(dict.fromkeys(visited)) == [1, 16, 4]


def test_each_point_is_told_with_the_seconds_so_far() -> None:
    machine = Machine({"a": lambda n: 1e-5})
    found = machine.sweep()
    assert [part.found for part in machine.parts] == list(found.points)
    spent = [part.spent_s for part in machine.parts]
    assert spent == sorted(spent)
    assert machine.parts[-1].rounds == found.conditions.rounds > 0


def test_what_emit_raises_ends_the_sweep_and_what_was_told_stays() -> None:
    machine = Machine({"a": lambda n: 1e-5})
    told: list[Part] = []

    def emit(part: Part) -> None:
        told.append(part)
        if len(told) == 5:
            raise KeyboardInterrupt

    task = Task(Sweep("batch", ("a",), SIZES, CONDITIONS), machine.case)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(task, SweepPlan(), Instruments(lambda: machine.now_s, machine.sleep, random.Random(0), alone), emit)
    assert len(told) == 5


def test_a_slow_strategy_is_timed_apart_and_does_not_cost_the_quick_ones_their_rounds() -> None:
    found = Machine({"slow": lambda n: 0.25, "quick": lambda n: 1e-5}).sweep(sizes=(1,))
    slow, quick = found.at("slow", 1), found.at("quick", 1)
    assert slow is not None
    assert quick is not None
    assert not slow.confirmed
    assert slow.runs < 8
    assert quick.confirmed


def test_a_strategy_that_disagrees_is_reported_once_with_its_size_and_not_timed() -> None:
    found = Machine({"a": lambda n: 1e-5, "b": lambda n: 1e-5}, results={"b": 3}).sweep()
    assert [(one.name, one.reason) for one in found.rejected] == [("b", "wrong")]
    assert found.rejected[0].sentence == "At batch size 1: Its result differs from that of a by up to 3."
    assert found.points_of("b") == ()


def test_a_strategy_that_raises_is_reported_with_its_error() -> None:
    def broken(n: int) -> float:
        raise TypeError("no\nsuch thing")

    found = Machine({"a": lambda n: 1e-5, "b": broken}).sweep()
    assert found.rejected[0].sentence == "At batch size 1: TypeError: no"
    assert sizes_of(found, "a") == list(SIZES)


def test_before_anything_is_known_the_guess_decides() -> None:
    machine = Machine({"long": lambda n: 1e-5})
    found = machine.sweep(inspect=lambda function, args: Inspection({"jit": 1}, 18_000), warm_up=3)
    assert machine.called == set()
    assert len(found.skipped) == len(SIZES)
    assert found.skipped[0].cost_s == 60.0


def test_the_first_calls_of_all_are_made_at_a_size_that_is_not_measured() -> None:
    machine = Machine({"a": lambda n: 1e-5})
    found = machine.sweep(warm_up=3)
    assert ("a", 3) in machine.called
    assert 3 not in sizes_of(found, "a")


def test_compiling_is_taken_apart_and_left_out_where_it_would_take_long() -> None:
    def time_compiling(function: partial[int], args: object, clock: object) -> Program:
        return Program(None, 0.001, 0.002, 0.01 * function.args[1], is_new=True)  # type: ignore[arg-type]

    found = Machine({"jit": lambda n: 1e-5}).sweep(time_compiling=time_compiling)
    assert [one.size for one in found.stages_of("jit")] == [1, 4, 16, 64]
    assert [(one.size, one.part) for one in found.skipped] == [(n, "compile") for n in (256, 1024, 4096)]
    assert sizes_of(found, "jit") == list(SIZES)


def test_what_cannot_be_compiled_has_no_stages_and_is_not_left_out() -> None:
    found = Machine({"a": lambda n: 1e-5}).sweep(time_compiling=lambda *args: None)
    assert found.stages == found.skipped == ()


def test_only_the_strategies_asked_for_are_also_timed_without_waiting() -> None:
    found = Machine({"jit": lambda n: 1e-5, "loop": lambda n: 1e-4}).sweep(unwaited=("jit",), sizes=(1,))
    assert found.at("jit", 1).unwaited_s == pytest.approx(1e-5)  # type: ignore[union-attr]
    assert found.at("loop", 1).unwaited_s is None  # type: ignore[union-attr]


def test_progress_names_the_size_and_the_time_left_and_never_goes_back() -> None:
    machine = Machine({"a": lambda n: 1e-5})
    machine.sweep()
    fractions = [one.fraction for one in machine.told]
    assert fractions == sorted(fractions)
    assert machine.told[0].text == "Batch size 1: first calls; about 20 s left"
    assert machine.told[-1].text == "Batch size 4,096: measuring; about 1 s left"


def test_a_skipped_cell_says_what_it_would_have_cost() -> None:
    machine = Machine({"loop": lambda n: 0.01 * n})
    machine.sweep()
    skipped = [part.found for part in machine.parts if isinstance(part.found, Skipped)]
    assert skipped[0].cost_s == pytest.approx(0.64 * 5, rel=0.01)

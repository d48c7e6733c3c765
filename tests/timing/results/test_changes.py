from dataclasses import replace

import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from tests.timing.made_up_sweep import batches, lengths
from vmapdemo.timing.results.changes import Change, comparison_changes, differences, sweep_changes
from vmapdemo.timing.results.records import Timing


def times(**best_s: float) -> tuple[Timing, ...]:
    return tuple(timing(name, seconds) for name, seconds in best_s.items())


def test_each_strategy_that_was_timed_in_both_runs_has_a_change() -> None:
    changes = comparison_changes(times(loop=4e-3, jit=1e-5), times(jit=2e-5, vmap=1e-3))
    assert [(change.name, change.ratio) for change in changes] == [("jit", pytest.approx(2))]


@pytest.mark.parametrize(
    ("before_s", "after_s", "confirmed", "verdict"),
    [
        (1e-3, 2e-3, True, "takes 2 times as long"),
        (2e-3, 1e-3, True, "2 times as fast"),
        (1e-3, 1.05e-3, True, "no difference"),
        (1e-3, 0.95e-3, True, "no difference"),
        (1e-3, 9e-3, False, "not confirmed: the machine was busy"),
    ],
)
def test_a_verdict_says_no_more_than_the_figures_allow(
    before_s: float, after_s: float, confirmed: bool, verdict: str
) -> None:
    assert Change("jit", before_s, after_s, confirmed).verdict == verdict


def test_a_change_is_confirmed_where_both_runs_are() -> None:
    doubtful = (timing("a", 1e-3, confirmed=False),)
    assert not comparison_changes(times(a=1e-3), doubtful)[0].confirmed
    assert not comparison_changes(doubtful, times(a=1e-3))[0].confirmed


def test_a_change_reads_as_a_line_of_a_table() -> None:
    assert Change("jit", 1e-5, 2e-5, True).cells == ("jit", "10 µs", "20 µs", "2", "takes 2 times as long")


def test_a_sweep_changes_point_by_point_with_its_limits() -> None:
    slower = replace(
        batches(), points=tuple(replace(p, timing=timing(p.name, 2 * p.timing.best_s)) for p in batches().points)
    )
    changes = sweep_changes(batches(), slower)
    assert len(changes) == len(batches().points)
    assert [change.ratio for change in changes] == pytest.approx([2] * len(changes))
    assert {change.name for change in changes} == {"copy", "empty call", "loop", "jit"}


def test_sweeps_of_different_things_have_nothing_in_common() -> None:
    assert sweep_changes(batches(), lengths()) == ()


def test_what_else_has_changed_is_said() -> None:
    other = replace(CONDITIONS, device="NVIDIA H100", arguments=("int32[8, 5]",), spent_s=3.0)
    assert differences(CONDITIONS, other) == (
        "The device differs: cpu, then NVIDIA H100.",
        "What the arguments are differs: int32[4, 5]; float32[4, 3], then int32[8, 5].",
    )
    assert differences(notebook().conditions, notebook().conditions) == ()

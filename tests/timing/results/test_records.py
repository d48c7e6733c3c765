import math
from dataclasses import replace

import pytest

from tests.timing.made_up import CONDITIONS, timing
from vmapdemo.timing.results.records import Rejected


@pytest.mark.parametrize("seconds", [0.0, -1.0, 5e-324, 2e6, math.nan, math.inf, 10**400])
@pytest.mark.parametrize("name", ["best_s", "lower_quartile_s", "mean_s", "compile_s", "first_call_s", "unwaited_s"])
def test_a_time_is_one_that_can_be_measured(name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a number from 1e-12 to "):
        replace(timing("a", 1e-3), **{name: seconds})


@pytest.mark.parametrize("count", [0, -1, 2**53 + 1, 10**29])
def test_a_count_is_one_that_json_can_hold(count: int) -> None:
    with pytest.raises(ValueError, match="runs must be a number from 1 to "):
        replace(timing("a", 1e-3), runs=count)
    with pytest.raises(ValueError, match="rounds must be a number from 0 to "):
        replace(CONDITIONS, rounds=count - 1 if count < 1 else count)


def test_no_more_runs_are_undisturbed_than_there_are() -> None:
    with pytest.raises(ValueError, match="undisturbed must be a number from 0 to runs, 52, got 53"):
        timing("a", 1e-3, undisturbed=53)


def test_the_interquartile_range_is_that_of_the_quartiles() -> None:
    assert timing("a", 1.0, lower_quartile_s=1.25, upper_quartile_s=1.5).iqr_s == 0.25


def test_a_strategy_is_rejected_for_one_of_two_reasons() -> None:
    with pytest.raises(ValueError, match="reason must be"):
        Rejected("a", "ugly", "It is.")  # type: ignore[arg-type]


def test_conditions_read_as_one_line() -> None:
    assert str(CONDITIONS) == (
        "int32[4, 5], float32[4, 3]; cpu, 2 cores; JAX 0.10.2, Python 3.11.7; 52 rounds in 0.5 s"
    )

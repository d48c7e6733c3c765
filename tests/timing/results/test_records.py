import math
from dataclasses import replace

import pytest

from tests.timing.made_up import CONDITIONS, timing
from vmapdemo.timing.results.records import Rejected


@pytest.mark.parametrize("best_s", [0.0, -1.0, math.nan, math.inf])
def test_a_best_time_is_positive_and_finite(best_s: float) -> None:
    with pytest.raises(ValueError, match="best_s must be a positive number"):
        replace(timing("a", 1e-3), best_s=best_s)


def test_a_compile_time_is_not_negative() -> None:
    with pytest.raises(ValueError, match="compile_s must be a number from 0 up"):
        timing("a", 1e-3, compile_s=-1.0)


def test_the_interquartile_range_is_that_of_the_quartiles() -> None:
    assert timing("a", 1.0, lower_quartile_s=1.25, upper_quartile_s=1.5).iqr_s == 0.25


def test_a_strategy_is_rejected_for_one_of_two_reasons() -> None:
    with pytest.raises(ValueError, match="reason must be"):
        Rejected("a", "ugly", "It is.")  # type: ignore[arg-type]


def test_conditions_read_as_one_line() -> None:
    assert str(CONDITIONS) == (
        "int32[4, 5], float32[4, 3]; cpu, 2 cores; JAX 0.10.2, Python 3.11.7; 52 rounds in 0.5 s"
    )

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmapdemo.timing.sweeping.forecast import predicted

SIZES = (1, 4, 16, 64, 256)


@given(st.floats(0, 2), st.floats(1e-6, 1.0), st.sampled_from([128, 512, 1024]))
def test_a_power_law_is_continued(exponent: float, first_s: float, size: int) -> None:
    known = {n: first_s * n**exponent for n in SIZES}
    assert predicted(known, size) == pytest.approx(first_s * size**exponent, rel=1e-4)


def test_with_nothing_known_nothing_is_predicted() -> None:
    assert predicted({}, 8) is None


def test_one_known_size_predicts_the_same() -> None:
    assert predicted({4: 0.25}, 4096) == 0.25


def test_a_cost_is_never_predicted_to_fall() -> None:
    assert predicted({1: 2.0, 4: 1.0}, 16) == pytest.approx(2**0.5)


def test_one_disturbed_point_among_three_does_not_decide() -> None:
    prediction = predicted({1: 0.1, 4: 0.1, 16: 0.3}, 64)
    assert prediction is not None
    assert 0.1 < prediction < 0.5


def test_no_cost_is_predicted_to_grow_faster_than_the_square() -> None:
    assert predicted({1: 1e-6, 2: 1e-3, 4: 1.0}, 8) == pytest.approx(1e-3 * 16)


def test_two_sizes_are_believed_half() -> None:
    assert predicted({1: 0.1, 4: 0.4}, 16) == pytest.approx(0.2 * 8**0.5)


@given(st.dictionaries(st.sampled_from(SIZES), st.floats(1e-7, 10), min_size=1), st.integers(1, 10_000))
def test_a_prediction_is_always_a_positive_number(known: dict[int, float], size: int) -> None:
    prediction = predicted(known, size)
    assert prediction is not None
    assert np.isfinite(prediction)
    assert prediction > 0

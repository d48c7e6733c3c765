import pytest

from vmapdemo.timing.results.text import format_percent, format_ratio, format_seconds, format_timeit


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (26.1e-3, "26.1 ms"),
        (163e-6, "163 µs"),
        (5e-9, "5 ns"),
        (0.9996e-3, "1 ms"),
        (0.9994e-3, "999 µs"),
        (1.0, "1 s"),
        (75.4, "75.4 s"),
        (0.0, "0 s"),
        (1e-12, "0.001 ns"),
    ],
)
def test_seconds_have_three_digits_and_the_unit_that_suits_them(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_large_ratios_have_no_exponent() -> None:
    assert format_ratio(99_999.0) == "99,999"
    assert format_ratio(999.4) == "999"


def test_percentages_have_two_digits() -> None:
    assert [format_percent(f) for f in (0.0, 0.0123, 0.5, 1.5)] == ["0 %", "1.2 %", "50 %", "150 %"]


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        ((26.1e-3, 1.96e-3, 7, 10), "26.1 ms ± 1.96 ms per loop (mean ± std. dev. of 7 runs, 10 loops each)"),
        ((163e-6, 18.4e-6, 7, 1000), "163 µs ± 18.4 µs per loop (mean ± std. dev. of 7 runs, 1,000 loops each)"),
        ((2.0, 0.0, 1, 1), "2 s ± 0 s per loop (mean ± std. dev. of 1 run, 1 loop each)"),
    ],
)
def test_timeit_lines_read_as_in_the_notebook(figures: tuple[float, float, int, int], line: str) -> None:
    assert format_timeit(*figures) == line

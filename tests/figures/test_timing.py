from collections.abc import Callable
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from vmapdemo.figures.timing import best_times, cold_costs, speedups
from vmapdemo.timing.report import Comparison

FIGURES = [best_times, cold_costs, speedups]


def doubtful() -> Comparison:
    comparison = notebook()
    last = replace(comparison.timings[-1], confirmed=False)
    return replace(comparison, timings=(*comparison.timings[:-1], last))


def test_bars_show_the_best_time_of_each_strategy() -> None:
    bars = best_times(notebook()).data[0]
    assert bars.x == (3.2e-3, 0.7e-3, 3.1e-3, 8e-6)
    assert bars.y == ("loop", "mathy", "vmap", "jit")


def test_the_median_and_its_quartiles_stand_beside_the_bars() -> None:
    medians = best_times(notebook()).data[1]
    assert medians.x == pytest.approx((3.52e-3, 0.77e-3, 3.41e-3, 8.8e-6))
    assert medians.error_x.array[0] == pytest.approx(0.2 * 3.2e-3)
    assert medians.error_x.arrayminus[0] == pytest.approx(0.08 * 3.2e-3)


def test_labels_carry_name_value_and_unit() -> None:
    assert best_times(notebook()).layout.yaxis.ticktext == (
        "loop<br>3.2 ms",
        "mathy<br>700 µs",
        "vmap<br>3.1 ms",
        "jit<br>8 µs",
    )


def test_what_is_not_confirmed_is_hatched_and_says_so() -> None:
    figure = best_times(doubtful())
    assert figure.data[0].marker.pattern.shape == ("", "", "", "/")
    assert figure.layout.yaxis.ticktext[-1] == "jit<br>8 µs<br>not confirmed"
    assert speedups(doubtful()).data[0].marker.pattern.shape == ("", "", "", "/")


def test_the_conditions_are_in_the_hover() -> None:
    assert best_times(notebook()).data[0].customdata[0][2] == str(CONDITIONS)


def test_the_time_axis_starts_below_the_shortest_bar() -> None:
    axis = best_times(notebook()).layout.xaxis
    assert axis.range[0] == -6
    assert 10 ** axis.range[1] > 1.3 * 3.2e-3
    assert axis.ticktext == ("1 µs", "10 µs", "100 µs", "1 ms")


def test_first_call_and_compiling_are_pairs_of_bars() -> None:
    first, compiling = cold_costs(notebook()).data
    assert (first.x[0], compiling.x[0]) == (0.205, 0.09)
    assert (first.text[0], compiling.text[0]) == ("first call 205 ms", "compile 90 ms")
    assert first.customdata[0] == ", programs compiled: 9"


def test_costs_that_are_not_known_have_no_bar() -> None:
    comparison = Comparison((timing("a", 1e-3), timing("b", 1e-3, compile_s=0.1)), (), "a", CONDITIONS)
    first, compiling = cold_costs(comparison).data
    assert first.x == (None, None)
    assert compiling.x == (None, 0.1)
    assert compiling.text == ("", "compile 100 ms")


def test_speedups_start_at_one() -> None:
    figure = speedups(notebook())
    bars = figure.data[0]
    assert bars.base == 1
    assert [1 + length for length in bars.x] == pytest.approx([1, 32 / 7, 32 / 31, 400])
    assert figure.layout.yaxis.ticktext[0] == "loop<br>1×"  # noqa: RUF001
    assert figure.layout.shapes[0].x0 == 1


def test_slower_than_the_baseline_goes_to_the_left_of_one() -> None:
    comparison = Comparison((timing("a", 1e-3), timing("b", 1e-1)), (), "a", CONDITIONS)
    figure = speedups(comparison)
    assert figure.data[0].x[1] == pytest.approx(-0.99)
    assert figure.layout.xaxis.range[0] < -2


def test_without_the_baseline_there_are_no_speedups() -> None:
    comparison = Comparison((timing("b", 1.0),), notebook().rejected[:1], "typo", CONDITIONS)
    assert speedups(comparison).data[0].x == ()


@pytest.mark.parametrize("figure_of", FIGURES)
def test_a_comparison_without_timings_gives_an_empty_figure(figure_of: Callable[[Comparison], go.Figure]) -> None:
    empty = Comparison((), notebook().rejected, "typo", CONDITIONS)
    assert isinstance(figure_of(empty), go.Figure)


@pytest.mark.parametrize("figure_of", FIGURES)
def test_figures_leave_width_and_colours_of_the_page_alone(figure_of: Callable[[Comparison], go.Figure]) -> None:
    layout = figure_of(notebook()).layout
    assert layout.width is None
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None
    assert layout.font.color is None
    assert layout.yaxis.automargin
    assert layout.xaxis.type == "log"


@pytest.mark.parametrize("figure_of", FIGURES)
def test_markup_in_names_is_escaped(figure_of: Callable[[Comparison], go.Figure]) -> None:
    comparison = Comparison((timing("<b>a</b>", 1.0, compile_s=1.0),), (), "<b>a</b>", CONDITIONS)
    assert "<b>" not in figure_of(comparison).to_json().replace("\\u003c", "<")

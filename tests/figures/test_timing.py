from dataclasses import replace

import plotly.graph_objects as go
import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from tests.timing.made_up_sweep import batches
from vmapdemo.figures.lines import looks
from vmapdemo.figures.sweep import sweep_lines
from vmapdemo.figures.timing import best_times, cold_costs
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.timing.report import Comparison


def best_of(comparison: Comparison) -> go.Figure:
    return best_times(comparison.timings, comparison.conditions, comparison.baseline)


def doubtful() -> Comparison:
    comparison = notebook()
    last = replace(comparison.timings[-1], confirmed=False)
    return replace(comparison, timings=(*comparison.timings[:-1], last))


def test_each_strategy_has_a_mark_at_its_best_time() -> None:
    marks = best_of(notebook()).data[0]
    assert marks.x == (3.2e-3, 0.7e-3, 3.1e-3, 8e-6)
    assert marks.y == ("loop", "mathy", "vmap", "jit")


def test_the_median_and_its_quartiles_stand_beside_it() -> None:
    medians = best_of(notebook()).data[1]
    assert medians.x == pytest.approx((3.52e-3, 0.77e-3, 3.41e-3, 8.8e-6))
    assert medians.error_x.array[0] == pytest.approx(0.2 * 3.2e-3)
    assert medians.error_x.arrayminus[0] == pytest.approx(0.08 * 3.2e-3)


def test_at_the_end_of_each_row_stand_the_time_and_the_speedup() -> None:
    assert best_of(notebook()).layout.yaxis2.ticktext == (
        "<b>3.2 ms</b>  1×",  # noqa: RUF001
        "<b>700 µs</b>  4.57×",  # noqa: RUF001
        "<b>3.1 ms</b>  1.03×",  # noqa: RUF001
        "<b>8 µs</b>  400×",  # noqa: RUF001
    )


def test_without_the_baseline_there_is_no_speedup() -> None:
    comparison = Comparison((timing("b", 1.0),), notebook().rejected[:1], "typo", CONDITIONS)
    assert best_of(comparison).layout.yaxis2.ticktext == ("<b>1 s</b>",)


def test_what_is_not_confirmed_has_an_open_mark_and_says_so() -> None:
    figure = best_of(doubtful())
    assert [symbol.endswith("-open") for symbol in figure.data[0].marker.symbol] == [False, False, False, True]
    assert figure.layout.yaxis2.ticktext[-1].endswith("<br>not confirmed")


def test_the_conditions_are_in_the_hover() -> None:
    assert best_of(notebook()).data[0].customdata[0][2] == str(CONDITIONS)


def test_the_time_axis_starts_below_the_shortest_time() -> None:
    axis = best_of(notebook()).layout.xaxis
    assert axis.range[0] == -6
    assert 10 ** axis.range[1] > 1.3 * 3.2e-3
    assert axis.ticktext == ("1 µs", "10 µs", "100 µs", "1 ms")


def test_first_call_and_compiling_are_two_marks_in_a_row() -> None:
    figure = cold_costs(notebook().timings)
    first, compiling, _ = figure.data
    assert (first.x[0], compiling.x[0]) == (0.205, 0.09)
    assert figure.layout.yaxis2.ticktext[0] == "205 ms, 90 ms"
    assert first.customdata[0] == ", programs compiled: 9"


def test_costs_that_are_not_known_have_no_mark() -> None:
    figure = cold_costs((timing("a", 1e-3), timing("b", 1e-3, compile_s=0.1)))
    assert (figure.data[0].x, figure.data[1].x) == ((None, None), (None, 0.1))
    assert figure.layout.yaxis2.ticktext == ("-, -", "-, 100 ms")


def test_a_comparison_without_timings_gives_an_empty_figure() -> None:
    assert isinstance(best_times((), CONDITIONS, "typo"), go.Figure)
    assert isinstance(cold_costs(()), go.Figure)


def test_names_are_no_markup() -> None:
    figure = best_times((timing("<b>boom</b>", 1e-3),), CONDITIONS)
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;boom&lt;/b&gt;",)
    assert figure.data[0].y == ("&lt;b&gt;boom&lt;/b&gt;",)


def test_a_strategy_has_one_colour_in_all_figures_whatever_else_is_drawn_and_whatever_it_is_called() -> None:
    in_sweep = {line.name: line.line.color for line in sweep_lines(batches()).data}
    in_comparison = dict(zip(best_of(notebook()).data[0].y, best_of(notebook()).data[0].marker.color, strict=True))
    assert in_sweep["jit"] == in_comparison["jit"]
    assert looks(["jit"])[0].colour == looks([STRATEGY_LABELS["jit"]])[0].colour == in_sweep["jit"]


def test_strategies_that_nobody_knows_have_colours_of_their_own() -> None:
    found = looks(["mine", "jit", "yours", "loop"])
    assert len({(look.colour, look.mark) for look in found}) == 4

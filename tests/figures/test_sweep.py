from collections.abc import Callable
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest

from tests.timing.made_up import timing
from tests.timing.made_up_sweep import SIZES, batches, lengths
from vmapdemo.figures.compiling import compile_lines
from vmapdemo.figures.sweep import sweep_lines
from vmapdemo.timing.results.sweep import Point, Skipped, Sweep

FIGURES = [sweep_lines, compile_lines]


def traces(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if trace.name == name]


def the(figure: go.Figure, name: str) -> Any:
    (trace,) = traces(figure, name)
    return trace


def test_a_line_has_the_best_time_at_each_size() -> None:
    line = the(sweep_lines(batches()), "jit")
    assert line.x == SIZES
    assert line.y == pytest.approx([6e-6 * 1.2**place for place in range(4)])


def test_the_limit_and_the_floor_are_lines_of_their_own() -> None:
    figure = sweep_lines(batches())
    assert the(figure, "copying the arguments (limit)").y[0] == pytest.approx(1e-6)
    assert the(figure, "empty jitted call (floor)").y == (5e-6,) * 4


def test_what_was_left_out_is_a_dashed_prediction_from_the_last_point_on() -> None:
    predicted = the(sweep_lines(batches()), "loop, predicted")
    assert predicted.line.dash == "dash"
    assert predicted.x == (16, 64)
    assert predicted.y == pytest.approx((16e-3, 64e-3), rel=1e-3)
    assert "predicted" in predicted.hovertemplate
    assert not predicted.showlegend


def test_what_was_left_out_before_a_point_is_a_cross_alone() -> None:
    skipped = (Skipped("jit", 4, "run", 2.0),)
    points = tuple(point for point in batches().points if (point.name, point.size) != ("jit", 4))
    cross = the(sweep_lines(replace(batches(), points=points, skipped=skipped)), "jit, predicted")
    assert (cross.mode, cross.x) == ("markers", (4,))


def test_a_strategy_that_was_never_measured_has_no_prediction() -> None:
    sweep = replace(batches(), skipped=(Skipped("typo", 1, "run", 9.0),))
    assert traces(sweep_lines(sweep), "typo, predicted") == []
    assert the(sweep_lines(sweep), "typo").x == (None,)


def test_what_is_not_confirmed_has_an_open_mark_and_says_so() -> None:
    points = tuple(
        replace(point, timing=replace(point.timing, confirmed=False)) if point.size == 4 else point
        for point in batches().points
    )
    line = the(sweep_lines(replace(batches(), points=points)), "jit")
    assert [mark.endswith("-open") for mark in line.marker.symbol] == [False, True, False, False]
    assert ["not confirmed" in text for text in line.customdata] == [False, True, False, False]


def test_median_and_spread_are_there_on_demand() -> None:
    name = "jit, median and quartiles"
    assert traces(sweep_lines(batches()), name) == []
    spread = the(sweep_lines(batches(), spread=True), name)
    assert spread.y[0] == pytest.approx(1.1 * 6e-6)
    assert spread.error_y.array[0] == pytest.approx(0.2 * 6e-6)
    assert spread.error_y.arrayminus[0] == pytest.approx(0.08 * 6e-6)


def test_a_call_that_was_not_waited_for_is_called_no_run_time() -> None:
    lie = Point(64, timing("typo", 1e-4, unwaited_s=1e-5))
    line = the(
        sweep_lines(replace(batches(), points=(*batches().points, lie))), "typo without block_until_ready (no run time)"
    )
    assert (line.x, line.y, line.line.dash) == ((64,), (1e-5,), "dot")


def test_the_hover_has_the_first_call_and_its_programs() -> None:
    assert "first call 40 ms, programs compiled: 1" in the(sweep_lines(lengths()), "jit").customdata[0]


def test_the_sizes_are_ticks() -> None:
    axis = sweep_lines(batches()).layout.xaxis
    assert axis.ticktext == ("1", "4", "16", "64")
    assert axis.title.text == "batch size"
    many = replace(batches(), sizes=(1, 4, 16, 64, 256, 1024, 4096, 2, 8, 32, 128, 512, 2048))
    assert sweep_lines(many).layout.xaxis.ticktext == ("1", "4", "16", "64", "256", "1,024", "4,096")


def test_first_call_and_the_three_stages_are_rows() -> None:
    figure = compile_lines(lengths())
    titles = [figure.layout[f"yaxis{row}"].title.text for row in ("", "2", "3", "4")]
    assert titles == ["first call", "trace", "lower", "compile"]
    first, trace, lower, compile_ = traces(figure, "jit")
    assert first.y == (0.04,) * 4
    assert trace.y == pytest.approx((0.01, 0.04, 0.16))
    assert lower.y == (0.01,) * 3
    assert compile_.y == pytest.approx((0.03, 0.12, 0.48))
    assert [one.showlegend for one in (first, trace, lower, compile_)] == [True, False, False, False]


def test_compiling_that_was_left_out_is_predicted_in_each_stage() -> None:
    predicted = traces(compile_lines(lengths()), "jit, predicted")
    assert [one.y[-1] for one in predicted] == pytest.approx([0.64, 0.01, 1.92], rel=1e-3)


def test_a_sweep_of_batch_sizes_shows_first_calls_alone() -> None:
    figure = compile_lines(batches())
    assert figure.layout.yaxis.title.text == "first call"
    assert len(list(figure.select_yaxes())) == 1


@pytest.mark.parametrize("figure_of", FIGURES)
@pytest.mark.parametrize("sweep", [batches(), lengths(), replace(batches(), points=(), skipped=())])
def test_figures_leave_width_and_colours_of_the_page_alone(
    figure_of: Callable[[Sweep], go.Figure], sweep: Sweep
) -> None:
    layout = figure_of(sweep).layout
    assert layout.width is None
    assert layout.paper_bgcolor is None
    assert layout.plot_bgcolor is None
    assert layout.font.color is None
    assert (layout.xaxis.type, layout.yaxis.type) == ("log", "log")
    assert layout.legend.yref == "container"


@pytest.mark.parametrize("figure_of", FIGURES)
def test_markup_in_names_is_escaped(figure_of: Callable[[Sweep], go.Figure]) -> None:
    name = "<b>a</b>"
    points = (Point(1, timing(name, 1.0, first_call_s=1.0, programs=1)), Point(4, timing(name, 1.0)))
    sweep = replace(batches(), names=(name,), points=points, skipped=(Skipped(name, 16, "run", 9.0),), rejected=())
    texts = [
        text
        for trace in figure_of(sweep).data
        for text in (trace.name, trace.hovertemplate, *(trace.customdata if trace.customdata is not None else ()))
    ]
    assert [text for text in texts if "<b>" in text] == []


def test_every_strategy_looks_different() -> None:
    names = tuple(f"strategy {place}" for place in range(12))
    figure = sweep_lines(replace(batches(), names=names, points=(), skipped=(), rejected=()))
    looks = {(trace.line.color, trace.marker.symbol) for trace in figure.data}
    assert len(looks) == 12

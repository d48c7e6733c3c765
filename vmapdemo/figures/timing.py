"""A comparison as Plotly figures: pure, and without colours of paper or text, which belong to the page's theme."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from vmapdemo.figures.axes import BLUE, GREY, ORANGE, seconds_axis
from vmapdemo.timing.results.records import Conditions, Timing
from vmapdemo.timing.results.text import format_percent, format_ratio, format_seconds

_ROW_PX, _FRAME_PX = 46, 130


def best_times(timings: Sequence[Timing], conditions: Conditions) -> go.Figure:
    """Bars of each strategy's best time on a log axis, with its median as a mark and its quartiles as a line.

    The best time stands below the strategy's name; one that is not confirmed is hatched, and its label says so.
    """
    bars = _bars("best", BLUE, timings, [timing.best_s for timing in timings])
    values = [format_seconds(timing.best_s) for timing in timings]
    bars.update(
        marker_pattern_shape=_hatches(timings),
        customdata=[
            (value, _details(timing), escape(str(conditions))) for value, timing in zip(values, timings, strict=True)
        ],
        hovertemplate="%{y}: best %{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
    ends = [end for timing in timings for end in (timing.best_s, timing.median_s, timing.upper_quartile_s)]
    x_axis = {"title_text": "time of one call", **seconds_axis(ends)}
    return _figure([bars, _medians(timings)], len(timings), x_axis, _labels(timings, values))


def cold_costs(timings: Sequence[Timing]) -> go.Figure:
    """The first call and compiling the whole strategy, as pairs of bars on a log axis of their own."""
    first = _bars("first call", ORANGE, timings, [timing.first_call_s for timing in timings])
    first.update(
        text=[_costs("first call", timing.first_call_s) for timing in timings],
        customdata=[_programs(timing) for timing in timings],
        hovertemplate="%{y}: %{text}%{customdata}<extra></extra>",
    )
    compiling = _bars("compile as one program", GREY, timings, [timing.compile_s for timing in timings])
    compiling.update(
        text=[_costs("compile", timing.compile_s) for timing in timings], hovertemplate="%{y}: %{text}<extra></extra>"
    )
    known = [s for timing in timings for s in (timing.first_call_s, timing.compile_s) if s is not None]
    return _figure([first, compiling], 2 * len(timings), {"title_text": "time, once", **seconds_axis(known)})


def speedups(timings: Sequence[Timing], baseline: str) -> go.Figure:
    """How many times as fast as the baseline each strategy is: bars on a log axis, from a line at 1.

    Without bars when the baseline was not timed: there is nothing to compare with then.
    """
    baseline_s = next((timing.best_s for timing in timings if timing.name == baseline), None)
    timings = () if baseline_s is None else timings
    ratios = [(baseline_s or 0.0) / timing.best_s for timing in timings]
    bars = _bars("speed-up", BLUE, timings, [ratio - 1 for ratio in ratios])
    values = [f"{format_ratio(ratio)}×" for ratio in ratios]  # noqa: RUF001
    bars.update(
        base=1,
        marker_pattern_shape=_hatches(timings),
        customdata=values,
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    x_axis = {"title_text": f"times as fast as {escape(baseline)}", **_ratio_axis(ratios)}
    figure = _figure([bars], len(timings), x_axis, _labels(timings, values))
    figure.add_vline(x=1, line_width=1, line_dash="dash", line_color=GREY)
    return figure


def _bars(name: str, colour: str, timings: Sequence[Timing], lengths: Sequence[float | None]) -> go.Bar:
    return go.Bar(
        name=name,
        x=list(lengths),
        y=[escape(timing.name) for timing in timings],
        orientation="h",
        marker_color=colour,
        textposition="auto",
        textangle=0,
    )


def _medians(timings: Sequence[Timing]) -> go.Scatter:
    return go.Scatter(
        name="median and quartiles",
        x=[timing.median_s for timing in timings],
        y=[escape(timing.name) for timing in timings],
        mode="markers",
        marker={"symbol": "diamond", "size": 10, "color": ORANGE},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [timing.upper_quartile_s - timing.median_s for timing in timings],
            "arrayminus": [timing.median_s - timing.lower_quartile_s for timing in timings],
            "color": ORANGE,
        },
        customdata=[(format_seconds(timing.median_s), format_seconds(timing.iqr_s)) for timing in timings],
        hovertemplate="%{y}: median %{customdata[0]}, interquartile range %{customdata[1]}<extra></extra>",
    )


def _figure(traces: list[Any], rows: int, x_axis: dict[str, Any], y_axis: dict[str, Any] | None = None) -> go.Figure:
    figure = go.Figure(traces)
    figure.update_layout(
        height=_FRAME_PX + _ROW_PX * max(1, rows),
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        barmode="group",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        hoverlabel={"align": "left"},
        xaxis={"type": "log", "automargin": True, **x_axis},
        yaxis={"type": "category", "autorange": "reversed", "automargin": True, **(y_axis or {})},
    )
    return figure


def _labels(timings: Sequence[Timing], values: Sequence[str]) -> dict[str, Any]:
    """Each name with its value: there a label meets no bar and no mark, however narrow the figure."""
    names = [escape(timing.name) for timing in timings]
    rows = zip(names, values, timings, strict=True)
    texts = [f"{name}<br>{value}{'' if timing.confirmed else '<br>not confirmed'}" for name, value, timing in rows]
    return {"tickvals": names, "ticktext": texts}


def _ratio_axis(ratios: Sequence[float]) -> dict[str, Any]:
    """Decades around the ratios, with room for labels on both sides of 1."""
    if not ratios:
        return {}
    low, high = math.log10(min(1.0, *ratios)) - 0.3, math.log10(max(1.0, *ratios)) + 0.4
    decades = range(math.floor(low), math.ceil(high) + 1)
    return {
        "range": (low, high),
        "tickvals": [10.0**decade for decade in decades],
        "ticktext": [f"{10.0**decade:,g}" for decade in decades],
    }


def _hatches(timings: Sequence[Timing]) -> list[str]:
    return ["" if timing.confirmed else "/" for timing in timings]


def _costs(what: str, seconds: float | None) -> str:
    return "" if seconds is None else f"{what} {format_seconds(seconds)}"


def _details(timing: Timing) -> str:
    spread = f"three lowest runs within {format_percent(timing.spread)}"
    return f"{timing.runs:,} runs of {timing.loops:,} calls, {spread}"


def _programs(timing: Timing) -> str:
    return "" if timing.programs is None else f", programs compiled: {timing.programs:,}"

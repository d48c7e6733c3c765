"""A comparison as Plotly figures: pure, and without colours of paper or text, which belong to the page's theme.

One row for each strategy, a mark for each of its times, and at the row's end what they are in words: the length of a
bar on a log axis would mean nothing.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from vmapdemo.figures.axes import GREY, seconds_axis
from vmapdemo.figures.lines import Look, looks
from vmapdemo.timing.results.records import Conditions, Timing
from vmapdemo.timing.results.text import counted, format_percent, format_ratio, format_seconds

_ROW_PX, _FRAME_PX = 40, 90


def best_times(timings: Sequence[Timing], conditions: Conditions, baseline: str | None = None) -> go.Figure:
    """Each strategy's best time on a log axis, with its median and quartiles; at the end the time and the speed-up.

    A mark that is not filled is not confirmed. Without a baseline that was timed there is no speed-up.
    """
    baseline_s = next((timing.best_s for timing in timings if timing.name == baseline), None)
    looking = looks([timing.name for timing in timings])
    colours = [look.colour for look in looking]
    best = _marks("best", timings, [timing.best_s for timing in timings])
    best.update(
        marker={
            "size": 13,
            "color": colours,
            "symbol": [_mark(look, timing) for look, timing in zip(looking, timings, strict=True)],
            "line": {"color": colours, "width": 2},
        },
        customdata=[(format_seconds(one.best_s), _details(one), escape(str(conditions))) for one in timings],
        hovertemplate="%{y}: best %{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
    ends = {timing.name: _end(timing, baseline_s) for timing in timings}
    seconds = [end for timing in timings for end in (timing.best_s, timing.median_s, timing.upper_quartile_s)]
    title = "time of one call: best, and median with quartiles"
    if baseline_s is not None:
        title += f"<br>right: best, and speed-up over {escape(baseline or '')}"
    return _rows([best, _medians(timings)], ends, title, seconds).update_layout(showlegend=False, margin={"t": 8})


def cold_costs(timings: Sequence[Timing]) -> go.Figure:
    """The first call and compiling the whole strategy, as two marks on a log axis."""
    first = _marks("first call", timings, [timing.first_call_s for timing in timings])
    whole = _marks("compiling as one program", timings, [timing.compile_s for timing in timings])
    colours = [look.colour for look in looks([timing.name for timing in timings])]
    for marks, symbol in ((first, "square"), (whole, "x-thin")):
        marks.update(marker={"size": 11, "symbol": symbol, "color": colours, "line": {"width": 2.5, "color": colours}})
    first.update(
        customdata=[_programs(timing) for timing in timings],
        hovertemplate="%{y}: first call %{x:.3s}s%{customdata}<extra></extra>",
    )
    whole.update(hovertemplate="%{y}: compiling %{x:.3s}s<extra></extra>")
    ends = {timing.name: _known([timing.first_call_s, timing.compile_s]) for timing in timings}
    seconds = [one for timing in timings for one in (timing.first_call_s, timing.compile_s) if one is not None]
    return _rows([first, whole], ends, "first call, and compiling as one program: once", seconds)


def _marks(name: str, timings: Sequence[Timing], seconds: Sequence[float | None]) -> go.Scatter:
    names = [escape(timing.name) for timing in timings]
    return go.Scatter(name=name, x=list(seconds), y=names, mode="markers", showlegend=True)


def _medians(timings: Sequence[Timing]) -> go.Scatter:
    marks = _marks("median and quartiles", timings, [timing.median_s for timing in timings])
    return marks.update(
        marker={"symbol": "line-ns", "size": 10, "line": {"color": GREY, "width": 2}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [timing.upper_quartile_s - timing.median_s for timing in timings],
            "arrayminus": [timing.median_s - timing.lower_quartile_s for timing in timings],
            "color": GREY,
        },
        customdata=[(format_seconds(timing.median_s), format_seconds(timing.iqr_s)) for timing in timings],
        hovertemplate="%{y}: median %{customdata[0]}, interquartile range %{customdata[1]}<extra></extra>",
    )


def _rows(traces: list[go.Scatter], ends: Mapping[str, str], title: str, seconds: Sequence[float]) -> go.Figure:
    """The marks, a row for each strategy from the top; `ends`: what stands at the right end of each."""
    names = [escape(name) for name in ends]
    figure = go.Figure(traces)
    # A second axis for the ends: unlike annotations it makes room for itself, however large the type.
    figure.add_scatter(x=[None] * len(names), y=names, yaxis="y2", showlegend=False, hoverinfo="skip")
    rows: dict[str, Any] = {"type": "category", "automargin": True, "showgrid": True, "categoryarray": names}
    rows |= {"range": (len(names) - 0.5, -0.5), "tickvals": names}
    figure.update_layout(
        height=_FRAME_PX + _ROW_PX * max(1, len(names)),
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        hoverlabel={"align": "left"},
        xaxis={"type": "log", "automargin": True, "title_text": title, **seconds_axis(seconds)},
        yaxis={**rows, "ticktext": names},
        yaxis2={**rows, "ticktext": list(ends.values()), "overlaying": "y", "side": "right", "showgrid": False},
    )
    return figure


def _mark(look: Look, timing: Timing) -> str:
    return look.mark if timing.confirmed else f"{look.mark}-open"


def _end(timing: Timing, baseline_s: float | None) -> str:
    ratio = "" if baseline_s is None else f"  {format_ratio(baseline_s / timing.best_s)}×"  # noqa: RUF001
    doubt = "" if timing.confirmed else "<br>not confirmed"
    return f"<b>{format_seconds(timing.best_s)}</b>{ratio}{doubt}"


def _known(seconds: Sequence[float | None]) -> str:
    return ", ".join("-" if one is None else format_seconds(one) for one in seconds)


def _details(timing: Timing) -> str:
    runs = f"{counted(timing.runs, 'run')} of {counted(timing.loops, 'call')}"
    return f"{runs}, three lowest runs within {format_percent(timing.spread)}"


def _programs(timing: Timing) -> str:
    return "" if timing.programs is None else f", programs compiled: {timing.programs:,}"

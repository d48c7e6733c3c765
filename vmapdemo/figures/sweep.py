"""A sweep's run times as a Plotly figure, drawn as far as it has been measured.

Open marks are not confirmed; dashed lines and crosses are predictions of what was left out.
"""

from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from vmapdemo.figures.axes import GREY, seconds_axis
from vmapdemo.figures.lines import Look, layout, looks, measured_line, predicted_lines, sizes
from vmapdemo.timing.results.sweep import COPY, EMPTY, VARIED, Cell, Point, Sweep
from vmapdemo.timing.results.text import format_percent, format_seconds

_LIMITS = {COPY: ("dot", "copying the arguments (limit)"), EMPTY: ("dashdot", "empty jitted call (floor)")}
_HEIGHT_PX = 480


def sweep_lines(sweep: Sweep, *, spread: bool = False) -> go.Figure:
    """The best time of one call by size, on log axes; with `spread` the medians and their quartiles as well."""
    figure = go.Figure([_limit(sweep, name) for name in _LIMITS if sweep.points_of(name)])
    sure = sweep.confirmed_cells
    for look in looks(sweep.names):
        costs = {point.size: point.timing.best_s for point in sweep.points_of(look.name)}
        left_out = [one.size for one in sweep.skipped_of(look.name, "run")]
        figure.add_traces([_spread(sweep, look)] if spread else [])
        figure.add_traces(
            [
                _best(look, sweep.points_of(look.name), sure),
                *predicted_lines(look, costs, left_out),
                *_unwaited(sweep, look),
            ]
        )
    figure.update_layout(**layout(_HEIGHT_PX))
    figure.update_xaxes(title_text=VARIED[sweep.vary], **sizes(sweep))
    ends = [end for trace in figure.data for end in trace.y if end is not None]
    figure.update_yaxes(title_text="time of one call", type="log", automargin=True, **seconds_axis(ends))
    return figure


def _best(look: Look, points: Sequence[Point], sure: Collection[Cell]) -> go.Scatter:
    """`sure`: the cells that are confirmed."""
    costs = {point.size: point.timing.best_s for point in points}
    marks = [look.mark if point.cell in sure else f"{look.mark}-open" for point in points]
    marker = {"symbol": marks or look.mark, "size": 9, "color": look.colour}
    hovers = [_hover(point, is_confirmed=point.cell in sure) for point in points]
    return measured_line(look, costs, hovers, marker=marker)


def _hover(point: Point, *, is_confirmed: bool) -> str:
    timing = point.timing
    lines = [
        f"best {format_seconds(timing.best_s)}, median {format_seconds(timing.median_s)}",
        f"{timing.runs:,} runs of {timing.loops:,} calls, three lowest within {format_percent(timing.spread)}",
    ]
    if timing.first_call_s is not None:
        lines.append(f"first call {format_seconds(timing.first_call_s)}, programs compiled: {timing.programs}")
    if timing.unwaited_s is not None:
        lines.append(f"without block_until_ready {format_seconds(timing.unwaited_s)}: not a run time")
    if not is_confirmed:
        lines.append("not confirmed: the machine was busy, or there were too few runs")
    return "<br>".join(lines)


def _spread(sweep: Sweep, look: Look) -> go.Scatter:
    timings = {point.size: point.timing for point in sweep.points_of(look.name)}
    return go.Scatter(
        name=f"{look.label}, median and quartiles",
        legendgroup=look.name,
        showlegend=False,
        x=list(timings),
        y=[timing.median_s for timing in timings.values()],
        mode="lines",
        line={"color": look.colour, "width": 1, "dash": "dot"},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [timing.upper_quartile_s - timing.median_s for timing in timings.values()],
            "arrayminus": [timing.median_s - timing.lower_quartile_s for timing in timings.values()],
            "color": look.colour,
            "thickness": 1,
        },
        hoverinfo="skip",
    )


def _unwaited(sweep: Sweep, look: Look) -> list[go.Scatter]:
    lies = {point.size: point.timing.unwaited_s for point in sweep.points_of(look.name) if point.timing.unwaited_s}
    if not lies:
        return []
    label = f"{look.label} without block_until_ready (no run time)"
    return [
        go.Scatter(
            name=label,
            x=list(lies),
            y=list(lies.values()),
            mode="lines",
            line={"color": look.colour, "width": 2, "dash": "dot"},
            customdata=[format_seconds(seconds) for seconds in lies.values()],
            hovertemplate=f"{label} at %{{x:,}}: %{{customdata}}<extra></extra>",
        )
    ]


def _limit(sweep: Sweep, name: str) -> go.Scatter:
    dash, label = _LIMITS[name]
    costs = {point.size: point.timing.best_s for point in sweep.points_of(name)}
    return go.Scatter(
        name=label,
        x=list(costs),
        y=list(costs.values()),
        mode="lines",
        line={"color": GREY, "width": 2, "dash": dash},
        customdata=[format_seconds(seconds) for seconds in costs.values()],
        hovertemplate=f"{label} at %{{x:,}}: %{{customdata}}<extra></extra>",
    )

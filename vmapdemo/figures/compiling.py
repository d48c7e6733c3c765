"""What a sweep paid once at each size, as a Plotly figure: first calls, and the three parts of compiling."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from vmapdemo.figures.axes import seconds_axis
from vmapdemo.figures.lines import Look, layout, looks, measured_line, predicted_lines, sizes
from vmapdemo.timing.results.sweep import VARIED, Sweep
from vmapdemo.timing.results.text import format_seconds

FIRST_CALL = "first call"
STAGES = ("trace", "lower", "compile")
_ROW_PX, _FRAME_PX = 190, 130


def compile_lines(sweep: Sweep) -> go.Figure:
    """One row of lines for each kind of cost: the first call; with the length, also trace, lower and compile."""
    kinds = (FIRST_CALL, *(STAGES if sweep.vary == "length" else ()))
    figure = make_subplots(rows=len(kinds), shared_xaxes=True, vertical_spacing=0.04)
    for row, kind in enumerate(kinds, start=1):
        traces = [trace for look in looks(sweep.names) for trace in _traces(sweep, look, kind)]
        figure.add_traces(traces, rows=row, cols=1)
        ends = [end for trace in traces for end in trace.y if end is not None]
        figure.update_yaxes(title_text=kind, type="log", automargin=True, **seconds_axis(ends), row=row, col=1)
    figure.update_layout(**layout(_FRAME_PX + _ROW_PX * len(kinds)))
    figure.update_xaxes(**sizes(sweep))
    figure.update_xaxes(title_text=VARIED[sweep.vary], row=len(kinds), col=1)
    return figure


def _traces(sweep: Sweep, look: Look, kind: str) -> list[go.Scatter]:
    costs = _first_calls(sweep, look) if kind == FIRST_CALL else _stages(sweep, look, kind)
    hovers = [f"{kind} {format_seconds(costs[size])}{_programs(sweep, look, kind, size)}" for size in costs]
    left_out = [one.size for one in sweep.skipped_of(look.name, "run" if kind == FIRST_CALL else "compile")]
    line = measured_line(look, costs, hovers, showlegend=kind == FIRST_CALL)
    return [line, *predicted_lines(look, costs, left_out)]


def _first_calls(sweep: Sweep, look: Look) -> dict[int, float]:
    known = {point.size: point.timing.first_call_s for point in sweep.points_of(look.name)}
    return {size: seconds for size, seconds in known.items() if seconds is not None}


def _stages(sweep: Sweep, look: Look, kind: str) -> dict[int, float]:
    return {one.size: getattr(one, f"{kind}_s") for one in sweep.stages_of(look.name)}


def _programs(sweep: Sweep, look: Look, kind: str, size: int) -> str:
    timing = sweep.at(look.name, size)
    return f", programs compiled: {timing.programs}" if kind == FIRST_CALL and timing is not None else ""

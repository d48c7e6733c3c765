"""The lines of a sweep: how each strategy looks, and what was left out as a dashed line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from typing import Any

import plotly.graph_objects as go

from vmapdemo.figures.axes import sizes_axis
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.sweeping.forecast import predicted

# Told apart on white and on near-black; the marks differ too, so that colour is never the only sign.
_COLOURS = (
    *("#d1605e", "#e08a2e", "#4c8dd6", "#3aa17e", "#c65fa8"),
    *("#8f7ee0", "#8a9a2b", "#2aa3c4", "#b07d4f", "#b8a12f"),
)
# By name and by label.
_PLACES = {name: place for place, names in enumerate(STRATEGY_LABELS.items()) for name in names}
_MARKS = ("circle", "square", "diamond", "triangle-up", "star", "pentagon", "hexagon", "triangle-down", "bowtie")


@dataclass(frozen=True, slots=True)
class Look:
    """A strategy's colour and mark, the same in every figure."""

    name: str
    colour: str
    mark: str

    @property
    def label(self) -> str:
        """The name as Plotly may show it: Plotly reads markup."""
        return escape(self.name)


def looks(names: Sequence[str]) -> tuple[Look, ...]:
    """How these strategies look, in their order: those of the gallery as always, the others as nobody of them does."""
    places = {name: _PLACES[name] for name in names if name in _PLACES}
    free = (place for place in count() if place not in places.values())
    for name in names:
        if name not in places:
            places[name] = next(free)
    return tuple(
        Look(name, _COLOURS[places[name] % len(_COLOURS)], _MARKS[places[name] % len(_MARKS)]) for name in names
    )


def measured_line(look: Look, costs: Mapping[int, float], hovers: Iterable[str], **others: Any) -> go.Scatter:
    """Marks at the sizes that were measured, joined."""
    return go.Scatter(
        name=look.label,
        legendgroup=look.name,
        # Without a point, a line of nothing, so that the legend names the strategy from the start.
        x=list(costs) if costs else [None],
        y=list(costs.values()) if costs else [None],
        mode="lines+markers",
        line={"color": look.colour, "width": 2},
        customdata=list(hovers),
        hovertemplate=f"{look.label} at %{{x:,}}: %{{customdata}}<extra></extra>",
        **{"marker": {"symbol": look.mark, "size": 8, "color": look.colour}, **others},
    )


def predicted_lines(look: Look, costs: Mapping[int, float], left_out: Iterable[int]) -> list[go.Scatter]:
    """What was left out, predicted from what was measured: dashed beyond the last size, a cross alone before it."""
    guesses = {size: seconds for size in left_out if (seconds := predicted(costs, size)) is not None}
    if not guesses:
        return []
    last = max(costs)
    before = {size: seconds for size, seconds in guesses.items() if size < last}
    beyond = {size: seconds for size, seconds in guesses.items() if size > last}
    lines = [_crosses(look, before, "markers")] if before else []
    return [*lines, _crosses(look, {last: costs[last], **beyond}, "lines+markers", known=1)] if beyond else lines


def _crosses(look: Look, guesses: Mapping[int, float], mode: str, known: int = 0) -> go.Scatter:
    """`known`: how many of the first have a mark already, since they were measured."""
    return go.Scatter(
        name=f"{look.label}, predicted",
        legendgroup=look.name,
        showlegend=False,
        x=list(guesses),
        y=list(guesses.values()),
        mode=mode,
        line={"color": look.colour, "width": 2, "dash": "dash"},
        marker={
            "symbol": "x-thin",
            "size": [0] * known + [8] * (len(guesses) - known),
            "line": {"color": look.colour, "width": 1.5},
        },
        customdata=[format_seconds(seconds) for seconds in guesses.values()],
        hovertemplate=f"{look.label} at %{{x:,}}: predicted %{{customdata}}, not measured<extra></extra>",
    )


def layout(height: int) -> dict[str, Any]:
    """What the figures of a sweep have in common: the legend stands below, where it meets no line at any width."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        "hoverlabel": {"align": "left"},
        "hovermode": "closest",
    }


def sizes(sweep: Sweep) -> dict[str, Any]:
    """The axis of what is varied."""
    return {"type": "log", "automargin": True, **sizes_axis(sweep.sizes)}

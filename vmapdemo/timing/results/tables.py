"""A comparison's figures as a table: plain text, and HTML for a notebook."""

from collections.abc import Sequence
from html import escape

from vmapdemo.timing.results.records import Rejected, Timing
from vmapdemo.timing.results.units import format_ratio, format_seconds

_HEAD = ("strategy", "best", "median", "IQR", "runs x loops", "first call", "compile", "speed-up", "")


def text_table(timings: Sequence[Timing], rejected: Sequence[Rejected], baseline_s: float | None) -> str:
    """Aligned columns, one strategy a line; those not timed below, with the reason."""
    rows = [_HEAD, *(_cells(timing, baseline_s) for timing in timings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [_aligned(row, widths) for row in rows]
    return "\n".join([*lines, *(f"{one.name}: not timed. {one.sentence}" for one in rejected)])


def html_table(timings: Sequence[Timing], rejected: Sequence[Rejected], baseline_s: float | None) -> str:
    """The same as an HTML table; every text is escaped."""
    head = "".join(f"<th>{escape(title)}</th>" for title in _HEAD)
    rows = [_html_row(_cells(timing, baseline_s)) for timing in timings]
    rows += [
        f'<tr><th>{escape(one.name)}</th><td colspan="{len(_HEAD) - 1}">not timed. {escape(one.sentence)}</td></tr>'
        for one in rejected
    ]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cells(timing: Timing, baseline_s: float | None) -> tuple[str, ...]:
    return (
        timing.name,
        format_seconds(timing.best_s),
        format_seconds(timing.median_s),
        format_seconds(timing.iqr_s),
        f"{timing.runs:,} x {timing.loops:,}",
        _seconds_or_dash(timing.first_call_s),
        _seconds_or_dash(timing.compile_s),
        "-" if baseline_s is None else format_ratio(baseline_s / timing.best_s) + "x",
        "" if timing.confirmed else "not confirmed",
    )


def _seconds_or_dash(seconds: float | None) -> str:
    return "-" if seconds is None else format_seconds(seconds)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = cells
    columns = [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(figures, widths[1:], strict=True))]
    return "  ".join(columns).rstrip()


def _html_row(cells: Sequence[str]) -> str:
    name, *figures = (escape(cell) for cell in cells)
    return f"<tr><th>{name}</th>{''.join(f'<td>{figure}</td>' for figure in figures)}</tr>"

"""Figures as people read them: seconds and ratios in words, a comparison as a table, any figures as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from vmapdemo.timing.results.records import Conditions, Rejected, Timing

_HEAD = ("strategy", "best", "median", "IQR", "runs x loops", "first call", "compile", "speed-up", "")
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def format_seconds(seconds: float) -> str:
    """Three digits and a unit, from ns to s.

    >>> format_seconds(0.0026104), format_seconds(163e-6), format_seconds(0.9996e-3)
    ('2.61 ms', '163 µs', '1 ms')
    """
    if seconds <= 0:
        return "0 s"
    # Rounded before the unit is chosen: 999.6 µs is 1 ms, not "1e+03 µs".
    rounded = float(f"{seconds:.2e}")
    scale, unit = next((pair for pair in _UNITS if rounded >= pair[0]), _UNITS[-1])
    return f"{format_ratio(rounded / scale)} {unit}"


def format_ratio(ratio: float) -> str:
    """Three digits, and no exponent for large numbers.

    >>> format_ratio(161.29), format_ratio(0.9412), format_ratio(12345.6)
    ('161', '0.941', '12,346')
    """
    return f"{ratio:,.0f}" if ratio >= 999.5 else f"{ratio:.3g}"


def format_percent(fraction: float) -> str:
    """A fraction as a percentage with two digits.

    >>> format_percent(0.0123), format_percent(0.38), format_percent(3.0)
    ('1.2 %', '38 %', '300 %')
    """
    percent = 100 * fraction
    return f"{percent:,.0f} %" if percent >= 99.5 else f"{percent:.2g} %"


def format_timeit(mean_s: float, std_s: float, runs: int, loops: int) -> str:
    """The line that IPython's %timeit prints for these figures.

    >>> format_timeit(0.0261, 0.00196, 7, 10)
    '26.1 ms ± 1.96 ms per loop (mean ± std. dev. of 7 runs, 10 loops each)'
    """
    counts = f"{counted(runs, 'run')}, {counted(loops, 'loop')} each"
    return f"{format_seconds(mean_s)} ± {format_seconds(std_s)} per loop (mean ± std. dev. of {counts})"


def listed(words: Sequence[str]) -> str:
    """One after the other.

    >>> listed(["loop", "vmap"])
    'loop, vmap'
    """
    return ", ".join(words)


def counted(count: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "run"), counted(1200, "run")
    ('1 run', '1,200 runs')
    """
    return f"{count:,} {word}{'s' * (count != 1)}"


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


def csv_text(rows: Sequence[dict[str, Any]]) -> str:
    """The rows under one header, that of the first; what is None is an empty cell.

    >>> csv_text([{"name": "a", "best_s": 0.5}, {"name": "b", "best_s": None}])
    'name,best_s\\na,0.5\\nb,\\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def condition_columns(conditions: Conditions) -> dict[str, Any]:
    """The conditions as columns, so that any line of a CSV stands alone; the arguments in one, after one another."""
    return {**asdict(conditions), "arguments": "; ".join(conditions.arguments)}

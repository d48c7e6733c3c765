"""The parts of an explanation as plain text for a terminal and as HTML for a notebook."""

import html
import re
from collections.abc import Iterator
from itertools import zip_longest

from vmapdemo.diagnosis.records import ArgumentRow, Caution, Fix, Output

COLUMNS = ("argument", "shape", "axis", "examples", "inside the function")
MOST_ROWS = 30
"""Trees of parameters have hundreds of arrays: the first ones are listed, with all that offend."""

# A translucent ground and no colour of text: readable in a light and in a dark notebook.
_GOOD, _BAD, _CAUTION = "0, 150, 90", "220, 50, 50", "220, 140, 0"


def cell_texts(row: ArgumentRow) -> tuple[str, ...]:
    """The row of one argument as texts, in the order of COLUMNS."""
    size = "" if row.mapped_size is None else str(row.mapped_size)
    if row.axis is None:
        size = "shared"
    inside = "?" if row.example_shape is None else str(row.example_shape)
    return (row.path, f"{row.dtype} {row.shape}", str(row.axis), size, inside)


def output_text(output: Output) -> str:
    """``one result (3,), the whole (4, 3) with the batch on axis 0``."""
    where = "the same for all examples" if output.axis is None else f"with the batch on axis {output.axis}"
    return f"result{output.path}: {output.dtype}, one {output.example_shape}, the whole {output.shape} {where}"


def table_lines(rows: tuple[ArgumentRow, ...]) -> Iterator[str]:
    """An empty line and the table of arguments in aligned columns; nothing if there are none."""
    if not rows:
        return
    yield ""
    table = _table(rows)
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    for row in table:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def caution_lines(caution: Caution) -> Iterator[str]:
    """A caution, and its fix."""
    yield f"Caution ({caution.rule}): {caution.text}"
    if caution.fix is not None:
        yield fix_line(caution.fix)


def fix_line(fix: Fix) -> str:
    """The code of a fix, the shape that it gives, and why."""
    return f"Fix: {fix.code}  gives {_gives(fix)}. {fix.why}"


def verdict_html(ok: bool, headline: str, reason: str) -> str:
    """Headline and reason on a ground that says whether the call is accepted."""
    return _box(_GOOD if ok else _BAD, f"<strong>{_inline(headline)}</strong><br>{_inline(reason)}")


def table_html(rows: tuple[ArgumentRow, ...]) -> str:
    """The table of arguments; nothing if there are none."""
    head, *body = _table(rows)
    table = f"<tr>{_cells(head, 'th')}</tr>" + "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in body)
    return f"<table>{table}</table>" if body else ""


def caution_html(caution: Caution) -> str:
    """A caution, and its fix."""
    box = _box(_CAUTION, f"<strong>{html.escape(caution.rule)}</strong>: {_inline(caution.text)}")
    return box + (fix_html(caution.fix) if caution.fix is not None else "")


def fix_html(fix: Fix) -> str:
    """Why, the shape that a fix gives, and its code."""
    return f"<p>{_inline(fix.why)} Gives {html.escape(_gives(fix))}.</p><pre>{html.escape(fix.code)}</pre>"


def paragraph(text: str) -> str:
    """A text escaped, and what stands between backticks as code."""
    return f"<p>{_inline(text)}</p>"


def jax_error_html(jax_error: str | None) -> str:
    """JAX's own words, folded; nothing if there are none."""
    if jax_error is None:
        return ""
    return f"<details><summary>What JAX says</summary><pre>{html.escape(jax_error)}</pre></details>"


def _table(rows: tuple[ArgumentRow, ...]) -> list[tuple[str, ...]]:
    shown = [row for index, row in enumerate(rows) if index < MOST_ROWS or row.offends]
    more = len(rows) - len(shown)
    rest = [(f"and {more} more", *[""] * (len(COLUMNS) - 1))] if more else []
    return [COLUMNS, *(cell_texts(row) for row in shown), *rest]


def _cells(row: tuple[str, ...], tag: str) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in row)


def _gives(fix: Fix) -> str:
    return ", ".join(str(output.shape) for output in fix.output) or "nothing"


def _box(colour: str, content: str) -> str:
    return (
        f'<div style="border-left: 4px solid rgb({colour}); background: rgba({colour}, 0.12); padding: 4px 10px; '
        f'margin: 4px 0">{content}</div>'
    )


def _inline(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))

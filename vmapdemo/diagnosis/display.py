"""An Explanation as plain text for a terminal and as HTML for a notebook."""

import html
import re
from collections.abc import Iterator
from itertools import zip_longest

from vmapdemo.diagnosis.records import ArgumentRow, Explanation, Fix, Output

COLUMNS = ("argument", "shape", "axis", "examples", "inside the function")
MOST_ROWS = 30
"""Trees of parameters have hundreds of arrays: the first ones are listed, with all that offend."""

# A translucent ground and no colour of text: readable in a light and in a dark notebook.
_GOOD, _BAD, _CAUTION = "0, 150, 90", "220, 50, 50", "220, 140, 0"


def as_text(found: Explanation) -> str:
    """Verdict, table of arguments, result, cautions, fixes and advice, one after the other."""
    return "\n".join(_lines(found))


def as_html(found: Explanation) -> str:
    """The same in HTML; every text is escaped, and colours go with a light and a dark notebook."""
    head, *rows = _table(found.arguments)
    table = f"<tr>{_cells(head, 'th')}</tr>" + "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in rows)
    verdict = _box(
        _GOOD if found.ok else _BAD, f"<strong>{_inline(found.headline)}</strong><br>{_inline(found.reason)}"
    )
    parts = [verdict, *([f"<table>{table}</table>"] if rows else []), *map(_paragraph, _result_lines(found))]
    for caution in found.cautions:
        parts.append(_box(_CAUTION, f"<strong>{html.escape(caution.rule)}</strong>: {_inline(caution.text)}"))
        parts += [_fix_html(caution.fix)] if caution.fix is not None else []
    parts += [*map(_fix_html, found.fixes), *map(_paragraph, (*found.advice, *found.notes)), _folded(found.jax_error)]
    return f'<div class="vmapdemo-explanation">{"".join(parts)}</div>'


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


def _table(rows: tuple[ArgumentRow, ...]) -> list[tuple[str, ...]]:
    shown = [row for index, row in enumerate(rows) if index < MOST_ROWS or row.offends]
    more = len(rows) - len(shown)
    rest = [(f"and {more} more", *[""] * (len(COLUMNS) - 1))] if more else []
    return [COLUMNS, *(cell_texts(row) for row in shown), *rest]


def _cells(row: tuple[str, ...], tag: str) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in row)


def _lines(found: Explanation) -> Iterator[str]:
    yield found.headline
    yield found.reason
    if found.arguments:
        yield ""
        yield from _table_lines(found.arguments)
    yield from _after_table(found)


def _table_lines(rows: tuple[ArgumentRow, ...]) -> Iterator[str]:
    table = _table(rows)
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    for row in table:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _after_table(found: Explanation) -> Iterator[str]:
    yield from _result_lines(found)
    for caution in found.cautions:
        yield f"Caution ({caution.rule}): {caution.text}"
        yield from _fix_lines(caution.fix)
    for fix in found.fixes:
        yield from _fix_lines(fix)
    yield from found.advice
    yield from found.notes
    if found.jax_error is not None:
        yield f"JAX says: {found.jax_error}"


def _result_lines(found: Explanation) -> Iterator[str]:
    yield from (output_text(output) for output in found.output)
    if found.sizes.known is not None:
        yield f"any size: {found.sizes.known}"


def _fix_lines(fix: Fix | None) -> Iterator[str]:
    if fix is not None:
        yield f"Fix: {fix.code}  gives {_gives(fix)}. {fix.why}"


def _gives(fix: Fix) -> str:
    return ", ".join(str(output.shape) for output in fix.output) or "nothing"


def _fix_html(fix: Fix) -> str:
    return f"<p>{_inline(fix.why)} Gives {html.escape(_gives(fix))}.</p><pre>{html.escape(fix.code)}</pre>"


def _box(colour: str, content: str) -> str:
    return (
        f'<div style="border-left: 4px solid rgb({colour}); background: rgba({colour}, 0.12); padding: 4px 10px; '
        f'margin: 4px 0">{content}</div>'
    )


def _paragraph(text: str) -> str:
    return f"<p>{_inline(text)}</p>"


def _folded(jax_error: str | None) -> str:
    if jax_error is None:
        return ""
    return f"<details><summary>What JAX says</summary><pre>{html.escape(jax_error)}</pre></details>"


def _inline(text: str) -> str:
    """The text escaped, and what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text))

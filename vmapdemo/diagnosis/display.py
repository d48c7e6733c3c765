"""An Explanation as plain text for a terminal and as HTML for a notebook."""

import html
from collections.abc import Iterator
from itertools import zip_longest

from vmapdemo.diagnosis.records import ArgumentRow, Explanation, Fix, Output

COLUMNS = ("argument", "shape", "axis", "examples", "inside the function")


def as_text(found: Explanation) -> str:
    """Verdict, table of arguments, result, cautions, fixes and advice, one after the other."""
    return "\n".join(_lines(found))


def as_html(found: Explanation) -> str:
    """The same in HTML; every text is escaped and colours are left to the notebook's theme."""
    head, *rows = _table(found.arguments)
    table = f"<tr>{_cells(head, 'th')}</tr>" + "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in rows)
    rest = "".join(f"<p>{html.escape(line)}</p>" for line in _after_table(found) if line)
    verdict = f"<p><strong>{html.escape(found.headline)}</strong><br>{html.escape(found.reason)}</p>"
    return f'<div class="vmapdemo-explanation">{verdict}<table>{table}</table>{rest}</div>'


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
    return [COLUMNS, *(cell_texts(row) for row in rows)]


def _cells(row: tuple[str, ...], tag: str) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in row)


def _lines(found: Explanation) -> Iterator[str]:
    yield found.headline
    yield found.reason
    yield ""
    table = _table(found.arguments)
    widths = [max(map(len, column)) for column in zip_longest(*table, fillvalue="")]
    for row in table:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    yield from _after_table(found)


def _after_table(found: Explanation) -> Iterator[str]:
    yield from (output_text(output) for output in found.output)
    for caution in found.cautions:
        yield f"Caution ({caution.rule}): {caution.text}"
        yield from _fix_lines(caution.fix)
    for fix in found.fixes:
        yield from _fix_lines(fix)
    yield from found.advice
    if found.jax_error is not None:
        yield f"JAX says: {found.jax_error}"


def _fix_lines(fix: Fix | None) -> Iterator[str]:
    if fix is not None:
        yield f"Fix: {fix.code}  gives {', '.join(str(output.shape) for output in fix.output)}. {fix.why}"

"""The parts of a trace as plain text for a terminal and as HTML for a notebook."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from vmapdemo.tracing.folding import fold
from vmapdemo.tracing.records import Array, Result, Step

COLUMNS = ("times", "line", "operation", "one example", "whole batch", "became")
LONGEST_SOURCE = 40
LONGEST_BECAME = 44

_BATCH = re.compile("«(\\d+)»")
_BATCH_STYLE = "background:rgba(255,140,0,0.28);border-radius:3px;padding:0 2px"


@dataclass(frozen=True, slots=True)
class Row:
    """One step as texts; ``times`` is "" but for the first step of a repeated block, and ``edge`` draws its side."""

    times: str
    edge: str
    source: str
    operation: str
    one_example: str
    whole_batch: str
    became: str
    note: int | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts in the order of COLUMNS."""
        number = "" if self.note is None else f"[{self.note}]"
        became = " ".join(part for part in (self.became, number) if part)
        times = f"{self.times} {self.edge}".strip()
        return times, self.source, self.operation, self.one_example, self.whole_batch, became


def shape_text(array: Array, *, batched: bool) -> str:
    """``(3,)`` in one example, ``(«4», 3)`` in the whole batch with the batch axis marked.

    >>> array = Array("a", "float32", (3,), 0, (4, 3))
    >>> shape_text(array, batched=False), shape_text(array, batched=True)
    ('(3,)', '(«4», 3)')
    """
    shape = array.batched_shape if batched else array.shape
    sizes = [f"«{size}»" if batched and place == array.axis else str(size) for place, size in enumerate(shape)]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def step_text(step: Step, *, batched: bool) -> str:
    """``(3,), (3,) -> ()``: what goes in and what comes out; equal neighbours are counted if there are many."""
    sides = (_shapes_text(arrays, batched=batched) for arrays in (step.inputs, step.outputs))
    return " -> ".join(sides).strip()


def _shapes_text(arrays: tuple[Array, ...], *, batched: bool) -> str:
    runs = [(text, len(list(same))) for text, same in groupby(shape_text(array, batched=batched) for array in arrays)]
    return ", ".join(f"{count} x {text}" if count > 3 else ", ".join([text] * count) for text, count in runs)


def became_text(step: Step) -> str:
    """What replaced the operation; empty if that is only the operation itself on larger arrays."""
    if step.rewritten_to == (step.primitive,):
        return ""
    if not step.rewritten_to:
        return "nothing"
    counts = Counter(step.rewritten_to)
    return _cut(" + ".join(name if n == 1 else f"{n} {name}" for name, n in counts.items()), LONGEST_BECAME)


def table(steps: tuple[Step, ...], size: int) -> tuple[list[Row], list[str]]:
    """The rows of the folded steps for that many examples, and the notes that they refer to by number, from 1."""
    notes: dict[str, int] = {}
    rows = list(_rows(steps, size, notes, 0))
    sources = [row.source for row in rows]
    repeated = [source == before for source, before in zip(sources, ["", *sources], strict=False)]
    rows = [replace(row, source="") if same else row for row, same in zip(rows, repeated, strict=True)]
    return rows, list(notes)


def table_lines(rows: list[Row]) -> Iterator[str]:
    """The table in aligned columns."""
    cells = [COLUMNS, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(_padded(row, widths)).rstrip()


def table_html(rows: list[Row]) -> str:
    """The table with every text escaped; colours are left to the notebook's theme."""
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    body = "".join(f"<tr>{''.join(map(_html_cell, row.cells, COLUMNS))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def note_lines(notes: list[str]) -> Iterator[str]:
    """The notes with their numbers."""
    yield from (f"[{number}] {text}" for number, text in enumerate(notes, start=1))


def argument_text(array: Array) -> str:
    """Where the batch axis of an argument is."""
    where = "shared by all" if array.axis is None else f"batch on axis {array.axis}"
    return f"{array.name} {shape_text(array, batched=True)}: {where}"


def result_text(result: Result) -> str:
    """Where the batch axis of a result is, and how it came there."""
    where = "one for all examples" if result.array.axis is None else f"batch on axis {result.array.axis}"
    brought = f", brought there by {' + '.join(result.brought_by)}" if result.brought_by else ""
    return f"{result.array.name} {shape_text(result.array, batched=True)}: {where}{brought}"


def paragraph(text: str) -> str:
    """A line of text, escaped."""
    return f"<p>{_marked_html(text)}</p>"


def _rows(steps: tuple[Step, ...], size: int, notes: dict[str, int], depth: int) -> Iterator[Row]:
    for block in fold(steps):
        for place, step in enumerate(block.steps):
            number = notes.setdefault(step.note, len(notes) + 1) if step.note else None
            times = f"{block.times} x" if block.times > 1 and place == 0 else ""
            yield _row(step, size, depth, times, _edge(place, len(block.steps), block.times), number)
            yield from _rows(step.inner, size, notes, depth + 1)


def _row(step: Step, size: int, depth: int, times: str, edge: str, note: int | None) -> Row:
    inside = f" ({step.within[-1]})" if step.within else ""
    return Row(
        times,
        edge,
        "" if step.source is None else _cut(f"{step.source.line}  {step.source.text}", LONGEST_SOURCE),
        f"{'  ' * depth}{step.primitive}{inside}",
        step_text(step, batched=False),
        step_text(step, batched=True),
        f"ONCE, shared by all {size}" if step.shared else became_text(step),
        note,
    )


def _edge(place: int, count: int, times: int) -> str:
    if times == 1:
        return ""
    if count == 1:
        return "╶"
    return "┌" if place == 0 else "└" if place == count - 1 else "│"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _padded(row: tuple[str, ...], widths: list[int]) -> list[str]:
    """The first column stands at the right, so that the sides of a block are in line."""
    first, *rest = zip(row, widths, strict=True)
    return [first[0].rjust(first[1]), *(text.ljust(width) for text, width in rest)]


def _marked_html(text: str) -> str:
    """Escaped, with the batch axis in bold on a translucent ground."""
    return _BATCH.sub(rf'<strong style="{_BATCH_STYLE}">\1</strong>', html.escape(text))


def _html_cell(text: str, column: str) -> str:
    marked = _marked_html(text) if column in ("one example", "whole batch") else html.escape(text)
    style = ' style="text-align:left;white-space:pre"'
    return f"<td{style}>{marked}</td>"

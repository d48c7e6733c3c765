"""The picture of a call as SVG text: the arrays side by side, each example in its own colour, and the result.

It is what a page draws, for places that have no page: a lesson on a course site, a notebook, a slide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

HUES = ("#2f7ff0", "#e8712c", "#12916a", "#8b4fd8", "#d8344a", "#a8860b")
"""One for each example, in turn; the numbers of the examples say the same without colour."""
CHARACTER, ROW, GAP, PADDING = 8.0, 26.0, 3.0, 12.0
"""The width of a character, the height of a row, between cells and around a cell's text, in pixels."""
HEAD, LABEL, BETWEEN = 46.0, 22.0, 34.0
"""The height of what stands over a table, the width of the labels of its rows, and between two tables."""
MOST_SHOWN = 12
"""Rows, columns and slices beyond are left out, and said to be: a picture is for looking at, not for reading data."""
STYLE = (
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#14181f}"
    ".small{font-size:11px}.bold{font-weight:700}.end{text-anchor:end}.middle{text-anchor:middle}"
    ".ground{fill:#fff}.cell{fill:#eef1f6}.type{fill:none;stroke:#7c8698;stroke-dasharray:4 3}"
    ".offends{fill:#b3261e}"
    "@media (prefers-color-scheme:dark){text{fill:#eef2f8}.ground{fill:#10141b}.cell{fill:#1d2430}"
    ".offends{fill:#ff9a90}}"
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part of the picture: its elements, placed as if its corner were at 0, 0, and its size in pixels."""

    elements: tuple[str, ...]
    width: float
    height: float


def svg(picture: Mapping[str, Any], most_width: float = 900.0) -> str:
    """The picture of ``figures.linked`` as an SVG document that stands alone and follows a dark page.

    Tables follow each other from left to right, in lines of at most ``most_width`` pixels unless one is wider.
    """
    tables = [_table(table) for table in picture["tables"]]
    places, width, height = _placed(tables, most_width)
    groups = [
        f'<g transform="translate({x:g} {y:g})">{"".join(table.elements)}</g>'
        for table, (x, y) in zip(tables, places, strict=True)
    ]
    ground = f'<rect class="ground" width="{width:g}" height="{height:g}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img"><title>{escape(summary(picture))}</title><style>{STYLE}</style>'
        f"{ground}{''.join(groups)}</svg>"
    )


def summary(picture: Mapping[str, Any]) -> str:
    """The picture in words: what each array is called, its shape, and what vmap makes of it."""
    return "; ".join(
        " ".join(filter(None, [table["title"], f"({', '.join(map(str, table['shape']))})", table["note"]]))
        for table in picture["tables"]
    )


def _placed(tables: Sequence[Drawn], most_width: float) -> tuple[list[tuple[float, float]], float, float]:
    """Where each table stands, and the size of the whole."""
    places: list[tuple[float, float]] = []
    x = y = BETWEEN / 2
    width = line = 0.0
    for table in tables:
        if x > BETWEEN and x + table.width > most_width:
            x, y, line = BETWEEN / 2, y + line + BETWEEN, 0.0
        places.append((x, y))
        x += table.width + BETWEEN
        width, line = max(width, x - BETWEEN / 2), max(line, table.height)
    return places, width, y + line + BETWEEN / 2


def _table(table: Mapping[str, Any]) -> Drawn:
    """The title, the shape and what becomes of the array, over its cells."""
    note = f"({', '.join(map(str, table['shape']))}{',' if len(table['shape']) == 1 else ''}) {table['note']}".strip()
    body = _type(table["type"]) if table["cells"] is None else _cells(table)
    head = (
        _text(0, 14, table["title"], "bold"),
        _text(0, 32, note, "small offends" if table["offends"] else "small"),
    )
    lowered = f'<g transform="translate(0 {HEAD:g})">{"".join(body.elements)}</g>'
    words = max(len(table["title"]) * CHARACTER, len(note) * 0.85 * CHARACTER)
    return Drawn((*head, lowered), max(body.width, words), HEAD + body.height)


def _type(text: str) -> Drawn:
    width = len(text) * CHARACTER + 2 * PADDING
    box = f'<rect class="type" x="1" y="1" width="{width:g}" height="{ROW + 8:g}" rx="5"/>'
    return Drawn((box, _text(PADDING, ROW - 4, text)), width + 2, ROW + 10)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells of an array as slices of rows; a vector is one row, a number one cell."""

    table: Mapping[str, Any]

    @property
    def shape(self) -> tuple[int, int, int]:
        slices, rows, columns = (1, 1, 1, *self.table["shape"])[-3:]
        return slices, rows, columns

    @property
    def axis(self) -> int | None:
        """The mapped axis as one of the three."""
        axis = self.table["axis"]
        return None if axis is None else axis + 3 - len(self.table["shape"])

    @property
    def cell_width(self) -> float:
        return max(map(len, self.table["cells"]), default=1) * CHARACTER + PADDING

    def text(self, index: tuple[int, int, int]) -> str | None:
        """What stands in a cell; None where the table was cut before it."""
        _, rows, columns = self.shape
        flat = (index[0] * rows + index[1]) * columns + index[2]
        cells: Sequence[str] = self.table["cells"]
        return cells[flat] if flat < len(cells) else None


def _cells(table: Mapping[str, Any]) -> Drawn:
    grid = _Grid(table)
    slices, rows, columns = (min(size, MOST_SHOWN) for size in grid.shape)
    elements: list[str] = []
    y = 0.0
    step = grid.cell_width + GAP
    for at in range(slices):
        if len(table["shape"]) == 3:
            elements.append(_label(LABEL, y + 15, f"{table['title']}[{at}]", at if grid.axis == 0 else None, "small"))
            y += ROW - 4
        if table["shape"]:
            elements += [
                _label(
                    LABEL + column * step + grid.cell_width / 2,
                    y + 12,
                    str(column),
                    column if grid.axis == 2 else None,
                    "small middle",
                )
                for column in range(columns)
            ]
            y += 18
        for row in range(rows):
            if len(table["shape"]) > 1:
                elements.append(_label(LABEL - 6, y + 17, str(row), row if grid.axis == 1 else None, "small end"))
            elements += _row(grid, (at, row), columns, LABEL, y)
            y += ROW
    cut = [*_cut(grid, (slices, rows, columns), y)]
    width = LABEL + columns * step
    return Drawn((*elements, *cut), max(width, LABEL + 14 * CHARACTER if cut else 0), y + (18 if cut else 0))


def _row(grid: _Grid, at: tuple[int, int], columns: int, x: float, y: float) -> Iterator[str]:
    for column in range(columns):
        index = (*at, column)
        text = grid.text(index)
        if text is None:
            return
        left = x + column * (grid.cell_width + GAP)
        size = f'width="{grid.cell_width:g}" height="{ROW - GAP:g}" rx="3"'
        yield f'<rect class="cell" x="{left:g}" y="{y:g}" {size}/>'
        if grid.axis is not None:
            hue = HUES[index[grid.axis] % len(HUES)]
            yield f'<rect x="{left:g}" y="{y:g}" {size} fill="{hue}" fill-opacity="0.32"/>'
        yield _text(left + grid.cell_width - PADDING / 2, y + 16, text, "end")


def _cut(grid: _Grid, shown: tuple[int, int, int], y: float) -> Iterator[str]:
    if shown != grid.shape or grid.table["cut"]:
        yield _text(LABEL, y + 13, "and more", "small")


def _label(x: float, y: float, text: str, example: int | None, kind: str) -> str:
    """A position along an axis; that of an example in its colour."""
    if example is None:
        return _text(x, y, text, kind)
    hue = HUES[example % len(HUES)]
    return _text(x, y, f"●{text}", f"{kind} bold").replace("<text ", f'<text style="fill:{hue}" ', 1)


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{of_kind}>{escape(text)}</text>'

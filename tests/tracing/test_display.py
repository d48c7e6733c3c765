import html
import re
from html.parser import HTMLParser

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.strategies import convolve
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.display import COLUMNS, Row, became_text, shape_text, step_text, table
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.records import Array

HOSTILE = "<img src=x onerror='alert(1)'>&\"`"
ROWS, ROW = jnp.ones((4, 3)), jnp.ones(3)


def _branching(i: jax.Array, x: jax.Array) -> jax.Array:
    return jax.lax.cond(i > 2, lambda v: jnp.where(v < 1, v, 0.0), jnp.sin, x)


def _found(kind: str) -> BatchTrace:
    if kind == "convolve":
        return trace(convolve, in_axes=(1, 0), out_axes=1)(jnp.ones((5, 4)), ROWS)
    if kind == "shared":
        return trace(lambda x, y: (x * jnp.sin(y), y), (0, None), (0, None))(ROWS, ROW)
    if kind == "branching":
        return trace(_branching)(jnp.arange(4), ROWS)
    return trace(convolve)(ROWS, jnp.ones((5, 3)))


def _table(found: BatchTrace) -> tuple[list[Row], list[str]]:
    return table(found.steps, found.batch_size or 0)


KINDS = ["convolve", "shared", "branching", "refused"]


def test_the_text_shows_the_batch_axis_in_every_operation() -> None:
    lines = str(_found("convolve")).splitlines()
    assert lines[:3] == [
        "vmap runs `convolve` on 4 examples.",
        "x (5, «4»): batch on axis 1",
        "y («4», 3): batch on axis 0",
    ]
    assert [line.split()[:2] for line in lines if line.startswith("3 x")] == [["3", "x"], ["3", "x"]]
    (product,) = [line for line in lines if "dot_general" in line]
    assert "(3,), (3,) -> ()" in product
    assert "(3, «4»), («4», 3) -> («4»,)" in product
    assert lines[-1] == "result (3, «4»): batch on axis 1, brought there by transpose"


def test_the_text_says_what_runs_once() -> None:
    lines = str(_found("shared")).splitlines()
    (sine,) = [line for line in lines if " sin " in line]
    assert sine.endswith("ONCE, shared by all 4")
    assert "y (3,): shared by all" in lines
    assert "result[1] (3,): one for all examples" in lines
    assert lines[-1] == "Sharing saves 9 arithmetic operations."


def test_steps_inside_a_condition_are_indented_and_say_where_they_are() -> None:
    operations = [row.operation for row in _table(_found("branching"))[0]]
    assert "cond" in operations
    assert "  sin (branch 0)" in operations
    assert "  select_n (_where)" in operations


@pytest.mark.parametrize("kind", KINDS[:3])
def test_the_columns_are_aligned(kind: str) -> None:
    found = _found(kind)
    lines = str(found).splitlines()
    (head,) = [number for number, line in enumerate(lines) if "operation" in line and "one example" in line]
    rows, _ = _table(found)
    starts = {column: lines[head].index(column) for column in COLUMNS[1:]}
    for row, line in zip(rows, lines[head + 1 :], strict=False):
        for column, cell in list(zip(COLUMNS, row.cells, strict=True))[1:]:
            assert line[starts[column] :].startswith(cell), (column, line)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_every_note_is_given_once_and_numbered(kind: str) -> None:
    found = _found(kind)
    rows, notes = _table(found)
    assert notes == list(dict.fromkeys(step.note for step in found.all_steps if step.note))
    assert {row.note for row in rows} - {None} == set(range(1, len(notes) + 1))
    assert all(f"[{number}] {note}" in str(found) for number, note in enumerate(notes, start=1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_says_what_the_text_says(kind: str) -> None:
    found = _found(kind)
    drawn, text = found._repr_html_(), str(found)
    shown = re.sub("<[^>]+>", "\n", drawn).replace("«", "").replace("»", "")
    if found.ok:
        cells = [cell for row in _table(found)[0] for cell in row.cells]
        assert [cell for cell in cells if cell not in text] == []
        assert [cell for cell in cells if "«" not in cell and html.escape(cell) not in shown] == []


class _Balance(HTMLParser):
    """Collects the tags and attributes, and which tags are still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.styles: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.styles |= {value or "" for name, value in attrs if name == "style"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parsed(found: BatchTrace) -> _Balance:
    parser = _Balance()
    parser.feed(found._repr_html_())
    return parser


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_well_formed(kind: str) -> None:
    parser = _parsed(_found(kind))
    assert parser.open == []
    plain = {"div", "p", "strong", "br", "table", "tr", "th", "td"}
    # What is refused is shown as its explanation.
    assert parser.seen <= (plain | {"code", "pre", "details", "summary"} if kind == "refused" else plain)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_the_html_marks_the_batch_axis_in_bold_and_is_readable_on_light_and_dark(kind: str) -> None:
    found = _found(kind)
    assert re.search(r"<strong style=[^>]+>4</strong>", found._repr_html_())
    colours = [style for style in _parsed(found).styles if "color" in style or "background" in style]
    assert all(re.search(r"rgba\(\d+,\d+,\d+,0\.\d+\)", style) for style in colours)
    assert not re.search(r"(?<![-\w])color:", found._repr_html_())


def test_no_text_becomes_markup() -> None:
    found = trace(lambda x: x * 2 if HOSTILE else "<b>", names=(HOSTILE,))(ROWS)
    assert "img" not in _parsed(found).seen
    assert "<b>" not in found._repr_html_()
    assert html.escape(HOSTILE) in found._repr_html_()
    inside = trace(lambda p: p[HOSTILE] + 1)({HOSTILE: ROWS})
    assert "<img" not in inside._repr_html_()


def test_a_shape_shows_the_batch_axis_at_its_place() -> None:
    array = Array("a", "float32", (2, 3), 1, (2, 4, 3))
    assert shape_text(array, batched=True) == "(2, «4», 3)"
    assert shape_text(array, batched=False) == "(2, 3)"
    assert shape_text(Array("a", "float32", (), None, ()), batched=True) == "()"


def test_many_equal_shapes_are_counted() -> None:
    found = trace(lambda *arrays: jnp.concatenate(arrays))(*[ROWS] * 6)
    assert step_text(found.steps[-1], batched=False) == "6 x (3,) -> (18,)"
    assert step_text(found.steps[-1], batched=True) == "6 x («4», 3) -> («4», 18)"


def test_what_an_operation_became_is_told_where_it_is_not_the_same() -> None:
    steps = {step.primitive: step for step in _found("branching").all_steps}
    assert became_text(steps["sin"]) == ""
    assert became_text(steps["select_n"]) == "broadcast_in_dim + select_n"
    assert became_text(steps["cond"]).startswith("2 eq + 2 stop_gradient")

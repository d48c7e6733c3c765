from html.parser import HTMLParser

import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.display import COLUMNS, cell_texts, output_text
from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import ArgumentRow, Output
from vmapdemo.strategies import convolve

HOSTILE = "<img src=x onerror='alert(1)'>&\"`"


def _found(kind: str) -> Explanation:
    if kind == "mismatch":
        return explain(convolve, in_axes=1, names=("x_batch", "y_batch"))(jnp.ones((5, 4)), jnp.ones((4, 3)))
    if kind == "two taps":
        return explain(convolve, example_ndim=(1, 1))(jnp.ones((4, 5)), jnp.ones((4, 2)))
    if kind == "caution":
        return explain(convolve, in_axes=(1, 0), example_ndim=(1, 1))(jnp.ones((4, 4)), jnp.ones((4, 3)))
    return explain(convolve, in_axes=(0, None))(jnp.ones((4, 5)), jnp.ones(3))


KINDS = ["mismatch", "two taps", "caution", "right"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_says_everything_that_was_found(kind: str) -> None:
    found = _found(kind)
    text = str(found)
    assert text.splitlines()[:2] == [found.headline, found.reason]
    fixes = [*found.fixes, *(c.fix for c in found.cautions if c.fix is not None)]
    said = [
        *(fix.code for fix in fixes),
        *(c.text for c in found.cautions),
        *found.advice,
        *map(output_text, found.output),
    ]
    assert [part for part in said if part not in text] == []
    assert (found.jax_error or "") in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_says_what_the_text_says(kind: str) -> None:
    found = _found(kind)
    drawn = found._repr_html_()
    read = _Balance()
    read.feed(drawn)
    cautions = [caution.text for caution in found.cautions]
    for part in (found.headline, found.reason, *(fix.code for fix in found.fixes), *COLUMNS, *cautions, *found.advice):
        assert part.replace("`", "") in read.text
    assert (found.jax_error or "") in read.text


class _Balance(HTMLParser):
    """Collects the tags, and which are still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_well_formed(kind: str) -> None:
    parser = _Balance()
    parser.feed(_found(kind)._repr_html_())
    assert parser.open == []
    assert parser.seen <= {"div", "p", "strong", "br", "table", "tr", "th", "td", "pre", "code", "details", "summary"}


def test_no_text_becomes_markup() -> None:
    found = explain(convolve, in_axes=(HOSTILE, 0), names=(HOSTILE, "y"))(jnp.ones((4, 5)), jnp.ones((4, 3)))
    parser = _Balance()
    parser.feed(found._repr_html_())
    assert "img" not in parser.seen
    assert "<img" not in found._repr_html_()


@pytest.mark.parametrize(
    ("row", "texts"),
    [
        (ArgumentRow("x", (5, 4), "int32", 1, 4, (5,)), ("x", "int32 (5, 4)", "1", "4", "(5,)")),
        (ArgumentRow("y", (3,), "float32", None, None, (3,)), ("y", "float32 (3,)", "None", "shared", "(3,)")),
        (ArgumentRow("y", (3,), "float32", 7, None, None, True), ("y", "float32 (3,)", "7", "", "?")),
        (ArgumentRow("y", (3,), "float32", True, None, None), ("y", "float32 (3,)", "True", "", "?")),
    ],
)
def test_a_row_has_a_text_for_every_column(row: ArgumentRow, texts: tuple[str, ...]) -> None:
    assert cell_texts(row) == texts
    assert len(texts) == len(COLUMNS)


def test_an_output_says_where_its_batch_is() -> None:
    assert (
        output_text(Output("", "float32", (3,), (3, 4), 1))
        == "result: float32, one (3,), the whole (3, 4) with the batch on axis 1"
    )
    assert (
        output_text(Output("['a']", "int32", (3,), (3,), None))
        == "result['a']: int32, one (3,), the whole (3,) the same for all examples"
    )


def test_the_columns_of_the_text_are_aligned() -> None:
    lines = str(_found("mismatch")).splitlines()[3:6]
    starts = {line.index(word) for line, word in zip(lines, ["shape", "float32", "float32"], strict=True)}
    assert len(starts) == 1


def test_a_large_tree_is_listed_in_part_with_all_that_offends() -> None:
    layers = {f"layer{index:03}": jnp.ones((4, 2)) for index in range(60)} | {"odd": jnp.ones((5, 2))}
    text = str(explain(lambda p: p["odd"])(layers))
    assert "p['odd']" in text
    assert "and 30 more" in text


def test_the_shapes_for_any_size_are_told_once_they_are_known() -> None:
    found = _found("right")
    assert "any size" not in str(found)
    assert found.any_size is not None
    assert f"any size: {found.any_size}" in str(found)
    assert "any size: (b, n), (3,)" in found._repr_html_()

"""Blocks of a spreadsheet, pasted from the selected cell on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

X = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]]


@pytest.fixture
def visitor(visit: Callable[..., Visit]) -> Visit:
    """A visitor whose browser lets the page use the clipboard."""
    return visit("", permissions=["clipboard-read", "clipboard-write"])


def test_a_block_is_pasted_from_the_selected_cell_on(visitor: Visit) -> None:
    visitor.paste("x_batch", (1, 1), "7\t8\n9\t-1\n")
    visitor.expect_array("x_batch", [X[0], [0, 7, 8, 3, 4], [0, 9, -1, 1, 4], X[3]])
    visitor.expect_query(x_batch="0_1_2_3_4~0_7_8_3_4~0_9_-1_1_4~0_1_2_3_4")
    expect(visitor.cell("x_batch", 1, 1)).to_be_focused()
    visitor.page.go_back()
    visitor.expect_array("x_batch", X)


def test_a_block_that_reaches_beyond_the_array_makes_it_grow(visitor: Visit) -> None:
    visitor.paste("x_batch", (3, 4), "5\t6\n7\t8")
    grown = [[*row, 0] for row in X[:3]] + [[0, 1, 2, 3, 5, 6], [0, 0, 0, 0, 7, 8]]
    visitor.expect_array("x_batch", grown)
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text("5 examples")
    expect(visitor.cell("x_batch", 3, 4)).to_be_focused()
    visitor.paste("y_batch", (3, 0), "7\t4\t2\n1\t1\t1")
    visitor.expect_array("result", [[11, 20, 29, 18], [11, 20, 29, 18], [3, 6, 19, 14], [8, 21, 36, 53], [0, 0, 7, 15]])


def test_one_number_is_pasted_into_its_cell(visitor: Visit) -> None:
    visitor.paste("x_batch", (0, 0), "12\n")
    visitor.expect_array("x_batch", [[12, 1, 2, 3, 4], *X[1:]])


def test_a_block_with_a_word_in_it_changes_nothing_and_says_why(visitor: Visit) -> None:
    for text, words in [("1\t2\n3\tabc", "'abc' is not a number"), ("1\t2\n3", "different lengths"), ("1,5\t2", "1.5")]:
        visitor.paste("x_batch", (0, 0), text)
        expect(visitor.key("notice_x_batch")).to_contain_text(words)
    visitor.expect_array("x_batch", X)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")


def test_a_result_takes_no_block(visitor: Visit) -> None:
    visitor.paste("result", (0, 0), "1\t2")
    visitor.paste("x_batch", (0, 0), "1\t2")
    visitor.expect_array("x_batch", [[1, 2, 2, 3, 4], *X[1:]])
    visitor.expect_array("result", [[16, 22, 29], *NOTEBOOK[1:]])


def test_pasting_into_an_open_input_is_the_inputs(visitor: Visit) -> None:
    visitor.page.evaluate("navigator.clipboard.writeText('34')")
    visitor.select_cell("x_batch", 0, 0)
    visitor.page.keyboard.type("2")
    visitor.page.keyboard.press("Control+v")
    expect(visitor.editor).to_have_value("234")
    visitor.page.keyboard.press("Enter")
    expect(visitor.cell("x_batch", 0, 0)).to_have_text("234")

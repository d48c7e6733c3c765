from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser


def expect_refused(visitor: Visit, name: str, *words: str) -> None:
    for word in words:
        expect(visitor.key(f"notice_{name}")).to_contain_text(word)


def test_editing_a_cell_changes_the_result_and_the_address(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (2, 4), "9")
    expect(visitor.cell("x_batch", 2, 4)).to_have_text("9")
    visitor.expect_array("result", [*NOTEBOOK[:2], [3, 6, 39], NOTEBOOK[3]])
    visitor.expect_query(preset=None, x_batch="0_1_2_3_4~0_1_2_3_4~0_1_0_1_9~0_1_2_3_4")
    expect(visitor.key("preset").get_by_role("combobox")).to_have_value("")


def test_edits_one_after_another_add_up_in_both_arrays(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("y_batch", (0, 0), "2.5")
    visitor.expect_array("result", [[11, 20.5, 30], *NOTEBOOK[1:]])
    visitor.edit_cell("y_batch", (0, 1), "-1")
    visitor.expect_array("result", [[7, 12.5, 18], *NOTEBOOK[1:]])
    visitor.edit_cell("x_batch", (0, 0), "10")
    visitor.expect_array("result", [[32, 12.5, 18], *NOTEBOOK[1:]])
    visitor.expect_query(y_batch="2.5_-1_4~2_3_4~2_3_4~7_4_2", x_batch="10_1_2_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")


def test_an_edit_of_a_value_draws_what_follows_values_and_nothing_else(visit: Callable[..., Visit]) -> None:
    visitor = visit(None)
    drawn = visitor.deltas()
    visitor.open("")
    drawn.clear()
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_chosen("preset", "")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.edit_cell("x_batch", (0, 1), "2")
    visitor.expect_array("result", [[16, 22, 29], *NOTEBOOK[1:]])
    visitor.expect_query(x_batch="1_2_2_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")
    visitor.settled()
    kinds = {delta.new_element.WhichOneof("type") for delta in drawn if delta.HasField("new_element")}
    assert kinds == {"bidi_component", "selectbox"}
    # What the rest of the page says stays true: a fix after an edit is one of the numbers as they are now.
    visitor.type_axes("in_axes", "(0, 1)")
    visitor.expect_no_result()
    visitor.edit_cell("x_batch", (0, 2), "3")
    visitor.expect_query(x_batch="1_2_3_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")
    visitor.press("fix_0")
    visitor.expect_axes("in_axes", "(0, 0)")
    visitor.expect_array("result", [[20, 25, 31], *NOTEBOOK[1:]])
    expect(visitor.cell("x_batch", 0, 2)).to_have_text("3")


def test_edits_go_back_step_by_step(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    for column, text in enumerate("567"):
        visitor.edit_cell("x_batch", (0, column), text)
        visitor.rest()
    visitor.expect_query(x_batch="5_6_7_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")
    for column, text in reversed(list(enumerate("012"))):
        visitor.page.go_back()
        expect(visitor.cell("x_batch", 0, column)).to_have_text(text)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_chosen("preset", "Notebook: vmap")


def test_rows_and_columns_are_added_and_removed(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.resize("x_batch", "add a column")
    visitor.expect_array("result", [[11, 20, 29, 18], [11, 20, 29, 18], [3, 6, 19, 14], [8, 21, 34, 37]])
    visitor.resize("x_batch", "remove a column")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    visitor.resize("x_batch", "add a row")
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text("5")
    expect(visitor.key("verdict")).to_contain_text("4")
    visitor.resize("y_batch", "add a row")
    visitor.expect_array("result", [*NOTEBOOK, [0, 0, 0]])
    visitor.resize("x_batch", "remove a row")
    visitor.expect_no_result()
    visitor.resize("y_batch", "remove a row")
    visitor.expect_array("result", NOTEBOOK)


def test_the_last_row_cannot_be_removed(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&x_batch=0_1_2_3~&y_batch=1_1_1~")
    visitor.expect_array("result", [[3, 6]])
    for edge in ("row", "column"):
        expect(visitor.key("y_batch").get_by_role("button", name=f"add a {edge}")).to_be_enabled()
    expect(visitor.key("x_batch").get_by_role("button", name="remove a row")).to_be_disabled()
    expect(visitor.key("x_batch").get_by_role("button", name="remove a column")).to_be_enabled()


def test_a_cell_that_was_added_can_be_edited(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.resize("x_batch", "add a column")
    expect(visitor.cell("x_batch", 0, 5)).to_have_text("0")
    visitor.edit_cell("x_batch", (0, 5), "7")
    expect(visitor.cell("x_batch", 0, 5)).to_have_text("7")
    expect(visitor.cell("x_batch", 0, 0)).to_have_text("1")
    expect(visitor.cell("result", 0, 3)).to_have_text("46")


def test_the_dtype_is_chosen_and_decides_what_a_cell_takes(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.choose_dtype("x_batch", "float32")
    visitor.expect_query(x_batch__dtype="float32", preset=None)
    visitor.edit_cell("x_batch", (0, 1), "1.5")
    visitor.expect_array("result", [[12.5, 21, 29], *NOTEBOOK[1:]])
    visitor.choose_dtype("x_batch", "int32")
    expect_refused(visitor, "x_batch", "1.5")
    expect(visitor.key("x_batch").get_by_role("combobox", name="dtype")).to_have_value("float32")
    expect(visitor.cell("x_batch", 0, 1)).to_have_text("1.5")


def test_an_argument_is_passed_transposed(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.transpose("x_batch")
    expect(visitor.call).to_contain_text("(x_batch.T, y_batch)")
    expect(visitor.key("x_batch").get_by_role("button", name="transposed")).to_have_attribute("aria-pressed", "true")
    visitor.expect_array("x_batch", [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 0, 2], [3, 3, 1, 3], [4, 4, 4, 4]])
    visitor.expect_no_result()
    visitor.expect_query(x_batch__T="1", preset=None)
    # One edits what is drawn.
    visitor.edit_cell("x_batch", (3, 2), "8")
    visitor.expect_query(x_batch="0_1_2_3_4~0_1_2_3_4~0_1_0_8_4~0_1_2_3_4")
    visitor.transpose("x_batch")
    visitor.expect_query(x_batch__T=None)
    expect(visitor.cell("x_batch", 2, 3)).to_have_text("8")


@pytest.mark.parametrize(
    "text",
    ["[[1, 2, 3, 4],\n [5, 6, 7, 8]]", "1\t2\t3\t4\n5\t6\t7\t8", "[[1 2 3 4]\n [5 6 7 8]]"],
    ids=["brackets", "spreadsheet", "printed by NumPy"],
)
def test_numbers_as_text_become_the_argument(visit: Callable[..., Visit], text: str) -> None:
    visitor = visit("preset=shared-kernel")
    visitor.write_as_text("x_batch", text)
    visitor.expect_array("x_batch", [[1, 2, 3, 4], [5, 6, 7, 8]])
    visitor.expect_array("result", [[20, 29], [56, 65]])
    visitor.expect_query(x_batch="1_2_3_4~5_6_7_8", preset=None)
    expect(visitor.key("x_batch").locator("form")).to_be_hidden()


def test_text_that_is_no_array_gets_a_sentence_and_nothing_changes(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    for text, word in [
        ("[[1, 2], [3]]", "different lengths"),
        ("[[1, 2], [3", "not an array"),
        ("one two", "'one' is not a number"),
        ("<img src=x onerror=alert(1)>", "not a number"),
    ]:
        visitor.write_as_text("x_batch", text)
        expect(visitor.key("x_batch").locator("form").get_by_role("alert")).to_contain_text(word)
        # What was written stays, to be mended.
        expect(visitor.key("x_batch").get_by_role("textbox", name="numbers of x_batch")).to_have_value(text)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    expect(visitor.find("img")).to_have_count(0)


def test_three_axes_come_as_text_and_are_edited_in_slices(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.write_as_text("x_batch", "[[[1, 2], [3, 4], [5, 6]]]")
    visitor.expect_array("x_batch", [[[1, 2], [3, 4], [5, 6]]])
    visitor.resize("x_batch", "add a slice")
    visitor.expect_array("x_batch", [[[1, 2], [3, 4], [5, 6]], [[0, 0], [0, 0], [0, 0]]])
    visitor.edit_cell("x_batch", (1, 2, 0), "7")
    visitor.expect_query(x_batch="1_2~3_4~5_6~~0_0~0_0~7_0")


def test_the_form_for_text_shows_the_numbers_and_is_left_by_escape(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    opener = visitor.key("x_batch").get_by_role("button", name="as text")
    opener.click()
    # As they are stored: what is passed is the transpose.
    field = visitor.key("x_batch").get_by_role("textbox", name="numbers of x_batch")
    expect(field).to_be_focused()
    expect(field).to_have_value("[[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]]")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(opener).to_be_focused()


def test_reset_goes_back_to_the_last_example(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-0")
    reset = visitor.key("arrays").locator("button.reset")
    expect(reset).to_be_hidden()
    visitor.edit_cell("x_batch", (4, 0), "5")
    visitor.expect_array("result", [[11, 20, 33], *NOTEBOOK[1:]])
    visitor.type_axes("in_axes", "(1, 1)")
    visitor.expect_no_result()
    reset.click()
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_axes("in_axes", "[1, 0]")
    visitor.expect_query(preset="fix-out-0")
    expect(reset).to_be_hidden()


def test_an_example_is_chosen_again_to_begin_anew(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-0")
    visitor.edit_cell("x_batch", (4, 0), "5")
    visitor.expect_array("result", [[11, 20, 33], *NOTEBOOK[1:]])
    visitor.type_axes("in_axes", "(1, 1)")
    visitor.expect_no_result()
    visitor.choose("preset", "Notebook: its fix, out_axes=0")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_axes("in_axes", "[1, 0]")
    visitor.expect_query(preset="fix-out-0")
    expect(visitor.cell("x_batch", 4, 0)).to_have_text("4")


def test_a_function_of_three_arguments_is_edited_like_any_other(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=cond")
    visitor.edit_cell("limit", (), "100")
    visitor.expect_array("result", [[-2, 2, -1], [-0.5, -0.5, -0.5], [11, -3, -1], [2, 2, 1]])
    visitor.expect_query(limit="100", function="clipped_step", preset=None)
    visitor.edit_cell("params", (3, 2), "7")
    visitor.expect_array("result", [[-2, 2, -1], [-0.5, -0.5, -0.5], [11, -3, -1], [2, 2, 6]])
    visitor.choose("preset", "Notebook: vmap")
    visitor.expect_array("result", NOTEBOOK)

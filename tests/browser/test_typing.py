"""Typing into the drawn cells: nothing typed is lost or changed, and nothing refused goes unsaid."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

X = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]]


def with_number(row: int, column: int, number: float) -> np.ndarray:
    """The notebook's x_batch with one number changed."""
    x = np.array(X, dtype=float)
    x[row, column] = number
    return x


def query_of(x: np.ndarray) -> str:
    return "~".join("_".join(f"{value:g}" for value in row) for row in x)


def test_typing_as_fast_as_keys_come_loses_no_digit(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    numbers = np.arange(20).reshape(4, 5) * 37 + 1012
    visitor.select_cell("x_batch", 0, 0)
    for number in numbers.ravel():
        visitor.page.keyboard.type(str(number), delay=0)
        visitor.page.keyboard.press("Tab")
    visitor.expect_array("x_batch", numbers)
    visitor.confirmed()
    visitor.expect_array("x_batch", numbers)
    visitor.expect_query(x_batch=query_of(numbers))
    windows = np.stack([numbers[:, at : at + 3] for at in range(3)], axis=1)
    y = np.array([[2, 3, 4], [2, 3, 4], [2, 3, 4], [7, 4, 2]])
    visitor.expect_array("result", np.einsum("bwk,bk->bw", windows, y))


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", 0.001), ("-2", -2), ("\N{MINUS SIGN}2", -2), ("+.5", 0.5), (" 7 ", 7)]
)
def test_a_number_is_read_as_it_was_typed(visit: Callable[..., Visit], text: str, number: float) -> None:
    visitor = visit("preset=vmap&x_batch.dtype=float32")
    visitor.select_cell("x_batch", 0, 0)
    # A key that no American keyboard has comes to an input alone.
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.type(text)
    visitor.page.keyboard.press("Enter")
    visitor.confirmed()
    expect(visitor.cell("x_batch", 0, 0)).to_have_text(f"{number:g}")
    expect(visitor.key("notice_x_batch")).to_be_hidden()
    visitor.expect_query(x_batch=query_of(with_number(0, 0, number)))
    expect(visitor.cell("result", 0, 0)).to_have_text(f"{11 + 2 * number:.6g}")


@pytest.mark.parametrize(
    ("text", "words"),
    [("1,5", "write 1.5"), ("abc", "'abc' is not a number"), ("", "cannot be empty"), ("1e40", "not a finite number")],
)
def test_a_refused_text_stays_marked_and_the_last_good_number_in_force(
    visit: Callable[..., Visit], text: str, words: str
) -> None:
    visitor = visit("preset=vmap&x_batch.dtype=float32")
    cell = visitor.cell("x_batch", 1, 3)
    if text:
        visitor.edit_cell("x_batch", (1, 3), text)
    else:
        visitor.select_cell("x_batch", 1, 3)
        visitor.page.keyboard.press("Delete")
        visitor.page.keyboard.press("Enter")
    expect(visitor.key("notice_x_batch")).to_contain_text("x_batch[1, 3] is not changed.")
    expect(visitor.key("notice_x_batch")).to_contain_text(words)
    expect(cell).to_have_class("refused")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(cell).to_have_text(text)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(x_batch=query_of(np.array(X)))
    # Other cells are changed meanwhile; the text is there to be mended.
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    expect(cell).to_have_text(text)
    visitor.edit_cell("x_batch", (1, 3), "5")
    expect(visitor.key("notice_x_batch")).to_be_hidden()
    expect(cell).not_to_have_class("refused")
    visitor.expect_array("result", [[13, 20, 29], [11, 28, 35], *NOTEBOOK[2:]])


def test_a_refused_text_goes_with_its_cell(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (3, 4), "abc")
    expect(visitor.key("notice_x_batch")).to_contain_text("'abc'")
    visitor.resize("x_batch", "remove a row")
    visitor.expect_no_result()
    expect(visitor.key("notice_x_batch")).to_be_hidden()
    visitor.resize("x_batch", "add a row")
    expect(visitor.cell("x_batch", 3, 4)).to_have_text("0")


def test_keys_move_between_cells(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    keys, focus = visitor.page.keyboard, lambda *index: expect(visitor.cell("x_batch", *index)).to_be_focused()
    visitor.select_cell("x_batch", 1, 1)
    for key, index in [
        ("ArrowRight", (1, 2)),
        ("ArrowDown", (2, 2)),
        ("ArrowLeft", (2, 1)),
        ("ArrowUp", (1, 1)),
    ]:
        keys.press(key)
        focus(*index)
    for key, index in [("Enter", (2, 1)), ("Shift+Enter", (1, 1)), ("Tab", (1, 2)), ("Shift+Tab", (1, 1))]:
        keys.press("Enter")
        expect(visitor.editor).to_be_focused()
        keys.press(key)
        expect(visitor.editor).to_have_count(0)
        focus(*index)
    # Nothing was changed, so nothing was sent.
    visitor.expect_query(preset="vmap")


def test_escape_takes_back_what_is_being_typed(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.select_cell("x_batch", 1, 1)
    visitor.page.keyboard.type("99")
    visitor.page.keyboard.press("Escape")
    expect(visitor.cell("x_batch", 1, 1)).to_be_focused()
    visitor.expect_array("x_batch", X)
    visitor.expect_query(preset="vmap")


@pytest.mark.parametrize("opener", ["Enter", "F2", "double click", "second click"])
def test_a_number_is_changed_from_what_it_is(visit: Callable[..., Visit], opener: str) -> None:
    visitor = visit("preset=distinct-rows")
    cell = visitor.cell("x_batch", 0, 2)
    if opener == "double click":
        cell.dblclick()
    else:
        visitor.select_cell("x_batch", 0, 2)
        cell.click() if opener == "second click" else visitor.page.keyboard.press(opener)
    expect(visitor.editor).to_have_value("4")
    expect(visitor.editor).to_have_accessible_name("x_batch[0, 2], 4")
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.type("2")
    visitor.page.keyboard.press("Enter")
    expect(visitor.cell("x_batch", 0, 2)).to_have_text("42")


def test_what_is_typed_is_kept_when_the_focus_goes_elsewhere(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.select_cell("x_batch", 0, 0)
    visitor.page.keyboard.type("1")
    visitor.cell("y_batch", 0, 0).click()
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    expect(visitor.editor).to_have_count(0)


def test_an_open_input_survives_what_the_server_sends_meanwhile(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "1")
    # The answer comes while the next number is being typed.
    visitor.page.keyboard.type("12")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.confirmed()
    expect(visitor.editor).to_be_focused()
    expect(visitor.editor).to_have_value("12")
    visitor.page.keyboard.type("3")
    visitor.page.keyboard.press("Enter")
    expect(visitor.cell("x_batch", 1, 0)).to_have_text("123")
    visitor.expect_array("result", [[13, 20, 29], [257, 20, 29], *NOTEBOOK[2:]])


def test_an_open_input_of_the_call_survives_too(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.axes_field("in_axes").fill("(1,")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.confirmed()
    visitor.expect_axes("in_axes", "(1,")
    expect(visitor.axes_field("in_axes")).to_be_focused()


def test_one_step_back_takes_a_burst_of_typing_back(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.select_cell("x_batch", 0, 0)
    for text in "98765":
        visitor.page.keyboard.type(text)
        visitor.page.keyboard.press("Tab")
    visitor.rest()
    visitor.expect_query(x_batch="9_8_7_6_5~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")
    visitor.page.go_back()
    visitor.expect_array("x_batch", X)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    visitor.page.go_forward()
    visitor.expect_array("x_batch", [[9, 8, 7, 6, 5], *X[1:]])


def test_what_was_asked_for_is_asked_again_until_the_server_has_it(visit: Callable[..., Visit]) -> None:
    """The first message after the page has opened is lost on its way."""
    visitor = visit(None)
    lost: list[int] = []
    is_losing: list[bool] = []

    def route(socket: object) -> None:
        server = socket.connect_to_server()  # type: ignore[attr-defined]

        def pass_on(message: str | bytes) -> None:
            if is_losing and not lost:
                lost.append(len(message))
            else:
                server.send(message)

        socket.on_message(pass_on)  # type: ignore[attr-defined]

    visitor.page.route_web_socket("**/_stcore/stream", route)
    visitor.open("")
    visitor.key("strategies_list").evaluate("list => list.parentElement.open = false")
    is_losing.append(True)
    visitor.edit_cell("x_batch", (0, 0), "1")
    assert visitor.comes_to(lambda: bool(lost))
    # It is seen at once, and the numbers that follow from it are marked as waiting.
    expect(visitor.cell("x_batch", 0, 0)).to_have_text("1")
    expect(visitor.find(".arrays.waiting")).to_have_count(1)
    expect(visitor.cell("result", 0, 0)).to_have_text("11")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.confirmed()

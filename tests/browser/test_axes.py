from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

NOT_TAKEN = ("{0: 1}", "(1, ")
BROKEN = '[data-testid="stException"], [data-testid="stAlert"]'


def test_whatever_is_typed_as_in_axes_is_answered(visit: Callable[..., Visit], subtests: pytest.Subtests) -> None:
    visitor = visit()
    answers = {
        "(1, 0)": "Axis 1 of x_batch (4, 5) has 5 examples; axis 0 of y_batch (4, 3) has 4",
        "[0, None]": "y_batch as (4, 3)",
        "-1": "5 examples",
        "2": "axis 2",
        "True": "True",
        "0.5": "0.5",
        "'a'": "'a'",
        "(0,)": "2 arguments",
        "None": "",
        "(None, None)": "",
        "{0: 1}": "cannot stand in axes",
        "(1, ": "not a Python value",
        "((0, 0), 0)": "",
    }
    for text, words in answers.items():
        with subtests.test(text):
            visitor.type_axes("in_axes", text)
            if text in NOT_TAKEN:
                expect(visitor.key("notice_in_axes")).to_contain_text(words)
            else:
                expect(visitor.cells("result")).to_have_count(0)
                expect(visitor.key("verdict")).to_contain_text(words)
            visitor.expect_axes("in_axes", text)
            expect(visitor.find(BROKEN)).to_have_count(0)
            visitor.type_axes("in_axes", "0")
            # After a text that was not taken the numbers were there all the time: what goes is the sentence.
            expect(visitor.key("notice_in_axes")).to_have_count(0)
            visitor.expect_array("result", NOTEBOOK)


@pytest.mark.parametrize("place", ["in_axes", "out_axes"])
def test_an_unfinished_bracket_gets_a_sentence_and_the_call_stays(visit: Callable[..., Visit], place: str) -> None:
    visitor = visit()
    visitor.type_axes(place, "(1, ")  # type: ignore[arg-type]
    expect(visitor.key(f"notice_{place}")).to_contain_text("not a Python value")
    visitor.expect_axes(place, "(1, ")  # type: ignore[arg-type]
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    visitor.type_axes(place, "0")  # type: ignore[arg-type]
    expect(visitor.key(f"notice_{place}")).to_have_count(0)


def test_axes_beyond_the_limits_get_a_sentence(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.type_axes("in_axes", str([0] * 40))
    expect(visitor.key("notice_in_axes")).to_contain_text("at most 32")
    visitor.expect_array("result", NOTEBOOK)


def test_typed_out_axes_move_the_batch_of_the_result(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    for text, shown in {"1": np.transpose(NOTEBOOK), "-2": NOTEBOOK, "-1": np.transpose(NOTEBOOK)}.items():
        visitor.type_axes("out_axes", text)
        visitor.expect_array("result", shown)
        visitor.expect_query(out_axes=text)
    visitor.type_axes("out_axes", "2")
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text("out_axes")
    visitor.type_axes("out_axes", "None")
    visitor.expect_no_result()


def test_the_pickers_write_the_text(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    visitor.choose("axis_y_batch", "axis 0 (4)")
    visitor.expect_axes("in_axes", "(1, 0)")
    visitor.expect_array("result", NOTEBOOK)
    visitor.choose("axis_result", "axis 1 (3)")
    visitor.expect_axes("out_axes", "1")
    visitor.expect_array("result", np.transpose(NOTEBOOK))
    visitor.choose("axis_x_batch", "None (shared)")
    visitor.expect_axes("in_axes", "(None, 0)")
    visitor.expect_query(preset=None, out_axes="1")


def test_a_list_stays_a_list(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-0")
    visitor.choose("axis_y_batch", "axis 1 (3)")
    visitor.expect_axes("in_axes", "[1, 1]")
    visitor.choose("axis_x_batch", "axis 0 (5)")
    visitor.expect_axes("in_axes", "[0, 1]")


def test_the_text_moves_the_pickers_with_lengths(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap")
    for text, x, y in [
        ("(1, 0)", "axis 1 (5)", "axis 0 (4)"),
        ("-1", "axis 1 (5)", "axis 1 (3)"),
        ("[0, None]", "axis 0 (4)", "None (shared)"),
        ("(0,)", "custom", "custom"),
        ("(2, 0)", "custom", "axis 0 (4)"),
        ("True", "custom", "custom"),
        ("0", "axis 0 (4)", "axis 0 (4)"),
    ]:
        visitor.type_axes("in_axes", text)
        visitor.expect_chosen("axis_x_batch", x)
        visitor.expect_chosen("axis_y_batch", y)
    visitor.type_axes("out_axes", "(0, 1)")
    visitor.expect_chosen("axis_result", "custom")
    visitor.choose("axis_result", "axis 0")
    visitor.expect_axes("out_axes", "0")
    visitor.expect_array("result", NOTEBOOK)


def test_a_picker_leaves_custom_behind(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&in_axes=(0,)")
    visitor.expect_chosen("axis_y_batch", "custom")
    visitor.choose("axis_y_batch", "axis 0 (4)")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_chosen("axis_y_batch", "axis 0 (4)")


def test_the_pickers_follow_the_shape(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.resize("x_batch", "add_row")
    visitor.close_tools()
    visitor.expect_chosen("axis_x_batch", "axis 0 (5)")
    visitor.tick("transposed_x_batch")
    visitor.expect_chosen("axis_x_batch", "axis 0 (5)")
    visitor.choose("axis_x_batch", "axis 1 (5)")
    visitor.expect_axes("in_axes", "(1, 0)")


def test_without_vmap_the_function_is_called_once(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel")
    visitor.expect_array("result", [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]])
    visitor.tick("batched")
    expect(visitor.find('[data-testid="stCode"]').first).to_have_text("convolve(x_batch, y_batch)")
    visitor.expect_query(batched="0")
    visitor.expect_no_result()
    visitor.tick("batched")
    visitor.expect_array("result", [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]])


@pytest.mark.parametrize("text", ["'<img src=x onerror=alert(1)>'", "'[a](http://x)'", "'<a href=//x>b</a>'"])
def test_what_a_visitor_types_is_shown_as_text(visit: Callable[..., Visit], text: str) -> None:
    visitor = visit()
    visitor.type_axes("in_axes", text)
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text(text)
    expect(visitor.code(f"in_axes={text}").first).to_be_visible()
    for expander in visitor.page.get_by_text("What JAX says").all():
        expander.click()
    visitor.settled()
    expect(visitor.find('img, a:not([href="#stMain"])')).to_have_count(0)

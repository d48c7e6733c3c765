from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

NOT_TAKEN = ("{0: 1}", "(1, ")
NEITHER = "no handle"
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
        "{0: 1}": "The keys of a dict in the axes are names",
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
    expect(visitor.axes_field(place)).to_have_attribute("aria-invalid", "true")  # type: ignore[arg-type]
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    visitor.type_axes(place, "0")  # type: ignore[arg-type]
    expect(visitor.key(f"notice_{place}")).to_have_count(0)
    expect(visitor.axes_field(place)).to_have_attribute("aria-invalid", "false")  # type: ignore[arg-type]


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


def test_the_handles_write_the_text(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    visitor.choose_axis("y_batch", 0)
    visitor.expect_axes("in_axes", "(1, 0)")
    visitor.expect_array("result", NOTEBOOK)
    visitor.choose_axis("result", 1)
    visitor.expect_axes("out_axes", "1")
    visitor.expect_array("result", np.transpose(NOTEBOOK))
    visitor.choose_axis("x_batch", None)
    visitor.expect_axes("in_axes", "(None, 0)")
    visitor.expect_query(preset=None, out_axes="1")


def test_the_result_has_its_axis_chosen_where_the_call_fails_too(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    visitor.expect_axis("result", 0, "axis 0")
    visitor.choose_axis("result", 1)
    visitor.expect_axes("out_axes", "1")
    visitor.expect_no_result()
    visitor.press("fix_0")
    visitor.expect_array("result", np.transpose(NOTEBOOK))
    visitor.expect_axis("result", 1, "axis 1 (4)")
    visitor.choose_axis("result", None)
    visitor.expect_axes("out_axes", "None")
    visitor.expect_no_result()
    visitor.expect_axis("result", None, "None")


def test_the_handles_are_chosen_from_the_keyboard(visit: Callable[..., Visit]) -> None:
    """Tab stops once at each group, at the axis that is on; arrows choose, as Space and Enter do."""
    visitor = visit()
    keys = visitor.page.keyboard
    visitor.key("x_batch").get_by_role("button", name="as text").focus()
    keys.press("Tab")
    expect(visitor.handle("x_batch", 0)).to_be_focused()
    keys.press("ArrowRight")
    expect(visitor.handle("x_batch", 1)).to_be_focused()
    visitor.expect_axis("x_batch", 1)
    visitor.expect_axes("in_axes", "(1, 0)")
    visitor.expect_no_result()
    keys.press("ArrowDown")
    visitor.expect_axis("x_batch", None)
    visitor.expect_axes("in_axes", "(None, 0)")
    # Round the corner, and back.
    keys.press("ArrowDown")
    visitor.expect_axes("in_axes", "(0, 0)")
    keys.press("ArrowUp")
    visitor.expect_axes("in_axes", "(None, 0)")
    expect(visitor.handle("x_batch", None)).to_be_focused()
    for key, axis in (("Space", 0), ("Enter", 1)):
        visitor.handle("y_batch", axis).focus()
        keys.press(key)
        visitor.expect_axis("y_batch", axis)
        visitor.expect_axes("in_axes", f"(None, {axis})")
        expect(visitor.handle("y_batch", axis)).to_be_focused()


def test_a_list_stays_a_list(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-0")
    visitor.choose_axis("y_batch", 1)
    visitor.expect_axes("in_axes", "[1, 1]")
    visitor.choose_axis("x_batch", 0)
    visitor.expect_axes("in_axes", "[0, 1]")


def test_the_text_moves_the_handles_with_lengths(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap")
    labels = {"x_batch": ("axis 0 (4)", "axis 1 (5)"), "y_batch": ("axis 0 (4)", "axis 1 (3)")}
    for text, *chosen in (
        ("(1, 0)", 1, 0),
        ("-1", 1, 1),
        ("[0, None]", 0, None),
        ("(0,)", NEITHER, NEITHER),
        ("(2, 0)", NEITHER, 0),
        ("True", NEITHER, NEITHER),
        ("0", 0, 0),
    ):
        visitor.type_axes("in_axes", text)
        for name, axis in zip(labels, chosen, strict=True):
            if axis is NEITHER:
                visitor.expect_handles_on(name, 0)
            else:
                visitor.expect_axis(name, axis, "shared (None)" if axis is None else labels[name][axis])
    visitor.type_axes("out_axes", "(0, 1)")
    visitor.expect_handles_on("result", 0)
    visitor.choose_axis("result", 0)
    visitor.expect_axes("out_axes", "0")
    visitor.expect_array("result", NOTEBOOK)


def test_a_handle_leaves_what_no_handle_can_say_behind(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&in_axes=(0,)")
    visitor.expect_handles_on("y_batch", 0)
    visitor.choose_axis("y_batch", 0)
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_axis("y_batch", 0, "axis 0 (4)")


def test_the_handles_follow_the_shape(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.resize("x_batch", "add a row")
    visitor.expect_axis("x_batch", 0, "axis 0 (5)")
    visitor.transpose("x_batch")
    expect(visitor.call).to_contain_text("(x_batch.T, y_batch)")
    visitor.expect_axis("x_batch", 0, "axis 0 (5)")
    expect(visitor.handle("x_batch", 1)).to_have_text("axis 1 (5)")
    visitor.choose_axis("x_batch", 1)
    visitor.expect_axes("in_axes", "(1, 0)")


def test_without_vmap_the_function_is_called_once(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel")
    visitor.expect_array("result", [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]])
    visitor.tick_vmap()
    expect(visitor.call).to_contain_text("convolve(x_batch, y_batch)")
    expect(visitor.call).not_to_contain_text("jax.vmap")
    visitor.expect_query(batched="0")
    visitor.expect_no_result()
    visitor.expect_handles_on("x_batch", 0)
    visitor.tick_vmap()
    visitor.expect_array("result", [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]])
    visitor.tick_vmap()
    visitor.expect_no_result()
    visitor.choose_axis("x_batch", 0)
    visitor.expect_array("result", [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]])


@pytest.mark.parametrize("text", ["'<img src=x onerror=alert(1)>'", "'[a](http://x)'", "'<a href=//x>b</a>'"])
def test_what_a_visitor_types_is_shown_as_text(visit: Callable[..., Visit], text: str) -> None:
    visitor = visit()
    visitor.type_axes("in_axes", text)
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text(text)
    visitor.expect_axes("in_axes", text)
    for summary in visitor.key("shapes").locator("summary").all():
        summary.click()
    expect(visitor.find('img, a:not([href="#stMain"], .whole)')).to_have_count(0)

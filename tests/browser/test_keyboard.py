"""Everything from the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

MOST_STOPS = 60


def tab_to(visitor: Visit, wanted: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_STOPS):
        if wanted.evaluate("node => node.matches(':focus')"):
            return
        visitor.page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def test_from_the_first_paint_to_an_applied_fix(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    keys = visitor.page.keyboard
    tab_to(visitor, visitor.axes_field("in_axes"))
    keys.press("Control+a")
    keys.type("1")
    keys.press("Enter")
    visitor.expect_no_result()
    apply = visitor.key("fix_0").get_by_role("button", name="Apply")
    expect(apply).to_be_visible()
    tab_to(visitor, apply)
    keys.press("Enter")
    expect(visitor.cells("result").first).to_be_visible()
    expect(visitor.key("fix_0")).to_have_count(0)
    tab_to(visitor, visitor.handle("x_batch", 0))
    keys.press("Tab")
    # The picked example's ring, then the cells: one stop each.
    expect(visitor.key("x_batch").locator("button[data-pick]").first).to_be_focused()
    keys.press("Tab")
    expect(visitor.cell("x_batch", 0, 0)).to_be_focused()
    keys.press("ArrowRight")
    keys.type("5")
    keys.press("Enter")
    visitor.expect_array("result", [[23, 28, 29], *NOTEBOOK[1:]])


def test_what_has_the_focus_keeps_it_when_the_call_changes(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    keys = visitor.page.keyboard
    visitor.handle("x_batch", 0).focus()
    keys.press("ArrowRight")
    visitor.expect_no_result()
    expect(visitor.handle("x_batch", 1)).to_be_focused()
    keys.press("ArrowLeft")
    visitor.expect_array("result", NOTEBOOK)
    expect(visitor.handle("x_batch", 0)).to_be_focused()
    adding = visitor.key("y_batch").get_by_role("button", name="add a row of y_batch")
    adding.focus()
    keys.press("Enter")
    visitor.expect_no_result()
    expect(adding).to_be_focused()
    keys.press("Enter")
    expect(visitor.cells("y_batch")).to_have_count(18)
    expect(adding).to_be_focused()
    transposing = visitor.key("y_batch").get_by_role("button", name="pass y_batch transposed")
    transposing.focus()
    keys.press("Space")
    expect(visitor.call).to_contain_text("y_batch.T")
    expect(transposing).to_be_focused()
    visitor.axes_field("out_axes").fill("1")
    keys.press("Enter")
    visitor.expect_query(out_axes="1")
    expect(visitor.axes_field("out_axes")).to_be_focused()


def test_the_strategy_in_focus_is_chosen_from_the_keyboard(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.come_to_strategies()
    hand = visitor.key("strategy").get_by_role("radio", name="By hand", exact=True)
    tab_to(visitor, hand)
    visitor.page.keyboard.press("Space")
    visitor.expect_switched("strategy", "By hand")
    visitor.expect_query(strategy="mathy")
    expect(hand).to_be_focused()

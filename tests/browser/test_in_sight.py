"""The verdict and its Apply are in sight on every screen, wherever one has scrolled; a phone folds the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit, box_of

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SCREENS: list[Any] = [
    pytest.param("", {"width": 1280, "height": 800}, id="laptop"),
    pytest.param("&large=1", {"width": 1024, "height": 768}, id="projector"),
    pytest.param("&large=1", {"width": 1920, "height": 1080}, id="large projector"),
    pytest.param("", PHONE, id="phone"),
]
SCROLL = "document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)"
BELOW = """(() => {
    const main = document.querySelector('[data-testid=stMain]')
    return main.scrollHeight - main.clientHeight - main.scrollTop
})()"""


def assert_in_sight(visitor: Visit, *things: tuple[Any, str]) -> None:
    size = visitor.page.viewport_size
    assert size is not None
    for thing, name in things:
        box = box_of(thing, name)
        assert 0 <= box.top <= box.bottom <= size["height"], box
        assert 0 <= box.left <= box.right <= size["width"], box
        middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
        # Nothing lies over it.
        assert thing.evaluate(
            """(node, [x, y]) => {
                const hit = node.getRootNode().elementFromPoint(x, y)
                return hit === node || node.contains(hit)
            }""",
            middle,
        ), f"something covers {name}"


@pytest.mark.parametrize(("query", "screen"), SCREENS)
def test_the_verdict_is_in_sight_also_after_scrolling(
    visit: Callable[..., Visit], query: str, screen: dict[str, int]
) -> None:
    visitor = visit(f"preset=mismatch{query}", **screen)
    headline = visitor.key("verdict").locator(".headline").first
    apply = visitor.key("fix_0").get_by_role("button", name="Apply")
    wanted = ((headline, "headline"), (apply, "Apply"), (visitor.axes_field("in_axes"), "in_axes"))
    expect(visitor.cells("x_batch").first).to_be_visible()
    assert_in_sight(visitor, *wanted, (visitor.cells("x_batch").first, "first cell"))
    visitor.page.evaluate(SCROLL)
    assert visitor.comes_to(lambda: visitor.page.evaluate(BELOW) < 2)
    assert_in_sight(visitor, *wanted)
    apply.click()
    expect(visitor.key("verdict")).to_contain_text("vmap runs convolve on 4 examples.")
    visitor.page.evaluate(SCROLL)
    assert_in_sight(visitor, (headline, "headline"))


@pytest.mark.parametrize(("query", "screen"), SCREENS)
def test_a_cell_that_is_reached_by_keys_is_not_under_the_strip(
    visit: Callable[..., Visit], query: str, screen: dict[str, int]
) -> None:
    visitor = visit(f"preset=mismatch{query}", **screen)
    expect(visitor.cells("x_batch").first).to_be_visible()
    visitor.page.evaluate(SCROLL)
    visitor.cell("x_batch", 4, 0).focus()
    for row in (3, 2, 1, 0):
        visitor.page.keyboard.press("ArrowUp")
        expect(visitor.cell("x_batch", row, 0)).to_be_focused()
        strip = visitor.box("strip")
        assert visitor.comes_to(lambda: box_of(visitor.cell("x_batch", row, 0)).top >= strip.bottom - 1), row  # noqa: B023


def test_a_phone_shows_call_verdict_and_arrays_and_folds_the_rest(visit: Callable[..., Visit]) -> None:
    visitor = visit("", **PHONE)
    visitor.expect_array("result", NOTEBOOK)
    for title in ("The function: convolve", "Results by strategy", "What vmap sees"):
        summary = visitor.find("summary").filter(has_text=title)
        expect(summary).to_have_count(1)
        assert not summary.evaluate("summary => summary.parentElement.open"), title
    # The strategies run for somebody who looks.
    expect(visitor.key("strategy")).to_have_count(0)
    visitor.find("summary").filter(has_text="Results by strategy").click()
    visitor.key("strategies_list").scroll_into_view_if_needed()
    expect(visitor.key("strategy")).to_be_visible()

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.driving import NOTEBOOK, Visit, box_of

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 1280, 800


def assert_seen_without_scrolling(*things: Locator) -> None:
    for thing in things:
        box = box_of(thing, str(thing))
        assert 0 <= box.left <= box.right <= WIDTH, thing
        assert 0 <= box.top <= box.bottom <= HEIGHT, thing


def test_a_bare_address_opens_on_the_notebooks_batch(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_array("x_batch", [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]])
    visitor.expect_array("y_batch", [[2, 3, 4], [2, 3, 4], [2, 3, 4], [7, 4, 2]])
    visitor.expect_query(preset="vmap", view="explore")
    visitor.expect_chosen("preset", "Notebook: vmap")


def test_the_call_axes_arrays_and_verdict_are_seen_without_scrolling(visit: Callable[..., Visit]) -> None:
    visitor = visit(width=WIDTH, height=HEIGHT)
    assert_seen_without_scrolling(
        visitor.call,
        visitor.key("in_axes"),
        visitor.key("out_axes"),
        *(visitor.cells(name).first for name in ("x_batch", "y_batch", "result")),
        *(visitor.cells(name).last for name in ("x_batch", "y_batch", "result")),
        visitor.key("verdict").locator("p").first,
        visitor.key("verdict").locator("p").last,
        *(visitor.handle(name, axis) for name in ("x_batch", "y_batch", "result") for axis in (0, 1, None)),
    )


@pytest.mark.parametrize("preset", ["mismatch", "square"])
def test_what_is_wrong_and_the_button_that_repairs_it_are_seen_without_scrolling(
    visit: Callable[..., Visit], preset: str
) -> None:
    visitor = visit(f"preset={preset}", width=WIDTH, height=HEIGHT)
    said = visitor.key("verdict").locator("p")
    assert_seen_without_scrolling(said.first, said.last, visitor.key("fix_0").get_by_role("button"))


def test_the_page_is_titled_and_has_one_heading_of_the_first_level(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    expect(visitor.page).to_have_title("vmapdemo")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(["vmapdemo"])


def test_a_newcomer_is_told_what_to_try_until_something_was_tried(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    hint = visitor.page.get_by_text("Try it: change in_axes to 1")
    expect(hint).to_be_visible()
    visitor.type_axes("in_axes", "1")
    visitor.expect_no_result()
    expect(hint).to_be_hidden()
    visitor.press("fix_0")
    visitor.expect_array("result", NOTEBOOK)
    expect(hint).to_be_hidden()
    expect(visit("preset=mismatch").page.get_by_text("Try it")).to_be_hidden()

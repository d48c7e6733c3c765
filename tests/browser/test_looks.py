from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit, box_of, overlapping

pytestmark = pytest.mark.browser

WIDER_THAN_THE_WINDOW = """() => [document.documentElement, ...document.querySelectorAll('[data-testid="stMain"]')]
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.tagName} ${one.scrollWidth}`)"""
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


def assert_tidy(visitor: Visit) -> None:
    """Nothing sticks out of the window, and the widgets of the header and of the axes stand apart."""
    visitor.settled()
    assert visitor.page.evaluate(WIDER_THAN_THE_WINDOW) == []
    header = [box_of(visitor.page.get_by_role("heading", level=1), "title")]
    header += [visitor.box(key) for key in ("preset", "view", "large", "share")]
    header.append(box_of(visitor.page.get_by_role("button", name="Save"), "save"))
    assert overlapping(header) == []
    width = visitor.page.viewport_size["width"]  # type: ignore[index]
    assert [box for box in header if box.right > width or box.left < 0] == []


def assert_tidy_axes(visitor: Visit) -> None:
    row = [
        visitor.box(key) for key in ("in_axes", "axis_x_batch", "axis_y_batch", "out_axes", "axis_result", "batched")
    ]
    assert overlapping(row) == []


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_the_window(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    visitor = visit(color_scheme=scheme, width=width)
    visitor.expect_array("result", NOTEBOOK)
    assert_tidy(visitor)
    assert_tidy_axes(visitor)
    assert visitor.page.evaluate(BACKGROUND) == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 20, 27)"}[scheme]
    visitor.choose("preset", "Three signals, one kernel, in_axes=0")
    expect(visitor.cells("result")).to_have_count(27)
    assert_tidy(visitor)
    visitor.choose("preset", "Mismatch: in_axes=1 on x_batch.T, y_batch")
    visitor.expect_no_result()
    assert_tidy(visitor)
    assert_tidy_axes(visitor)
    visitor.switch("view", "Trace")
    expect(visitor.key("untraced")).to_be_visible()
    assert_tidy(visitor)
    visitor.switch("view", "Time")
    expect(visitor.key("measure")).to_be_visible()
    assert_tidy(visitor)


@pytest.mark.parametrize("width", [1280, 400])
def test_the_largest_arrays_stay_inside_the_window(visit: Callable[..., Visit], width: int) -> None:
    row = "_".join(["-1234.5"] * 256)
    visitor = visit(f"preset=vmap&x_batch={'~'.join([row] * 4)}&x_batch.dtype=float32", width=width)
    expect(visitor.cells("x_batch")).to_have_count(1024)
    assert_tidy(visitor)


def test_the_widgets_have_names_for_screen_readers(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    unnamed = visitor.page.evaluate(
        """() => [...document.querySelectorAll('input, button, textarea')]
            .filter((one) => one.checkVisibility() && !one.closest('[aria-hidden=true]'))
            .filter((one) => !(one.ariaLabel || one.labels?.length || one.textContent.trim() || one.title))
            .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert unnamed == []


def test_large_type_folds_the_editors_and_fits_the_window(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    small = box_of(visitor.cell("result", 0, 0))
    expect(visitor.key("x_batch")).to_be_visible()
    visitor.tick("large")
    visitor.expect_query(large="1")
    expect(visitor.key("x_batch")).not_to_be_visible()
    visitor.page.wait_for_function("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 20")
    large = box_of(visitor.cell("result", 0, 0))
    assert large.bottom - large.top > 1.2 * (small.bottom - small.top)
    assert_tidy(visitor)
    assert_tidy_axes(visitor)
    visitor.page.get_by_text("Edit the arrays").click()
    expect(visitor.key("x_batch")).to_be_visible()
    visitor.edit_cell("x_batch", 0, 0, "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    assert_tidy(visitor)
    visitor.tick("large")
    visitor.expect_query(large=None)
    assert box_of(visitor.cell("result", 0, 0)).bottom > 0

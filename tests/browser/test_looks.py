from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit, box_of, overlapping

pytestmark = pytest.mark.browser

WIDER_THAN_THE_WINDOW = """() => [document.documentElement, ...document.querySelectorAll('[data-testid="stMain"]')]
    .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.tagName} ${one.scrollWidth}`)"""
NARROW = 640
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


def assert_tidy(visitor: Visit) -> None:
    """Nothing sticks out of the window, and what stands in the header and in the call stands apart."""
    visitor.settled()
    assert visitor.page.evaluate(WIDER_THAN_THE_WINDOW) == []
    width = visitor.page.viewport_size["width"]  # type: ignore[index]
    header = [visitor.box(key) for key in ("preset", "view", "share", "menu")]
    if width > NARROW:
        header.append(box_of(visitor.page.get_by_role("heading", level=1), "title"))
    call = [
        box_of(visitor.axes_field("in_axes"), "in_axes"),
        box_of(visitor.axes_field("out_axes"), "out_axes"),
        box_of(visitor.call.locator("label").first, "vmap"),
    ]
    for boxes in (header, call):
        assert overlapping(boxes) == []
        assert [box for box in boxes if box.right > width or box.left < 0] == []


def assert_tidy_arrays(visitor: Visit) -> None:
    """No two controls and no two arrays lie over each other."""
    controls = visitor.key("arrays").locator("button, select")
    assert overlapping([box_of(one, one.text_content() or "") for one in controls.all() if one.is_visible()]) == []
    arrays = visitor.key("arrays").locator("section")
    assert overlapping([box_of(one, f"array {place}") for place, one in enumerate(arrays.all())]) == []


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_the_window(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    visitor = visit(color_scheme=scheme, width=width)
    visitor.expect_array("result", NOTEBOOK)
    assert_tidy(visitor)
    assert_tidy_arrays(visitor)
    assert visitor.page.evaluate(BACKGROUND) == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 20, 27)"}[scheme]
    visitor.choose("preset", "Mistakes: a kernel cut into taps")
    expect(visitor.cells("result")).to_have_count(27)
    assert_tidy(visitor)
    visitor.choose("preset", "Notebook: the mismatch")
    visitor.expect_no_result()
    assert_tidy(visitor)
    assert_tidy_arrays(visitor)
    visitor.switch("view", "Trace")
    expect(visitor.key("untraced")).to_be_visible()
    assert_tidy(visitor)
    visitor.switch("view", "Time")
    expect(visitor.key("measure")).to_be_visible()
    assert_tidy(visitor)


@pytest.mark.parametrize("width", [1280, 400])
def test_the_buttons_of_small_slices_stand_apart(visit: Callable[..., Visit], width: int) -> None:
    visitor = visit("preset=covariance", width=width)
    expect(visitor.cells("result")).to_have_count(12)
    assert_tidy(visitor)
    assert_tidy_arrays(visitor)


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


def test_large_type_enlarges_the_arrays_to_the_width_there_is(visit: Callable[..., Visit]) -> None:
    visitor = visit(width=1920, height=1080)
    visitor.expect_array("result", NOTEBOOK)
    small = height(visitor)
    visitor.set_type("Large")
    visitor.expect_query(large="1")
    visitor.page.wait_for_function("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 20")
    assert visitor.comes_to(lambda: height(visitor) > 1.2 * small)
    assert_tidy(visitor)
    assert_tidy_arrays(visitor)
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    assert_tidy(visitor)
    visitor.set_type("Normal")
    visitor.expect_query(large=None)
    assert visitor.comes_to(lambda: height(visitor) == small)


def height(visitor: Visit) -> float:
    box = box_of(visitor.cell("result", 0, 0))
    return box.bottom - box.top

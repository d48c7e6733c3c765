from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser


def cells(name: str, *indices: str) -> list[str]:
    return [f"{name}[{index}]" for index in indices]


def test_pointing_at_a_result_lights_the_three_and_three_cells_it_is_made_of(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.cell("result", 0, 1).hover()
    visitor.expect_lit(*cells("x_batch", "0,1", "0,2", "0,3"), *cells("y_batch", "0,0", "0,1", "0,2"))
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("1*2 + 2*3 + 3*4 = 20")
    # A zero among the inputs changes nothing: the links come from the function, not from these numbers.
    visitor.cell("result", 2, 1).hover()
    visitor.expect_lit(*cells("x_batch", "2,1", "2,2", "2,3"), *cells("y_batch", "2,0", "2,1", "2,2"))
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("1*2 + 0*3 + 1*4 = 6")
    visitor.page.mouse.move(2, 2)
    expect(visitor.find("td.lit")).to_have_count(0)


def test_every_result_cell_lights_its_own_window(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=distinct-rows")
    for row, column in [(0, 0), (1, 2), (4, 3)]:
        visitor.cell("result", row, column).hover()
        window = [f"{row},{column + step}" for step in range(3)]
        visitor.expect_lit(*cells("x_batch", *window), *cells("y_batch", *(f"{row},{tap}" for tap in range(3))))
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("3*(-2) + 2*6 + 7*3 = 27")


def test_the_keyboard_walks_through_the_result(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    # Tab goes from the result's first ring to its first cell.
    visitor.find('table:has(td[data-array="result"]) button[data-pick="0"]').focus()
    visitor.page.keyboard.press("Tab")
    visitor.expect_lit(*cells("x_batch", "0,0", "0,1", "0,2"), *cells("y_batch", "0,0", "0,1", "0,2"))
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("ArrowDown")
    visitor.expect_lit(*cells("x_batch", "1,1", "1,2", "1,3"), *cells("y_batch", "1,0", "1,1", "1,2"))
    visitor.page.keyboard.press("ArrowUp")
    visitor.page.keyboard.press("ArrowUp")
    visitor.expect_lit(*cells("x_batch", "0,1", "0,2", "0,3"), *cells("y_batch", "0,0", "0,1", "0,2"))
    visitor.page.keyboard.press("Enter")
    expect(visitor.find("td.pinned")).to_have_attribute("data-index", "0,1")
    visitor.page.keyboard.press("Escape")
    expect(visitor.find("td.pinned")).to_have_count(0)
    expect(visitor.find("td.lit")).to_have_count(0)


def test_a_click_pins_a_cell_through_pointer_and_reruns(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    pinned = [*cells("x_batch", "3,2", "3,3", "3,4"), *cells("y_batch", "3,0", "3,1", "3,2")]
    visitor.cell("result", 3, 2).click()
    visitor.cell("result", 0, 0).hover()
    visitor.expect_lit(*cells("x_batch", "0,0", "0,1", "0,2"), *cells("y_batch", "0,0", "0,1", "0,2"))
    visitor.page.mouse.move(2, 2)
    visitor.expect_lit(*pinned)
    visitor.focus_on("jit of vmap")
    visitor.expect_query(strategy="jit")
    visitor.settled()
    visitor.expect_lit(*pinned)
    visitor.edit_cell("y_batch", (3, 0), "1")
    expect(visitor.cell("result", 3, 2)).to_have_text("22")
    visitor.page.mouse.move(2, 2)
    visitor.expect_lit(*pinned)
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("2*1 + 3*4 + 4*2 = 22")
    visitor.cell("result", 3, 2).click()
    visitor.page.mouse.move(2, 2)
    expect(visitor.find("td.lit")).to_have_count(0)


def test_picking_an_example_dims_the_others(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    ring = visitor.find('button[data-pick="1"]').first
    ring.click()
    expect(visitor.find("td.dim")).to_have_count(3 * (5 + 3 + 3))
    expect(visitor.find('td.dim[data-example="1"]')).to_have_count(0)
    expect(ring).to_have_attribute("aria-pressed", "true")
    ring.click()
    expect(visitor.find("td.dim")).to_have_count(0)


def test_a_pinned_cell_and_a_picked_example_that_are_gone_are_forgotten(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.cell("result", 3, 2).click()
    visitor.find('button[data-pick="3"]').first.click()
    visitor.choose("preset", "Mistakes: a kernel cut into taps")
    expect(visitor.cells("result")).to_have_count(27)
    visitor.page.mouse.move(2, 2)
    expect(visitor.find("td.lit")).to_have_count(0)
    expect(visitor.find("td.dim")).to_have_count(0)


def test_the_links_follow_the_axes(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=axes-1-1")
    visitor.cell("result", 1, 3).hover()
    visitor.expect_lit(*cells("x_batch", "1,3", "2,3", "3,3"), *cells("y_batch", "0,3", "1,3", "2,3"))
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("1*7 + 2*4 + 3*2 = 21")
    visitor.open("preset=shared-kernel")
    visitor.cell("result", 2, 0).hover()
    visitor.expect_lit(*cells("x_batch", "2,0", "2,1", "2,2"), *cells("y_batch", "0", "1", "2"))
    assert visitor.cell("y_batch", 0).get_attribute("data-example") is None


def test_the_links_reach_into_three_axes(visit: Callable[..., Visit]) -> None:
    visitor = visit(
        "preset=vmap&x_batch=[[[1,2,3],[4,5,6],[7,8,9],[1,1,1]],[[2,0,1],[3,1,4],[1,5,9],[2,6,5]]]&y_batch=[[1,2,3],[3,2,1]]"
    )
    visitor.expect_array("result", [[[14, 32, 50], [32, 50, 6]], [[7, 15, 22], [15, 22, 23]]])
    visitor.cell("result", 1, 0, 2).hover()
    visitor.expect_lit(*cells("x_batch", "1,2,0", "1,2,1", "1,2,2"), *cells("y_batch", "1,0", "1,1", "1,2"))
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("1*3 + 5*2 + 9*1 = 22")


def test_a_single_call_is_linked_without_examples(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=single")
    visitor.expect_array("result", NOTEBOOK[0])
    visitor.cell("result", 1).hover()
    visitor.expect_lit(*cells("x_batch", "1", "2", "3"), *cells("y_batch", "0", "1", "2"))
    expect(visitor.find("td[data-example]")).to_have_count(0)

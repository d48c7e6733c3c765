"""The contract for checks from outside, word by word."""

import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.driving import Visit
from vmapdemo.scenario.presets import PRESETS

pytestmark = pytest.mark.browser

NAMES = (
    "single loop mathy vmap axes-1-1 mismatch fix-out-0 fix-out-1 shared-kernel jit "
    "distinct-rows square silent-kernel two-taps"
)


def test_the_presets_have_their_names() -> None:
    assert set(NAMES.split()) <= set(PRESETS)


def test_the_health_endpoint_answers(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/_stcore/health") as answer:
        assert answer.status == 200


def test_every_key_gives_one_element_its_class(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    for key in ("x_batch", "y_batch", "in_axes", "out_axes", "verdict", "preset", "view", "share"):
        expect(visitor.find(f".st-key-{key}")).to_have_count(1)
    for name in ("x_batch", "y_batch"):
        expect(visitor.key(name).locator(f'td[data-array="{name}"]').first).to_be_visible()
    for key in ("in_axes", "out_axes"):
        expect(visitor.key(key).locator("input")).to_have_count(1)
    expect(visitor.key("share").locator("button")).to_have_count(1)
    expect(visitor.key("measure")).to_have_count(0)
    visitor.switch("view", "Time")
    expect(visitor.key("measure").locator("button")).to_have_count(1)


def test_a_drawn_cell_takes_focus_and_digits(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.cell("x_batch", 0, 0).focus()
    visitor.page.keyboard.type("12")
    visitor.page.keyboard.press("Enter")
    expect(visitor.cell("result", 0, 0)).to_have_text("35")
    # A result takes the focus, and no digits.
    visitor.cell("result", 0, 0).focus()
    visitor.page.keyboard.type("12")
    expect(visitor.editor).to_have_count(0)
    expect(visitor.cell("result", 0, 0)).to_have_text("35")


def test_the_handles_of_an_axis_are_radios_that_say_which(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    read = "nodes => nodes.map(({ role, dataset, ariaChecked }) => [role, dataset.axisOf, dataset.axis, ariaChecked])"
    handles = visitor.find("[data-axis-of]").evaluate_all(read)
    assert handles == [
        ["radio", name, axis, "true" if axis == "0" else "false"]
        for name in ("x_batch", "y_batch", "result")
        for axis in ("0", "1", "none")
    ]


def test_fixes_are_numbered_in_page_order(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&in_axes=2")
    expect(visitor.key("fix_0").locator("button")).to_be_visible()
    count = visitor.find('[class*="st-key-fix_"] button').count()
    tops = [visitor.box(f"fix_{position}").top for position in range(count)]
    assert tops == sorted(tops)


def test_one_visible_table_for_each_array_and_no_others_carry_its_attributes(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=distinct-rows")
    for name in ("x_batch", "y_batch", "result"):
        tables = visitor.find(f'table:has(td[data-array="{name}"])')
        expect(tables).to_have_count(1)
        expect(tables).to_be_visible()
    expect(visitor.find("[data-array]:not(td)")).to_have_count(0)
    arrays = visitor.find("td[data-array]").evaluate_all(
        "cells => [...new Set(cells.map((cell) => cell.dataset.array))]"
    )
    assert arrays == ["x_batch", "y_batch", "result"]
    numbers = visitor.find("td[data-array]").all_inner_texts()
    assert [str(int(number)) for number in numbers] == numbers
    visitor.open("preset=two-taps")
    visitor.expect_no_result()


def test_cells_carry_their_index_after_transposing_and_their_example(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-1")
    expect(visitor.cell("x_batch", 4, 2)).to_have_attribute("data-example", "2")
    expect(visitor.cell("y_batch", 3, 1)).to_have_attribute("data-example", "3")
    expect(visitor.cell("result", 1, 2)).to_have_attribute("data-example", "2")
    expect(visitor.cell("result", 1, 2)).to_have_text("6")
    visitor.open("preset=silent-kernel")
    expect(visitor.cell("y_batch", 1)).to_have_attribute("data-example", "1")
    expect(visitor.cell("result", 2, 1, 0)).to_have_attribute("data-example", "2")


def test_cells_of_a_shared_argument_carry_no_example(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel")
    expect(visitor.cells("y_batch")).to_have_count(3)
    expect(visitor.find('td[data-array="y_batch"][data-example]')).to_have_count(0)

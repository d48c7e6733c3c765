from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.driving import Visit
from tests.browser.test_looks import assert_tidy
from tests.effort import some
from vmapdemo import outcome
from vmapdemo.figures.trace import side_by_side
from vmapdemo.scenario.presets import PRESETS

pytestmark = pytest.mark.browser

FAILING = [name for name, preset in PRESETS.items() if not outcome.explanation(preset.scenario).ok]
TRACED = [name for name, preset in PRESETS.items() if preset.scenario.batched and name not in FAILING]
MOSTLY_SHARED = ("cond-shared", "noisy-one-seed")
"""Calls most of which is done once for all examples."""
LONG = f"preset=vmap&view=trace&x_batch={'~'.join(['_'.join(['1'] * 100)] * 2)}&y_batch=1_2_3~4_5_6"


def operation(visitor: Visit, primitive: str) -> Locator:
    """The first row whose operation in the program of one example is this primitive."""
    named = visitor.page.locator("td:first-child .primitive").get_by_text(primitive, exact=True)
    return visitor.find("tr[data-operation]:not([data-round])").filter(has=named).first


def line(visitor: Visit, text: str) -> Locator:
    """The first line of the source that holds this text and makes an operation."""
    return visitor.find("li.live").filter(has_text=text).first


def lit(visitor: Visit) -> list[str]:
    """What is lit, from top to bottom: arguments and lines, then operations, as ``x``, ``21``, ``#1``."""
    script = (
        """nodes => nodes.map(({ dataset: { argument, line, operation } }) => argument ?? line ?? `#${operation}`)"""
    )
    found: list[str] = visitor.find(".lit").evaluate_all(script)
    return found


def expect_lit(visitor: Visit, *names: str) -> None:
    """Exactly these come to be lit."""
    expect(visitor.find(".lit")).to_have_count(len(names))
    assert lit(visitor) == list(names)


def told(visitor: Visit) -> Locator:
    """What is said about whatever is lit."""
    return visitor.key("tracing").get_by_role("status")


def test_every_preset_shows_what_becomes_of_its_lines(visit: Callable[..., Visit], subtests: pytest.Subtests) -> None:
    visitor = visit("view=trace")
    for name in some(TRACED, 24):
        with subtests.test(name):
            visitor.follow(f"preset={name}&view=trace")
            visitor.expect_chosen("preset", PRESETS[name].title)
            drawn = side_by_side(outcome.trace(PRESETS[name].scenario))
            rows = visitor.find("tr[data-operation]")
            expect(rows.locator("td:first-child .primitive")).to_have_text([row["primitive"] for row in drawn["rows"]])
            expect(visitor.find("[data-line]")).to_have_count(len(drawn["source"]["lines"]))
            sizes = [str(size["size"]) for array in drawn["results"] for size in array["sizes"] if size["batch"]]
            expect(visitor.find("tr[data-result] [data-batch]")).to_have_text([f"«{size}»" for size in sizes])
            assert visitor.find("[data-batch]").count() > len(drawn["rows"]) / 2 or name in MOSTLY_SHARED


@pytest.mark.parametrize("name", some(FAILING, 6))
def test_a_failing_call_says_why_and_its_fix_is_applied_at_once(visit: Callable[..., Visit], name: str) -> None:
    visitor = visit(f"preset={name}&view=trace")
    headline = outcome.explanation(PRESETS[name].scenario).headline.replace("`", "")
    expect(visitor.key("verdict")).to_contain_text(headline)
    expect(visitor.key("untraced")).to_contain_text("the call fails")
    expect(visitor.find("[data-operation]")).to_have_count(0)
    if any(fix.axes_only for fix in outcome.explanation(PRESETS[name].scenario).fixes):
        visitor.press("fix_0")
        expect(visitor.find("[data-operation]").first).to_be_visible()


def test_the_single_call_has_no_batch_to_follow(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=single&view=trace")
    expect(visitor.key("untraced")).to_contain_text("no batch to follow")
    expect(visitor.find("[data-operation]")).to_have_count(0)


def test_pointing_at_an_operation_lights_its_line_and_what_it_reads(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&view=trace")
    number = line(visitor, "output.append").get_attribute("data-line")
    assert number is not None
    operation(visitor, "dot_general").hover()
    expect_lit(visitor, "y", number, "#1", "#2")
    expect(told(visitor)).to_contain_text("Multiplies two arrays")
    expect(told(visitor)).to_contain_text("A batch dimension was inserted")
    expect(told(visitor)).to_contain_text("dimension_numbers=(((1,), (1,)), ((0,), (0,)))")
    operation(visitor, "slice").hover()
    expect_lit(visitor, "x", number, "#1")
    visitor.page.mouse.move(2, 2)
    expect_lit(visitor)
    expect(told(visitor)).to_contain_text("Point at a line")


def test_pointing_at_a_line_lights_its_operations(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&view=trace")
    last = line(visitor, "return jnp.array(output)")
    last.hover()
    expect_lit(visitor, last.get_attribute("data-line") or "", "#3", "#4")
    expect(told(visitor)).to_contain_text("Joins arrays along an axis.")
    visitor.find("[data-line]").filter(has_text="output = []").hover()
    expect_lit(visitor, last.get_attribute("data-line") or "", "#3", "#4")


def test_the_keyboard_walks_through_lines_and_operations(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&view=trace")
    first, last = line(visitor, "output.append"), line(visitor, "return")
    keys = visitor.page.keyboard
    visitor.call.get_by_role("checkbox", name="vmap").focus()
    for _ in range(4):
        keys.press("Tab")
        if first.evaluate("node => node.matches(':focus')"):
            break
    expect(first).to_be_focused()
    expect_lit(visitor, first.get_attribute("data-line") or "", "#1", "#2")
    keys.press("ArrowDown")
    expect(last).to_be_focused()
    keys.press("ArrowRight")
    expect(operation(visitor, "broadcast_in_dim")).to_be_focused()
    keys.press("ArrowUp")
    expect(operation(visitor, "dot_general")).to_be_focused()
    expect_lit(visitor, "y", first.get_attribute("data-line") or "", "#1", "#2")
    keys.press("Enter")
    visitor.page.mouse.move(2, 2)
    expect(visitor.find(".pinned")).to_have_attribute("data-operation", "2")
    keys.press("ArrowLeft")
    expect(first).to_be_focused()
    keys.press("Escape")
    expect(visitor.find(".pinned")).to_have_count(0)


def test_a_click_pins_an_operation_through_pointer_and_other_axes(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&view=trace")
    operation(visitor, "concatenate").click()
    operation(visitor, "slice").hover()
    expect(visitor.find(".asked")).to_have_attribute("data-operation", "1")
    visitor.page.mouse.move(2, 2)
    expect(visitor.find(".asked")).to_have_attribute("data-operation", "4")
    visitor.type_axes("out_axes", "1")
    expect(visitor.find("tr[data-result]")).to_contain_text("batch on axis 1, brought there by transpose")
    expect(visitor.find("tr[data-result] td:last-child")).to_contain_text("result:f32[3,«4»]")
    expect(visitor.find(".pinned")).to_have_attribute("data-operation", "4")
    operation(visitor, "concatenate").click()
    visitor.page.mouse.move(2, 2)
    expect_lit(visitor)


def test_what_is_shared_is_marked(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel&view=trace")
    expect(visitor.find('[data-argument="y"]')).to_contain_text("shared by all 4")
    expect(visitor.find('[data-argument="y"] [data-batch]')).to_have_count(0)
    expect(operation(visitor, "dot_general")).to_contain_text("y is shared by all 4.")
    expect(operation(visitor, "slice")).to_contain_text("a:i32[«4»,3]")
    visitor.follow("preset=dense&view=trace")
    shared = visitor.find("tr.shared")
    expect(shared).to_have_count(5)
    expect(shared.locator("[data-batch]")).to_have_count(0)
    expect(shared.first).to_contain_text("ONCE for all 3: 8 operations instead of 24")
    expect(visitor.find(".summary")).to_contain_text("Sharing saves 52 operations.")
    shared.first.hover()
    expect(told(visitor)).to_contain_text("which saves 16 operations")


def test_a_condition_becomes_a_choice_between_both_branches(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=cond&view=trace")
    cond = operation(visitor, "cond")
    expect(cond.locator("td:last-child .primitive")).to_have_text("select_n")
    expect(cond).to_contain_text("cond → select_n")
    expect(cond).to_contain_text("both branches run for every example")
    number = line(visitor, "lambda: limit / norm").get_attribute("data-line") or ""
    branch = operation(visitor, "div")
    branch.hover()
    expect_lit(
        visitor, number, f"#{cond.get_attribute('data-operation')}", f"#{branch.get_attribute('data-operation')}"
    )
    visitor.follow("preset=cond-shared&view=trace")
    expect(cond.locator("td:last-child .primitive")).to_have_text("cond")
    expect(cond).to_contain_text("ONCE for all 4")


def test_a_loop_has_its_operations_under_it(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=while&view=trace")
    expect(visitor.find("tr.within")).to_have_text(["in test", "in body"])
    operation(visitor, "while").hover()
    expect(told(visitor)).to_contain_text("The loop runs until every example is done")


def test_repeats_are_folded_and_unfold(visit: Callable[..., Visit]) -> None:
    visitor = visit(LONG)
    expect(visitor.find("tr[data-operation]")).to_have_count(6)
    fold = visitor.find("button[data-fold]").first
    expect(fold).to_contain_text("2 lines, 98 times")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(visitor.find('tr[data-operation="1"]')).to_have_count(12)
    expect(visitor.find("tr.rest")).to_have_text("and 86 more times")
    third = visitor.find('tr[data-operation="1"][data-round="3"]')
    third.hover()
    expect(told(visitor)).to_contain_text("start_indices=(0, 2)")
    fold.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.find('tr[data-operation="1"]')).to_have_count(1)
    expect(fold).to_be_focused()


def test_what_is_lit_elsewhere_is_scrolled_into_view(visit: Callable[..., Visit]) -> None:
    visitor = visit(LONG)
    visitor.find("button[data-fold]").first.click()
    top = visitor.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    line(visitor, "return").hover()
    expect(operation(visitor, "broadcast_in_dim")).to_be_in_viewport()
    assert visitor.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == top


def test_a_reload_and_a_link_give_the_same_page(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=cond&view=trace")
    visitor.type_axes("out_axes", "1")
    visitor.expect_query(view="trace", out_axes="1", function="clipped_step", preset=None)
    result = visitor.find("tr[data-result] td:last-child")
    expect(result).to_contain_text("result:f32[3,«4»]")
    shown = visitor.key("tracing").inner_text()
    visitor.page.reload()
    visitor.settled()
    expect(result).to_contain_text("result:f32[3,«4»]")
    assert visitor.key("tracing").inner_text() == shown
    other = visit(visitor.page.url.partition("?")[2])
    expect(other.find("tr[data-result] td:last-child")).to_contain_text("result:f32[3,«4»]")
    assert other.key("tracing").inner_text() == shown


def test_an_embedded_page_traces_and_stays_embedded(visit: Callable[..., Visit]) -> None:
    visitor = visit("embed=true&preset=vmap&view=trace")
    operation(visitor, "concatenate").hover()
    expect(told(visitor)).to_contain_text("Joins arrays along an axis.")
    visitor.type_axes("out_axes", "1")
    expect(visitor.find("tr[data-result]")).to_contain_text("batch on axis 1")
    visitor.expect_query(embed="true", view="trace", out_axes="1")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["cond", "nearest"])
def test_the_page_fits_the_window(visit: Callable[..., Visit], scheme: str, width: int, name: str) -> None:
    visitor = visit(f"preset={name}&view=trace", color_scheme=scheme, width=width)
    expect(visitor.find("[data-operation]").first).to_be_visible()
    assert_tidy(visitor)
    assert_inside(visitor)
    visitor.set_type("Large")
    visitor.expect_query(large="1")
    visitor.page.wait_for_function("parseFloat(getComputedStyle(document.documentElement).fontSize) >= 20")
    visitor.settled()
    assert_inside(visitor)


def assert_inside(visitor: Visit) -> None:
    """No text of the picture is wider than its place, and the columns are readable."""
    wider = visitor.find(".source, .program, .told, .arguments").evaluate_all(
        "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.className)"
    )
    assert wider == []
    narrow = visitor.find("tr[data-operation] td").evaluate_all(
        "cells => cells.filter((cell) => cell.clientWidth < 200)"
    )
    assert narrow == []

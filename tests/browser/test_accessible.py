"""What axe-core finds, what a screen reader says, and how large the targets are."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser

PAGES = {
    "good": "preset=vmap",
    "caution": "preset=silent-kernel",
    "mismatch": "preset=mismatch",
    "trace": "preset=cond&view=trace",
    "untraced": "preset=mismatch&view=trace",
    "time": "preset=vmap&view=time",
    "large": "preset=mismatch&large=1",
    "embedded": "preset=vmap&embed=true",
    "gallery": "view=gallery",
    "lessons": "view=learn&answers=loop.a.c_inside.x&done=loop",
    "question": "view=learn&lesson=shared",
    "reveal": "view=learn&lesson=silent&answers=silent.b",
    "exercise": "view=learn&lesson=loop&part=try",
}
LEAST_PX = 24
OPEN = "summary => summary.parentElement.open = true"
SMALL = """(nodes, least) => nodes
    .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true]"))
    .map((node) => [(node.closest("label") ?? node).getBoundingClientRect(), node])
    .filter(([box]) => box.width > 1 && (box.width < least - 0.5 || box.height < least - 0.5))
    .map(([box, node]) => `${box.width} x ${box.height}: ${node.outerHTML.slice(0, 160)}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], query: str, scheme: str) -> None:
    visitor = visit(query, color_scheme=scheme)
    if "view" not in query and "embed" not in query:
        visitor.come_to_strategies()
    for summary in visitor.find("summary").all():
        if not summary.evaluate("summary => summary.parentElement.open"):
            summary.click()
    assert findings(visitor) == []


def test_axe_finds_nothing_serious_in_what_is_open_or_refused(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "abc")
    visitor.type_axes("in_axes", "(1,")
    visitor.write_as_text("y_batch", "[[1, 2], [3")
    expect(visitor.key("y_batch").locator("form").get_by_role("alert")).to_contain_text("not an array")
    visitor.find('button[data-pick="1"]').first.click()
    visitor.cell("result", 2, 1).click()
    expect(visitor.find("td.lit")).to_have_count(6)
    assert findings(visitor) == []
    visitor.open_menu()
    assert findings(visitor) == []


def findings(visitor: Visit) -> list[str]:
    """What axe-core calls serious or critical, each with the first element that it is about."""
    found: list[dict[str, Any]] = Axe().run(visitor.page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_the_picture_is_a_grid_that_says_array_position_and_example(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel")
    visitor.expect_array("y_batch", [2, 3, 4])
    grids = visitor.page.get_by_role("grid")
    expect(grids).to_have_count(3)
    for name, title in {"x_batch": "x_batch, int32 (4, 5)", "y_batch": "y_batch, float32 (3,)"}.items():
        grid = visitor.page.get_by_role("grid", name=title, exact=True)
        expect(grid).to_have_count(1)
        expect(grid.get_by_role("gridcell", name=name)).to_have_count(visitor.cells(name).count())
    expect(visitor.page.get_by_role("grid", name="result of vmap, float32 (4, 3)")).to_have_attribute(
        "aria-readonly", "true"
    )
    for name, index, said in (
        ("x_batch", (2, 4), "x_batch[2, 4] 4, example 2"),
        ("y_batch", (1,), "y_batch[1] 3"),
        ("result", (3, 0), "result[3, 0] 11, example 3"),
    ):
        expect(visitor.cell(name, *index)).to_have_accessible_name(said)
    visitor.edit_cell("x_batch", (2, 4), "9")
    expect(visitor.cell("x_batch", 2, 4)).to_have_accessible_name("x_batch[2, 4] 9, example 2")


def test_the_axes_are_radio_groups_with_names(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    for name in (
        "in_axes: the axis of x_batch that is mapped",
        "in_axes: the axis of y_batch that is mapped",
        "out_axes: the axis of the batch in the result",
    ):
        group = visitor.page.get_by_role("radiogroup", name=name, exact=True)
        expect(group.get_by_role("radio")).to_have_count(3)
        expect(group.get_by_role("radio", checked=True)).to_have_count(1)
    visitor.come_to_strategies()
    strategies = visitor.page.get_by_role("radiogroup", name="strategy in focus")
    expect(strategies.get_by_role("radio", checked=True)).to_have_text("vmap")


def test_what_changes_is_said(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    expect(visitor.key("verdict").get_by_role("status")).to_contain_text("vmap runs convolve on 4 examples.")
    visitor.edit_cell("x_batch", (0, 0), "abc")
    expect(visitor.key("x_batch").get_by_role("alert").last).to_contain_text("x_batch[0, 0] is not changed.")
    visitor.type_axes("in_axes", "(1,")
    expect(visitor.page.get_by_role("alert").filter(has_text="in_axes is not changed.")).to_be_visible()
    visitor.cell("result", 1, 1).focus()
    expect(visitor.key("arrays").get_by_role("status")).to_contain_text("result[1,1]: 1*2 + 2*3 + 3*4 = 20")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("query", ["preset=vmap", "preset=mismatch", "preset=cond&view=trace", "view=gallery"])
def test_targets_are_large_enough_for_a_finger(visit: Callable[..., Visit], query: str, width: int) -> None:
    visitor = visit(query, width=width)
    if "view" not in query:
        visitor.find("summary").filter(has_text="Results by strategy").evaluate(OPEN)
        visitor.come_to_strategies()
        visitor.key("x_batch").get_by_role("button", name="as text").click()
    targets = visitor.find(
        "button, input, select, textarea, summary, a.way:not(.other), [role=radio], td[role=gridcell]"
    )
    assert targets.evaluate_all(SMALL, LEAST_PX) == []


def test_the_headings_follow_each_other(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    visitor.expect_no_result()
    for view in ("Explore", "Trace", "Time", "Gallery"):
        visitor.switch("view", view)
        visitor.settled()
        tags = visitor.find("h1, h2, h3, h4").evaluate_all("headings => headings.map((heading) => heading.tagName)")
        levels = [int(tag[1]) for tag in tags]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), (view, levels)


def test_motion_and_colour_are_not_all_that_says_it(visit: Callable[..., Visit]) -> None:
    """A verdict, a refusal and a chosen axis are words or signs as well."""
    visitor = visit("preset=mismatch")
    expect(visitor.key("verdict").locator(".headline").first).to_contain_text("disagree")
    sign = "node => getComputedStyle(node, '::before').content"
    assert visitor.handle("x_batch", 1).evaluate(sign) != visitor.handle("x_batch", 0).evaluate(sign)
    visitor.press("fix_0")
    visitor.expect_array("result", NOTEBOOK)

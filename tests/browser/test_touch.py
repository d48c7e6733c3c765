"""Fingers: the contexts' own switch for touch is one for all pages, so a page is told by Chromium's protocol."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Locator, expect

from tests.browser.driving import NOTEBOOK, Visit, box_of

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Finger:
    """Touches what it is shown."""

    protocol: CDPSession

    def tap(self, thing: Locator) -> None:
        """Bring it to the middle of the window, touch it and let go."""
        thing.evaluate("node => node.scrollIntoView({ block: 'center', inline: 'center' })")
        box = box_of(thing)
        point = {"x": (box.left + box.right) / 2, "y": (box.top + box.bottom) / 2}
        self.protocol.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        self.protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def phone(visit: Callable[..., Visit], query: str = "") -> tuple[Visit, Finger]:
    """A visitor with a phone of 390 pixels, and a finger."""
    visitor = visit(None, width=390, height=844)
    protocol = visitor.page.context.new_cdp_session(visitor.page)
    protocol.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    return visitor.open(query), Finger(protocol)


def test_a_tap_opens_a_cells_input(visit: Callable[..., Visit]) -> None:
    visitor, finger = phone(visit)
    finger.tap(visitor.cell("x_batch", 0, 0))
    expect(visitor.editor).to_be_focused()
    # The keyboard of a phone sends what it writes to the input, not keys.
    visitor.page.keyboard.insert_text("1")
    expect(visitor.editor).to_have_value("1")
    visitor.page.keyboard.press("Enter")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    # Another tap ends what was typed before.
    finger.tap(visitor.cell("y_batch", 1, 0))
    visitor.page.keyboard.insert_text("3")
    finger.tap(visitor.cell("y_batch", 2, 0))
    visitor.expect_array("result", [[13, 20, 29], [11, 21, 31], *NOTEBOOK[2:]])
    expect(visitor.editor).to_be_focused()


def test_taps_add_choose_and_apply(visit: Callable[..., Visit]) -> None:
    visitor, finger = phone(visit)
    finger.tap(visitor.key("x_batch").get_by_role("button", name="add a column of x_batch"))
    expect(visitor.cells("x_batch")).to_have_count(24)
    finger.tap(visitor.key("x_batch").get_by_role("button", name="remove a column of x_batch"))
    visitor.expect_array("result", NOTEBOOK)
    finger.tap(visitor.handle("x_batch", 1))
    visitor.expect_axes("in_axes", "(1, 0)")
    visitor.expect_no_result()
    finger.tap(visitor.key("fix_0").get_by_role("button", name="Apply"))
    visitor.expect_array("result", NOTEBOOK)


def test_a_tap_on_a_result_shows_and_keeps_what_it_is_made_of(visit: Callable[..., Visit]) -> None:
    visitor, finger = phone(visit)
    visitor.expect_array("result", NOTEBOOK)
    for column in (1, 2):
        finger.tap(visitor.cell("result", 0, column))
        expect(visitor.find("td.pinned")).to_have_attribute("data-index", f"0,{column}")
        window = [f"x_batch[0,{column + step}]" for step in range(3)]
        visitor.expect_lit(*window, *(f"y_batch[0,{tap}]" for tap in range(3)))

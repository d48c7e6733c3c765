"""Lessons walked through as a person would: say what is expected, see what happens, do the exercise, and once more."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.driving import Visit

pytestmark = pytest.mark.browser


def button(visitor: Visit, name: str) -> Locator:
    return visitor.key("learn").get_by_role("button", name=name, exact=True)


def option(visitor: Visit, text: str) -> Locator:
    return visitor.key("learn").get_by_role("radio", name=text)


def answer(visitor: Visit, text: str) -> None:
    option(visitor, text).check()
    button(visitor, "That is my answer").click()


def title(visitor: Visit) -> Locator:
    return visitor.key("learn").get_by_role("heading", level=2)


def headline(visitor: Visit) -> Locator:
    return visitor.key("learn").get_by_role("heading", level=3)


def test_a_lesson_from_the_list_to_the_next_one(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=learn")
    visitor.find('[data-lesson="loop"]').click()
    expect(title(visitor)).to_have_text("A loop that is not written")
    expect(visitor.key("verdict")).to_have_count(0)
    expect(button(visitor, "That is my answer")).to_be_disabled()
    answer(visitor, "[5, 7, 9]")
    expect(headline(visitor)).to_have_text("You expected D; what happens is C.")
    expect(headline(visitor)).to_be_focused()
    visitor.expect_array("result", [6, 15])
    visitor.expect_query(answers="loop.d", lesson="loop")

    button(visitor, "Now try it").click()
    expect(visitor.key("verdict")).to_be_visible()
    button(visitor, "Check").click()
    expect(visitor.key("learn").get_by_role("status")).to_have_text("The result has shape (2,); it should have (3,).")
    button(visitor, "A hint").click()
    expect(visitor.find(".hints li")).to_have_count(1)
    visitor.write_as_text("row", "[[1, 2, 7], [4, 5, 1], [10, 0, 0]]")
    visitor.expect_array("result", [10, 10, 10])
    button(visitor, "Check").click()
    expect(visitor.key("learn").get_by_role("status")).to_have_text("Done.")
    visitor.expect_query(done="loop", part="try")

    button(visitor, "Once more").click()
    expect(visitor.key("verdict")).to_have_count(0)
    answer(visitor, "[4, 7, 3, 9]")
    expect(headline(visitor)).to_have_text("Yes, D.")
    visitor.page.reload()
    visitor.settled()
    expect(headline(visitor)).to_have_text("Yes, D.")
    button(visitor, "Next lesson").click()
    expect(title(visitor)).to_have_text("What the function sees")
    visitor.page.go_back()
    expect(headline(visitor)).to_have_text("Yes, D.")


def test_a_lesson_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=learn&lesson=which-axis")
    press = visitor.page.keyboard.press
    option(visitor, "66").focus()
    press("ArrowDown")
    press("ArrowDown")
    press("Space")
    expect(option(visitor, "[6, 60]")).to_be_checked()
    press("Enter")
    expect(headline(visitor)).to_have_text("You expected C; what happens is D.")
    expect(headline(visitor)).to_be_focused()
    for _ in range(2):
        press("Tab")
    expect(button(visitor, "Now try it")).to_be_focused()
    press("Enter")
    expect(title(visitor)).to_be_focused()
    visitor.axes_field("in_axes").focus()
    visitor.page.keyboard.type("1")
    visitor.axes_field("in_axes").press("ControlOrMeta+a")
    visitor.page.keyboard.type("-1")
    press("Enter")
    visitor.expect_array("result", [15, 18, 21, 24])
    button(visitor, "Check").focus()
    press("Enter")
    expect(visitor.key("learn").get_by_role("status")).to_have_text("Done. It is also right on other arrays.")
    expect(button(visitor, "Check")).to_be_focused()


def test_a_lesson_on_a_phone_whose_wrong_answer_departs_in_two_cells(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=learn&lesson=silent", width=400, height=800, color_scheme="dark")
    answer(visitor, "[[1, 20]")
    expect(visitor.find("td.departs")).to_have_count(2)
    expect(visitor.find("td.departs .unequal").first).to_have_text("≠")
    visitor.key("learn").get_by_text("What would somebody else have expected?").click()
    expect(visitor.find("details.others[open] > details").first).to_be_visible()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button(visitor, "Now try it").click()
    visitor.find('button[aria-label="add a row of readings"]').click()
    expect(visitor.key("verdict")).to_contain_text("disagree")
    button(visitor, "Check").click()
    expect(visitor.key("learn").get_by_role("status")).to_have_text("Done.")
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driving import Visit
from tests.effort import some
from vmapdemo import outcome
from vmapdemo.gallery.catalogue import ENTRIES
from vmapdemo.scenario.presets import PRESETS, scenario_of

pytestmark = pytest.mark.browser

WIDER = """nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1)
    .map((node) => `${node.className} ${node.textContent.slice(0, 40)}`)"""


def search(visitor: Visit, text: str) -> None:
    visitor.page.get_by_role("searchbox", name="Search the gallery").fill(text)


def expect_shown(visitor: Visit, *names: str) -> None:
    """Exactly these cards are to be seen."""
    expect(visitor.find(".card:visible h3")).to_have_text(list(names))


def way(visitor: Visit, preset: str) -> None:
    visitor.find(f'a[data-preset="{preset}"]').click()


def test_one_searches_opens_a_silent_mistake_and_comes_back(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=gallery")
    expect(visitor.find(".card")).to_have_count(len(ENTRIES))
    expect(visitor.find(".call")).to_have_count(0)
    search(visitor, "temperature EQUAL nonsense")
    expect(visitor.key("gallery").get_by_role("status")).to_have_text("No function has all of these words.")
    expect_shown(visitor)
    search(visitor, "series SCAN")
    expect_shown(visitor, "smooth")
    expect(visitor.key("gallery").get_by_role("status")).to_have_text(f"1 of {len(ENTRIES)} functions")
    expect(visitor.find(".group:visible h2")).to_have_text(["Signals"])
    way(visitor, "smooth-silent")
    visitor.expect_close("result", outcome.result(PRESETS["smooth-silent"].scenario))
    visitor.expect_query(view="explore", preset="smooth-silent")
    visitor.expect_chosen("preset", PRESETS["smooth-silent"].title)
    visitor.page.go_back()
    expect_shown(visitor, "smooth")
    visitor.expect_query(view="gallery", preset="vmap")
    expect(visitor.find('a[data-preset="smooth-silent"]')).to_be_focused()


def test_the_way_back_leads_to_the_card_that_was_left(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=gallery")
    last = ENTRIES[-1].loud.name
    way(visitor, last)
    visitor.expect_no_result()
    assert visitor.comes_to(lambda: visitor.find('[data-testid="stMain"]').evaluate("node => node.scrollTop") == 0)
    visitor.page.go_back()
    expect(visitor.find(f'a[data-preset="{last}"]')).to_be_in_viewport()


def test_a_way_in_is_a_link_for_another_tab_and_for_the_keyboard(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=gallery&large=1")
    link = visitor.find('a[data-preset="orbit"]')
    with visitor.page.context.expect_page() as opened:
        link.click(modifiers=["ControlOrMeta"])
    other: Page = opened.value
    expect(other.locator(".call")).to_contain_text("jax.vmap(orbit")
    assert Visit(other, visitor.url).query()["large"] == "1"
    other.close()
    expect(visitor.find(".card").first).to_be_visible()
    link.focus()
    visitor.page.keyboard.press("Enter")
    visitor.expect_query(preset="orbit", view="explore", large="1")
    visitor.expect_close("result", outcome.result(PRESETS["orbit"].scenario))


@pytest.mark.parametrize("query", ["view=gallery", "view=gallery&large=1"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_sticks_out_of_a_card_or_of_the_window(visit: Callable[..., Visit], query: str, width: int) -> None:
    visitor = visit(query, width=width)
    parts = visitor.find('.card, .card .arrays, .card .array, .card pre, [data-testid="stMain"]')
    expect(visitor.find(".card")).to_have_count(len(ENTRIES))
    assert parts.evaluate_all(WIDER) == []


def test_functions_open_on_every_view(visit: Callable[..., Visit], subtests: pytest.Subtests) -> None:
    visitor = visit("view=gallery")
    for entry in some(ENTRIES, 5):
        with subtests.test(entry.name):
            visitor.follow("view=gallery")
            way(visitor, entry.intended.name)
            visitor.expect_close("result", outcome.result(scenario_of(entry, entry.intended)))
            visitor.switch("view", "Trace")
            expect(visitor.find("[data-operation]").first).to_be_visible()
            visitor.switch("view", "Time")
            expect(visitor.key("measure")).to_be_visible()

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Visit

pytestmark = pytest.mark.browser

FOUND_MS = 90_000


def test_finding_out_why_gives_a_table_and_the_programs_with_their_lines(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=time")
    visitor.press("why")
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    table = visitor.key("why_table")
    expect(table).to_be_visible(timeout=FOUND_MS)
    for words in ("dispatches", "57", "fusions", "Compiled as a whole"):
        expect(table).to_contain_text(words)
    visitor.page.get_by_text("The compiled programs").click()
    visitor.switch("program", "jit of vmap")
    listing = visitor.key("why_program")
    expect(listing).to_contain_text("fusion")
    expect(listing).to_contain_text("jnp.dot(x[centre - 1 : centre + 2], y)")
    assert "/" not in "".join(listing.get_by_role("cell").all_inner_texts()).replace("/*", "").replace("*/", "")
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_reload_with_why_in_the_link_finds_out(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=time&run=why")
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    visitor.press("cancel_why")
    expect(visitor.page.get_by_text("It was cancelled.")).to_be_visible()


def test_more_formulations_are_among_the_rows(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=time")
    visitor.tick("peers")
    visitor.press("measure")
    expect(visitor.key("best_times").locator(".js-plotly-plot")).to_be_visible(timeout=FOUND_MS)
    for name in ("Gathered windows", "lax convolution, grouped", "NumPy, shifted slices"):
        expect(visitor.key("best_times")).to_contain_text(name)

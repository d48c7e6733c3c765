from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.driving import NOTEBOOK, Visit
from tests.browser.framing import framed

pytestmark = pytest.mark.browser


@pytest.fixture
def course_page(server: Server, tmp_path: Path) -> Iterator[str]:
    """The address of a page that holds the app in an iframe, served by another server."""
    with framed(f"{server.url}/?embed=true&preset=vmap", tmp_path) as address:
        yield address


def test_a_course_page_embeds_the_app(visit: Callable[..., Visit], course_page: str) -> None:
    outside = visit(None)
    outside.page.goto(course_page)
    visitor = replace(outside, frame=outside.page.frame_locator("iframe")).settled()
    visitor.expect_array("result", NOTEBOOK)
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    frame = next(frame for frame in outside.page.frames if frame.parent_frame is not None)
    frame.wait_for_function("location.search.includes('x_batch=1_1_2_3_4')")
    assert "embed=true" in frame.url
    assert "preset=" not in frame.url


def test_a_course_page_embeds_a_lesson(visit: Callable[..., Visit], server: Server, tmp_path: Path) -> None:
    """From its question to its exercise, which is the lesson's own though the link gives no arrays."""
    with framed(f"{server.url}/?embed=true&view=learn&lesson=shared", tmp_path) as address:
        outside = visit(None)
        outside.page.goto(address)
        visitor = replace(outside, frame=outside.page.frame_locator("iframe")).settled()
        lesson = visitor.key("learn")
        expect(visitor.key("header")).to_have_count(0)
        lesson.get_by_role("radio", name="[[14, 15]").check()
        lesson.get_by_role("button", name="That is my answer").click()
        expect(lesson.get_by_role("heading", level=3)).to_have_text("Yes, B.")
        lesson.get_by_role("button", name="Now try it").click()
        visitor.type_axes("in_axes", "(0, None)")
        visitor.expect_array("result", [[11, 20, 29], [3, 6, 19], [8, 15, 31]])
        lesson.get_by_role("button", name="Check").click()
        expect(lesson.get_by_role("status")).to_have_text("Done. It is also right on other arrays.")
        frame = next(frame for frame in outside.page.frames if frame.parent_frame is not None)
        frame.wait_for_function("location.search.includes('done=shared')")
        assert "embed=true" in frame.url


def test_an_embedded_page_is_strip_and_arrays_alone(visit: Callable[..., Visit]) -> None:
    visitor = visit("embed=true&preset=vmap")
    visitor.expect_array("result", NOTEBOOK)
    expect(visitor.call).to_be_visible()
    for key in ("header", "preset", "view", "share", "menu", "strategies", "shapes"):
        expect(visitor.key(key)).to_have_count(0)
    expect(visitor.find("h1, summary")).to_have_count(0)


def test_an_embedded_page_opens_the_whole_one(visit: Callable[..., Visit]) -> None:
    visitor = visit("embed=true&preset=vmap")
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.expect_query(x_batch="1_1_2_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4")
    with visitor.page.expect_popup() as opened:
        visitor.find("a.whole").click()
    whole = Visit(opened.value, visitor.url).settled()
    whole.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    expect(whole.key("preset")).to_be_visible()
    assert "embed" not in whole.query()
    whole.page.close()


def test_an_embedded_page_keeps_embed_through_changes_and_reload(visit: Callable[..., Visit]) -> None:
    visitor = visit("embed=true&preset=mismatch")
    visitor.expect_no_result()
    visitor.press("fix_0")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(embed="true", preset=None)
    visitor.page.reload()
    visitor.settled()
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(embed="true", preset=None)
    visitor.page.go_back()
    visitor.expect_no_result()
    visitor.expect_query(embed="true", preset="mismatch")

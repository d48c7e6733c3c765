import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit
from vmapdemo.scenario import link

pytestmark = pytest.mark.browser


def arrays_and_code(visitor: Visit) -> list[str]:
    visitor.settled().come_to_strategies()
    return [*visitor.find("td[data-array]").all_inner_texts(), *visitor.code("").all_inner_texts()]


def test_the_address_opens_the_same_page_for_somebody_else(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-1")
    visitor.edit_cell("x_batch", (2, 1), "-7")
    expect(visitor.cell("x_batch", 2, 1)).to_have_text("-7")
    visitor.choose_dtype("y_batch", "int32")
    visitor.expect_query(y_batch__dtype="int32")
    other = visit(urlsplit(visitor.page.url).query)
    assert arrays_and_code(other) == arrays_and_code(visitor)
    expect(other.cell("x_batch", 2, 1)).to_have_text("-7")
    expect(other.key("y_batch").get_by_role("combobox", name="dtype")).to_have_value("int32")
    other.expect_axes("in_axes", "[1, 0]")
    assert other.query() == visitor.query()


def test_reloading_keeps_everything(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "5")
    visitor.expect_array("result", [[21, 20, 29], *NOTEBOOK[1:]])
    visitor.focus_on("By hand")
    visitor.set_type("Large")
    visitor.expect_query(large="1")
    visitor.switch("view", "Time")
    visitor.expect_query(view="time", large="1", strategy="mathy")
    address = visitor.page.url
    visitor.page.reload()
    visitor.settled()
    expect(visitor.key("measure")).to_be_visible()
    visitor.expect_switched("view", "Time")
    expect(visitor.open_menu().get_by_role("button", name="Normal type")).to_be_visible()
    visitor.close_menu()
    assert visitor.page.url == address
    visitor.switch("view", "Explore")
    visitor.expect_array("result", [[21, 20, 29], *NOTEBOOK[1:]])
    visitor.come_to_strategies()
    visitor.expect_switched("strategy", "By hand")


def test_back_and_forward_undo_and_redo(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.rest()
    visitor.edit_cell("x_batch", (0, 1), "2")
    visitor.expect_array("result", [[16, 22, 29], *NOTEBOOK[1:]])
    visitor.type_axes("out_axes", "None")
    visitor.expect_no_result()
    visitor.expect_query(out_axes="None")
    visitor.page.go_back()
    visitor.expect_array("result", [[16, 22, 29], *NOTEBOOK[1:]])
    visitor.expect_axes("out_axes", "0")
    visitor.page.go_back()
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    expect(visitor.cell("x_batch", 0, 1)).to_have_text("1")
    visitor.page.go_back()
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")
    for shown in ([[13, 20, 29], *NOTEBOOK[1:]], [[16, 22, 29], *NOTEBOOK[1:]]):
        visitor.page.go_forward()
        visitor.expect_array("result", shown)
    visitor.page.go_forward()
    visitor.expect_no_result()
    visitor.expect_axes("out_axes", "None")


def test_an_edit_after_going_back_starts_from_what_is_seen(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.edit_cell("x_batch", (0, 0), "1")
    visitor.expect_array("result", [[13, 20, 29], *NOTEBOOK[1:]])
    visitor.page.go_back()
    visitor.expect_array("result", NOTEBOOK)
    visitor.edit_cell("x_batch", (1, 0), "1")
    visitor.expect_array("result", [NOTEBOOK[0], [13, 20, 29], *NOTEBOOK[2:]])


def test_a_link_that_cannot_be_read_gives_one_sentence_and_the_default_preset(
    visit: Callable[..., Visit], subtests: pytest.Subtests
) -> None:
    visitor = visit(None)
    for query in (
        "preset=nonsense",
        "v=99&x_batch=1_2",
        "x_batch=1_2~3",
        "x_batch=nan_1_2",
        "colour=red",
        "view=admin",
        "in_axes=__import__('os')",
        "preset=vmap&preset=mismatch",
        "in_axes=%ff%fe",
        f"preset={quote('<img src=x onerror=alert(1)>')}",
        f"in_axes={quote('[' * 150)}",
        f"x_batch={'_'.join(['1'] * 1025)}",
    ):
        with subtests.test(query[:40]):
            visitor.open(query)
            notice = visitor.key("notice_link").locator("p")
            expect(notice).to_have_count(2)
            visitor.expect_array("result", NOTEBOOK)
            visitor.expect_chosen("preset", "Notebook: vmap")
            visitor.expect_query(preset="vmap")
            expect(visitor.find("img")).to_have_count(0)
    visitor.choose("preset", "Notebook: jit of vmap")
    expect(visitor.key("notice_link")).to_have_count(0)


def test_the_button_copies_the_link(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch", permissions=["clipboard-read", "clipboard-write"])
    visitor.press("share")
    expect(visitor.page.get_by_text("Link copied.")).to_be_visible()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    address = urlsplit(copied)
    assert f"{address.scheme}://{address.netloc}" == visitor.url
    assert link.decode(address.query) == link.decode(urlsplit(visitor.page.url).query)
    other = visit(address.query)
    other.expect_no_result()
    other.expect_axes("in_axes", "1")
    # It goes of itself.
    expect(visitor.page.get_by_text("Link copied.")).to_have_count(0)


def test_where_there_is_no_clipboard_the_link_stands_selected(visit: Callable[..., Visit]) -> None:
    """As on plain http, and in a frame of an insecure page."""
    visitor = visit(None)
    visitor.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    visitor.open("preset=mismatch")
    visitor.press("share")
    field = visitor.key("share").get_by_role("textbox", name="the link to share")
    expect(field).to_be_focused()
    expect(field).not_to_be_editable()
    expect(field).to_be_in_viewport(ratio=1)
    expect(visitor.key("share").get_by_role("status")).to_contain_text("Copy the selected link.")
    assert field.input_value() == visitor.page.url
    assert field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == visitor.page.url
    visitor.page.keyboard.press("Tab")
    expect(field).to_be_hidden()


def test_a_clipboard_that_refuses_is_as_none(visit: Callable[..., Visit]) -> None:
    visitor = visit(None)
    refusing = "{ value: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) } }"
    visitor.page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {refusing})")
    visitor.open("preset=vmap")
    visitor.press("share")
    expect(visitor.key("share").get_by_role("textbox", name="the link to share")).to_be_focused()


def test_the_link_of_the_notebooks_batch_is_short_and_readable(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    assert len(visitor.page.url) < 2000
    assert "x_batch=0_1_2_3_4~0_1_2_3_4~0_1_0_1_4~0_1_2_3_4&" in visitor.page.url


def test_the_call_as_it_now_is_is_saved_as_a_script_that_runs_and_as_a_notebook(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    visitor = visit()
    visitor.type_axes("in_axes", "(1, 0)")
    visitor.expect_no_result()
    visitor.transpose("x_batch")
    visitor.expect_array("result", NOTEBOOK)
    visitor.open_menu()
    saved = {}
    for label in ("Python script", "Jupyter notebook"):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name=label).click()
        saved[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[label])
    run = subprocess.run(
        [sys.executable, saved["Python script"]], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "[[11. 20. 29.]" in run.stdout
    notebook = json.loads(saved["Jupyter notebook"].read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    assert any(
        "jax.vmap(convolve, in_axes=(1, 0), out_axes=0)(x_batch.T, y_batch)" in cell["source"]
        for cell in notebook["cells"]
    )

import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.driving import Visit
from tests.browser.test_looks import assert_tidy
from tests.browser.test_timing import measuring_pids
from tests.timing.made_up_sweep import batches, lengths
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.service.pool import Pool
from vmapdemo.timing.service.saved import Saved

pytestmark = pytest.mark.browser

# A sweep takes at most 20 s; on a busy machine starting a process and drawing take about as long again.
SWEPT_MS = 90_000
LINK = link.encode(PRESETS["vmap"].scenario, View("time", run="batch"))


def saved_file(folder: Path, sweep: Sweep) -> Path:
    file = folder / "sweep.json"
    file.write_text(Saved(LINK, sweep=sweep).to_json(), encoding="utf-8")
    return file


def open_file(visitor: Visit, file: Path) -> None:
    visitor.key("opening").locator("summary").click()
    visitor.find("input[type=file]").set_input_files(file)


def expect_points(visitor: Visit) -> None:
    """Something has been measured and drawn."""
    expect(visitor.key("sweep_chart").locator(".scatterlayer .point").first).to_be_attached(timeout=SWEPT_MS)


def expect_swept(visitor: Visit) -> None:
    expect(visitor.key("sweep_remarks")).to_be_visible(timeout=SWEPT_MS)
    expect(visitor.key("cancel_sweep")).to_have_count(0)
    for chart in ("sweep_chart", "compile_chart"):
        expect(visitor.key(chart).locator(".js-plotly-plot")).to_be_visible()
    expect(visitor.key("sweep").get_by_role("button")).to_be_enabled()


def test_a_sweep_grows_on_the_page_and_is_explained_kept_and_saved(visit: Callable[..., Visit], tmp_path: Path) -> None:
    visitor = visit("view=time")
    visitor.press("sweep")
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    expect(visitor.page.get_by_text(re.compile(r"Batch size [\d,]+: .*; about \d+ s left")).last).to_be_visible()
    expect(visitor.key("measure").get_by_role("button")).to_be_disabled()
    expect_points(visitor)
    expect(visitor.key("cancel_sweep")).to_be_visible()
    expect_swept(visitor)
    for name in (*STRATEGY_LABELS.values(), "copying the arguments", "empty jitted call"):
        expect(visitor.key("sweep_chart")).to_contain_text(name)
    expect(visitor.key("sweep_remarks")).to_contain_text("onfirmed")
    expect(visitor.key("sweep_remarks")).to_contain_text("int32[B, 5], float32[B, 3]; ")
    visitor.tick("spread")
    expect(visitor.key("sweep_chart").locator(".errorbar").first).to_be_attached()
    with visitor.page.expect_download() as download:
        visitor.press("json_sweep")
    file = tmp_path / "run.json"
    download.value.save_as(file)
    saved = Saved.from_json(file.read_text(encoding="utf-8"))
    assert saved.sweep is not None
    assert saved.sweep.complete
    assert saved.sweep.conditions.spent_s < 25
    with visitor.page.expect_download() as download:
        visitor.press("csv_sweep")
    download.value.save_as(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text(encoding="utf-8").startswith("vary,size,name,best_s")
    visitor.press("keep_sweep")
    expect(visitor.key("kept_sweep_about")).to_contain_text("Kept")
    assert_tidy(visitor)
    # The file is opened by somebody else, and is what it was.
    other = visit("view=time")
    open_file(other, file)
    expect(other.key("kept_sweep_about")).to_contain_text("int32[B, 5], float32[B, 3]; ")
    expect(other.key("kept_sweep_chart").locator(".js-plotly-plot")).to_be_visible()


def test_a_cancelled_sweep_keeps_its_points(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=time")
    visitor.press("sweep")
    expect_points(visitor)
    visitor.press("cancel_sweep")
    expect(visitor.page.get_by_text("The sweep was cancelled. What was measured stays.")).to_be_visible()
    expect(visitor.page.get_by_role("progressbar")).to_have_count(0)
    expect_swept(visitor)
    expect_points(visitor)


def test_a_link_to_a_sweep_of_lengths_starts_it(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&view=time&run=length")
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    visitor.expect_query(run=None, view="time")
    visitor.expect_switched("vary", "Length")
    expect_points(visitor)
    for kind in ("first call", "trace", "lower", "compile"):
        expect(visitor.key("compile_chart")).to_contain_text(kind)
    visitor.press("cancel_sweep")
    expect_swept(visitor)


def test_a_worker_that_dies_during_a_sweep_is_replaced_and_the_visitor_told(
    visit: Callable[..., Visit], server: Server
) -> None:
    visitor = visit("view=time")
    visitor.press("sweep")
    expect_points(visitor)
    killed = measuring_pids(server)
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    expect(visitor.page.get_by_text("was started again")).to_be_visible()
    expect_points(visitor)
    assert not measuring_pids(server) & killed
    visitor.press("cancel_sweep")
    expect_swept(visitor)


def test_a_visitor_who_wants_to_sweep_waits_for_the_others(visit: Callable[..., Visit]) -> None:
    second = visit("view=time&preset=distinct-rows")
    first = [visit("view=time") for _ in range(Pool().workers)]
    for visitor in first:
        visitor.press("sweep")
        expect(visitor.key("cancel_sweep")).to_be_visible()
    second.press("sweep")
    expect(second.page.get_by_text("Waiting for")).to_be_visible()
    first[0].press("cancel_sweep")
    expect(second.page.get_by_text("Waiting for")).to_have_count(0)
    expect_points(second)
    second.press("cancel_sweep")
    expect_swept(second)
    for visitor in first[1:]:
        visitor.press("cancel_sweep")


def test_a_file_that_is_no_measurement_changes_nothing(visit: Callable[..., Visit], tmp_path: Path) -> None:
    visitor = visit("view=time")
    before = visitor.query()
    good = saved_file(tmp_path, batches())
    open_file(visitor, good)
    expect(visitor.key("kept_sweep_about")).to_contain_text("Kept")
    bad = tmp_path / "bad.json"
    fields = json.loads(good.read_text(encoding="utf-8"))
    fields["sweep"]["sizes"] = ["<img src=x onerror=alert(1)>"]
    bad.write_text(json.dumps(fields), encoding="utf-8")
    visitor.find("input[type=file]").set_input_files(bad)
    notice = visitor.key("notice_open_file")
    expect(notice).to_contain_text("sizes must be a whole number, got '<img src=x onerror=alert(1)>'")
    expect(notice.locator("img")).to_have_count(0)
    expect(visitor.key("kept_sweep_about")).to_contain_text("Kept")
    assert visitor.query() == before


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_charts_of_a_sweep_fit_the_window_and_their_legends_meet_no_line(
    visit: Callable[..., Visit], tmp_path: Path, scheme: str, width: int
) -> None:
    visitor = visit("view=time", color_scheme=scheme, width=width)
    many = ("a long name of a strategy", *(f"strategy {place}" for place in range(9)))
    open_file(visitor, saved_file(tmp_path, replace(lengths(), names=(*lengths().names, *many))))
    expect(visitor.key("kept_compile_chart").locator(".js-plotly-plot")).to_be_visible()
    assert_tidy(visitor)
    for chart in ("kept_sweep_chart", "kept_compile_chart"):
        legend = visitor.key(chart).locator(".legend").bounding_box()
        plots = visitor.key(chart).locator(".nsewdrag").all()
        assert legend is not None
        boxes = [box for plot in plots if (box := plot.bounding_box()) is not None]
        assert boxes
        assert all(box["y"] + box["height"] <= legend["y"] + 1 for box in boxes)

"""The page of a server that can write nowhere: no home, and a disk that is full."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visitors
from tests.browser.test_sweep import open_file, saved_file
from tests.browser.test_timing import expect_measured, expect_measuring
from tests.faults.driving import App, served
from tests.timing.made_up_sweep import batches
from vmapdemo.timing.service.slots import FOLDER_VARIABLE

pytestmark = pytest.mark.browser

FULL = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Starts a command that can make files and put nothing into them, as where every disk is full; it binds root too."""
NO_HOME = "/proc/nowhere"
"""Nobody can make it, and nobody can make anything in it."""


@contextmanager
def nowhere_to_write() -> Iterator[App]:
    environment = {"HOME": NO_HOME, "XDG_CACHE_HOME": f"{NO_HOME}/cache", FOLDER_VARIABLE: ""}
    with served(environment, (sys.executable, "-c", FULL)) as app:
        yield app


def test_a_server_that_can_write_nowhere_measures_and_opens_files(chromium: BrowserContext, tmp_path: Path) -> None:
    with nowhere_to_write() as app:
        visitors = Visitors(chromium, app.url, [], [])
        visitor = visitors("view=time")
        visitor.press("measure")
        expect_measuring(visitor)
        expect_measured(visitor)
        saved = saved_file(tmp_path, batches())
        saved.write_text(saved.read_text(encoding="utf-8").ljust(1_000_000), encoding="utf-8")
        open_file(visitor, saved)
        expect(visitor.key("kept_sweep_about")).to_contain_text("Kept")
        large = tmp_path / "large.json"
        large.write_text(" " * 2_000_000, encoding="utf-8")
        visitor.find("input[type=file]").set_input_files(large)
        expect(visitor.page.get_by_text("File must be 1.0MB or smaller.")).to_be_visible()
        expect(visitor.key("kept_sweep_about")).to_contain_text("Kept")
        visitor.page.close()
    assert not visitors.troubles, visitors.troubles
    log = "".join(app.log)
    assert log.count("may measure at the same time") == 1, log
    assert "Traceback" not in log, log

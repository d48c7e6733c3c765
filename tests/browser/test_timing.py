import os
import re
import signal
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server
from tests.browser.driving import Visit
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.timing.service.pool import Pool

pytestmark = pytest.mark.browser

MEASURED_MS = 90_000


def expect_measured(visitor: Visit) -> None:
    expect(visitor.key("headline")).to_contain_text("fastest", timeout=MEASURED_MS)
    expect(visitor.key("best_times").locator(".js-plotly-plot")).to_be_visible()
    expect(visitor.key("cancel")).to_have_count(0)
    expect(visitor.key("measure").get_by_role("button")).to_be_enabled()


def expect_measuring(visitor: Visit) -> None:
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    expect(visitor.key("measure").get_by_role("button")).to_be_disabled()


def measuring_pids(server: Server) -> set[int]:
    """The measuring processes of the tests' own server."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(server.pid)], capture_output=True, text=True, check=False
    )
    return {int(line.split()[0]) for line in listed.stdout.splitlines() if "vmapdemo.timing.service.worker" in line}


def test_measuring_can_be_cancelled_and_then_draws_the_charts(visit: Callable[..., Visit]) -> None:
    visitor = visit("view=time")
    visitor.press("measure")
    expect_measuring(visitor)
    visitor.press("cancel")
    expect(visitor.page.get_by_text("The measurement was cancelled.")).to_be_visible()
    expect(visitor.page.get_by_role("progressbar")).to_have_count(0)
    visitor.press("measure")
    expect_measuring(visitor)
    expect_measured(visitor)
    expect(visitor.page.get_by_text("The measurement was cancelled.")).to_have_count(0)
    visitor.key("more_figures").locator("summary").click()
    expect(visitor.key("cold_costs").locator(".js-plotly-plot")).to_be_visible()
    for name in STRATEGY_LABELS.values():
        expect(visitor.key("best_times")).to_contain_text(name)
        expect(visitor.find('[data-testid="stCode"]').last).to_contain_text(
            re.compile(rf"{name}\s+[\d.]+ (ms|µs|us|s|ns) ± .* per loop")
        )
    expect(visitor.key("remarks")).to_contain_text("Python loop 57, By hand 13, vmap 10, jit of vmap 1")
    expect(visitor.key("conditions")).to_contain_text(re.compile("onfirmed.*JAX"))
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # What was measured stays, and says so, when the scenario changes.
    visitor.choose("preset", "Signals: rows that all differ")
    expect(visitor.key("stale")).to_contain_text("Measured before")
    visitor.switch("view", "Explore")
    expect(visitor.cells("result").first).to_be_visible()
    visitor.switch("view", "Time")
    expect_measured(visitor)


def test_a_measuring_process_that_dies_is_replaced_and_the_visitor_told(
    visit: Callable[..., Visit], server: Server
) -> None:
    visitor = visit("view=time")
    visitor.press("measure")
    expect(visitor.page.get_by_role("progressbar")).to_be_visible()
    expect(visitor.page.get_by_text(re.compile("Measuring|Compiling|First", re.IGNORECASE)).last).to_be_visible()
    killed = measuring_pids(server)
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    expect(visitor.page.get_by_text("was started again")).to_be_visible()
    expect_measured(visitor)
    expect(visitor.page.get_by_text("was started again")).to_be_visible()
    assert not measuring_pids(server) & killed


def test_a_visitor_who_has_to_wait_sees_the_queue(visit: Callable[..., Visit]) -> None:
    first = [visit("view=time") for _ in range(Pool().workers)]
    for visitor in first:
        visitor.press("measure")
        expect_measuring(visitor)
    second = visit("view=time&preset=jit")
    second.press("measure")
    expect(second.page.get_by_text("Waiting for")).to_be_visible()
    first[0].press("cancel")
    expect(second.page.get_by_text("Waiting for")).to_have_count(0)
    expect_measuring(second)
    second.press("cancel")
    expect(second.page.get_by_text("The measurement was cancelled.")).to_be_visible()
    for visitor in first[1:]:
        visitor.press("cancel")


def test_a_call_that_fails_has_nothing_to_measure(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch&view=time")
    expect(visitor.page.get_by_text("There is nothing to measure.")).to_be_visible()
    expect(visitor.key("measure").get_by_role("button")).to_be_disabled()

"""A visitor's page on two replicas behind nginx, while these go and come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import PATIENCE_S
from tests.browser.driving import NOTEBOOK, Visit
from tests.browser.test_sweep import open_file, saved_file
from tests.deploy.running import COOKIE, Deployment, deployed
from tests.timing.made_up_sweep import batches

pytestmark = pytest.mark.browser

EDITED = [[21, 20, 29], *NOTEBOOK[1:]]
EDITED_AGAIN = [[21, 20, 29], [13, 20, 29], *NOTEBOOK[2:]]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("two")) as running:
        yield running


@pytest.fixture
def visitor(two: Deployment, chromium: BrowserContext) -> Iterator[Visit]:
    """A visitor with an edited array and an axis of his own, who reads the view Trace."""
    chromium.clear_cookies()
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    visit = Visit(page, two.url).open()
    visit.edit_cell("x_batch", (0, 0), "5")
    visit.expect_array("result", EDITED)
    visit.choose_axis("result", 1)
    visit.expect_query(out_axes="1")
    visit.switch("view", "Trace")
    visit.expect_query(view="trace")
    yield visit
    page.close()
    chromium.clear_cookies()


def replica_of(visitor: Visit) -> int:
    """The replica that the browser's cookie names."""
    cookies = {cookie["name"]: cookie["value"] for cookie in visitor.page.context.cookies(visitor.url)}
    return int(cookies[COOKIE])


def runs_of(visitor: Visit) -> list[ForwardMsg]:
    """The ends of runs on connections that are made from now on, as they come."""
    ended: list[ForwardMsg] = []

    def take(frame: str | bytes) -> None:
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        if message.WhichOneof("type") == "script_finished":
            ended.append(message)

    visitor.page.on("websocket", lambda socket: socket.on("framereceived", take))
    return ended


def expect_nothing_lost(visitor: Visit, address: str) -> None:
    """View, axes and arrays are as they were, and follow what the visitor does next."""
    visitor.settled()
    visitor.expect_switched("view", "Trace")
    assert visitor.page.url == address
    visitor.switch("view", "Explore")
    visitor.expect_axis("result", 1)
    expect(visitor.cell("x_batch", 0, 0)).to_have_text("5")
    visitor.choose_axis("result", 0)
    visitor.expect_array("result", EDITED)
    visitor.edit_cell("x_batch", (1, 0), "1")
    visitor.expect_array("result", EDITED_AGAIN)


def test_a_visitor_whose_replica_is_killed_goes_on_at_the_other_and_stays_there(
    two: Deployment, visitor: Visit, tmp_path: Path
) -> None:
    address, first, runs = visitor.page.url, replica_of(visitor), runs_of(visitor)
    two.kill(first)
    assert visitor.comes_to(lambda: bool(runs)), "the page did not ask the other replica for a run"
    assert replica_of(visitor) != first
    expect_nothing_lost(visitor, address)
    # The supervisor brings the first one back: what is sent over http still has to follow the page to the other.
    two.wait_until_warm(first)
    visitor.page.wait_for_timeout(2000)
    visitor.switch("view", "Time")
    open_file(visitor, saved_file(tmp_path, batches()))
    expect(visitor.key("kept_sweep_chart").locator(".js-plotly-plot")).to_be_visible()
    menu = visitor.open_menu()
    with visitor.page.expect_download() as download:
        menu.get_by_text("Jupyter notebook").click()
    assert "jax.vmap" in Path(download.value.path()).read_text(encoding="utf-8")
    assert replica_of(visitor) != first


def test_a_rolling_restart_loses_nothing(two: Deployment, visitor: Visit) -> None:
    address, runs = visitor.page.url, runs_of(visitor)
    before = [two.app(number).pid for number in (1, 2)]
    done = two.restart()
    assert (done.returncode, done.stdout) == (0, "app-1 is back\napp-2 is back\n"), done.stderr
    assert visitor.comes_to(lambda: bool(runs)), "the page did not ask for a run"
    assert not set(before) & {two.app(number).pid for number in (1, 2)}
    expect_nothing_lost(visitor, address)

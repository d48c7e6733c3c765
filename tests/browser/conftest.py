"""One server and one Chromium for each worker; each test's visitors have pages of their own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.driving import Visit

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "test-results" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_S = 30.0
START_S = 90.0

_failed = pytest.StashKey[bool]()


@dataclass(frozen=True, slots=True)
class Server:
    """The running app."""

    url: str
    log: Path
    pid: int


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that the test failed, and show what the server said meanwhile."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
        server = getattr(item, "funcargs", {}).get("server")
        if isinstance(server, Server):
            report.sections.append(("the server's log", server.log.read_text(encoding="utf-8")[-6000:]))
    return report


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The app on a free port, warm."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    log = RESULTS / "server.log"
    with (
        _free_port() as port,
        log.open("wb") as output,
        subprocess.Popen(_command(port), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            url = f"http://localhost:{port}"
            _wait_until_healthy(f"{url}/_stcore/health", process, log)
            yield Server(url, log, process.pid)
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """The browser that all tests share. With a folder of its own it keeps what it has loaded and compiled of the page.

    That saves a second of processor time for each visitor.
    """
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        names = ", ".join(CHROMIUMS)
        pytest.fail(
            f"There is no browser: none of {names} is on the PATH. Debian's package is `chromium`.", pytrace=False
        )
    expect.set_options(timeout=PATIENCE_S * 1000)
    folder = tmp_path_factory.mktemp("chromium")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(folder, executable_path=path, args=list(FLAGS)) as context,
    ):
        yield context


@dataclass(frozen=True, slots=True)
class Visitors:
    """Opens pages for one test and keeps what goes wrong in them."""

    browser: BrowserContext
    url: str
    pages: list[Page]
    troubles: list[str]

    def __call__(
        self,
        query: str | None = "",
        *,
        width: int = 1280,
        height: int = 800,
        color_scheme: Literal["light", "dark"] = "light",
        permissions: Sequence[str] = (),
    ) -> Visit:
        """A new visitor, at this query (None: nowhere yet)."""
        if permissions:
            self.browser.grant_permissions(permissions)
        page = self.browser.new_page()
        page.emulate_media(color_scheme=color_scheme)
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(PATIENCE_S * 1000)
        self.pages.append(page)
        _record(page, self.troubles)
        visit = Visit(page, self.url)
        return visit if query is None else visit.open(query)


@pytest.fixture
def visit(server: Server, chromium: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Opens the app as a new visitor. At the end of the test no page has had an error or a failed request."""
    visitors = Visitors(chromium, server.url, [], [])
    yield visitors
    if request.node.stash.get(_failed, False) or visitors.troubles:
        _keep(visitors.pages, request.node.name)
    for page in visitors.pages:
        page.close()
    chromium.clear_permissions()
    assert not visitors.troubles, "\n".join(visitors.troubles)


def _record(page: Page, troubles: list[str]) -> None:
    page.on("console", lambda message: troubles.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    page.on(
        "response", lambda answer: troubles.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
    )
    # A request that a navigation has cut off is ERR_ABORTED; nothing has failed.
    page.on(
        "requestfailed",
        lambda request: (
            None if request.failure == "net::ERR_ABORTED" else troubles.append(f"{request.failure}: {request.url}")
        ),
    )


def _keep(pages: list[Page], test: str) -> None:
    """A screenshot and the HTML of each page, under test-results."""
    for position, page in enumerate(pages):
        stem = RESULTS / f"{re.sub(r'[^a-zA-Z0-9_-]+', '-', test)[:100]}-{position}"
        page.screenshot(path=f"{stem}.png", full_page=True)
        Path(f"{stem}.html").write_text(page.content(), encoding="utf-8")


def _command(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]


@contextmanager
def _free_port() -> Iterator[int]:
    """A port that nobody else is given meanwhile: it stays bound, which does not keep the server from listening."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{log.read_text(encoding='utf-8')}", pytrace=False)

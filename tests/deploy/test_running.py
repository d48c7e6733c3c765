"""Two replicas behind nginx as a program meets them; tests/browser/test_replicas.py has a visitor's browser there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.deploy.running import COOKIE, Deployment, cookie_of, deployed

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(tmp_path_factory.mktemp("two")) as running:
        yield running


@pytest.fixture(scope="module")
def narrow(two: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """nginx as on a machine of its own, with low limits, before the same replicas."""
    backends = ",".join(f"localhost:{port}" for port in two.app_ports)
    limits = {"--requests-per-s": 1, "--requests-at-once": 20, "--visits-per-s": 1, "--visits-at-once": 3}
    options = [str(part) for pair in {**limits, "--connections": 2}.items() for part in pair]
    with deployed(tmp_path_factory.mktemp("narrow"), "--backends", backends, *options) as running:
        yield running


def stream(running: Deployment, origin: str | None = None, **headers: str) -> ClientConnection:
    """A WebSocket as the page opens it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return connect(
        f"ws://localhost:{running.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        origin=origin or running.url,  # type: ignore[arg-type]
        additional_headers=named,
        max_size=None,
    )


def refusal(running: Deployment, **headers: str) -> int:
    """The status with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as caught, stream(running, **headers):
        pass
    status: int = caught.value.response.status_code
    return status


def test_visitors_from_one_address_are_spread_and_each_stays(two: Deployment) -> None:
    first = [two.ask("/") for _ in range(30)]
    assert {answer.replica for answer in first} == {"1", "2"}
    for answer in first[:4]:
        cookie = cookie_of(answer)
        assert [two.ask("/", Cookie=cookie).replica for _ in range(3)] == ["", "", ""], "it has its cookie"
        with stream(two, Cookie=cookie) as page:
            assert f"{COOKIE}={answer.replica};" in page.response.headers["Set-Cookie"]


def test_a_cookie_that_names_nothing_is_replaced(two: Deployment) -> None:
    for value in ("3", "0", "any_replica", "127.0.0.1:22", "1%0d%0a"):
        assert two.ask("/", Cookie=f"{COOKIE}={value}").replica in {"1", "2"}


def test_without_cookies_all_requests_come_to_one_replica(two: Deployment) -> None:
    found = set()
    for _ in range(4):
        with stream(two) as page:
            found.add(page.response.headers["Set-Cookie"])
    assert len(found) == 1


def test_metrics_are_refused_however_they_are_written(two: Deployment, subtests: pytest.Subtests) -> None:
    for path in (
        "/metrics",
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/metrics?x=1",
        "//_stcore//metrics",
        "/_stcore/%6d%65trics",
        "/_stcore/./x/../metrics",
        "/x/..//_stcore/metrics",
        "/_STCORE/METRICS",
        "/a/page/_stcore/metrics",
        "/static/../_stcore/metrics",
    ):
        with subtests.test(path):
            answer = two.ask(path)
            assert answer.status == 404
            assert b"nginx" in answer.body, "no replica was asked"


def test_nginx_does_not_say_which_it_is_and_answers_for_itself(two: Deployment) -> None:
    assert two.ask("/metrics").headers["server"] == "nginx"
    assert two.ask("/nginx-health").body == b"ok\n"


def test_what_is_too_large_does_not_reach_a_replica(two: Deployment) -> None:
    """And what does is not so large that uvicorn would hang up, which nginx would take for a replica that is down."""
    upload = "/_stcore/upload_file/session/file"
    assert two.ask(upload, "PUT", bytes(2 * MEGABYTE)).status == 413
    assert two.ask(upload, "PUT", bytes(MEGABYTE)).status == 403, "there was no token against forged requests"
    assert two.ask(f"/?x_batch={'1' * 60_000}").status == 200, "a link may be so long"
    assert two.ask(f"/?x_batch={'1' * 70_000}").status == 414
    assert two.ask("/", **{f"X_{number}": "1" * 16_000 for number in range(8)}).status == 400
    assert refusal(two, Cookie="a" * 9_000) == 431
    with stream(two, X_Long="a" * 9_000):
        pass  # it is not handed on


def test_a_foreign_page_gets_no_stream(two: Deployment) -> None:
    assert refusal(two, origin="http://elsewhere.example") == 403


def test_too_many_requests_at_once_are_refused(narrow: Deployment) -> None:
    with ThreadPoolExecutor(8) as asking:
        statuses = [answer.status for answer in asking.map(narrow.ask, ["/nginx-health", *["/_stcore/health"] * 60])]
    assert {200, 429} <= set(statuses) <= {200, 429, 503}


def test_too_many_open_connections_are_refused(narrow: Deployment) -> None:
    with stream(narrow), stream(narrow):
        assert narrow.ask("/nginx-health").status == 200
        assert refusal(narrow) == 503


def test_too_many_visits_are_refused(narrow: Deployment) -> None:
    def visit() -> int:
        try:
            with stream(narrow) as page:
                return page.response.status_code if page.response else 0
        except InvalidStatus as refused:
            return int(refused.response.status_code)

    statuses = [visit() for _ in range(12)]
    assert 429 in statuses
    assert narrow.ask("/nginx-health").status == 200


def test_stopping_the_command_leaves_nothing_behind(two: Deployment, narrow: Deployment) -> None:
    """The last test here, since all others need it."""
    for running in (narrow, two):
        everything = running.everything()
        names = [process.name() for process in everything]
        assert names.count("nginx") >= 2
        running.stop()
        _, alive = psutil.wait_procs(everything, timeout=10)
        assert alive == []
        assert not list(running.folder.glob("*.pid"))


def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from deploy.__main__ import main

    for options, sentence in (
        (["up", "--processes", "0"], "There must be at least 1 process, got 0."),
        (["up", "--backends", "10.0.0.1"], "A backend is written as host:port, got '10.0.0.1'."),
        (["up", "--connections", "0"], "connections must be at least 1, got 0."),
        (["up", "--port", "70000"], "A port is a number from 1 to 65535, got 70000."),
        (["up", "--port", "8601"], "Port 8601 cannot be nginx's and a replica's."),
    ):
        assert main([*options, "--folder", str(tmp_path)]) == 1
        assert capsys.readouterr().err == f"{sentence}\n"
    assert list(tmp_path.iterdir()) == []

"""Two replicas behind nginx as a program meets them; tests/browser/test_replicas.py has a visitor's browser there."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from deploy import configuration
from deploy.__main__ import main
from deploy.settings import LETTERS, METRICS_ABOVE, Settings
from tests.deploy.running import COOKIE, Deployment, cookie_of, deployed
from vmapdemo.room.codes import ALPHABET

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


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that have come, and the port that they came to."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(headers | {"port": self.server.server_address[1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: it would stand in the test's output."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """Host and port of what stands for a replica on another machine."""
    with echoing() as address:
        yield address


@contextmanager
def echoing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.server_port}"
        server.shutdown()


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


def test_each_replica_knows_its_nginx_and_where_its_metrics_are(two: Deployment) -> None:
    told = [two.app(number).environ() for number in (1, 2)]
    assert {environment["FORWARDED_ALLOW_IPS"] for environment in told} == {"127.0.0.1"}
    metrics = [environment["VMAPDEMO_METRICS"] for environment in told]
    assert metrics == [f"127.0.0.1:{port + METRICS_ABOVE}" for port in two.app_ports]


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


def test_a_visitor_cannot_say_from_where_he_comes(echo: str, tmp_path: Path) -> None:
    with deployed(tmp_path, "--backends", echo) as running:
        told = json.loads(running.ask("/", X_Forwarded_For="203.0.113.7").body)
        assert told["x-forwarded-for"] == "127.0.0.1"
        assert told["host"] == f"127.0.0.1:{running.port}"


def test_what_stands_before_nginx_can_and_each_address_has_its_own_limits(echo: str, tmp_path: Path) -> None:
    options = ("--proxies", "127.0.0.1", "--requests-per-s", "1", "--requests-at-once", "1")
    with deployed(tmp_path, "--backends", echo, *options) as running:
        told = json.loads(running.ask("/", X_Forwarded_For="198.51.100.1, 203.0.113.7").body)
        assert told["x-forwarded-for"] == "203.0.113.7"
        assert 429 in {running.ask("/", X_Forwarded_For="203.0.113.8").status for _ in range(30)}
        assert running.ask("/", X_Forwarded_For="203.0.113.9").status == 200


def test_a_room_is_on_the_replica_of_its_letter_whatever_the_cookie_says(echo: str, tmp_path: Path) -> None:
    with echoing() as second, deployed(tmp_path, "--backends", f"{echo},{second}") as running:

        def port(path: str, number: int) -> str:
            told = json.loads(running.ask(path, Cookie=f"{COOKIE}={number}").body)
            return f"localhost:{told['port']}"

        for number in (1, 2):
            for path in ("/room/BCDFG", "/room/bcdfg/state", "/room/B2345/screen/state"):
                assert port(path, number) == echo
            assert port("/room/CCDFG/vote", number) == second
            for path in ("/room", "/room/desk", "/room/open", "/room/files/b/room.css", "/room/BCDFGH"):
                assert port(path, number) == (echo, second)[number - 1]


def test_a_class_in_a_room_is_not_held_to_the_limit_for_pages(echo: str, tmp_path: Path) -> None:
    options = ("--requests-per-s", "1", "--requests-at-once", "1")
    with deployed(tmp_path, "--backends", echo, *options) as running:
        assert {running.ask("/room/BCDFG/state").status for _ in range(30)} == {200}
        assert 429 in {running.ask("/").status for _ in range(30)}


def test_each_replica_is_told_its_letter_and_letters_go_on_at_another_machine(tmp_path: Path) -> None:
    assert LETTERS == ALPHABET
    configuration.write(Settings(tmp_path, with_nginx=False, first_number=3))
    written = ConfigParser(interpolation=None)
    written.read(tmp_path / configuration.SUPERVISOR)
    assert 'VMAPDEMO_ROOM_LETTER="D"' in written["program:app-3"]["environment"]
    assert 'VMAPDEMO_ROOM_LETTER="F"' in written["program:app-4"]["environment"]


def test_replicas_for_an_nginx_elsewhere_trust_it_alone(tmp_path: Path) -> None:
    configuration.write(Settings(tmp_path, app_address="0.0.0.0", proxies=("10.0.0.9",), with_nginx=False))
    written = ConfigParser(interpolation=None)
    written.read(tmp_path / configuration.SUPERVISOR)
    assert [name for name in written.sections() if name.startswith("program:")] == ["program:app-1", "program:app-2"]
    assert 'FORWARDED_ALLOW_IPS="10.0.0.9"' in written["program:app-1"]["environment"]
    assert not (tmp_path / configuration.NGINX).exists()


def test_a_port_that_is_taken_is_said_before_anything_starts(
    echo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = echo.rpartition(":")[2]
    assert main(["up", "--folder", str(tmp_path), "--port", port]) == 1
    assert capsys.readouterr().err == f"Nothing can listen at 0.0.0.0:{port}: Address already in use.\n"


def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, sentence in (
        (["up", "--processes", "0"], "There must be at least 1 process, got 0."),
        (["up", "--first-number", "28"], "Replicas are numbered from 1 to 28, got 28 to 29."),
        (["up", "--backends", "10.0.0.1"], "A backend is written as host:port, got '10.0.0.1'."),
        (["up", "--connections", "0"], "connections must be at least 1, got 0."),
        (["up", "--port", "70000"], "A port is a number from 1 to 65535, got 70000."),
        (["up", "--port", "8601"], "Port 8601 cannot be nginx's and a replica's."),
    ):
        assert main([*options, "--folder", str(tmp_path)]) == 1
        assert capsys.readouterr().err == f"{sentence}\n"
    assert list(tmp_path.iterdir()) == []
    assert main(["restart", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"Nothing was ever started in {tmp_path}.\n"

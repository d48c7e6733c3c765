"""The real server, asked as a stranger would ask it."""

import asyncio
import http.client
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from benchmarks.server import Server, serving
from vmapdemo.hosting.limits import MESSAGES

ANCESTORS = "https://courses.example.org"
PATHS = (
    "/",
    "/healthz",
    "/readyz",
    "/_stcore/health",
    "/_stcore/metrics",
    "/static/nothing.js",
    "/_stcore/host-config",
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="module")
def server(log: Path) -> Iterator[Server]:
    with serving("app.py", log=log, VMAPDEMO_FRAME_ANCESTORS=ANCESTORS, VMAPDEMO_LOGS="json") as started:
        yield started


def _ask(server: Server, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(server: Server, path: str) -> None:
    found = _ask(server, "GET", path)
    assert found.getheader("X-Content-Type-Options") == "nosniff"
    assert found.getheader("Referrer-Policy") == "same-origin"
    policy = str(found.getheader("Content-Security-Policy"))
    assert policy.endswith(f"frame-ancestors {ANCESTORS}")
    assert "unsafe-eval" not in policy


def test_alive_and_ready_are_two_questions_and_metrics_none(server: Server) -> None:
    statuses = {path: _ask(server, "GET", path).status for path in ("/healthz", "/readyz", "/_stcore/metrics")}
    assert statuses == {"/healthz": 200, "/readyz": 200, "/_stcore/metrics": 404}


def test_an_upload_without_the_token_against_forgery_is_refused(server: Server) -> None:
    assert _ask(server, "PUT", "/_stcore/upload_file/a/b").status == 403


def _connect(server: Server, origin: str) -> websockets.connect:
    address = urlsplit(server.url)
    return websockets.connect(
        f"ws://{address.netloc}/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        origin=websockets.Origin(origin),
    )


def test_a_page_of_another_site_cannot_connect(server: Server) -> None:
    async def connect() -> None:
        async with _connect(server, "https://evil.example.org"):
            pass

    with pytest.raises(websockets.InvalidStatus) as caught:
        asyncio.run(connect())
    assert caught.value.response.status_code == 403


def test_a_flood_is_closed_and_logged_and_the_server_goes_on(server: Server, log: Path) -> None:
    rerun = BackMsg(rerun_script=ClientState()).SerializeToString()

    async def flood() -> int:
        async with _connect(server, server.url) as socket:
            try:
                for _ in range(20 * int(MESSAGES.burst)):
                    await socket.send(rerun)
                while True:
                    await socket.recv()
            except websockets.ConnectionClosed:
                return socket.close_code or 0

    assert asyncio.run(flood()) == 1008
    with urllib.request.urlopen(f"{server.url}/healthz") as answer:
        assert answer.status == 200
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    assert ("warning", "A connection was closed: it sent too many messages.") in [
        (line["level"], line["message"]) for line in lines
    ]


def test_a_message_longer_than_the_page_needs_is_refused(server: Server) -> None:
    async def send() -> int:
        async with _connect(server, server.url) as socket:
            await socket.send(b"x" * 1_100_000)
            try:
                while True:
                    await socket.recv()
            except websockets.ConnectionClosed:
                return socket.close_code or 0

    assert asyncio.run(send()) == 1009

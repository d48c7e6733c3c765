"""A server of a test's own, which may be killed, and guests who come to it over its WebSocket."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.visitors import Latencies, Plan, Visitor

ROOT = Path(__file__).parents[2]
# Far longer than anything here takes: reached only when something is broken.
PATIENCE_S = 90.0


@dataclass(slots=True)
class App:
    """The real app in a process of its own, and what it has written."""

    url: str
    process: subprocess.Popen[bytes]
    log: list[str] = field(default_factory=list)

    def measuring_pids(self) -> list[int]:
        """Its measuring processes, whether they measure or wait for a job."""
        return [pid for pid, parent in _measuring().items() if parent == self.process.pid]


@contextmanager
def served(environment: Mapping[str, str], launcher: Sequence[str] = ()) -> Iterator[App]:
    """The app, healthy, and killed at the end; ``launcher``: a command that starts another under some limit."""
    with socket.socket() as held:
        # Bound, not listened at: nobody else is given the port, and the server can have it.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        command = [*launcher, sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", port]
        with subprocess.Popen(
            [*command, "--server.address", "127.0.0.1"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            app = App(f"http://127.0.0.1:{port}", process)
            reader = threading.Thread(target=_read, args=(process, app.log))
            reader.start()
            try:
                until(lambda: _is_healthy(app), "the server is healthy")
                yield app
            finally:
                process.kill()
                reader.join()


def _read(process: subprocess.Popen[bytes], log: list[str]) -> None:
    assert process.stdout is not None
    log.extend(line.decode() for line in process.stdout)


def _is_healthy(app: App) -> bool:
    assert app.process.poll() is None, "".join(app.log)
    try:
        with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(claim: Callable[[], bool], what: str = "") -> float:
    """Wait for it, and tell after how many seconds it was so."""
    started_s = time.monotonic()
    while not claim():
        assert time.monotonic() - started_s < PATIENCE_S, f"waited in vain until {what}"
        time.sleep(0.02)
    return time.monotonic() - started_s


def _measuring() -> dict[int, int]:
    """The measuring processes of the machine that have not ended, each with its parent."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return {
        int(pid): int(parent)
        for pid, parent, state, command in lines
        if "vmapdemo.timing.service.worker" in command and not state.startswith("Z")
    }


def are_gone(pids: Sequence[int]) -> bool:
    """Whether none of these measuring processes is left."""
    return not set(pids) & _measuring().keys()


class Guest(Visitor):
    """A visitor who comes to measure, and does what a test says."""

    def __init__(self, app: App, story: "Story", query: str = "view=time") -> None:
        super().__init__(Plan(app.url, (query,)), 0, Latencies())
        self.story = story
        self.progress = ""
        self.session = ""

    async def do(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        try:
            await self.story(self)
        finally:
            await self.socket.close()

    async def reconnect(self) -> None:
        """Lose the connection, and come back to the same session after a second, as a phone does between networks."""
        await self.socket.close()
        await asyncio.sleep(1.0)
        address = urlsplit(self.plan.url)
        protocols = ("streamlit", "no-token", self.session)
        self.socket = await websockets.connect(
            f"ws://{address.netloc}/_stcore/stream",
            subprotocols=[websockets.Subprotocol(name) for name in protocols],
            origin=websockets.Origin(f"http://{address.netloc}"),
            max_size=None,
            compression=None,
        )

    async def press(self, key: str) -> None:
        """Press the button of that key."""
        await self.run(self.socket, self.found.edit, self.found.edit_until, press=key)

    async def look(self) -> bool:
        """Have the part drawn that draws itself, as a browser does again and again; False where there is none now."""
        if self.self_drawing:
            await self.run(self.socket, self.found.edit, self.found.edit_until, fragment=self.self_drawing)
        return bool(self.self_drawing)

    async def look_until(self, claim: Callable[[], bool]) -> None:
        """Look until it is so."""
        ends_s = time.monotonic() + PATIENCE_S
        while await self.look() and not claim():
            assert time.monotonic() < ends_s, f"waited in vain at {self.progress!r}"
            await asyncio.sleep(0.1)

    def said(self, key: str) -> str:
        """What stands in the texts of that key, as they are sent."""
        return str(self.parts[key].data) if key in self.parts else ""

    def _take(self, message: ForwardMsg) -> None:
        super()._take(message)
        if message.WhichOneof("type") == "new_session":
            self.session = message.new_session.initialize.session_id

    def _take_element(self, message: ForwardMsg) -> None:
        super()._take_element(message)
        element: Any = message.delta.new_element
        if element.WhichOneof("type") == "progress":
            self.progress = element.progress.text


Story = Callable[[Guest], Awaitable[None]]


def come(*guests: Guest) -> None:
    """Let them all come; what goes wrong for one ends it for all."""

    async def stay(guest: Guest) -> None:
        await guest.stay()
        assert not guest.found.errors, guest.found.errors

    async def all_stay() -> None:
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for guest in guests:
                group.create_task(stay(guest))

    # In a thread of its own: while Playwright is up, an event loop is running in the main one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, all_stay()).result()

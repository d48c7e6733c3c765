"""The real command with the real nginx, and what a visitor's program can ask of it."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import psutil
import pytest

from deploy.configuration import ROOT
from deploy.settings import METRICS_ABOVE

START_S = 120.0
PATIENCE_S = 30.0
COOKIE = "vmapdemo_replica"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over http."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def replica(self) -> str:
        """The replica that the answer's cookie names; empty without one."""
        found = re.search(rf"{COOKIE}=(\d+)", self.headers.get("set-cookie", ""))
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What `python -m deploy up` has started."""

    folder: Path
    port: int
    app_ports: tuple[int, ...]
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Where visitors come."""
        return f"http://localhost:{self.port}"

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; `_` in the name of a header stands for `-`."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            lines: dict[str, str] = {}
            for name, value in answer.getheaders():
                key = name.lower()
                lines[key] = f"{lines[key]}, {value}" if key in lines else value
            return Answer(answer.status, lines, answer.read())

    def app(self, number: int) -> psutil.Process:
        """The process of that replica, as it is now."""
        port = self.app_ports[number - 1]
        for process in psutil.Process(self.process.pid).children(recursive=True):
            if str(port) in process.cmdline():
                return process
        raise AssertionError(f"No process of the deployment has port {port}.")

    def everything(self) -> list[psutil.Process]:
        """The supervisor and all that it has started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def kill(self, number: int) -> None:
        """SIGKILL, as when the machine has no memory left."""
        process = self.app(number)
        process.kill()
        psutil.wait_procs([process], timeout=PATIENCE_S)

    def wait_until_warm(self, number: int) -> None:
        """Wait until the replica itself says that it is healthy."""
        wait_until_healthy(f"http://127.0.0.1:{self.app_ports[number - 1]}/_stcore/health", self)

    def restart(self) -> "subprocess.CompletedProcess[str]":
        """The rolling restart."""
        command = [sys.executable, "-m", "deploy", "restart", "--folder", str(self.folder)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=START_S, check=False)

    def stop(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def logs(self) -> str:
        """The end of each log."""
        paths = sorted((self.folder / "logs").glob("*"))
        return "\n".join(f"== {path.name}\n{path.read_text(encoding='utf-8')[-2000:]}" for path in paths)


@contextmanager
def deployed(folder: Path, *options: str) -> Iterator[Deployment]:
    """Two replicas behind nginx, all warm; everything has ended afterwards."""
    port, first = _free_ports()
    apps = () if "--backends" in options else (first, first + 1)
    ports = ["--port", str(port), "--first-port", str(first)]
    command = [sys.executable, "-m", "deploy", "up", "--folder", str(folder), *ports, "--rest-s", "1", *options]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    running = Deployment(folder, port, apps, process)
    try:
        for number in range(1, len(apps) + 1):
            running.wait_until_warm(number)
        wait_until_healthy(f"{running.url}/_stcore/health", running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def wait_until_healthy(url: str, running: Deployment) -> None:
    """Wait for 200; the test fails, with the logs, when the command ends or it takes too long."""
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and running.process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    output = (running.folder / "output.txt").read_text(encoding="utf-8")
    pytest.fail(f"{url} is not healthy:\n{output}\n{running.logs()}", pytrace=False)


def cookie_of(answer: Answer) -> str:
    """The cookie that sends a visitor back to his replica."""
    return f"{COOKIE}={SimpleCookie(answer.headers['set-cookie'])[COOKIE].value}"


def _free_ports() -> tuple[int, int]:
    """One for nginx, and the first of two for the replicas, whose metrics' ports are free as well."""
    for _ in range(50):
        with socket.socket() as front, socket.socket() as first:
            front.bind(("127.0.0.1", 0))
            first.bind(("127.0.0.1", 0))
            port, start = front.getsockname()[1], first.getsockname()[1]
            if start + METRICS_ABOVE + 2 < 65536 and all(
                _is_free(start + above) for above in (1, METRICS_ABOVE, METRICS_ABOVE + 1)
            ):
                return port, start
    raise AssertionError("No free ports were found.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

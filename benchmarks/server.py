"""A Streamlit server for a benchmark, on a free port of this machine, ended with the block."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address and the number of its process."""

    url: str
    pid: int


@contextmanager
def serve(script: str, *options: str) -> Iterator[str]:
    """The address of ``serving``'s server."""
    with serving(script, *options) as server:
        yield server.url


@contextmanager
def serving(script: str, *options: str, log: Path = Path(os.devnull), **environment: str) -> Iterator[Server]:
    """``streamlit run script`` once its health endpoint answers; RuntimeError if it never does.

    What the server writes goes to `log`.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), *options]
    with log.open("wb") as writing:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=writing, stderr=subprocess.STDOUT
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port of this machine that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(address: str) -> None:
    """Wait until the address answers with 200; RuntimeError if it never does."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer within {START_S:g} s.")

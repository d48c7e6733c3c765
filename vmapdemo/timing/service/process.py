"""One measuring process as the pool sees it: started, given a job, listened to, killed."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WORKER_COMMAND = (sys.executable, "-m", "vmapdemo.timing.service.worker")
_PACKAGE_PARENT = str(Path(__file__).resolve().parents[3])


class WorkerDiedError(Exception):
    """The process ended, or said something that is no message, before its last one."""


class WorkerProcess:
    """A started worker. Its messages are collected by a thread, so that waiting for one can be limited in time."""

    def __init__(self, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._spoke = threading.Event()
        self._reader = threading.Thread(target=self._collect_lines, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def has_spoken(self, timeout_s: float = 0.0) -> bool:
        """Whether its first message has come, or its end; if not, that is waited for so long."""
        return self._spoke.wait(timeout_s)

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message. WorkerDiedError if the process is gone."""
        assert self._process.stdin is not None  # it was asked for
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerDiedError("The worker takes no job any more.") from error

    def receive(self, timeout_s: float) -> Mapping[str, Any] | None:
        """The next message, or None when there was none in time. WorkerDiedError when no more will come."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if not line:
            raise WorkerDiedError("The worker's output ended.")
        return _message(line)

    def kill(self) -> None:
        """End it now; harmless when it has ended."""
        self._process.kill()

    def close(self) -> None:
        """Kill it, wait for its end (no zombie stays) and close its pipes."""
        self.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None  # both were asked for
            try:
                pipe.close()
            except OSError:  # a job that was never read: closing flushes into a broken pipe
                continue

    def _collect_lines(self) -> None:
        assert self._process.stdout is not None  # it was asked for
        for line in self._process.stdout:
            self._lines.put(line)
            self._spoke.set()
        self._lines.put(b"")
        self._spoke.set()


def _message(line: bytes) -> Mapping[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise WorkerDiedError("The worker said something that is not JSON.") from error
    if not isinstance(message, dict) or "kind" not in message:
        raise WorkerDiedError("The worker said something that is no message.")
    return message


def environment() -> dict[str, str]:
    """This process's environment, with the package importable wherever the app was started."""
    paths = [_PACKAGE_PARENT, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}

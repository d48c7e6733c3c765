"""The evaluating process as the page's process sees it: started when it is needed, asked, and started again.

`subprocess` rather than `multiprocessing`, which would run the page's script in the child.
"""

import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotInTimeError
from contextlib import suppress
from functools import lru_cache
from typing import Any

from vmapdemo import outcome
from vmapdemo.evaluator.questions import Question, about
from vmapdemo.outcome import Run
from vmapdemo.scenario.presets import DEFAULT
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.service.process import environment

COMMAND = (sys.executable, "-m", "vmapdemo.evaluator.worker")
ATTEMPTS = 2
PATIENCE_S = 30.0
"""The longest answer takes 6 s on an idle machine; others may be before it in the queue."""

_log = logging.getLogger(__name__)


class NotAnsweredError(Exception):
    """The process has no answer: the question failed in it, or it ended twice, or took too long."""


class Evaluator:
    """A process to ask, from any thread. It exists from the first question on, and again after it has ended."""

    def __init__(self, command: Sequence[str] = COMMAND, patience_s: float = PATIENCE_S) -> None:
        self._command, self._patience_s = tuple(command), patience_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._waiting: dict[int, Future[Any]] = {}
        self._asked = self._answered = 0
        self._is_closed = False

    def ask(self, question: Question) -> Any:
        """The answer. NotAnsweredError where there is none."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._wait(self.begin(question))
            except (CancelledError, OSError):
                _log.warning("The evaluating process has ended, attempt %d of %d.", attempt, ATTEMPTS)
                self._end()
        raise NotAnsweredError("The evaluating process ended twice.")

    def begin(self, question: Question) -> "Future[Any]":
        """Ask, and go on: the answer comes later. It is cancelled if the process ends first."""
        with self._lock:
            process = self._running()
            self._asked += 1
            future: Future[Any] = Future()
            self._waiting[self._asked] = future
            assert process.stdin is not None  # it was asked for
            pickle.dump((self._asked, question), process.stdin)
            process.stdin.flush()
        return future

    def _wait(self, future: "Future[Any]") -> Any:
        """The answer in time. A process that answers nobody any more is ended."""
        answered = self._answered
        try:
            return future.result(self._patience_s)
        except NotInTimeError as error:
            if self._answered == answered:
                self._end()
            raise NotAnsweredError(f"No answer within {self._patience_s:g} s.") from error

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether there is a process that has not ended."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End the process, and take no more questions."""
        self._is_closed = True
        self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        """The process; the lock is held."""
        if self._is_closed:
            raise NotAnsweredError("The server is shutting down.")
        if self._process is None or not self.is_running:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
            self._waiting = {}
            self._reader = threading.Thread(target=self._collect, args=(self._process, self._waiting), daemon=True)
            self._reader.start()
        return self._process

    def _end(self) -> None:
        """End the process, and wait until all who waited for it know."""
        with self._lock:
            process, reader = self._process, self._reader
        if process is not None and reader is not None:
            process.kill()
            reader.join()

    def _collect(self, process: subprocess.Popen[bytes], waiting: dict[int, "Future[Any]"]) -> None:
        """Hand out answers until the process ends; what it has not answered is cancelled."""
        assert process.stdin is not None  # both were asked for
        assert process.stdout is not None
        while True:
            try:
                number, answer, error = pickle.load(process.stdout)
            except (EOFError, pickle.UnpicklingError, OSError):
                break
            with self._lock:
                future = waiting.pop(number)
                self._answered += 1
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(NotAnsweredError(error))
        process.kill()
        process.wait()
        process.stdout.close()
        with self._lock:
            with suppress(BrokenPipeError):  # a question that was not read: closing writes it
                process.stdin.close()
            left = list(waiting.values())
            waiting.clear()
        for future in left:
            future.cancel()


_evaluator = Evaluator()


def evaluator() -> Evaluator:
    """The one of this server, shared by all its visitors."""
    return _evaluator


def judge(scenario: Scenario) -> None:
    """Have a large scenario explained, so that its verdict can be drawn before the rest is seen.

    NotAnsweredError where that fails.
    """
    if outcome.needs_verdict(scenario):
        outcome.adopt_verdict(scenario, _evaluator.ask(about("explain", scenario)))


def prepare(scenario: Scenario) -> None:
    """Have a large scenario seen, so that what is asked of it next is known. NotAnsweredError where that fails."""
    if outcome.is_large(scenario):
        outcome.adopt(scenario, _evaluator.ask(about("see", scenario)))


@lru_cache(maxsize=outcome.REMEMBERED)
def run(scenario: Scenario, strategy: str) -> Run:
    """``outcome.run``, in the evaluating process."""
    found: Run = _evaluator.ask(about("run", scenario, strategy))
    return found


@lru_cache(maxsize=outcome.TRACED)
def trace(scenario: Scenario) -> dict[str, Any]:
    """The trace as the page draws it, from the evaluating process. Needs a scenario that vmap accepts."""
    found: dict[str, Any] = _evaluator.ask(about("trace", scenario))
    return found


@lru_cache(maxsize=1)
def cards() -> list[dict[str, Any]]:
    """The gallery as the page draws it, from the evaluating process, where it takes some seconds once."""
    found: list[dict[str, Any]] = _evaluator.ask(about("cards", DEFAULT.scenario))
    return found

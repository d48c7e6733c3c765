"""What the operating system says, on a processor that is shared on purpose."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vmapdemo.timing.measuring.processor import watched

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")


@pytest.fixture
def neighbour() -> Iterator[None]:
    """This thread on one processor alone, with another process that never rests on the same one."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        yield
        other.kill()
    os.sched_setaffinity(0, allowed)


@linux
@pytest.mark.usefixtures("neighbour")
def test_waiting_for_a_shared_processor_is_seen() -> None:
    with watched() as waited_s:
        before_s, until = waited_s(), time.perf_counter() + 0.5
        while time.perf_counter() < until:
            pass
        assert waited_s() - before_s > 0.05


@linux
def test_sleeping_is_not_waiting() -> None:
    with watched() as waited_s:
        before_s = waited_s()
        time.sleep(0.3)
        assert waited_s() - before_s < 0.2


@linux
@pytest.mark.usefixtures("neighbour")
def test_the_waiting_of_another_thread_is_not_counted() -> None:
    def work() -> None:
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass

    thread = threading.Thread(target=work)
    with watched() as waited_s:
        before_s, started_s = waited_s(), time.perf_counter()
        thread.start()
        thread.join()
        assert waited_s() - before_s < (time.perf_counter() - started_s) / 2


def test_where_nothing_is_known_nothing_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vmapdemo.timing.measuring.processor._SCHEDULED", Path("/nowhere"))
    with watched() as waited_s:
        assert waited_s() == 0

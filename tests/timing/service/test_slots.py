"""Slots that several processes share: in folders that can be used or not, and with holders that die."""

import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.timing.service.test_pool import (
    DONE,
    HALFWAY,
    HANG,
    PATIENCE_S,
    is_gone,
    pids_in,
    pool_of,
    stand_in,
    started_in,
    until,
)
from vmapdemo.timing.service import slots
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.service.pool import Pool
from vmapdemo.timing.service.slots import FOLDER_VARIABLE, Slots, shared_folder

ROOT = Path(__file__).parents[3]
ELSEWHERE = "Waiting for a measurement on another process of this server"
UNUSABLE = Path("/proc/nowhere")
"""Nobody can make a folder there, not even root."""

SERVER = """
import sys, time
from pathlib import Path
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.service.pool import Pool

pool = Pool(1, {command!r}, slots=Path({folder!r}))
jobs = [pool.submit(Request("preset=vmap")) for _ in range({count})]
while not all(job.state.ended for job in jobs):
    for job in jobs:
        job.touch()
    time.sleep(0.02)
pool.close()
print([job.state.status for job in jobs])
"""
"""A process with a pool of its own and some jobs."""


@contextmanager
def server_process(command: tuple[str, ...], folder: Path, count: int = 1) -> Iterator[subprocess.Popen[str]]:
    script = SERVER.format(command=command, folder=str(folder), count=count)
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_only_so_many_slots_are_given_until_one_is_freed(tmp_path: Path) -> None:
    here, there = Slots(tmp_path / "slots", 2), Slots(tmp_path / "slots", 2)
    first, second = here.take(), there.take()
    assert first is not None
    assert second is not None
    assert here.take() is None
    assert there.take() is None
    first.close()
    with there.take() as third:  # type: ignore[union-attr]
        assert third is not None
        assert here.take() is None
    second.close()


def test_who_has_just_freed_a_slot_does_not_get_it_again_before_those_who_wait(tmp_path: Path) -> None:
    here, there = Slots(tmp_path, 1), Slots(tmp_path, 1)
    held, waits = here.take(), threading.Event()
    assert held is not None
    found: list[slots.Slot | None] = []
    waiter = threading.Thread(target=lambda: found.append(there.take(lambda: waits.set() is None)))
    waiter.start()
    assert waits.wait(PATIENCE_S)
    held.close()
    assert here.take() is None
    waiter.join(PATIENCE_S)
    assert found[0] is not None
    found[0].close()


def test_waiting_ends_when_nobody_waits_any_more(tmp_path: Path) -> None:
    here, there = Slots(tmp_path, 1), Slots(tmp_path, 1)
    answers = iter([True, True, False])
    with here.take():  # type: ignore[union-attr]
        assert there.take(lambda: next(answers)) is None
        assert list(answers) == []


@pytest.mark.parametrize("kind", ["a folder that cannot be made", "a file", "a link in a slot's place"])
def test_a_folder_that_cannot_be_used_is_said_once_and_keeps_nobody_waiting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    folder = UNUSABLE if kind == "a folder that cannot be made" else tmp_path / "slots"
    if kind == "a file":
        folder.touch()
    if kind == "a link in a slot's place":
        folder.mkdir()
        (folder / "turn").symlink_to(tmp_path / "elsewhere")
    here = Slots(folder, 1)
    assert here.take() is not None
    assert here.take() is not None
    (line,) = caplog.messages
    assert line.startswith("Other processes of this machine may measure at the same time")
    assert not (tmp_path / "elsewhere").exists()


def test_the_folder_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "named"))
    assert shared_folder() == tmp_path / "named"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary files go, with no folder named."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(slots.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_by_default_the_folder_is_the_users_own(temporary: Path) -> None:
    folder = shared_folder()
    assert folder == temporary / f"vmapdemo-measuring-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert shared_folder() == folder


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_that_others_can_write_to_is_not_used(
    temporary: Path, caplog: pytest.LogCaptureFixture, is_link: bool
) -> None:
    folder = temporary / f"vmapdemo-measuring-{os.getuid()}"
    theirs = temporary / "theirs"
    theirs.mkdir(mode=0o700)
    if is_link:
        folder.symlink_to(theirs)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    assert shared_folder() is None
    assert "is not this user's alone" in caplog.text


def test_without_a_temporary_folder_there_is_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(slots.tempfile, "gettempdir", none)
    assert shared_folder() is None
    assert "No usable temporary directory found" in caplog.text


def test_pools_of_two_processes_never_measure_at_the_same_time(tmp_path: Path) -> None:
    spans = tmp_path / "spans"
    spans.mkdir()
    begin = "import time; begun = time.monotonic_ns(); time.sleep(0.05)"
    end = f"open({str(spans)!r} + '/' + str(os.getpid()), 'w').write(f'{{begun}} {{time.monotonic_ns()}}')"
    folder, command = tmp_path / "slots", stand_in(begin, end, DONE)
    with server_process(command, folder, 5) as one, server_process(command, folder, 5) as other:
        assert one.communicate(timeout=PATIENCE_S)[0] == other.communicate(timeout=PATIENCE_S)[0] == f"{['done'] * 5}\n"
    found = sorted(tuple(map(int, path.read_text().split())) for path in spans.iterdir())
    assert len(found) == 10
    assert all(ended <= begun for (_, ended), (begun, _) in pairwise(found))


def test_a_killed_process_frees_its_slot_at_once(tmp_path: Path) -> None:
    folder, pids = tmp_path / "slots", tmp_path / "pids"
    pids.mkdir()
    with server_process(started_in(pids, HANG), folder) as other:
        until(lambda: len(pids_in(pids)) == 1)
        with pool_of(stand_in(DONE), slots=folder) as pool:
            job = pool.submit(Request("a"))
            until(lambda: job.state.text == ELSEWHERE)
            assert (job.state.status, job.position) == ("queued", None)
            other.send_signal(signal.SIGKILL)
            until(lambda: job.state.ended)
            assert job.state.status == "done"
        until(lambda: is_gone(pids_in(pids)[0]))


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Somebody else measures."""
    slot = Slots(folder, 1).take()
    assert slot is not None
    with slot:
        yield


def test_a_job_that_waits_for_another_process_can_be_cancelled_and_the_next_one_waits(tmp_path: Path) -> None:
    with pool_of(stand_in(DONE), slots=tmp_path) as pool:
        with taken(tmp_path):
            first, second = pool.submit(Request("a")), pool.submit(Request("b"))
            until(lambda: first.state.text == ELSEWHERE)
            assert second.position == 0
            first.cancel()
            until(lambda: second.state.text == ELSEWHERE)
        until(lambda: second.state.ended)
        assert (first.state.status, second.state.status) == ("cancelled", "done")


def test_a_pool_closes_though_a_job_waits_for_another_process(tmp_path: Path) -> None:
    with taken(tmp_path), pool_of(stand_in(DONE), slots=tmp_path) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.text == ELSEWHERE)
        pool.close()
        assert job.state.status == "cancelled"


def test_the_time_that_a_job_waits_for_another_process_is_not_its_own(tmp_path: Path) -> None:
    now_s = [0.0]
    with pool_of(stand_in(HALFWAY, HANG), slots=tmp_path, clock=lambda: now_s[0], forgotten_s=90.0) as pool:
        with taken(tmp_path):
            kept, forgotten = pool.submit(Request("a")), pool.submit(Request("b"))
            until(lambda: kept.state.text == ELSEWHERE)
            now_s[0] = 80.0
            kept.touch()
            now_s[0] = 160.0
            until(lambda: forgotten.state.ended)
            assert forgotten.state.status == "cancelled"
        until(lambda: kept.state.fraction == 0.5)
        assert kept.running_s == 0


def test_no_process_is_started_ahead_while_another_process_measures(tmp_path: Path) -> None:
    with pool_of(stand_in(DONE), slots=tmp_path) as pool:
        with taken(tmp_path):
            pool.prestart()
            assert pool._spare is None
        pool.prestart()
        assert pool._spare is not None


def test_a_process_that_starts_ahead_holds_a_slot_until_it_has_started(tmp_path: Path) -> None:
    folder, go = tmp_path / "slots", tmp_path / "go"
    slow = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    other = Slots(folder, 1)
    with pool_of((sys.executable, "-c", slow + stand_in(DONE)[2]), slots=folder) as pool:
        pool.prestart()
        spare = pool._spare
        assert other.take() is None
        job = pool.submit(Request("a"))
        until(lambda: bool(job.state.text))
        assert job.state.text == "Starting the measuring process"
        go.touch()
        until(lambda: job.state.ended)
        assert job.state.status == "done"
        assert pool._spare is not spare
        until(lambda: pool._spare is not None and pool._spare.has_spoken())
        found: list[slots.Slot | None] = []
        until(lambda: found.append(other.take()) or found[-1] is not None)
        found[-1].close()  # type: ignore[union-attr]


def test_a_pool_that_cannot_share_measures_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with pool_of(stand_in(DONE), slots=UNUSABLE) as pool:
        for link in ("a", "b"):
            job = pool.submit(Request(link))
            until(lambda job=job: job.state.ended)
            assert job.state.status == "done"
    with caplog.at_level(logging.WARNING):
        assert len(re.findall("may measure at the same time", caplog.text)) == 1


def test_a_pool_is_alone_unless_it_is_told_where_the_others_are() -> None:
    assert Pool(1)._slots._folder is None

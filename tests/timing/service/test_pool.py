"""The pool with small stand-ins for the worker, which speak its protocol, die or hang; and a clock of our own."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from tests.timing.made_up import notebook
from tests.timing.made_up_sweep import batches
from vmapdemo.timing.results.sweep import Part
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.service.pool import Pool, QueueFullError

READY = 'print(\'{"kind": "ready"}\', flush=True)'
PARTS = [Part(point, 8 * place, 0.5 * place) for place, point in enumerate(batches().points[:3], start=1)]
EMPTY_SWEEP = replace(batches(), points=(), skipped=(), rejected=(), complete=False)
HALFWAY = 'print(\'{"kind": "progress", "fraction": 0.5, "text": "Halfway"}\', flush=True)'
DONE = f'print(\'{{"kind": "done", "comparison": \' + {notebook().to_json()!r} + \'}}\', flush=True)'
BEGUN = f'print(\'{{"kind": "begun", "sweep": \' + {EMPTY_SWEEP.to_json()!r} + \'}}\', flush=True)'
SWEPT = f'print(\'{{"kind": "done", "sweep": \' + {batches().to_json()!r} + \'}}\', flush=True)'
ANNOUNCE = """print('{"kind": "progress", "fraction": 0, "text": "' + str(os.getpid()) + '"}', flush=True)"""
DIE = "sys.exit(3)"
HANG = "sys.stdin.read()"
# Far longer than anything here takes: reached only when something is broken.
PATIENCE_S = 60.0
STARTED_AGAIN = "The measuring process stopped and was started again."


def part(number: int) -> str:
    """The step that tells a part of a sweep."""
    return f"print({json.dumps({'kind': 'part', 'part': PARTS[number].to_fields()})!r}, flush=True)"


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def stand_in(*steps: str) -> tuple[str, ...]:
    """The command of a worker that announces itself, reads its job into `job`, and then does the steps."""
    return (sys.executable, "-c", "\n".join(["import os, sys", READY, "job = sys.stdin.readline()", *steps]))


def first_time(marker: Path, step: str) -> str:
    """A step done only by the first process: it leaves a file behind, by which the next ones know."""
    return f"if not os.path.exists({str(marker)!r}):\n    open({str(marker)!r}, 'w').close()\n    {step}"


def until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def is_gone(pid: int) -> bool:
    """Whether no such process is left, not even as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@contextmanager
def pool_of(command: tuple[str, ...], workers: int = 1, **others: object) -> Iterator[Pool]:
    pool = Pool(workers, command, clock=others.pop("clock", Clock()), **others)  # type: ignore[arg-type]
    try:
        yield pool
    finally:
        pool.close()


def test_a_job_goes_from_the_queue_to_its_comparison() -> None:
    with pool_of(stand_in(HALFWAY, DONE)) as pool:
        job = pool.submit(Request("preset=vmap"))
        assert job.state.status in ("queued", "starting", "measuring", "done")
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.fraction, job.state.sentence, job.position) == ("done", 1.0, "", None)
        assert job.state.comparison == notebook()


def test_the_worker_gets_link_and_budget() -> None:
    failed = "import json; print(json.dumps({'kind': 'failed', 'sentence': job.strip()}), flush=True)"
    with pool_of(stand_in(failed)) as pool:
        job = pool.submit(Request('a "quoted"\nlink', 2.5))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"
        assert json.loads(job.state.sentence) == asdict(Request('a "quoted"\nlink', 2.5))


def test_progress_is_seen_while_it_measures() -> None:
    with pool_of(stand_in(HALFWAY, HANG)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.fraction == 0.5)
        assert (job.state.status, job.state.text) == ("measuring", "Halfway")


def test_the_queue_is_worked_off_in_order_and_shows_positions() -> None:
    with pool_of(stand_in("if '\"hold\"' in job:\n    sys.stdin.read()", DONE)) as pool:
        held, first, second = (pool.submit(Request(link)) for link in ("hold", "first", "second"))
        until(lambda: held.state.status == "measuring")
        assert (held.position, first.position, second.position) == (None, 0, 1)
        assert (first.state.status, second.state.status) == ("queued", "queued")
        second_was_waiting: list[bool] = []
        held.cancel()
        until(lambda: second_was_waiting.append(second.state.status == "queued") or first.state.ended)
        assert second_was_waiting[0]
        until(lambda: second.state.ended)
        assert (first.state.status, second.state.status) == ("done", "done")


def test_as_many_jobs_run_at_once_as_there_are_workers() -> None:
    with pool_of(stand_in(HALFWAY, HANG), workers=2) as pool:
        jobs = [pool.submit(Request(str(i))) for i in range(3)]
        until(lambda: jobs[0].state.fraction == jobs[1].state.fraction == 0.5)
        assert [job.position for job in jobs] == [None, None, 0]


def test_a_full_queue_takes_no_more_and_says_so() -> None:
    with pool_of(stand_in(HANG), limit=2) as pool:
        for i in range(3):
            pool.submit(Request(str(i)))
        with pytest.raises(QueueFullError, match="2 measurements are waiting already"):
            pool.submit(Request("one too many"))


def test_cancelling_a_running_job_ends_its_process_and_frees_the_place() -> None:
    command = stand_in(ANNOUNCE, "if '\"hold\"' in job:\n    sys.stdin.read()", DONE)
    with pool_of(command) as pool:
        held, waiting = pool.submit(Request("hold")), pool.submit(Request("next"))
        until(lambda: held.state.text.isdigit())
        pid = int(held.state.text)
        held.cancel()
        assert held.state.status == "cancelled"
        until(lambda: is_gone(pid))
        until(lambda: waiting.state.ended)
        assert waiting.state.status == "done"
        assert (held.state.status, held.state.sentence) == ("cancelled", "")


def test_a_queued_job_can_leave_the_queue() -> None:
    with pool_of(stand_in(HANG)) as pool:
        _, second, third = (pool.submit(Request(str(i))) for i in range(3))
        second.cancel()
        assert (second.state.status, second.position) == ("cancelled", None)
        assert third.position == 0


def test_cancelling_what_is_done_changes_nothing() -> None:
    with pool_of(stand_in(DONE)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        job.cancel()
        assert job.state.status == "done"


def test_a_worker_that_dies_is_replaced_once_and_the_visitor_told(tmp_path: Path) -> None:
    with pool_of(stand_in(first_time(tmp_path / "died", DIE), DONE)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == (
            "done",
            "The measuring process stopped and was started again.",
        )
        assert job.state.comparison == notebook()


def test_a_worker_that_dies_twice_is_given_up() -> None:
    with pool_of(stand_in(HALFWAY, DIE)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"
        assert job.state.sentence.startswith("The measuring process stopped twice")


def test_a_worker_that_cannot_even_start_is_given_up() -> None:
    with pool_of((sys.executable, "-c", "raise SystemExit(1)")) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"


def test_a_command_that_does_not_exist_fails_with_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    with pool_of(("/no/such/program",)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"
        assert "could not be started" in job.state.sentence
    assert caplog.records


@pytest.mark.parametrize("noise", ["print('hello', flush=True)", "print('[1]', flush=True)"])
def test_what_is_no_message_counts_as_dead(noise: str) -> None:
    with pool_of(stand_in(noise, DONE)) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"


def test_a_worker_that_hangs_is_replaced(tmp_path: Path) -> None:
    clock = Clock()
    hang = stand_in(first_time(tmp_path / "hung", HALFWAY + f"; {HANG}"), DONE)
    with pool_of(hang, clock=clock, hang_s=30.0, abandoned_s=1e9) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.fraction == 0.5)
        clock.now_s = 29.0
        time.sleep(0.3)
        assert job.state.status == "measuring"
        clock.now_s = 31.0
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == (
            "done",
            "The measuring process stopped and was started again.",
        )


def test_a_worker_that_works_in_silence_does_not_hang_as_long_as_it_says_that_it_is_alive() -> None:
    clock = Clock()
    alive = 'for line in sys.stdin: print(\'{"kind": "alive"}\', flush=True)'
    with pool_of(stand_in(HALFWAY, alive), clock=clock, hang_s=30.0, abandoned_s=1e9, deadline_s=1e9) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.fraction == 0.5)
        process = pool._running[job]
        assert process is not None
        for _ in range(4):
            clock.now_s += 20.0
            process.send({})
            time.sleep(0.3)
        assert (job.state.status, job.state.sentence, job.state.text) == ("measuring", "", "Halfway")


def test_a_job_that_runs_too_long_is_ended_with_a_sentence_though_its_worker_is_alive_and_its_page_waits() -> None:
    clock = Clock()
    alive = 'for line in sys.stdin: print(\'{"kind": "alive"}\', flush=True)'
    with pool_of(stand_in(ANNOUNCE, alive), clock=clock, deadline_s=60.0, abandoned_s=1e9) as pool:
        clock.now_s = 1000.0
        job = pool.submit(Request("a"))
        until(lambda: job.state.text.isdigit())
        pid, process = int(job.state.text), pool._running[job]
        assert process is not None
        for _ in range(3):
            clock.now_s += 20.0
            process.send({})
            time.sleep(0.3)
        assert job.state.status == "measuring"
        clock.now_s += 1.0
        until(lambda: job.state.ended)
        assert job.state.status == "failed"
        assert job.state.sentence.startswith("This took longer than 60 s")
        until(lambda: is_gone(pid))


def test_a_running_job_that_nobody_touches_is_cancelled() -> None:
    clock = Clock()
    with pool_of(stand_in(HALFWAY, HANG), clock=clock, abandoned_s=15.0) as pool:
        job = pool.submit(Request("a"))
        until(lambda: job.state.fraction == 0.5)
        clock.now_s = 14.0
        job.touch()
        clock.now_s = 28.0
        time.sleep(0.3)
        assert job.state.status == "measuring"
        clock.now_s = 30.0
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == ("cancelled", "Nobody waited for this measurement any more.")


def test_a_queued_job_that_nobody_touches_leaves_the_queue_but_later_than_a_running_one_would_end() -> None:
    clock = Clock()
    with pool_of(stand_in(HANG), clock=clock, abandoned_s=15.0, forgotten_s=90.0) as pool:
        running, forgotten, watched = (pool.submit(Request(str(i))) for i in range(3))
        for now_s in range(14, 85, 10):
            clock.now_s = now_s
            running.touch()
        watched.touch()
        assert (forgotten.position, watched.position) == (0, 1)
        clock.now_s = 91.0
        running.touch()
        assert watched.position == 0
        assert forgotten.state.status == "cancelled"


def test_a_job_that_has_waited_long_is_given_the_time_to_be_looked_at_when_it_begins() -> None:
    clock = Clock()
    with pool_of(stand_in(HALFWAY, HANG), clock=clock, abandoned_s=15.0, forgotten_s=90.0) as pool:
        first, second = pool.submit(Request("a")), pool.submit(Request("b"))
        clock.now_s = 60.0
        first.cancel()
        until(lambda: second.state.fraction == 0.5)
        time.sleep(0.3)
        assert second.state.status == "measuring"
        clock.now_s = 76.0
        until(lambda: second.state.ended)
        assert second.state.status == "cancelled"


def test_a_job_whose_owner_is_there_goes_on_though_nobody_touches_it() -> None:
    clock = Clock()
    with pool_of(stand_in(HALFWAY, HANG), clock=clock, hang_s=1e9, deadline_s=1e9) as pool:
        job, waiting = (pool.submit(Request(link), lambda: True) for link in ("a", "b"))
        until(lambda: job.state.fraction == 0.5)
        for _ in range(3):
            clock.now_s += 1000.0
            time.sleep(0.3)
        assert (job.state.status, waiting.position) == ("measuring", 0)


def test_a_job_whose_owner_has_left_for_two_seconds_is_cancelled_and_so_are_those_behind_it() -> None:
    clock, is_here = Clock(), {"a": True, "b": True, "c": True}
    with pool_of(stand_in(HALFWAY, HANG), clock=clock, gone_s=2.0) as pool:
        first, second, third = (pool.submit(Request(link), partial(is_here.get, link)) for link in is_here)
        until(lambda: first.state.fraction == 0.5)
        is_here["a"] = is_here["b"] = False
        clock.now_s += 1.9
        time.sleep(0.3)
        assert (first.state.status, third.position) == ("measuring", 1)
        is_here["a"] = True
        time.sleep(0.3)
        clock.now_s += 0.2
        until(lambda: second.state.ended)
        assert (first.state.status, second.state.status, third.position) == ("measuring", "cancelled", 0)
        is_here["a"] = False
        time.sleep(0.3)
        clock.now_s += 2.1
        until(lambda: third.state.fraction == 0.5)
        assert first.state.sentence == "Nobody waited for this measurement any more."


def started_in(folder: Path, *steps: str) -> tuple[str, ...]:
    """The command of a stand-in that leaves a file behind, named after its process."""
    return (
        *stand_in(*steps)[:2],
        f"import os; open({str(folder)!r} + '/' + str(os.getpid()), 'w')\n{stand_in(*steps)[2]}",
    )


def pids_in(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


def test_a_started_process_waits_for_the_next_job(tmp_path: Path) -> None:
    with pool_of(started_in(tmp_path, DONE)) as pool:
        pool.prestart()
        pool.prestart()
        until(lambda: len(pids_in(tmp_path)) == 1)
        (spare,) = pids_in(tmp_path)
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        # The spare did the job and is gone; its successor is started without being asked for.
        until(lambda: is_gone(spare) and len(pids_in(tmp_path)) == 2)


def test_however_many_jobs_end_one_process_at_most_waits_for_the_next(tmp_path: Path) -> None:
    with pool_of(started_in(tmp_path, DONE), workers=8) as pool:
        jobs = [pool.submit(Request(str(i))) for i in range(8)]
        until(lambda: all(job.state.ended for job in jobs) and not pool._running)
        until(lambda: sum(not is_gone(pid) for pid in pids_in(tmp_path)) == 1)
        time.sleep(0.3)
        assert sum(not is_gone(pid) for pid in pids_in(tmp_path)) == 1


def test_a_process_that_no_job_takes_for_five_minutes_is_ended(tmp_path: Path) -> None:
    clock = Clock()
    with pool_of(started_in(tmp_path, DONE), clock=clock) as pool:
        pool.prestart()
        until(lambda: len(pids_in(tmp_path)) == 1)
        (spare,) = pids_in(tmp_path)
        clock.now_s = 299.0
        time.sleep(1.3)
        assert not is_gone(spare)
        clock.now_s = 301.0
        until(lambda: is_gone(spare))
        pool.prestart()
        until(lambda: len(pids_in(tmp_path)) == 2)


def test_a_spare_that_died_in_the_meantime_is_replaced(tmp_path: Path) -> None:
    marker = str(tmp_path / "died")
    script = f"import os, sys\nif not os.path.exists({marker!r}):\n    open({marker!r}, 'w').close()\n    sys.exit(1)\n"
    with pool_of((sys.executable, "-c", script + stand_in(DONE)[2])) as pool:
        pool.prestart()
        assert pool._spare is not None
        until(lambda: not pool._spare.is_running)
        job = pool.submit(Request("a"))
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == ("done", "")


def test_a_sweep_grows_while_it_is_measured() -> None:
    with pool_of(stand_in(BEGUN, part(0), part(1), HANG)) as pool:
        job = pool.submit(Request("a", 20.0, "batch"))
        until(lambda: job.state.sweep is not None and len(job.state.sweep.points) == 2)
        assert job.state.sweep is not None
        assert job.state.sweep.points == batches().points[:2]
        assert (job.state.sweep.conditions.rounds, job.state.sweep.conditions.spent_s) == (16, 1.0)
        assert not job.state.sweep.complete


def test_a_cancelled_sweep_keeps_what_was_measured() -> None:
    with pool_of(stand_in(BEGUN, part(0), part(1), HANG)) as pool:
        job = pool.submit(Request("a", 20.0, "batch"))
        until(lambda: job.state.sweep is not None and len(job.state.sweep.points) == 2)
        job.cancel()
        assert job.state.status == "cancelled"
        assert job.state.sweep is not None
        assert job.state.sweep.points == batches().points[:2]


def test_a_sweep_that_is_done_is_the_one_that_the_worker_sent() -> None:
    with pool_of(stand_in(BEGUN, part(0), SWEPT)) as pool:
        job = pool.submit(Request("a", 20.0, "batch"))
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sweep, job.state.comparison) == ("done", batches(), None)


def test_a_sweep_whose_worker_dies_begins_again(tmp_path: Path) -> None:
    steps = (BEGUN, part(0), first_time(tmp_path / "died", DIE), part(1), SWEPT)
    with pool_of(stand_in(*steps)) as pool:
        job = pool.submit(Request("a", 20.0, "batch"))
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == (
            "done",
            "The measuring process stopped and was started again.",
        )
        assert job.state.sweep == batches()


def test_a_sweep_whose_worker_dies_twice_keeps_what_the_last_one_measured() -> None:
    with pool_of(stand_in(BEGUN, part(0), DIE)) as pool:
        job = pool.submit(Request("a", 20.0, "batch"))
        until(lambda: job.state.ended)
        assert job.state.status == "failed"
        assert job.state.sweep is not None
        assert job.state.sweep.points == batches().points[:1]


def test_closing_ends_every_process_and_thread() -> None:
    before = set(threading.enumerate())  # a page that was drawn in this process has a pool of its own
    with pool_of(stand_in(ANNOUNCE, HANG), workers=2) as pool:
        jobs = [pool.submit(Request(str(i))) for i in range(4)]
        until(lambda: jobs[0].state.text.isdigit() and jobs[1].state.text.isdigit())
        pids = [int(job.state.text) for job in jobs[:2]]
        pool.close()
        assert [job.state.status for job in jobs] == ["cancelled"] * 4
        assert all(is_gone(pid) for pid in pids)
        assert not set(threading.enumerate()) - before
        with pytest.raises(QueueFullError, match="shutting down"):
            pool.submit(Request("late"))


def test_an_idle_pool_has_neither_threads_nor_processes() -> None:
    before = set(threading.enumerate())
    with pool_of(stand_in(DONE)):
        assert not set(threading.enumerate()) - before


@pytest.mark.parametrize("budget_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_must_be_positive_and_finite(budget_s: float) -> None:
    with pytest.raises(ValueError, match="budget_s must be a positive number"):
        Request("a", budget_s)


def test_there_is_at_least_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert Pool().workers == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert Pool().workers == 4


def test_the_real_worker_measures_from_another_folder(tmp_path: Path) -> None:
    script = """
import time
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.service.pool import Pool
pool = Pool(1)
job = pool.submit(Request("preset=vmap", 0.1))
while not job.state.ended:
    job.touch()
    time.sleep(0.05)
print(job.state.status, job.state.sentence, *job.state.comparison.names)
pool.close()
"""
    package_parent = str(Path(__file__).resolve().parents[3])
    script = f"import sys; sys.path.insert(0, {package_parent!r})\n" + script
    found = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert found.stdout == "done  loop mathy vmap jit shifted\n"

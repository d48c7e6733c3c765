"""The queue of measurements in the web process, and the measuring processes that work it off.

As many jobs run at once as there are workers; each gets a process that has just been started, because a first call is
only once a first call. The next process is started as soon as one has ended, not earlier: starting takes as much of the
processor as measuring. `subprocess` rather than `multiprocessing`, which would run the page's script in the child.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.sweep import Part, Sweep
from vmapdemo.timing.service.job import Job, Request, Status
from vmapdemo.timing.service.process import WORKER_COMMAND, WorkerDiedError, WorkerProcess
from vmapdemo.timing.why import Why

ATTEMPTS = 2
# How often a running job's page and process are looked at; a message or a cancel is noticed at once.
_LOOK_EVERY_S = 0.1
_LOOK_AT_SPARE_EVERY_S = 1.0

_STARTED_AGAIN = "The measuring process stopped and was started again."
_GAVE_UP = "The measuring process stopped twice, so this was not measured. Try it again, or with smaller arrays."
_BROKEN = "The measuring process could not be started or understood; the server's log says why."
_ABANDONED = "Nobody waited for this measurement any more."
_TOO_LONG = "This took longer than {:g} s and was ended, as others wait. Try it again, or with smaller arrays."

_log = logging.getLogger(__name__)


class QueueFullError(Exception):
    """So many measurements wait already that no more are taken; the message is a sentence for the visitor."""


class Pool:
    """Measuring processes, and the visitors' queue before them. Threads and processes exist only from first use on.

    `workers`: how many jobs are measured at once (by default one for every two cores). `hang_s`: the longest silence
    of a worker, which says every few seconds that it is at work. `abandoned_s`: a job that is not touched
    for so long while it runs is cancelled; `forgotten_s`: while it waits, which costs nobody anything, and browsers let
    a hidden page look only once a minute. `limit`: how many jobs may wait. `idle_s`: how long a process that was
    started ahead of its job is kept; it holds 220 MB. `deadline_s`: how long a job may run, for a worker that compiles
    without end says all the time that it is at work.
    """

    def __init__(
        self,
        workers: int | None = None,
        command: Sequence[str] = WORKER_COMMAND,
        hang_s: float = 30.0,
        abandoned_s: float = 15.0,
        forgotten_s: float = 90.0,
        limit: int = 32,
        idle_s: float = 300.0,
        deadline_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workers = max(1, (os.cpu_count() or 1) // 2) if workers is None else workers
        self._command = tuple(command)
        self._hang_s = hang_s
        self._abandoned_s = abandoned_s
        self._forgotten_s = forgotten_s
        self._limit = limit
        self._idle_s = idle_s
        self._deadline_s = deadline_s
        self._clock = clock
        self._lock = threading.RLock()
        self._waiting: list[Job] = []
        self._running: dict[Job, WorkerProcess | None] = {}
        self._spare: WorkerProcess | None = None
        self._threads: set[threading.Thread] = set()
        self._closed = threading.Event()

    @property
    def waiting(self) -> int:
        """How many jobs wait in the queue."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many jobs have left the queue and not ended."""
        return len(self._running)

    def submit(self, request: Request) -> Job:
        """Put a measurement in the queue. QueueFullError when it is full."""
        with self._lock:
            self._drop_abandoned()
            if self._closed.is_set():
                raise QueueFullError("The server is shutting down and takes no more measurements.")
            if len(self._waiting) >= self._limit:
                raise QueueFullError(f"{self._limit} measurements are waiting already. Try again in a minute.")
            job = Job(request, self._clock, self._position, self._cancel)
            self._waiting.append(job)
            self._start_next()
            return job

    def prestart(self) -> None:
        """Have a started process ready, so that the next job need not wait for JAX's import."""
        with self._lock:
            self._start_spare()

    def close(self) -> None:
        """Cancel every job, end every process and thread, and take no more."""
        with self._lock:
            self._closed.set()
            for job in [*self._waiting, *self._running]:
                self._cancel(job)
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _position(self, job: Job) -> int | None:
        with self._lock:
            self._drop_abandoned()
            return self._waiting.index(job) if job in self._waiting else None

    def _cancel(self, job: Job, sentence: str = "") -> None:
        self._end(job, "cancelled", sentence)

    def _end(self, job: Job, status: Status, sentence: str) -> None:
        """Take it out of the queue, or stop its process."""
        with self._lock:
            job.advance(status=status, sentence=sentence)
            if job in self._waiting:
                self._waiting.remove(job)
            process = self._running.get(job)
            if process is not None:
                process.kill()

    def _drop_abandoned(self) -> None:
        for job in [job for job in self._waiting if job.idle_s > self._forgotten_s]:
            self._cancel(job, _ABANDONED)

    def _start_next(self) -> None:
        """Give waiting jobs to free workers; the lock is held."""
        self._drop_abandoned()
        while self._waiting and len(self._running) < self.workers:
            job = self._waiting.pop(0)
            job.begin()
            self._running[job] = None
            self._start_thread(self._run, job)

    def _start_spare(self) -> None:
        """Start a process ahead of its job, if there is none and one may be needed; the lock is held."""
        if self._closed.is_set() or self._spare is not None or len(self._running) >= self.workers:
            return
        try:
            self._spare = WorkerProcess(self._command)
        except OSError:  # out of memory or processes: the job will try again, and tell the visitor
            _log.exception("No measuring process could be started.")
        else:
            self._start_thread(self._end_when_idle, self._spare)

    def _end_when_idle(self, spare: WorkerProcess) -> None:
        """End the process that was started ahead, unless a job takes it in time."""
        started_s = self._clock()
        while not self._closed.wait(_LOOK_AT_SPARE_EVERY_S):
            with self._lock:
                if self._spare is not spare or self._clock() - started_s > self._idle_s:
                    break
        with self._lock:
            is_idle = self._spare is spare
            self._spare = None if is_idle else self._spare
        if is_idle:
            spare.close()

    def _start_thread(self, work: Callable[..., None], *args: Any) -> None:
        """Do this in a thread that `close` waits for, to its very end; the lock is held."""
        thread = threading.Thread(target=work, args=args, name="vmapdemo-timing", daemon=True)
        thread.start()
        self._threads = {started for started in self._threads if started.is_alive()} | {thread}

    def _run(self, job: Job) -> None:
        try:
            self._attempt_all(job)
        except Exception:  # a thread has nobody above it to tell
            _log.exception("A measurement failed in the pool.")
            job.advance(status="failed", sentence=_BROKEN)
        finally:
            with self._lock:
                del self._running[job]
                self._start_next()
                self._start_spare()

    def _attempt_all(self, job: Job) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            job.advance(status="starting", fraction=0.0, text="Starting the measuring process")
            try:
                self._attempt(job)
            except WorkerDiedError as error:
                if job.state.ended:  # cancelled: that is what it died of
                    return
                _log.warning("Measuring process, attempt %d of %d: %s", attempt, ATTEMPTS, error)
                job.advance(sentence=_STARTED_AGAIN)
            else:
                return
        job.advance(status="failed", sentence=_GAVE_UP)

    def _attempt(self, job: Job) -> None:
        process = self._process_for(job)
        try:
            process.send(asdict(job.request))
            while not job.state.ended:
                job.advance(**_changes(self._next_message(job, process), job.state.sweep))
        finally:
            with self._lock:
                self._running[job] = None
            process.close()

    def _process_for(self, job: Job) -> WorkerProcess:
        with self._lock:
            process, self._spare = self._spare or WorkerProcess(self._command), None
            if not process.is_running:
                process.close()
                process = WorkerProcess(self._command)
            self._running[job] = process
            # Cancelled in the meantime, when there was no process to kill yet.
            if job.state.ended:
                process.kill()
            return process

    def _next_message(self, job: Job, process: WorkerProcess) -> Mapping[str, Any]:
        """Wait for it, and end a job that nobody waits for or that has no time left; WorkerDiedError in its place."""
        silent_since_s = self._clock()
        while True:
            if job.idle_s > self._abandoned_s:
                self._cancel(job, _ABANDONED)
            if job.running_s > self._deadline_s:
                self._end(job, "failed", _TOO_LONG.format(self._deadline_s))
            message = process.receive(_LOOK_EVERY_S)
            if message is not None:
                return message
            if self._clock() - silent_since_s > self._hang_s:
                raise WorkerDiedError(f"It said nothing for {self._hang_s:g} s.")


def _changes(message: Mapping[str, Any], sweep: Sweep | None) -> dict[str, Any]:
    """What a worker's message changes in the state of its job; `sweep`: how far that was."""
    match message["kind"]:
        case "ready":
            return {"status": "measuring", "text": "Measuring"}
        case "progress":
            return {"status": "measuring", "fraction": message["fraction"], "text": message["text"]}
        case "begun":
            return {"sweep": _sweep_in(message)}
        case "part":
            return {"sweep": None if sweep is None else sweep.plus(Part.from_fields(message["part"]))}
        case "done":
            return {"status": "done", "fraction": 1.0, "text": "", **_found_in(message)}
        case "failed":
            return {"status": "failed", "sentence": message["sentence"]}
    return {}


def _found_in(message: Mapping[str, Any]) -> dict[str, Any]:
    if "why" in message:
        return {"why": Why.from_fields(message["why"])}
    if "sweep" in message:
        return {"sweep": _sweep_in(message)}
    return {"comparison": Comparison.from_json(json.dumps(message["comparison"]))}


def _sweep_in(message: Mapping[str, Any]) -> Sweep:
    return Sweep.from_json(json.dumps(message["sweep"]))

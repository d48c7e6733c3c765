"""The measuring process: `python -m vmapdemo.timing.worker` measures one job and exits.

A process of its own, because other threads of a web process make a measurement 2 to 13 times wrong; and a fresh one for
each job, because only then is a first call a first call. It speaks JSON, one object a line. In:

    {"link": "<query string of a scenario>", "budget_s": 4.0}

Out: `{"kind": "ready"}` once JAX is up; `{"kind": "progress", "phase", "strategy", "fraction", "text"}`; between them
`{"kind": "alive"}` while it is at work; and at the end `{"kind": "done", "comparison": {...}}` or
`{"kind": "failed", "sentence": "..."}`. When its input ends, the parent is
gone and the process exits at once, also in the middle of a measurement.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TextIO

import jax
import numpy as np

from vmapdemo import link, outcome
from vmapdemo.timing.comparison import compare_with
from vmapdemo.timing.records import Progress
from vmapdemo.timing.report import Comparison

# Writing a line after each round would itself disturb the rounds.
REPORT_EVERY_S = 0.1
# Compiling a long scenario on a busy machine is silent for a minute: that is no reason to take the process for dead.
ALIVE_EVERY_S = 5.0
_sending = threading.Lock()


@dataclass(frozen=True, slots=True)
class Work:
    """What a job's link stands for: the strategies by name, and the arguments that each takes."""

    strategies: Mapping[str, Callable[..., Any]]
    args: tuple[Any, ...]


def load_scenario(text: str) -> Work:
    """The work that a link asks for. LinkError for a link that cannot be read or asks for nothing to compare."""
    scenario, _ = link.decode(text)
    if not scenario.batched:
        raise link.LinkError("Nothing is batched in this scenario, so there are no strategies to compare.")
    return Work(outcome.callables(scenario), outcome.arrays(scenario))


def serve(read_job: Callable[[], bytes], outgoing: TextIO, load: Callable[[str], Work] = load_scenario) -> None:
    """Announce readiness, read one job, measure it and say how it went; without a job, return."""
    _send(outgoing, kind="ready")
    line = read_job()
    if not line:
        return
    try:
        comparison = _measure_job(json.loads(line), load, _Reporter(outgoing))
        _send(outgoing, kind="done", comparison=json.loads(comparison.to_json()))
    except link.LinkError as error:
        _send(outgoing, kind="failed", sentence=str(error))
    except Exception as error:  # whatever the job raises is the visitor's answer, not the end of the pipe
        _send(outgoing, kind="failed", sentence=_sentence(error))


def _measure_job(job: Mapping[str, Any], load: Callable[[str], Work], report: Callable[[Progress], None]) -> Comparison:
    work = load(job["link"])
    return compare_with(work.strategies, work.args, budget_s=job["budget_s"], report=report)


class _Reporter:
    """Sends progress: every change of phase or strategy, and otherwise not more often than REPORT_EVERY_S."""

    def __init__(self, outgoing: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._last: tuple[str, str | None] | None = None
        self._sent_s = 0.0

    def __call__(self, progress: Progress) -> None:
        step, now = (progress.phase, progress.strategy), self._clock()
        if step != self._last or now - self._sent_s >= REPORT_EVERY_S:
            self._last, self._sent_s = step, now
            _send(self._outgoing, kind="progress", **asdict(progress))


def _sentence(error: Exception) -> str:
    message = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return f"The measurement failed: {message}"


def _send(outgoing: TextIO, **message: Any) -> None:
    line = json.dumps(message, allow_nan=False) + "\n"
    with _sending:
        outgoing.write(line)
        outgoing.flush()


def _say_alive(outgoing: TextIO) -> None:
    """Say so every few seconds, but only if the process has used the processor: one that is stuck stays silent."""
    used_s = time.process_time()
    while True:
        time.sleep(ALIVE_EVERY_S)
        before_s, used_s = used_s, time.process_time()
        if used_s - before_s > 0.05 * ALIVE_EVERY_S:
            _send(outgoing, kind="alive")


def _take_stdout() -> TextIO:
    """The real standard output, for messages alone: what is printed from now on goes to standard error."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w", encoding="utf-8")


def _exit_when_input_ends(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass
    os._exit(0)


def _warm_up() -> None:
    """Start JAX's backend and its compiler on a program that no job contains: rank 5, where jobs have 3 at most."""
    # A program from the persistent cache would make compiling look cheap.
    jax.config.update("jax_enable_compilation_cache", False)
    jax.jit(lambda x: x * 2 + 1)(np.zeros((1, 1, 1, 1, 1), np.float32)).block_until_ready()


def _read_job() -> bytes:
    """One line of standard input; from then on the process exits when its input ends."""
    with os.fdopen(os.dup(0), "rb", buffering=0) as unbuffered:
        line = unbuffered.readline()
    threading.Thread(target=_exit_when_input_ends, args=(0,), daemon=True).start()
    return line


def main() -> None:
    """Serve one job on standard input and output."""
    outgoing = _take_stdout()
    _warm_up()
    threading.Thread(target=_say_alive, args=(outgoing,), daemon=True).start()
    serve(_read_job, outgoing)
    # The watching thread sits in a read that only the parent can end.
    os._exit(0)


if __name__ == "__main__":
    main()

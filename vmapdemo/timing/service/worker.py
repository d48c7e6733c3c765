"""The measuring process: `python -m vmapdemo.timing.service.worker` measures one job and exits.

A process of its own, because other threads of a web process make a measurement 2 to 13 times wrong; and a fresh one for
each job, because only then is a first call a first call. It speaks JSON, one object a line. In:

    {"link": "<query string of a scenario>", "budget_s": 4.0, "kind": "compare", "shows_lie": false}

`kind` is `"compare"`, or what a sweep varies: `"batch"` or `"length"`. Out: `{"kind": "ready"}` once JAX is up;
`{"kind": "progress", "phase", "strategy", "fraction", "text"}`; between them `{"kind": "alive"}` while it is at work;
of a sweep `{"kind": "begun", "sweep": {...}}` and then `{"kind": "part", "part": {...}}` for each point; and at the end
`{"kind": "done", "comparison": {...}}`, `{"kind": "done", "sweep": {...}}` or `{"kind": "failed", "sentence": "..."}`.
When its input ends, the parent is gone and the process exits at once, also in the middle of a measurement.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TextIO

import jax
import numpy as np

from vmapdemo import outcome
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.peers import catalogue
from vmapdemo.scenario import link
from vmapdemo.scenario.argument import InputError
from vmapdemo.timing.comparison import Bench, Strategies
from vmapdemo.timing.measuring.protocol import Instruments
from vmapdemo.timing.programs.inspection import inspect_trace
from vmapdemo.timing.progress import Progress, Thinned
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Rejected
from vmapdemo.timing.results.sweep import Part, Sweep
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.service.cases import RETURN_EARLY, task_of
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.sweeping.run import run_sweep
from vmapdemo.timing.sweeping.task import SweepPlan, Task
from vmapdemo.timing.why import find_out_why

# Compiling a long scenario on a busy machine is silent for a minute: that is no reason to take the process for dead.
ALIVE_EVERY_S = 5.0
# A comparison measures for 4 s: what compiles for longer than this holds up everybody who waits.
MOST_FIRST_CALL_S = 10.0
NOT_BEGUN = "Not begun: its first call would take about {}, and at most {:g} s are spent on one. Try smaller arrays."
NO_MEMORY = "There was not enough memory for this measurement. Try it again, or with smaller arrays."
_sending = threading.Lock()


Work = Callable[["Worker"], Mapping[str, Any]]
"""Does a job, tells the worker how far it is, and gives what belongs in the last message."""


@dataclass(frozen=True, slots=True)
class Worker:
    """The way back to the visitor while a job is being done."""

    outgoing: TextIO
    report: Callable[[Progress], None]

    def send(self, **message: Any) -> None:
        """Write one message."""
        _send(self.outgoing, **message)


def load_scenario(request: Request) -> Work:
    """The work that a request asks for. InputError, one sentence, where it cannot be read or asks for nothing."""
    scenario, _ = link.decode(request.link)
    if not scenario.batched:
        raise InputError("Nothing is batched in this scenario, so there are no strategies to compare.")
    if not scenario.has_numbers:
        raise InputError("The arrays have shapes alone, so that there is nothing to measure.")
    if request.kind == "compare":
        peers = catalogue.callables(scenario) if request.with_peers else {}
        labels = catalogue.labels(scenario.function) if peers else STRATEGY_LABELS
        bench = Bench(request.budget_s, unwaited=RETURN_EARLY if request.shows_lie else (), labels=labels)
        return compare_work(outcome.callables(scenario) | peers, outcome.arrays(scenario), bench)
    if not outcome.explanation(scenario).ok:
        raise InputError("The call fails, so that there is nothing to measure.")
    if request.kind == "why":
        bench = Bench(request.budget_s, labels=STRATEGY_LABELS)
        return why_work(outcome.callables(scenario), outcome.arrays(scenario), bench)
    task = task_of(scenario, request.kind, request.budget_s, shows_lie=request.shows_lie)
    return sweep_work(task, SweepPlan(request.budget_s))


def compare_work(strategies: Strategies, args: tuple[Any, ...], bench: Bench) -> Work:
    """Compare these strategies on these arguments."""

    def work(worker: Worker) -> Mapping[str, Any]:
        quick, slow = _without_slow(strategies, args)
        found = replace(bench, report=worker.report).compare(quick, args).comparison
        return {"comparison": json.loads(_with(slow, found).to_json())}

    return work


def why_work(strategies: Strategies, args: tuple[Any, ...], bench: Bench) -> Work:
    """Find out what the times of these strategies come from."""

    def work(worker: Worker) -> Mapping[str, Any]:
        quick, slow = _without_slow(strategies, args)
        why = find_out_why(quick, args, replace(bench, report=worker.report))
        return {"why": replace(why, comparison=_with(slow, why.comparison)).to_fields()}

    return work


def _without_slow(strategies: Strategies, args: tuple[Any, ...]) -> tuple[Strategies, tuple[Rejected, ...]]:
    """The strategies, and apart from them those whose first call would take too long, by what tracing them shows.

    InputError, one sentence, where no other is left.
    """
    guesses_s = {name: inspect_trace(function, args).first_call_guess_s for name, function in strategies.items()}
    # JAX keeps what it has traced: jit's first call would seem 8 % shorter than it is.
    jax.clear_caches()
    slow = tuple(
        Rejected(name, "slow", NOT_BEGUN.format(format_seconds(guess_s), MOST_FIRST_CALL_S))
        for name, guess_s in guesses_s.items()
        if guess_s > MOST_FIRST_CALL_S
    )
    if len(slow) == len(strategies):
        raise InputError(slow[0].sentence)
    return {name: strategies[name] for name in strategies if guesses_s[name] <= MOST_FIRST_CALL_S}, slow


def _with(rejected: Sequence[Rejected], found: Comparison) -> Comparison:
    return replace(found, rejected=(*found.rejected, *rejected))


def sweep_work(task: Task, plan: SweepPlan, instruments: Instruments | None = None) -> Work:
    """Do this sweep, and send each part as it is measured.

    Where a call takes longer than was predicted, what there is is sent as the whole when the budget is over: nothing
    but the end of the process stops a call.
    """

    def work(worker: Worker) -> Mapping[str, Any]:
        so_far = [task.sweep]

        def emit(part: Part) -> None:
            so_far[0] = so_far[0].plus(part)
            worker.send(kind="part", part=part.to_fields())

        def stop() -> None:
            worker.send(kind="done", **_message(replace(so_far[0], complete=True)))

        worker.send(kind="begun", **_message(task.sweep))
        alarm = threading.Timer(plan.budget_s, stop)
        alarm.daemon = True
        alarm.start()
        try:
            return _message(run_sweep(task, plan, instruments or Instruments(), emit, worker.report))
        finally:
            alarm.cancel()

    return work


def _message(sweep: Sweep) -> dict[str, Any]:
    return {"sweep": json.loads(sweep.to_json())}


def serve(read_job: Callable[[], bytes], outgoing: TextIO, load: Callable[[Request], Work] = load_scenario) -> None:
    """Announce readiness, read one job, do it and say how it went; without a job, return."""
    _send(outgoing, kind="ready")
    line = read_job()
    if not line:
        return
    report = Thinned(lambda progress: _send(outgoing, kind="progress", **asdict(progress)))
    try:
        work = load(Request(**json.loads(line)))
        _send(outgoing, kind="done", **work(Worker(outgoing, report)))
    except InputError as error:
        _send(outgoing, kind="failed", sentence=str(error))
    except Exception as error:  # whatever the job raises is the visitor's answer, not the end of the pipe
        _send(outgoing, kind="failed", sentence=_sentence(error))


def _sentence(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NO_MEMORY
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

import io
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.timing.made_up import CONDITIONS
from vmapdemo.scenario.link import encode, of_preset
from vmapdemo.timing.comparison import Bench
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.sweep import Part, Sweep
from vmapdemo.timing.service import worker
from vmapdemo.timing.service.job import Request
from vmapdemo.timing.service.process import WORKER_COMMAND
from vmapdemo.timing.service.worker import Work, serve
from vmapdemo.timing.sweeping.task import Case, SweepPlan, Task

JOB = json.dumps({"link": "anything", "budget_s": 0.01}).encode() + b"\n"


def load_stub(request: Request) -> Work:
    assert request.link == "anything"
    strategies = {"twice": lambda x: x + x, "double": lambda x: x * 2}
    return worker.compare_work(strategies, (jnp.ones(3),), Bench(request.budget_s))


def answers(job: bytes, load: Any = load_stub) -> list[dict[str, Any]]:
    outgoing = io.StringIO()
    serve(io.BytesIO(job).readline, outgoing, load)
    return [json.loads(line) for line in outgoing.getvalue().splitlines()]


@contextmanager
def real_worker(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    command = command or WORKER_COMMAND
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_job_is_answered_with_ready_progress_and_the_comparison() -> None:
    first, *progress, last = answers(JOB)
    assert first == {"kind": "ready"}
    assert {one["kind"] for one in progress} == {"progress"}
    assert [one["strategy"] for one in progress[:2]] == ["twice", "double"]
    assert set(progress[0]) == {"kind", "phase", "strategy", "fraction", "text"}
    assert last["kind"] == "done"
    assert Comparison.from_json(json.dumps(last["comparison"])).names == ("twice", "double")


def test_without_a_job_nothing_follows_ready() -> None:
    assert answers(b"") == [{"kind": "ready"}]


def test_a_link_that_cannot_be_read_gives_its_own_sentence() -> None:
    last = answers(b'{"link": "v=99", "budget_s": 1}\n', worker.load_scenario)[-1]
    assert last["kind"] == "failed"
    assert "another version" in last["sentence"]


def test_a_scenario_without_a_batch_has_nothing_to_compare() -> None:
    last = answers(b'{"link": "preset=single", "budget_s": 1}\n', worker.load_scenario)[-1]
    assert last == {
        "kind": "failed",
        "sentence": "Nothing is batched in this scenario, so there are no strategies to compare.",
    }


def test_a_job_that_makes_no_sense_fails_with_one_line() -> None:
    last = answers(b'{"link": "anything", "budget_s": -1}\n')[-1]
    assert last["sentence"] == "The measurement failed: budget_s must be a positive number of seconds, got -1."
    assert answers(b"nonsense\n")[-1]["kind"] == "failed"


def test_the_real_worker_measures_the_notebook_with_all_its_first_calls() -> None:
    with real_worker() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"link": "preset=vmap", "budget_s": 0.1}\n')
        process.stdin.flush()
        messages = [json.loads(line) for line in process.stdout]
        assert process.wait() == 0
    assert messages[0] == {"kind": "ready"}
    comparison = Comparison.from_json(json.dumps(messages[-1]["comparison"]))
    assert comparison.names == ("loop", "mathy", "vmap", "jit", "shifted")
    assert all(timing.first_call_s and timing.programs and timing.compile_s for timing in comparison.timings)
    assert [timing.dispatches for timing in comparison.timings] == [57, 13, 10, 1, 1]


def test_the_real_worker_exits_when_its_input_ends_also_while_it_measures() -> None:
    with real_worker() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"link": "preset=vmap", "budget_s": 80000}\n')
        process.stdin.flush()
        next(line for line in process.stdout if b"First call" in line)
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        assert b"done" not in process.stdout.read()


def test_what_is_printed_does_not_get_between_the_messages() -> None:
    script = """
import jax.numpy as jnp, os
from vmapdemo.timing.comparison import Bench
from vmapdemo.timing.service import worker

def load(request):
    print("printed"); os.write(1, b"written"); os.system("echo echoed")
    strategy = lambda x: (print("called"), x * 2)[1]
    return worker.compare_work({"a": strategy}, (jnp.ones(3),), Bench(request.budget_s))

outgoing = worker._take_stdout()
worker.serve(worker._read_job, outgoing, load)
os._exit(0)
"""
    with real_worker(sys.executable, "-c", script) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(JOB)
        process.stdin.flush()
        kinds = [json.loads(line)["kind"] for line in process.stdout]
    assert (kinds[0], kinds[-1]) == ("ready", "done")


@pytest.mark.parametrize("name", ["vmap", "cond", "dense", "nearest", "while"])
def test_the_work_of_a_link_is_every_strategy_of_its_function(name: str) -> None:
    job = json.dumps({"link": encode(*of_preset(name)), "budget_s": 0.01}).encode()
    found = Comparison.from_json(json.dumps(answers(job, worker.load_scenario)[-1]["comparison"]))
    assert found.rejected == ()
    assert found.names == of_preset(name)[0].entry.strategies


def unrolled(x: jax.Array) -> jax.Array:
    for _ in range(4000):
        x = x + 1
    return x


def test_a_strategy_whose_first_call_would_take_too_long_is_not_begun_and_said_so() -> None:
    def load(request: Request) -> Work:
        strategies = {"unrolled": jax.jit(unrolled), "folded": lambda x: x + 4000}
        return worker.compare_work(strategies, (jnp.ones(3),), Bench(request.budget_s))

    found = Comparison.from_json(json.dumps(answers(JOB, load)[-1]["comparison"]))
    assert found.names == ("folded", "unrolled")
    assert found.rejected[0].reason == "slow"
    assert found.rejected[0].sentence.startswith("Not begun: its first call would take about 13.3 s")


@pytest.mark.parametrize("work", [worker.compare_work, worker.why_work])
def test_where_every_first_call_would_take_too_long_nothing_is_measured(work: Any) -> None:
    last = answers(JOB, lambda request: work({"unrolled": jax.jit(unrolled)}, (jnp.ones(3),), Bench(request.budget_s)))[
        -1
    ]
    assert last["kind"] == "failed"
    assert last["sentence"].startswith("Not begun")


def sweep_stub(request: Request) -> Work:
    """A sweep over two sizes of a strategy that doubles and one that cannot."""

    def case(size: int) -> Case:
        return Case({"double": lambda x: x * 2, "broken": lambda x: x @ x.T @ jnp.ones(99)}, (jnp.ones((size, 2)),))

    task = Task(Sweep(request.kind, ("double", "broken"), (1, 4), CONDITIONS), case)  # type: ignore[arg-type]
    return worker.sweep_work(task, SweepPlan(request.budget_s))


def test_a_sweep_is_told_part_by_part_and_then_as_a_whole() -> None:
    job = b'{"link": "anything", "budget_s": 300, "kind": "batch", "shows_lie": false}\n'
    ready, *between, last = answers(job, sweep_stub)
    assert ready == {"kind": "ready"}
    begun, *others = (one for one in between if one["kind"] != "progress")
    assert begun["kind"] == "begun"
    told = Sweep.from_json(json.dumps(begun["sweep"]))
    assert told.points == ()
    assert {one["kind"] for one in others} == {"part"}
    for one in others:
        told = told.plus(Part.from_fields(one["part"]))
    final = Sweep.from_json(json.dumps(last["sweep"]))
    assert last["kind"] == "done"
    assert final.complete
    assert (told.points, told.rejected) == (final.points, final.rejected)
    assert [point.size for point in final.points_of("double")] == [1, 4]
    assert [one.name for one in final.rejected] == ["broken"]


def test_a_call_that_takes_longer_than_predicted_does_not_hold_up_the_end() -> None:
    released, lines = threading.Event(), queue.SimpleQueue[str]()

    def case(size: int) -> Case:
        return Case({"a": lambda: released.wait() if size == 4 else None}, ())

    def load(request: Request) -> Work:
        return worker.sweep_work(Task(Sweep("batch", ("a",), (1, 4), CONDITIONS), case), SweepPlan(request.budget_s))

    outgoing = SimpleNamespace(write=lines.put, flush=lambda: None)
    job = b'{"link": "anything", "budget_s": 2.5, "kind": "batch"}\n'
    thread = threading.Thread(target=serve, args=(io.BytesIO(job).readline, outgoing, load))
    thread.start()
    try:
        messages = iter(lambda: json.loads(lines.get(timeout=60)), None)
        done = next(message for message in messages if message["kind"] == "done")
    finally:
        released.set()
        thread.join()
    found = Sweep.from_json(json.dumps(done["sweep"]))
    assert found.complete
    assert [point.size for point in found.points] == [1]


def test_a_sweep_of_what_fails_or_has_no_length_gives_its_own_sentence() -> None:
    fails = b'{"link": "preset=mismatch", "budget_s": 1, "kind": "batch"}\n'
    assert answers(fails, worker.load_scenario)[-1]["sentence"].startswith("The call fails")
    unknown = b'{"link": "preset=vmap", "budget_s": 1, "kind": "kernel"}\n'
    assert "kind must be one of compare, batch, length" in answers(unknown, worker.load_scenario)[-1]["sentence"]


def test_the_real_worker_sweeps_the_notebook_with_compile_times() -> None:
    with real_worker() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"link": "preset=vmap", "budget_s": 300, "kind": "length", "shows_lie": true}\n')
        process.stdin.flush()
        messages = map(json.loads, process.stdout)
        found = next(Sweep.from_json(json.dumps(one["sweep"])) for one in messages if one["kind"] == "begun")
        while not found.stages_of("shifted"):
            message = next(messages)
            assert message["kind"] in ("part", "progress", "alive")
            found = found.plus(Part.from_fields(message["part"])) if message["kind"] == "part" else found
    assert found.names == ("loop", "mathy", "vmap", "jit", "shifted")
    assert found.rejected == ()
    assert found.conditions.arguments == ("int32[4, N]", "float32[4, 3]")
    assert {point.name for point in found.points} == {*found.names, "copy", "empty call"}
    assert found.at("shifted", 5).unwaited_s  # type: ignore[union-attr]
    assert found.at("loop", 5).first_call_s  # type: ignore[union-attr]


def test_peers_are_compared_where_they_are_asked_for() -> None:
    job = b'{"link": "preset=vmap", "budget_s": 0.01, "with_peers": true}\n'
    found = Comparison.from_json(json.dumps(answers(job, worker.load_scenario)[-1]["comparison"]))
    assert {"loop", "jit", "gather", "numpy_shifted"} <= set(found.names)
    assert found.rejected == ()


def test_what_the_page_shows_meanwhile_names_strategies_by_their_labels() -> None:
    told = [one["text"] for one in answers(b'{"link": "preset=cond", "budget_s": 0.01}\n', worker.load_scenario)[1:-1]]
    assert "First call of jit of vmap" in told
    assert "First call of jit" not in told

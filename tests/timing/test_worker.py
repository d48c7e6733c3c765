import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp

from vmapdemo.timing import worker
from vmapdemo.timing.comparison import Comparison
from vmapdemo.timing.job import Request
from vmapdemo.timing.process import WORKER_COMMAND
from vmapdemo.timing.worker import Work, serve

JOB = json.dumps({"link": "anything", "budget_s": 0.01}).encode() + b"\n"


def load_stub(request: Request) -> Work:
    assert request.link == "anything"
    strategies = {"twice": lambda x: x + x, "double": lambda x: x * 2}
    return worker.compare_work(strategies, (jnp.ones(3),), request.budget_s)


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
        process.stdin.write(b'{"link": "preset=vmap", "budget_s": 1e9}\n')
        process.stdin.flush()
        next(line for line in process.stdout if b"First call" in line)
        process.stdin.close()
        assert process.wait(timeout=60) == 0
        assert b"done" not in process.stdout.read()


def test_what_is_printed_does_not_get_between_the_messages() -> None:
    script = """
import jax.numpy as jnp, os
from vmapdemo.timing import worker

def load(request):
    print("printed"); os.write(1, b"written"); os.system("echo echoed")
    return worker.compare_work({"a": lambda x: (print("called"), x * 2)[1]}, (jnp.ones(3),), request.budget_s)

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

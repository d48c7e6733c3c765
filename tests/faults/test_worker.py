"""A measuring process that is stopped, killed or out of memory: the visitor is told, and the next measurement works."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.timing.made_up import notebook
from tests.timing.service.test_pool import (
    ANNOUNCE,
    DONE,
    STARTED_AGAIN,
    first_time,
    is_gone,
    pool_of,
    stand_in,
    until,
)
from vmapdemo.timing.service.job import Job, Request
from vmapdemo.timing.service.pool import Pool
from vmapdemo.timing.service.worker import ALIVE_EVERY_S, NO_MEMORY

START = "import runpy; runpy.run_module('vmapdemo.timing.service.worker', run_name='__main__')"
ALIVE = """while True: print('{"kind": "alive"}', flush=True); time.sleep(0.1)"""


def ended(pool: Pool, link: str) -> Job:
    """A measurement, waited for to its end."""
    job = pool.submit(Request(link))
    until(lambda: job.state.ended)
    return job


def test_a_worker_that_misses_three_of_its_signs_of_life_counts_as_stopped() -> None:
    assert Pool(1)._hang_s == 3 * ALIVE_EVERY_S


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL])
def test_a_worker_that_is_stopped_or_killed_is_replaced_and_the_visitor_told(
    tmp_path: Path, fault: signal.Signals
) -> None:
    command = stand_in("import time", ANNOUNCE, first_time(tmp_path / "begun", ALIVE), DONE)
    with pool_of(command, clock=time.monotonic, hang_s=3.0, abandoned_s=1e9) as pool:
        job = pool.submit(Request("preset=vmap"))
        until(lambda: job.state.text.isdigit())
        pid = int(job.state.text)
        os.kill(pid, fault)
        until(lambda: job.state.ended)
        assert (job.state.status, job.state.sentence) == ("done", STARTED_AGAIN)
        assert is_gone(pid)
        assert ended(pool, "next").state.sentence == ""


OUT_OF_MEMORY = """
import resource, sys
from vmapdemo.timing.service import worker

def load(request):
    if request.link == "large":
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**24, used + 2**24))
        return lambda _: bytearray(2**30)
    return lambda _: {"comparison": %s}

worker.serve(sys.stdin.buffer.readline, sys.stdout, load)
"""


def test_a_worker_that_is_out_of_memory_says_so_and_the_next_measurement_works() -> None:
    fields = json.loads(notebook().to_json())
    with pool_of((sys.executable, "-c", OUT_OF_MEMORY % repr(fields))) as pool:
        large, small = ended(pool, "large"), ended(pool, "small")
        assert (large.state.status, large.state.sentence) == ("failed", NO_MEMORY)
        assert (small.state.status, small.state.comparison) == ("done", notebook())


def test_a_worker_that_has_not_even_the_memory_to_start_is_given_up() -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29)); {START}"
    with pool_of((sys.executable, "-c", limited)) as pool:
        assert ended(pool, "preset=vmap").state.sentence.endswith("Try it again, or with smaller arrays.")

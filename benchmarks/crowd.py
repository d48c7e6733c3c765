"""A workshop on two processes behind nginx: ``python -m benchmarks.crowd``.

Starts ``python -m deploy up`` and lets 200 visitors come within 10 s, each through a replica that its cookie names, who
change a cell or an axis every 2 s or so; then 100 who open the page within 3 s. Prints percentiles. Needs nginx.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import websockets

from benchmarks.load import query
from benchmarks.machine import conditions
from benchmarks.server import ROOT, free_port, wait_until_healthy
from benchmarks.visitors import Editor, Latencies, Plan, axis_wish, percentile_ms

VISITORS, EDITS, THINK_S, RAMP_S = 200, 10, 2.0, 10.0
OPENING, WITHIN_S = 100, 3.0
UNTIL = frozenset({"call", "arrays"})


class Participant(Editor):
    """Edits cells and chooses axes, in turns; comes with the cookie of its first request, as a browser does."""

    async def headers(self) -> dict[str, str]:
        """The cookie that names a replica."""
        return await asyncio.to_thread(_cookie, self.plan.url)

    def wish(self) -> dict[str, Any]:
        """One of both."""
        return axis_wish(self.asked) if self.random.random() < 0.5 else super().wish()


class Newcomer(Participant):
    """Opens the page and looks."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Nothing more."""


def _cookie(url: str) -> dict[str, str]:
    with urllib.request.urlopen(url) as answer:
        cookies = SimpleCookie(answer.headers.get("Set-Cookie", ""))
    return {"Cookie": "; ".join(f"{name}={one.value}" for name, one in cookies.items())}


@contextmanager
def deployment(processes: int) -> Iterator[str]:
    """The address of so many processes behind nginx, all of them warm."""
    port, first = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "deploy", "up", "--folder", folder, "--port", str(port)]
        command += ["--processes", str(processes), "--first-port", str(first)]
        with (Path(folder) / "output.txt").open("wb") as output:
            running = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            for number in range(processes):
                wait_until_healthy(f"http://127.0.0.1:{first + number}/readyz")
            wait_until_healthy(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()


async def _all(plan: Plan, kind: type[Editor], found: Latencies) -> None:
    await asyncio.gather(*(kind(plan, number, found).stay() for number in range(plan.visitors)))


def come(plan: Plan, kind: type[Editor]) -> Latencies:
    """Let them all come."""
    found = Latencies()
    asyncio.run(_all(plan, kind, found))
    return found


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--edits", type=int, default=EDITS)
    chosen = parser.parse_args()
    print(conditions(), f"{chosen.processes} processes", sep=", ")
    with deployment(chosen.processes) as url:
        come(Plan(url, (query(4, 5),), visitors=10, edits=4, think_s=0.1), Participant)
        time.sleep(2)
        first = come(Plan(url, (query(4, 5),), OPENING, edits=0, ramp_s=WITHIN_S, until=UNTIL), Newcomer)
        _print(f"{OPENING} open the page within {WITHIN_S:g} s: verdict and arrays", first.first_until, first)
        time.sleep(2)
        plan = Plan(url, (query(4, 5),), VISITORS, chosen.edits, THINK_S, RAMP_S)
        workshop = come(plan, Participant)
        _print(f"{VISITORS} visitors thinking {THINK_S:g} s, come within {RAMP_S:g} s", workshop.edit, workshop)


def _print(what: str, seconds: list[float], found: Latencies) -> None:
    p50, p95 = (percentile_ms(seconds, percent) for percent in (50, 95))
    print(f"{what:60} {len(seconds):5} p50 {p50:5.0f} ms, p95 {p95:5.0f} ms, {len(found.errors)} errors", flush=True)
    for error in sorted(set(found.errors))[:3]:
        print(f"  {error}")


if __name__ == "__main__":
    main()

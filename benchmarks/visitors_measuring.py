"""Four visitors who press Measure at once: ``python -m benchmarks.visitors_measuring``.

First through the app's own pool: how much slower the loop is than its jit when one visitor measures alone (three
times), and what each of four finds who come together; ~ marks what was not confirmed. Then in the served app: four
press the button, while another edits cells of a page of his own until all four are served.
"""

import argparse
import asyncio
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import websockets

from benchmarks.load import query
from benchmarks.machine import conditions
from benchmarks.server import serve
from benchmarks.visitors import MAX_EDITS, Editor, Latencies, Plan, Visitor, percentile_ms
from vmapdemo.scenario import link
from vmapdemo.timing.service.job import Job, Request
from vmapdemo.timing.service.pool import Pool

PRECISION, USABLE_MS = 0.1, 300.0
LOOK_S = 0.4
ALONE = 3


class Presser(Visitor):
    """Opens the page that measures, presses the button, and looks until there are charts."""

    served_s: float = math.nan

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Press, wait as the page's own fragment does, and note when the result came."""
        started = time.perf_counter()
        await self.run(socket, self.found.edit, self.found.edit_until, press="measure")
        while self.self_drawing:
            await asyncio.sleep(LOOK_S)
            await self.run(socket, self.found.edit, self.found.edit_until, fragment=self.self_drawing)
        if "plotly_chart" in self.kinds:
            self.served_s = time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of the visitors of the served app: seconds until each was served, and the editor's latencies."""

    served_s: tuple[float, ...]
    editor: Latencies


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times slower the loop is than its jit; NaN where there is no result."""

    times: float
    confirmed: bool

    def __str__(self) -> str:
        return f"{'' if self.confirmed else '~'}{self.times:.0f}"


def ratio(job: Job) -> Ratio:
    """What a job that has ended found."""
    found = job.state.comparison
    if found is None:
        return Ratio(math.nan, confirmed=False)
    return Ratio(found["loop"].best_s / found["jit"].best_s, found["loop"].confirmed and found["jit"].confirmed)


def together(pool: Pool, visitors: int) -> list[Ratio]:
    """So many jobs submitted at once and waited for: the ratio that each found."""
    text = link.encode(*link.of_preset("vmap"))
    jobs = [pool.submit(Request(text)) for _ in range(visitors)]
    while not all(job.state.ended for job in jobs):
        for job in jobs:
            job.touch()
        time.sleep(LOOK_S)
    return [ratio(job) for job in jobs]


async def visit(url: str, visitors: int) -> Visit:
    """All press Measure at once; another visitor edits until every one of them has left."""
    address = link.encode(*link.of_preset("vmap", page="time"))
    pressers = [Presser(Plan(url, (address,)), number, Latencies()) for number in range(visitors)]
    edits = Latencies()
    editing = asyncio.create_task(Editor(Plan(url, (query(4, 5),), edits=MAX_EDITS), 0, edits).stay())
    await asyncio.gather(*(presser.stay() for presser in pressers))
    editing.cancel()
    edits.errors += [error for presser in pressers for error in presser.found.errors]
    return Visit(tuple(presser.served_s for presser in pressers), edits)


def in_the_pool(visitors: int) -> list[str]:
    """The lines about ratios."""
    pool = Pool()
    try:
        alone = [one for _ in range(ALONE) for one in together(pool, 1)]
        found = together(pool, visitors)
    finally:
        pool.close()
    usual = statistics.median(one.times for one in alone)
    near = sum(abs(one.times / usual - 1) <= PRECISION for one in found)
    return [
        f"loop/jit alone: {', '.join(map(str, alone))}",
        f"loop/jit of each of {visitors} at once: {', '.join(map(str, found))}",
        f"served: {sum(not math.isnan(one.times) for one in found)} of {visitors}; within 10 %: {near} of {visitors}",
    ]


def in_the_app(visitors: int) -> list[str]:
    """The lines about the served page."""
    with serve("app.py") as url:
        found = asyncio.run(visit(url, visitors))
    latencies = found.editor.edit
    p50, p95 = (percentile_ms(latencies, percent) for percent in (50, 95))
    served = [seconds for seconds in found.served_s if not math.isnan(seconds)]
    return [
        f"served in the app: {len(served)} of {visitors}, after {', '.join(f'{s:.1f}' for s in served)} s",
        f"another visitor's {len(latencies)} edits meanwhile: p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        f" ({'under' if p95 < USABLE_MS else 'not under'} {USABLE_MS:.0f} ms)",
        f"errors: {len(found.editor.errors)} {' '.join(found.editor.errors[:3])}",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=4)
    chosen = parser.parse_args(arguments)
    print(conditions("jax", "numpy", "streamlit"))
    for line in (*in_the_pool(chosen.visitors), *in_the_app(chosen.visitors)):
        print(line, flush=True)


if __name__ == "__main__":
    main()

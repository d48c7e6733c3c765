"""The server's own work for what one visitor does: ``python -m benchmarks.cpu``.

Milliseconds of processor time of the server's process for one edit of a cell, one change of an axis and one run of the
whole page at 4x5, beside an empty page with as many elements. Needs Linux, whose /proc says what a process has used.
"""

import asyncio
import os
from pathlib import Path

from benchmarks.load import EMPTY, UNLIMITED, query
from benchmarks.machine import conditions
from benchmarks.server import serving
from benchmarks.visitors import AxisChooser, Editor, Latencies, Plan, Reloader

TIMES = 150
WARM = 30
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
ROUNDS = 3


def used_s(pid: int) -> float:
    """The processor time of a process so far, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def cost_ms(script: str, page: str, visitor: type[Editor]) -> float:
    """Milliseconds of the server for one wish: the lowest of three rounds on a server that is warm."""
    with serving(script) as server:
        costs = [_round_ms(server.url, server.pid, page, visitor) for _ in range(ROUNDS)]
    return min(costs)


def _round_ms(url: str, pid: int, page: str, visitor: type[Editor]) -> float:
    _stay(visitor, Plan(url, (page,), edits=WARM, think_s=0.0))
    before_s = used_s(pid)
    _stay(visitor, Plan(url, (page,), edits=TIMES, think_s=0.0))
    return 1e3 * (used_s(pid) - before_s) / TIMES


def _stay(visitor: type[Editor], plan: Plan) -> None:
    found = Latencies()
    asyncio.run(visitor(plan, 0, found).stay())
    if found.errors:
        raise RuntimeError(found.errors[0])


def main() -> None:
    """Print the table."""
    print(conditions())
    print(f"{'milliseconds of the server':32} {'the page':>9} {'empty':>9}")
    for what, visitor in (("an edit of a cell", Editor), ("a change of an axis", AxisChooser), ("the page", Reloader)):
        real, empty = cost_ms(UNLIMITED, query(4, 5), visitor), cost_ms(EMPTY, "", visitor)
        print(f"{what:32} {real:9.1f} {empty:9.1f}", flush=True)


if __name__ == "__main__":
    main()

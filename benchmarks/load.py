"""How fast Explore answers an edit, beside an empty page with as many widgets: ``python -m benchmarks.load``.

Prints one table: one visitor at 4x5 and at 32x32, a hundred visitors who think for 3 s between edits, a first look at
shapes that nobody has used before, and what postponing garbage collection is worth. Compare the rows of one run:
absolute times double on a busy machine.
"""

import argparse
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.server import serve
from benchmarks.visitors import Latencies, Plan, percentile_ms, visit
from vmapdemo import Argument, Scenario, View
from vmapdemo.scenario import link

APP, EMPTY, CARELESS = "app.py", "benchmarks/empty_page.py", "benchmarks/without_care.py"
UNLIMITED = "benchmarks/without_limits.py"
"""For visitors who ask as often as they are answered, which nobody may do of the app itself."""
VERDICT = frozenset({"call"})
UNTIL = frozenset({"call", "arrays"})
COLLECT = "--runner.postScriptGC=true"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    found: Latencies
    uses_until: bool = True
    is_first: bool = False

    @property
    def seconds(self) -> list[float]:
        """The latencies that the line is about."""
        if self.is_first:
            return self.found.first_until if self.uses_until else self.found.first
        return self.found.edit_until if self.uses_until else self.found.edit

    def __str__(self) -> str:
        p50, p95 = (percentile_ms(self.seconds, percent) for percent in (50, 95))
        return f"{self.what:58} {len(self.seconds):5} {p50:8.0f} {p95:8.0f} {len(self.found.errors):7}"


def query(rows: int, columns: int, seed: int = 0) -> str:
    """A link to a scenario of that shape, with random digits."""
    digits = np.random.default_rng(seed)
    x = Argument("x_batch", digits.integers(0, 10, (rows, columns)), "int32")
    y = Argument("y_batch", digits.integers(0, 10, (rows, 3)), "float32")
    return link.encode(Scenario("convolve", (x, y)), View())


def one_visitor(rows: int, columns: int, edits: int) -> list[Row]:
    """Edits by one visitor, in the app until verdict and result are there, and in the empty page."""
    with serve(UNLIMITED) as url:
        app = visit(Plan(url, (query(rows, columns),), edits=edits, until=UNTIL))
    with serve(EMPTY) as url:
        empty = visit(Plan(url, (f"rows={rows}&columns={columns}",), edits=edits))
    size = f"{rows}x{columns}, one visitor"
    return [
        Row(f"{size}: verdict and vmap's result", app),
        Row(f"{size}: until the run has ended", app, uses_until=False),
        Row(f"{size}: empty page", empty, uses_until=False),
    ]


def many_visitors(visitors: int, edits: int, think_s: float) -> list[Row]:
    """Edits by many visitors at 4x5: in the app, in the empty page, in the app without its care for the collector."""
    rows = []
    for what, script, options in (
        ("the page", APP, ()),
        ("empty page", EMPTY, ()),
        ("collecting garbage after each run", APP, (COLLECT,)),
        ("the same without gc.freeze", CARELESS, (COLLECT,)),
    ):
        with serve(script, *options) as url:
            queries = ("",) if script == EMPTY else (query(4, 5),)
            visit(Plan(url, queries, edits=5))
            found = visit(Plan(url, queries, visitors, edits, think_s, ramp_s=think_s))
        rows.append(Row(f"{visitors} visitors thinking {think_s:g} s: {what}", found, uses_until=False))
    return rows


def new_shapes(shapes: tuple[tuple[int, int], ...]) -> list[Row]:
    """The first look at shapes that the server has not seen: until the verdict, and until every strategy has run."""
    with serve(APP) as url:
        found = [visit(Plan(url, (query(*shape),), edits=0, until=VERDICT)) for shape in shapes]
    rows = []
    for shape, latencies in zip(shapes, found, strict=True):
        size = f"first look at {shape[0]}x{shape[1]}"
        rows.append(Row(f"{size}: verdict", latencies, is_first=True))
        rows.append(Row(f"{size}: all strategies", latencies, uses_until=False, is_first=True))
    return rows


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--edits", type=int, default=10, help="of each of the many visitors")
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; latencies in ms")
    print(f"{'':58} {'n':>5} {'p50':>8} {'p95':>8} {'errors':>7}")
    for row in _rows(chosen.visitors, chosen.edits):
        print(row, flush=True)


def _rows(visitors: int, edits: int) -> Iterator[Row]:
    yield from one_visitor(4, 5, 100)
    yield from one_visitor(32, 32, 60)
    yield from new_shapes(((5, 6), (7, 9), (16, 16), (24, 40), (8, 100)))
    yield from many_visitors(visitors, edits, 3.0)


if __name__ == "__main__":
    main()

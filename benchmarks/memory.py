"""What memory the server needs when strangers open one new shape after the other: ``python -m benchmarks.memory``.

Opens so many random valid links, no two of the same shapes, faster than anybody may (``benchmarks.without_limits``).
Prints the memory of the server and of the processes that it has started (of what is shared its own share, as Linux
counts it), and what one visitor waits for at 4x5 before, meanwhile and after. Needs Linux, whose /proc says what a
process holds.
"""

import argparse
import asyncio
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import websockets

from benchmarks.load import UNLIMITED, query
from benchmarks.machine import conditions
from benchmarks.server import Server, serving
from benchmarks.visitors import Editor, Latencies, Plan, Visitor, percentile_ms, visit
from vmapdemo import Argument, Scenario, View
from vmapdemo.scenario import link

LINKS, AT_ONCE, LOOKS = 10_000, 4, 10
WARM_EDITS, THINK_S = 200, 0.25
LARGEST = 1024
AXES = (0, 0, 0, (0, None), 1)
"""Of most calls those that fit; with the last the sizes rarely do."""


def new_links(count: int, seed: int) -> Iterator[str]:
    """Links to scenarios of different shapes, functions' axes and dtypes; most calls run, some fail."""
    draw = random.Random(seed)
    seen: set[object] = set()
    while len(seen) < count:
        examples, length, taps = draw.randint(1, 64), draw.randint(3, 64), draw.randint(1, 8)
        dtypes = draw.choice(("int32", "float32")), draw.choice(("int32", "float32"))
        axes = draw.choice(AXES)
        if examples * length > LARGEST or (key := (examples, length, taps, dtypes, axes)) in seen:
            continue
        seen.add(key)
        signals, kernels = _digits(draw, examples, length), _digits(draw, examples, taps)
        x = Argument("x_batch", signals, dtypes[0])
        y = Argument("y_batch", kernels[0] if axes == (0, None) else kernels, dtypes[1])
        yield link.encode(Scenario("convolve", (x, y), axes), View())


def _digits(draw: random.Random, rows: int, columns: int) -> list[list[int]]:
    return [[draw.randint(0, 9) for _ in range(columns)] for _ in range(rows)]


class Looker(Visitor):
    """Opens its link and leaves."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Nothing more."""


class Filler(Looker):
    """Opens its link, and comes to the strategies."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Ask for them, as a browser does when they are in sight."""
        part = self.parts["strategies"]
        await self.run(socket, self.found.edit, self.found.edit_until, fragment=part.fragment, wish={"kind": "fill"})


@dataclass(slots=True)
class Memory:
    """Megabytes of the server and its processes, looked at again and again."""

    pid: int
    most: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> float:
        """What they hold now, all together."""
        found = sum(_share_mb(pid) for pid in _family(self.pid))
        self.most = max(self.most, found)
        return found

    def watch(self) -> None:
        """Look until it is ended."""
        while not self.ended.wait(0.5):
            self.look()


def _family(pid: int) -> list[int]:
    """A process and all that it has started."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = {int(child) for thread in threads for child in _text(thread).split()}
    return [pid, *(descendant for child in children for descendant in _family(child))]


def _share_mb(pid: int) -> float:
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3


def _text(path: Path) -> str:
    """What the system says; nothing of a thread or a process that has ended."""
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def warm(server: Server, edits: int) -> Latencies:
    """What a visitor at the default sizes waits for."""
    return visit(Plan(server.url, (query(4, 5),), edits=edits, think_s=THINK_S))


async def open_all(server: Server, links: Iterator[str], found: Latencies, kind: type[Visitor]) -> None:
    """Open them, some at once."""

    async def open_in_turn() -> None:
        for text in links:
            await kind(Plan(server.url, (text,), edits=0), 0, found).stay()

    await asyncio.gather(*(open_in_turn() for _ in range(AT_ONCE)))


def main() -> None:
    """Open the links and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=LINKS)
    parser.add_argument("--strategies", action="store_true", help="every visitor also comes to the strategies")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    kind = Filler if chosen.strategies else Looker
    print(conditions(), f"seed {chosen.seed}", sep=", ")
    links = new_links(chosen.links, chosen.seed)
    with serving(UNLIMITED) as server:
        memory, found = Memory(server.pid), Latencies()
        warm(server, 20)
        before = warm(server, WARM_EDITS)
        print(f"before: {memory.look():.0f} MB; a warm visitor {_told(before)}", flush=True)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        during = Latencies()
        meanwhile = threading.Thread(target=lambda: asyncio.run(_stay(server, during, opening)))
        opening = threading.Event()
        meanwhile.start()
        share = max(1, chosen.links // LOOKS)
        for done in range(0, chosen.links, share):
            start_s = time.perf_counter()
            portion = (next(links) for _ in range(min(share, chosen.links - done)))
            asyncio.run(open_all(server, portion, found, kind))
            each_ms = 1e3 * (time.perf_counter() - start_s) / share
            print(f"{done + share:6} links: {memory.look():.0f} MB, {each_ms:.0f} ms for each", flush=True)
        opening.set()
        meanwhile.join()
        after = warm(server, WARM_EDITS)
        memory.ended.set()
        watching.join()
    print(f"meanwhile a warm visitor {_told(during)}")
    print(f"after: at most {memory.most:.0f} MB; a warm visitor {_told(after)}")
    print(f"errors: {len(found.errors) + len(during.errors)} {found.errors[:1]}")


async def _stay(server: Server, found: Latencies, end: threading.Event) -> None:
    """Edit until the links are through."""
    while not end.is_set():
        await Editor(Plan(server.url, (query(4, 5),), edits=20, think_s=THINK_S), 1, found).stay()


def _told(found: Latencies) -> str:
    p50, p95 = (percentile_ms(found.edit, percent) for percent in (50, 95))
    return f"waits {p50:.0f} ms (p50), {p95:.0f} ms (p95) for an edit"


if __name__ == "__main__":
    main()

"""How much one visitor waits for another who does harm: ``python -m benchmarks.attack``.

A bystander edits cells at 4x5, alone and beside each kind of attacker, in turns on one server; printed are percentiles
and the ratio to the quiet rounds. Attackers come from this machine, at most a handful, and only to the server that the
benchmark has started.
"""

import argparse
import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from urllib.parse import urlsplit

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from benchmarks.load import APP, query
from benchmarks.machine import conditions
from benchmarks.server import Server, serving
from benchmarks.visitors import Editor, Latencies, Plan, percentile_ms
from vmapdemo import Argument, Scenario, View
from vmapdemo.scenario import link

EDITS, THINK_S, ROUNDS = 100, 0.2, 3
ATTACKERS = 4
ATTACKERS_ADDRESS = "127.0.0.2"
"""Limits are kept for each address, and attackers do not sit beside their bystander."""
MOST_TEXT = 40_000

Attack = Callable[[str, int, "Ended"], Coroutine[object, object, int]]
"""Does harm at an address until that is asked to end, and returns how often it was done."""
Ended = Callable[[], bool]


@dataclass(slots=True)
class Row:
    """What the bystander waited in all rounds of one kind, and how often the attackers asked."""

    what: str
    seconds: list[float]
    asked: int = 0

    def told(self, quiet: "Row") -> str:
        """A line of the table."""
        p50, p95 = (percentile_ms(self.seconds, percent) for percent in (50, 95))
        ratio = p95 / percentile_ms(quiet.seconds, 95)
        return f"{self.what:52} {self.asked:8} {p50:7.0f} {p95:7.0f} {ratio:6.1f}"


def _connect(url: str) -> websockets.connect:
    address = urlsplit(url)
    return websockets.connect(
        f"ws://{address.netloc}/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        origin=websockets.Origin(url),
        max_size=None,
        local_addr=(ATTACKERS_ADDRESS, 0),
    )


async def flood(url: str, _number: int, ended: Ended) -> int:
    """Ask for runs without a pause, and connect again when the connection is closed."""
    rerun: bytes = BackMsg(rerun_script=ClientState()).SerializeToString()
    sent = 0
    while not ended():
        try:
            async with _connect(url) as socket:
                while not ended():
                    await socket.send(rerun)
                    sent += 1
        except (OSError, websockets.WebSocketException):
            await asyncio.sleep(0.01)
    return sent


def largest(seed: int, page: str) -> str:
    """A link to one of the largest scenarios: an unrolled convolution of a thousand numbers."""
    digits = np.random.default_rng(seed)
    x = Argument("x_batch", digits.integers(0, 10, (1, 1024)), "float32")
    y = Argument("y_batch", digits.integers(0, 10, (1, 3)), "float32")
    return link.encode(Scenario("convolve", (x, y)), View(page=page))


def opening(page: str) -> Attack:
    """Opens the largest scenarios, with new numbers each time, one after the other."""

    async def attack(url: str, number: int, ended: Ended) -> int:
        opened = 0
        while not ended():
            text = largest(1000 * number + opened, page)
            await _Opener(Plan(url, (text,), edits=0), number, Latencies()).stay()
            opened += 1
        return opened

    return attack


class _Opener(Editor):
    """Opens its link and leaves."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Nothing more."""


class _Paster(Editor):
    """Pastes the longest text that is read, again and again."""

    def wish(self) -> dict[str, object]:
        """A thousand numbers for one argument."""
        return {"kind": "numbers", "array": "x_batch", "text": "1 " * (MOST_TEXT // 2)}


async def paste(url: str, number: int, ended: Ended) -> int:
    """Send the longest text that is read, as fast as it is answered."""
    found = Latencies()
    visitor = _Paster(Plan(url, (query(4, 5),), edits=500, think_s=0.0), number, found)
    staying = asyncio.create_task(visitor.stay())
    while not ended():
        await asyncio.sleep(0.1)
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    return len(found.edit)


ATTACKS: dict[str, Attack] = {
    "floods without a pause": flood,
    "open the largest scenario in Explore": opening("explore"),
    "open the largest scenario in Trace": opening("trace"),
    "paste the longest text": paste,
}


def _attack(what: str, url: str, ended: Event, asked: "SimpleQueue[int]") -> None:
    """All attackers, in a process of their own that leaves the processors to others."""
    os.nice(19)

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(ATTACKS[what](url, number, ended.is_set) for number in range(ATTACKERS)))

    asked.put(sum(asyncio.run(all_of_them())))


def _beside(server: Server, what: str, row: Row) -> None:
    """One round of the bystander, with attackers or alone."""
    processes, found = get_context("spawn"), Latencies()
    ended, asked = processes.Event(), processes.SimpleQueue()
    attackers = processes.Process(target=_attack, args=(what, server.url, ended, asked)) if what else None
    if attackers is not None:
        attackers.start()
    asyncio.run(Editor(Plan(server.url, (query(4, 5),), edits=EDITS, think_s=THINK_S), 7, found).stay())
    ended.set()
    if attackers is not None:
        row.asked += asked.get()
        attackers.join()
    row.seconds += found.edit
    if found.errors:
        raise RuntimeError(found.errors[0])


def main() -> None:
    """Run every kind in turns with quiet rounds, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    print(conditions())
    print(f"{'an edit of a bystander, ms':52} {'asked':>8} {'p50':>7} {'p95':>7} {'ratio':>6}")
    quiet = Row("alone", [])
    rows = {what: Row(f"{ATTACKERS} who {what}", []) for what in ATTACKS}
    with serving(APP) as server:
        _beside(server, "", Row("", []))  # warm
        for _ in range(chosen.rounds):
            for what, row in rows.items():
                _beside(server, "", quiet)
                _beside(server, what, row)
    for row in (quiet, *rows.values()):
        print(row.told(quiet), flush=True)


if __name__ == "__main__":
    main()

"""Hostile messages to a real server, while another visitor edits: what comes of them, in the page and in the log."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import websockets
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.hostile_core import Failure, Tried
from benchmarks.hostile_messages import Message, Seen, message, requests, rerun
from benchmarks.visitors import ARRAYS, Editor, Latencies, Plan, Visitor
from vmapdemo.scenario import link, presets
from vmapdemo.scenario.scenario import Scenario

VIEWS = ("explore", "trace", "time")
ANSWER_S = 60.0
GOOD_EVERY = 5
"""After so many messages a good edit has to work."""
TRACES = ("Traceback (most recent call last)", "SyntaxWarning", "DeprecationWarning")
"""What must not stand in the log."""
OUR_MISTAKE = "it is our mistake"


class Closed(Exception):  # noqa: N818 (it is no error)
    """The server hung up."""


@dataclass(frozen=True, slots=True)
class Log:
    """What the server has written so far."""

    path: Path

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.path.stat().st_size

    def since(self, size: int) -> str:
        """What has been written after so many bytes."""
        with self.path.open("rb") as file:
            file.seek(size)
            return file.read().decode(errors="replace")


@dataclass(slots=True)
class Attack:
    """What came of the messages, by their kind, and what the other visitor met meanwhile."""

    tried: dict[str, Tried] = field(default_factory=dict)
    bystander: Latencies = field(default_factory=Latencies)
    good_edits: int = 0

    def of(self, kind: str) -> Tried:
        """What came of one kind."""
        return self.tried.setdefault(kind, Tried(kind))

    @property
    def failures(self) -> list[Failure]:
        """All of them."""
        return [failure for tried in self.tried.values() for failure in tried.failures]


class Attacker(Visitor):
    """One session that sends hostile messages, and good edits in between."""

    def __init__(self, plan: Plan, view: int, attack: Attack, log: Log, seed: int, numbers: range) -> None:
        super().__init__(plan, view, attack.bystander)
        self.attack, self.log, self.seed = attack, log, seed
        self.numbers = iter(numbers)
        self.number_now = 0
        self.session, self.alerts, self.is_done = "", list[str](), False

    async def stay(self) -> None:
        """Come again after each hang-up, until all is sent."""
        while not self.is_done:
            self.query = self.plan.queries[self.number % len(self.plan.queries)]
            self.page, self.parts, self.seen = "", {}, {}
            await super().stay()

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Send what is left to send."""
        home = self.page
        for number in self.numbers:
            self.number_now, self.page = number, home
            given = message(Random(f"{self.seed} wire {number}"), self._known(), self.asked + 1)
            try:
                await self._try(socket, given)
            except Closed:
                return
        self.is_done = True

    def _known(self) -> Seen:
        widgets = {key: identity for key, identity in self.seen.items() if identity}
        return Seen(widgets, self.page, self.query, self.session)

    @property
    def link(self) -> str:
        """The visitor's state as the page shows it."""
        query: str = self.parts["call"].data["address"]["query"]
        return query

    async def _try(self, socket: websockets.ClientConnection, given: Message) -> None:
        tried, before, written = self.attack.of(given.kind), self.link, self.log.size
        self.asked += 1
        self.alerts.clear()
        errors = len(self.found.errors)
        start = time.perf_counter()
        try:
            await self._send(socket, given)
            if given.closes:
                return  # it was harmless, and the next ones show it
            self._require_state(given, before)
            if self.number_now % GOOD_EVERY == 0:
                await self._edit(socket)
        except Closed:
            if not (given.closes or given.may_close):
                self._fail(given, "the server hung up")
            raise
        except (AssertionError, TimeoutError, KeyError, ValueError) as error:
            self._fail(given, f"{type(error).__name__}: {error}")
        finally:
            spent_s = time.perf_counter() - start
            tried.counts["refused" if given.closes or self._is_link(before) else "taken"] += 1
            if spent_s > tried.slowest_s:
                tried.slowest_s, tried.slowest = spent_s, self.number_now
            for complaint in self._complaints(written, errors):
                self._fail(given, complaint)

    def _is_link(self, before: str) -> bool:
        return "call" in self.parts and self.link == before

    def _complaints(self, written: int, errors: int) -> Iterator[str]:
        log = self.log.since(written)
        if any(words in log for words in TRACES):
            yield f"in the log: {log[-1500:]}"
        yield from (f"on the page: {alert}" for alert in self.alerts if OUR_MISTAKE in alert)
        yield from (f"on the page: {error}" for error in self.found.errors[errors:])
        del self.found.errors[errors:]

    def _fail(self, given: Message, error: str) -> None:
        tried = self.attack.of(given.kind)
        tried.failures.append(Failure(f"wire, {given.kind}", self.number_now, f"{given.data!r:.400}", error))

    def _require_state(self, given: Message, before: str) -> None:
        scenario, view = link.decode(self.link)
        known = [preset.scenario for preset in presets.PRESETS.values()]
        was = link.decode(before)[0]
        if given.effect == "nothing":
            assert self.link == before, f"{before} became {self.link}"
        if given.effect == "view":
            assert scenario in (was, *known), f"{before} became {self.link}"
        assert view.run is None, "a link that was gone back to asks for a measurement"

    async def _edit(self, socket: websockets.ClientConnection) -> None:
        """Axes that the link has after it, and that no message here has."""
        self.attack.good_edits += 1
        self.asked += 1
        text = f"(0, {100 + self.asked % 800})"
        wish = {"number": self.asked, "kind": "typed", "place": "in_axes", "text": text}
        # A client of its own: a number that was taken before it is not taken again.
        state = requests(self.seen["call"], "a good one", [wish])
        await self._send(socket, Message("good edit", rerun(self._known(), state)))
        found: Scenario = link.decode(self.link)[0]
        assert repr(found.in_axes) == text, f"a good edit afterwards left {self.link}"
        wish = {"number": self.asked + 1, "kind": "typed", "place": "in_axes", "text": "0"}
        self.asked += 1
        state = requests(self.seen["call"], "a good one", [wish])
        await self._send(socket, Message("good edit", rerun(self._known(), state)))

    async def _send(self, socket: websockets.ClientConnection, given: Message) -> None:
        """Send it and take what comes of it; what no run answers is followed by something that one does."""
        try:
            await socket.send(given.data)
            if given.closes:
                with contextlib.suppress(TimeoutError):
                    while True:
                        await asyncio.wait_for(socket.recv(), 0.5)
            if not given.is_answered:
                await socket.send(rerun(self._known()))
            await self._until_finished(socket)
        except websockets.ConnectionClosed as error:
            raise Closed from error

    async def _until_finished(self, socket: websockets.ClientConnection) -> None:
        while True:
            found = self._uncached(ForwardMsg.FromString(await asyncio.wait_for(socket.recv(decode=False), ANSWER_S)))
            self._take(found)
            early = found.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if found.WhichOneof("type") == "script_finished" and not early:
                return

    def _take(self, found: ForwardMsg) -> None:
        super()._take(found)
        if found.WhichOneof("type") == "new_session":
            self.session = found.new_session.initialize.session_id
        if found.WhichOneof("type") == "delta" and found.delta.new_element.WhichOneof("type") == "alert":
            self.alerts.append(found.delta.new_element.alert.body)


class Bystander(Editor):
    """Edits cells, and looks whether they are what was typed."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """Go on until the block is left."""
        while True:
            await asyncio.sleep(self.plan.think_s)
            part = self.parts[ARRAYS]
            wish = self.wish()
            await self.run(socket, self.found.edit, self.found.edit_until, fragment=part.fragment, wish=wish)
            table = next(one for one in self.parts[ARRAYS].data["tables"] if one["name"] == wish["array"])
            row, column = wish["index"]
            if table["cells"][row * table["shape"][1] + column] != wish["text"]:
                self.found.errors.append(f"{wish} was not done")


def attacked(url: str, log: Path, seed: int, count: int) -> Attack:
    """So many messages to a server whose log that is, from one session on each view, one after the other."""
    attack = Attack()
    asyncio.run(_attack(url, Log(log), seed, count, attack))
    return attack


async def _attack(url: str, log: Log, seed: int, count: int, attack: Attack) -> None:
    bystander = asyncio.create_task(Bystander(Plan(url, ("",), think_s=0.5), 0, attack.bystander).stay())
    own = Attack(attack.tried)
    for place, view in enumerate(VIEWS):
        numbers = range(count * place // len(VIEWS), count * (place + 1) // len(VIEWS))
        await Attacker(Plan(url, (f"view={view}",)), 0, own, log, seed, numbers).stay()
        if bystander.done():
            break
    if bystander.done():
        attack.bystander.errors.append("the other visitor was thrown out")
    bystander.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await bystander
    attack.good_edits = own.good_edits
    attack.bystander.errors += own.bystander.errors

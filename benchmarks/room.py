"""A workshop of 200 in one room: ``python -m benchmarks.room``.

Starts the app with rooms on two lessons. So many participants ask for their state once a second, as their pages do, and
vote in each vote; the leader moves through a lesson again and again. Prints how long it takes until a change has
reached all of them (from the leader's act to each one's next answer: asking once a second is most of it), whether a
vote was lost, and what a visitor of the app beside them waits for an edit, against the same visitor alone.
"""

import argparse
import asyncio
import http.client
import json
import random
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.load import query
from benchmarks.machine import conditions
from benchmarks.server import serving
from benchmarks.visitors import Latencies, Plan, percentile_ms, visit
from vmapdemo.room.acts import Phase
from vmapdemo.room.routes import PATH, SECRET, TOKEN

PEOPLE, LESSONS, EDITS, THINK_S = 200, 3, 40, 0.5
EVERY_S, SPREAD_S = 0.85, 0.3
"""As the participants' page asks (vmapdemo/room/pages/page.js)."""
SETTLE_S = 2.5
"""So long the leader waits between two acts: longer than anybody takes to ask again."""
WAY = (Phase.CLOSED, Phase.TALK, Phase.VOTE2, Phase.BARS, Phase.ANSWER, Phase.TWIN, Phase.TWIN_ANSWER, Phase.TRY)


@dataclass(slots=True)
class Heard:
    """What happened: when each version was made, how long each person took to hear of it, and what failed."""

    made_s: dict[int, float] = field(default_factory=dict)
    delays_s: list[float] = field(default_factory=list)
    slowest_s: dict[int, float] = field(default_factory=dict)
    votes: int = 0
    errors: list[str] = field(default_factory=list)

    def of(self, version: int) -> None:
        """Somebody has heard of this version now."""
        made_s = self.made_s.get(version)
        if made_s is not None:
            delay_s = time.perf_counter() - made_s
            self.delays_s.append(delay_s)
            self.slowest_s[version] = max(delay_s, self.slowest_s.get(version, 0.0))


class Client:
    """One kept connection to the server, from a thread of its own for each request."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._netloc, self._headers = urlsplit(url).netloc, {"Origin": url, **headers}
        self._connection = http.client.HTTPConnection(self._netloc, timeout=30)

    async def ask(self, method: str, path: str, told: Any = None, **headers: str) -> tuple[int, str, Any]:
        """Status, tag and JSON of an answer."""
        return await asyncio.to_thread(self._ask, method, path, told, headers)

    def _ask(self, method: str, path: str, told: Any, headers: Mapping[str, str]) -> tuple[int, str, Any]:
        body = None if told is None else json.dumps(told)
        named = {name.replace("_", "-"): text for name, text in headers.items() if text}
        kind = {} if told is None else {"Content-Type": "application/json"}
        self._connection.request(method, path, body, self._headers | named | kind)
        answer = self._connection.getresponse()
        received = answer.read()
        return answer.status, answer.getheader("ETag", ""), json.loads(received) if received else None


class Person:
    """Asks about once a second, and votes once in each vote."""

    def __init__(self, url: str, code: str, number: int, heard: Heard) -> None:
        self._client = Client(url, {TOKEN: secrets.token_urlsafe(24)})
        self._path, self._chance, self._heard = f"{PATH}/{code}", random.Random(number), heard
        self._tag, self._version, self._voted = "", 0, ""

    async def stay(self, until: asyncio.Event) -> None:
        """Until the session is over."""
        await asyncio.sleep(self._chance.uniform(0, EVERY_S))
        while not until.is_set():
            status, tag, state = await self._client.ask("GET", f"{self._path}/state", If_None_Match=self._tag)
            if status == 200:
                await self._take(tag, state)
            elif status != 304:
                self._heard.errors.append(f"state: {status}")
            await asyncio.sleep(EVERY_S + self._chance.uniform(0, SPREAD_S))

    async def _take(self, tag: str, state: Any) -> None:
        self._tag = tag
        if state["version"] != self._version:
            self._version = state["version"]
            self._heard.of(self._version)
        if state["ballot"] and state["ballot"] != self._voted:
            self._voted = state["ballot"]
            letter = self._chance.choice(state["question"]["options"])["letter"]
            told = {"ballot": self._voted, "letter": letter}
            status, self._tag, _ = await self._client.ask("POST", f"{self._path}/vote", told)
            if status == 200:
                self._heard.votes += 1
            else:
                self._heard.errors.append(f"vote: {status}")


class Leader:
    """Moves the room on, and knows how many votes it has counted."""

    def __init__(self, url: str, heard: Heard) -> None:
        self._client, self._heard = Client(url, {SECRET: secrets.token_urlsafe(24)}), heard
        self.code, self.counted, self._version, self._total = "", 0, 1, 0

    async def open(self) -> None:
        """Open a room."""
        _, _, told = await self._client.ask("POST", f"{PATH}/open", {})
        self.code = told["code"]

    async def lead(self, lessons: int) -> None:
        """So many times through a lesson."""
        for _ in range(lessons):
            await self._act("lesson", 0)
            for step in WAY:
                await self._act(step)
                if step in (Phase.CLOSED, Phase.BARS, Phase.TWIN_ANSWER):
                    self.counted += self._total

    async def _act(self, name: str, lesson: int | None = None) -> None:
        told = {"act": name, "lesson": lesson, "version": self._version}
        self._heard.made_s[self._version + 1] = time.perf_counter()
        status, _, state = await self._client.ask("POST", f"{PATH}/{self.code}/act", told)
        if status != 200:
            raise RuntimeError(f"{name}: {state}")
        self._version = state["version"]
        self._total = list(state["counts"].values())[-1]["total"] if state["counts"] else 0
        await asyncio.sleep(SETTLE_S)


async def session(url: str, people: int, lessons: int) -> tuple[Heard, Leader]:
    """A room with so many people, through so many lessons."""
    # Each request waits in a thread.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(people + 2))
    heard, over = Heard(), asyncio.Event()
    leader = Leader(url, heard)
    await leader.open()
    staying = [asyncio.create_task(Person(url, leader.code, number, heard).stay(over)) for number in range(people)]
    await asyncio.sleep(SETTLE_S)
    await leader.lead(lessons)
    over.set()
    await asyncio.gather(*staying)
    return heard, leader


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--lessons", type=int, default=LESSONS)
    parser.add_argument("--edits", type=int, default=EDITS)
    chosen = parser.parse_args()
    print(conditions("streamlit"))
    with serving("benchmarks/workshop.py") as server:
        plan = Plan(server.url, (query(4, 5),), edits=chosen.edits, think_s=THINK_S)
        visit(Plan(server.url, (query(4, 5),), edits=5))
        alone = visit(plan)
        (heard, leader), beside = asyncio.run(_both(server.url, chosen.people, chosen.lessons, plan))
    p50, p95 = (percentile_ms(heard.delays_s, percent) for percent in (50, 95))
    print(f"{'a change has reached a participant':44} p50 {p50:5.0f} ms, p95 {p95:5.0f} ms")
    print(f"{'a change has reached all, p95 of changes':44} {percentile_ms(heard.slowest_s.values(), 95):9.0f} ms")
    print(f"{'votes sent, counted, lost':44} {heard.votes}, {leader.counted}, {heard.votes - leader.counted}")
    for what, found in (("an edit beside it", beside), ("the same without it", alone)):
        print(f"{what:44} p50 {percentile_ms(found.edit, 50):5.0f} ms, p95 {percentile_ms(found.edit, 95):5.0f} ms")
    for error in sorted({*heard.errors, *alone.errors, *beside.errors})[:5]:
        print(f"  {error}")


async def _both(url: str, people: int, lessons: int, plan: Plan) -> tuple[tuple[Heard, Leader], Latencies]:
    """The session, and the visitor of the app beside it, in a thread with a loop of its own."""
    visiting = asyncio.create_task(_in_thread(plan))
    return await session(url, people, lessons), await visiting


async def _in_thread(plan: Plan) -> Latencies:
    await asyncio.sleep(2 * SETTLE_S)
    return await asyncio.to_thread(visit, plan)


if __name__ == "__main__":
    main()

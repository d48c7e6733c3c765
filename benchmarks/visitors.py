"""Visitors of a Streamlit page, over its own WebSocket protocol: each does what it came for and waits for the answer.

Bounded in visitors, edits and time, and meant for a server on this machine alone.
"""

import asyncio
import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

ARRAYS = "arrays"
"""The key of the part that is edited."""

MAX_VISITORS, MAX_EDITS, TIMEOUT_S = 200, 500, 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Who comes and what they do: ``queries`` are given out in turn; ``until`` are the keys of what is waited for."""

    url: str
    queries: tuple[str, ...]
    visitors: int = 1
    edits: int = 50
    think_s: float = 0.2
    ramp_s: float = 0.0
    until: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not (1 <= self.visitors <= MAX_VISITORS and 0 <= self.edits <= MAX_EDITS):
            raise ValueError(f"at most {MAX_VISITORS} visitors and {MAX_EDITS} edits")
        if urlsplit(self.url).hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("only a server on this machine is visited")


@dataclass(slots=True)
class Latencies:
    """Seconds from the visitor's message to the end of the run, and to the moment when all of ``until`` had come."""

    first: list[float] = field(default_factory=list)
    first_until: list[float] = field(default_factory=list)
    edit: list[float] = field(default_factory=list)
    edit_until: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def percentile_ms(seconds: Iterable[float], percent: float) -> float:
    """A percentile in milliseconds, NaN where there is nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return float("nan")
    return 1e3 * ordered[min(len(ordered) - 1, int(percent / 100 * len(ordered)))]


def visit(plan: Plan) -> Latencies:
    """Let all visitors of the plan come, and return what they saw."""
    found = Latencies()
    asyncio.run(_all(plan, found))
    return found


async def _all(plan: Plan, found: Latencies) -> None:
    await asyncio.gather(*(Editor(plan, number, found).stay() for number in range(plan.visitors)))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page that JavaScript draws: its data, and the fragment it stands in ("": in none)."""

    identity: str
    data: Any
    fragment: str


class Visitor(ABC):
    """One session: what the page's widgets are, what was changed in them, and which messages the client has cached.

    What it does between coming and leaving is its `do`.
    """

    def __init__(self, plan: Plan, number: int, found: Latencies) -> None:
        self.plan, self.number, self.found = plan, number, found
        self.random = random.Random(number)
        self.query = plan.queries[number % len(plan.queries)]
        self.page = ""
        self.parts: dict[str, Part] = {}
        self.asked = 0
        self.cached: dict[str, ForwardMsg] = {}
        self.seen: dict[str, str] = {}
        self.drawn: set[str] = set()
        self.kinds: set[str] = set()
        self.self_drawing = ""

    @abstractmethod
    async def do(self, socket: websockets.ClientConnection) -> None:
        """What the visitor came for."""

    async def headers(self) -> dict[str, str]:
        """What its browser sends besides when it connects."""
        return {}

    async def stay(self) -> None:
        """Come, look, do it, and leave; what goes wrong is written down."""
        await asyncio.sleep(self.plan.ramp_s * self.number / self.plan.visitors)
        address = urlsplit(self.plan.url)
        try:
            async with websockets.connect(
                f"ws://{address.netloc}/_stcore/stream",
                subprotocols=[websockets.Subprotocol("streamlit")],
                origin=websockets.Origin(f"http://{address.netloc}"),
                additional_headers=await self.headers(),
                max_size=None,
                compression=None,
            ) as socket:
                await self.run(socket, self.found.first, self.found.first_until)
                await self.do(socket)
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            self.found.errors.append(f"{type(error).__name__}: {error}")

    async def run(
        self,
        socket: websockets.ClientConnection,
        whole: list[float],
        until: list[float],
        *,
        press: str = "",
        fragment: str = "",
        wish: dict[str, Any] | None = None,
    ) -> None:
        """Have the page, or a fragment of it, run; `press` is a button's key, `wish` what is asked of the arrays."""
        pressed = self.seen.get(press, "")
        self.drawn, self.kinds, self.self_drawing, reached = set(), set(), "", None
        if not fragment:
            self.seen, self.parts = {}, {}
        start = time.perf_counter()
        await socket.send(self._request(pressed, fragment, wish))
        while True:
            data = await asyncio.wait_for(socket.recv(decode=False), TIMEOUT_S)
            message = self._uncached(ForwardMsg.FromString(data))
            self._take(message)
            if reached is None and self.plan.until <= self.drawn:
                reached = time.perf_counter() - start
            # A run that ended early begins anew at once: the answer comes with that one.
            early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if message.WhichOneof("type") == "script_finished" and not early:
                break
        if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self.self_drawing = fragment
        whole.append(time.perf_counter() - start)
        if reached is not None:
            until.append(reached)

    def _request(self, pressed: str, fragment: str, wish: dict[str, Any] | None = None) -> bytes:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash, rerun.fragment_id = self.query, self.page, fragment
        rerun.cached_message_hashes.extend(self.cached)
        rerun.context_info.url = self.plan.url
        if wish is not None:
            rerun.widget_states.widgets.append(self._wish(wish))
        if pressed:
            rerun.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        request: bytes = message.SerializeToString()
        return request

    def _wish(self, wish: dict[str, Any]) -> WidgetState:
        """What the page's script sends for a wish; its number has to grow."""
        self.asked += 1
        value = {"client": f"visitor {self.number}", "requests": [{"number": self.asked, **wish}]}
        identity = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{self.parts[ARRAYS].identity}__events"
        return WidgetState(id=identity, json_trigger_value=json.dumps([{"event": "requests", "value": value}]))

    def _uncached(self, message: ForwardMsg) -> ForwardMsg:
        if message.WhichOneof("type") == "ref_hash":
            return self.cached[message.ref_hash]
        if message.metadata.cacheable:
            self.cached[message.hash] = message
        return message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "new_session":
            self.page = message.new_session.page_script_hash
        elif kind == "auto_rerun":
            self.self_drawing = message.auto_rerun.fragment_id
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take_element(message)

    def _take_element(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        name = element.WhichOneof("type")
        content = getattr(element, name or "empty")
        if name == "exception":
            self.found.errors.append(f"{content.type}: {content.message}")
        identity = getattr(content, "id", "")
        # Identities look like $$ID-<hash>-<key>.
        key = identity.split("-", 2)[-1]
        self.seen[key] = identity
        self.drawn.add(key)
        self.kinds.add(name or "")
        if name == "bidi_component":
            self.parts[key] = Part(identity, _only(json.loads(content.json or "[]")), message.delta.fragment_id)


def _only(data: Any) -> Any:
    """What a part draws: the page gives it as the one entry of a list, the empty page as it is."""
    return data[0] if isinstance(data, list) and data else data


class Editor(Visitor):
    """Edits cells of the page's arrays, and thinks in between."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """As many edits as planned."""
        for _ in range(self.plan.edits):
            await asyncio.sleep(self.plan.think_s * self.random.uniform(0.5, 1.5))
            fragment = self.parts[ARRAYS].fragment
            await self.run(socket, self.found.edit, self.found.edit_until, fragment=fragment, wish=self.wish())

    def wish(self) -> dict[str, Any]:
        """A different digit in a random cell of a random argument."""
        table = self.random.choice([table for table in self.parts[ARRAYS].data["tables"] if table["name"] != "result"])
        index = [self.random.randrange(size) for size in table["shape"]]
        text = str(self.random.randrange(10))
        return {"kind": "cell", "array": table["name"], "index": index, "text": text}


def axis_wish(number: int) -> dict[str, Any]:
    """One axis of the first argument, then the other."""
    return {"kind": "axis", "array": "x_batch", "axis": number % 2}


class AxisChooser(Editor):
    """Chooses one axis after the other at the handles, of arguments of the same sizes."""

    def wish(self) -> dict[str, Any]:
        """The other axis of the first argument: the call fails, and runs again."""
        return axis_wish(self.asked)


class Reloader(Editor):
    """Has the whole page drawn, again and again."""

    async def do(self, socket: websockets.ClientConnection) -> None:
        """As many runs as planned."""
        for _ in range(self.plan.edits):
            await asyncio.sleep(self.plan.think_s * self.random.uniform(0.5, 1.5))
            await self.run(socket, self.found.edit, self.found.edit_until)

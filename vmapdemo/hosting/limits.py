"""Nobody starves anybody: how often one connection may ask, and one address open connections or upload.

What comes too fast waits, so that a hurried visitor slows nobody else; who sends on and on meanwhile is shut out.

A class behind one address has to find room: the limits for an address are for some hundred visitors who arrive at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from vmapdemo.hosting import metrics
from vmapdemo.hosting.address import origin
from vmapdemo.hosting.bucket import Allowance, Buckets, TokenBucket
from vmapdemo.hosting.uvicorn_internals import hang_up
from vmapdemo.room.routes import PATH as ROOMS_PATH

PACE = Allowance(rate_per_s=5.0, burst=15.0)
"""How soon messages of one connection go on to the page; sooner than anybody works for long, and later ones wait."""

MESSAGES = Allowance(rate_per_s=PACE.rate_per_s, burst=150.0)
"""How many may wait before the connection is closed: half a minute of a page that was asked in great haste."""

TOKEN_BYTES = 4_096
"""A longer message costs a token more for each of these: reading and answering it takes as long as another run."""

OPENINGS = Allowance(rate_per_s=5.0, burst=400.0)
"""Connections from one address: also those that are opened again after a flood."""

FLOOD_COST = 100.0
"""So many openings is a flood worth: after some an address is kept out, but for one in a while."""

UPLOADS = Allowance(rate_per_s=0.5, burst=60.0)
"""Files from one address, each of a megabyte at most (``server.maxUploadSize``)."""

ROOMS = Allowance(rate_per_s=500.0, burst=2_000.0)
"""Requests of rooms from one address: 200 people ask about once a second, and may all vote in the same one."""

ROOM_OPENINGS = Allowance(rate_per_s=1 / 60, burst=20.0)
"""Rooms opened from one address: there is place for 50 in all."""

STANDSTILL_S = 1.0
POLICY_VIOLATION = 1008
TOO_MANY = "Too many {} at once. Wait a moment and reload the page."

_log = logging.getLogger(__name__)


class Limits:
    """Middleware that closes a connection which floods, with 1008, and answers 429 where an address asks too often."""

    def __init__(
        self,
        app: ASGIApp,
        messages: Allowance = MESSAGES,
        pace: Allowance = PACE,
        openings: Allowance = OPENINGS,
        uploads: Allowance = UPLOADS,
        rooms: Allowance = ROOMS,
        room_openings: Allowance = ROOM_OPENINGS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._clock = app, clock
        self._messages, self._pace = messages, pace
        self._openings, self._uploads = Buckets(openings, clock), Buckets(uploads, clock)
        self._rooms, self._room_openings = Buckets(rooms, clock), Buckets(room_openings, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        kind = scope["type"]
        if kind == "websocket" and not self._openings.take(_origin(scope)):
            metrics.REFUSED.labels("openings").inc()
            await WebSocket(scope, receive, send).send_denial_response(_refusal("connections"))
        elif kind == "websocket":
            buckets = TokenBucket(self._messages, self._clock), TokenBucket(self._pace, self._clock)
            connection = _Connection(*buckets, scope, receive, send)
            await connection.serve(self._app)
            if connection.has_flooded:
                self._openings.fine(_origin(scope), FLOOD_COST)
        elif kind == "http" and (what := self._excess(scope)):
            metrics.REFUSED.labels(what).inc()
            await _refusal(what)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _excess(self, scope: Scope) -> str | None:
        """What an address asks for too often with this request, if it does."""
        is_sent = scope["method"] in ("PUT", "POST")
        if scope["path"].startswith(f"{ROOMS_PATH}/"):
            what, buckets = "room requests", self._rooms
            if is_sent and scope["path"].endswith("/open"):
                what, buckets = "rooms", self._room_openings
        elif is_sent:
            what, buckets = "uploads", self._uploads
        else:
            return None
        return None if buckets.take(_origin(scope)) else what


class _Connection:
    """One WebSocket, whose messages cost tokens."""

    def __init__(self, messages: TokenBucket, pace: TokenBucket, scope: Scope, receive: Receive, send: Send) -> None:
        self._messages, self._pace = messages, pace
        self._scope, self._receive, self._send = scope, receive, send
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self.has_flooded = False

    async def serve(self, app: ASGIApp) -> None:
        """Run the application on what comes, as soon as its turn has come."""
        reading = asyncio.create_task(self._read())
        try:
            await app(self._scope, self._next, self._send_on)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self) -> None:
        """Take all messages as they come, until the last; those that still wait then are not read by anybody."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.receive" and not self._messages.take(_cost(message)):
                message = await self._shut_out()
            if message["type"] == "websocket.disconnect":
                while not self._waiting.empty():
                    self._waiting.get_nowait()
            self._waiting.put_nowait(message)
            if message["type"] == "websocket.disconnect":
                return

    async def _shut_out(self) -> Message:
        self.has_flooded = True
        metrics.REFUSED.labels("messages").inc()
        _log.warning("A connection was closed: it sent too many messages.")
        # Nothing is read meanwhile: a sender who comes to a stop listens, and hears why.
        await asyncio.sleep(STANDSTILL_S)
        reason = TOO_MANY.format("messages")
        await self._send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        hang_up(self._scope, STANDSTILL_S)
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION, "reason": reason}

    async def _next(self) -> Message:
        message = await self._waiting.get()
        if message["type"] == "websocket.receive":
            await asyncio.sleep(self._pace.owe(_cost(message)))
        return message

    async def _send_on(self, message: Message) -> None:
        """Send it, unless the connection was closed: the page may not know it yet."""
        if not self.has_flooded:
            await self._send(message)


def _cost(message: Mapping[str, Any]) -> float:
    return 1 + len(message.get("bytes") or message.get("text") or "") // TOKEN_BYTES


def _origin(scope: Scope) -> str:
    client = scope.get("client")
    return origin(client[0] if client else None)


def _refusal(what: str) -> PlainTextResponse:
    return PlainTextResponse(TOO_MANY.format(what), 429, {"Retry-After": "10"})

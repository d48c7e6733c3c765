"""Nobody starves anybody: how often one connection may ask, and one address open connections or upload.

A class behind one address has to find room: the limits for an address are for some hundred visitors who arrive at once.
"""

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

MESSAGES = Allowance(rate_per_s=12.0, burst=120.0)
"""Of one connection. A view that looks after a measurement sends 3 a second, and a hasty typist 10."""

TOKEN_BYTES = 16_384
"""A longer message costs a token more for each of these: reading it takes as long as another run."""

OPENINGS = Allowance(rate_per_s=5.0, burst=400.0)
"""Connections from one address: also those that are opened again after a flood."""

UPLOADS = Allowance(rate_per_s=0.5, burst=60.0)
"""Files from one address, each of a megabyte at most (``server.maxUploadSize``)."""

POLICY_VIOLATION = 1008
TOO_MANY = "Too many {} at once. Wait a moment and reload the page."

_log = logging.getLogger(__name__)


class Limits:
    """Middleware that closes a connection which floods, with 1008, and answers 429 where an address asks too often."""

    def __init__(
        self,
        app: ASGIApp,
        messages: Allowance = MESSAGES,
        openings: Allowance = OPENINGS,
        uploads: Allowance = UPLOADS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._messages, self._clock = app, messages, clock
        self._openings, self._uploads = Buckets(openings, clock), Buckets(uploads, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        kind = scope["type"]
        if kind == "websocket" and not self._openings.take(_origin(scope)):
            metrics.REFUSED.labels("openings").inc()
            await WebSocket(scope, receive, send).send_denial_response(_refusal("connections"))
        elif kind == "websocket":
            connection = _Connection(TokenBucket(self._messages, self._clock), receive, send)
            await self._app(scope, connection.receive, connection.send)
        elif kind == "http" and scope["method"] in ("PUT", "POST") and not self._uploads.take(_origin(scope)):
            metrics.REFUSED.labels("uploads").inc()
            await _refusal("uploads")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Connection:
    """One WebSocket, whose messages cost tokens."""

    def __init__(self, bucket: TokenBucket, receive: Receive, send: Send) -> None:
        self._bucket, self._receive, self._send = bucket, receive, send
        self._is_closed = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive" or self._bucket.take(_cost(message)):
            return message
        self._is_closed = True
        metrics.REFUSED.labels("messages").inc()
        _log.warning("A connection was closed: it sent too many messages.")
        reason = TOO_MANY.format("messages")
        await self._send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION, "reason": reason}

    async def send(self, message: Message) -> None:
        """Send it, unless the connection was closed: the page may not know it yet."""
        if not self._is_closed:
            await self._send(message)


def _cost(message: Mapping[str, Any]) -> float:
    return 1 + len(message.get("bytes") or message.get("text") or "") // TOKEN_BYTES


def _origin(scope: Scope) -> str:
    client = scope.get("client")
    return origin(client[0] if client else None)


def _refusal(what: str) -> PlainTextResponse:
    return PlainTextResponse(TOO_MANY.format(what), 429, {"Retry-After": "10"})

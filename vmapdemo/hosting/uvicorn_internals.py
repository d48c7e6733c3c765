"""What is used of uvicorn beyond ASGI: the transport of a connection, to stop reading what a flood sends.

After a close frame uvicorn reads on for 10 s, and throws away what it reads: a sender who does not listen keeps it busy
for all of them (8 s of processor time were measured). With another server, or another uvicorn, it does just that.
"""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

TRANSPORT = "vmapdemo.transport"
"""The key in a scope."""


class Transports:
    """Middleware, the outermost, that puts the transport into the scope where the server's `send` tells it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] == "websocket":
            scope = {**scope, TRANSPORT: _transport_of(send)}
        await self._app(scope, receive, send)


def _transport_of(send: Send) -> asyncio.Transport | None:
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if isinstance(transport, asyncio.Transport) else None


def hang_up(scope: Scope, after_s: float) -> None:
    """Read nothing more from a connection, and end it in so many seconds, when its close has been heard."""
    transport = scope.get(TRANSPORT)
    if transport is not None:
        transport.pause_reading()
        asyncio.get_running_loop().call_later(after_s, transport.abort)

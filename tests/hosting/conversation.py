"""One request or connection to an ASGI application, played through without a server."""

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def websocket(client: str = "192.0.2.1", headers: Iterable[tuple[bytes, bytes]] = ()) -> Scope:
    """The scope of a page's connection."""
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    return {
        "type": "websocket",
        "path": "/_stcore/stream",
        "client": (client, 50_000),
        "headers": list(headers),
        "extensions": extensions,
    }


def http(path: str = "/", method: str = "GET", client: str = "192.0.2.1") -> Scope:
    """The scope of a request."""
    return {"type": "http", "path": path, "method": method, "client": (client, 50_000), "headers": []}


def play(app: ASGIApp, scope: Scope, messages: Iterable[Message] = ()) -> list[Message]:
    """What the application sends while it is given these messages, and then the end of the connection."""
    waiting = [*messages, {"type": "websocket.disconnect", "code": 1001}]
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0.002)  # as from a network: what came before is answered meanwhile
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a request with 200, and each message of a connection with itself, until it ends."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(scope["client"]).encode()})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "bytes": message["bytes"]})
    await send({"type": "websocket.send", "bytes": b"too late"})


def frames(count: int, size: int = 10) -> list[Message]:
    """So many messages of a browser, each of so many bytes."""
    return [{"type": "websocket.receive", "bytes": b"x" * size}] * count

"""With the uvicorn that runs the page, and with a server that tells nothing."""

import asyncio
from typing import Any

import uvicorn
import websockets
from starlette.types import Receive, Scope, Send

from tests.hosting.conversation import echo, play, websocket
from vmapdemo.hosting.uvicorn_internals import TRANSPORT, Transports, hang_up


async def _connect_to(app: Any) -> int:
    """Connect to the application on a real server, send until it ends, and return the code of its close."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="websockets-sansio", log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with websockets.connect(f"ws://127.0.0.1:{port}/") as socket:
        try:
            while True:
                await socket.send(b"x" * 1000)
                await asyncio.sleep(0)
        except websockets.ConnectionClosed:
            code = socket.close_code or 0
    server.should_exit = True
    await serving
    return code


def test_a_connection_that_is_hung_up_is_read_no_more_and_ends() -> None:
    seen: list[asyncio.Transport] = []

    async def close(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[TRANSPORT])
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1008})
        hang_up(scope, after_s=0.2)
        assert not seen[0].is_reading()
        while not seen[0].is_closing():
            await asyncio.sleep(0.01)

    assert asyncio.run(_connect_to(Transports(close))) == 1008
    assert isinstance(seen[0], asyncio.Transport)


def test_a_server_that_tells_no_transport_is_left_to_close_itself() -> None:
    scopes: list[Scope] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        hang_up(scope, after_s=0)
        await echo(scope, receive, send)

    assert play(Transports(look), websocket())[0]["type"] == "websocket.accept"
    assert scopes[0][TRANSPORT] is None

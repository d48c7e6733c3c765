"""Two messages of one visitor over the real WebSocket, the second while the callback of the first is at work."""

import asyncio
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.server import serve
from benchmarks.visitors import Latencies, Plan, Visitor
from tests.views.slow_buttons import BUTTONS

SCRIPT = Path(__file__).with_name("slow_buttons.py")
APART_S = 0.1
# Far longer than both callbacks: reached only where a press was lost.
PATIENCE_S = 10.0


class Presser(Visitor):
    """Presses one button after the other without waiting for an answer, and reads how many presses have counted."""

    texts: tuple[str, ...] = ()

    async def do(self, socket: websockets.ClientConnection) -> None:
        pressed = [self.seen[key] for key in BUTTONS]
        for identity in pressed:
            await socket.send(self._request(identity, ""))
            await asyncio.sleep(APART_S)
        async with asyncio.timeout(PATIENCE_S):
            while f"pressed {len(BUTTONS)}" not in self.texts:
                self._take(self._uncached(ForwardMsg.FromString(await socket.recv(decode=False))))

    def _take_element(self, message: Any) -> None:
        super()._take_element(message)
        element = message.delta.new_element
        if element.WhichOneof("type") == "text":
            self.texts = (*self.texts, element.text.body)


def test_both_of_two_quick_presses_count() -> None:
    with serve(str(SCRIPT)) as url:
        presser = Presser(Plan(url, ("",)), 0, Latencies())
        asyncio.run(presser.stay())
    assert presser.found.errors == []
    assert presser.texts[-1] == f"pressed {len(BUTTONS)}", presser.texts

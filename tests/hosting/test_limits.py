import asyncio
import time

import pytest
from starlette.types import Message

from tests.hosting.conversation import echo, frames, http, play, websocket
from vmapdemo.hosting.bucket import Allowance
from vmapdemo.hosting.limits import FLOOD_COST, TOKEN_BYTES, Limits

FEW = Allowance(rate_per_s=0, burst=3)
MANY = Allowance(rate_per_s=1, burst=1000)


def limits(messages: Allowance = MANY, openings: Allowance = MANY, uploads: Allowance = MANY) -> Limits:
    return Limits(echo, messages, MANY, openings, uploads, clock=lambda: 0.0)


def test_a_flood_is_closed_with_1008_and_hears_nothing_more() -> None:
    sent = play(limits(messages=FEW), websocket(), frames(10))
    assert [message["type"] for message in sent] == ["websocket.accept", *["websocket.send"] * 3, "websocket.close"]
    assert sent[-1]["code"] == 1008
    assert "Too many messages" in sent[-1]["reason"]


def test_what_comes_too_fast_waits_for_its_turn_and_none_is_lost() -> None:
    sent: list[Message] = []
    waiting = frames(5)

    async def receive() -> Message:
        while not waiting and len(sent) < 1 + 5:
            await asyncio.sleep(0.001)
        return waiting.pop() if waiting else {"type": "websocket.disconnect", "code": 1001}

    async def send(message: Message) -> None:
        sent.append(message)

    begun_s = time.monotonic()
    app = Limits(echo, MANY, Allowance(rate_per_s=40, burst=1), MANY, MANY)
    asyncio.run(app(websocket(), receive, send))
    assert [message["type"] for message in sent[1:6]] == ["websocket.send"] * 5
    assert time.monotonic() - begun_s >= 4 / 40


def test_each_connection_has_its_own_allowance() -> None:
    app = limits(messages=FEW)
    for _ in range(2):
        assert play(app, websocket(), frames(3))[-1] == {"type": "websocket.send", "bytes": b"too late"}


def test_a_long_message_costs_more() -> None:
    sent = play(limits(messages=FEW), websocket(), frames(2, size=TOKEN_BYTES + 1))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]


def test_an_address_that_opens_too_often_is_refused_and_another_is_not() -> None:
    app = limits(openings=FEW)
    for _ in range(3):
        assert play(app, websocket())[0]["type"] == "websocket.accept"
    refused = play(app, websocket())
    assert (refused[0]["type"], refused[0]["status"]) == ("websocket.http.response.start", 429)
    assert play(app, websocket("192.0.2.2"))[0]["type"] == "websocket.accept"


def test_addresses_of_one_ipv6_network_are_one() -> None:
    app = limits(openings=Allowance(0, 1))
    assert play(app, websocket("2001:db8::1"))[0]["type"] == "websocket.accept"
    assert play(app, websocket("2001:db8::2"))[0]["type"] == "websocket.http.response.start"


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_uploads_are_counted_and_reading_is_not(method: str) -> None:
    app = limits(uploads=FEW)
    answers = [play(app, http(method=method))[0] for _ in range(4)]
    assert [answer["status"] for answer in answers] == [200, 200, 200, 429]
    assert (b"retry-after", b"10") in answers[-1]["headers"]
    assert [play(app, http())[0]["status"] for _ in range(10)] == [200] * 10


def test_an_address_that_floods_is_soon_kept_out() -> None:
    app = limits(messages=FEW, openings=Allowance(0, 2 * FLOOD_COST + 2))
    codes = [play(app, websocket(), frames(10))[-1].get("code") for _ in range(2)]
    assert codes == [1008, 1008]
    assert play(app, websocket())[0]["type"] == "websocket.http.response.start"
    assert play(app, websocket("192.0.2.2"))[0]["type"] == "websocket.accept"

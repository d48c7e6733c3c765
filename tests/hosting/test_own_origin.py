import pytest

from tests.hosting.conversation import echo, http, play, websocket
from vmapdemo.hosting.own_origin import OwnOrigin

APP = OwnOrigin(echo, others=frozenset({"courses.example.org"}))
HOST = (b"host", b"vmap.example.org:8080")


@pytest.mark.parametrize(
    ("origin", "answer"),
    [
        (b"https://vmap.example.org:8080", "websocket.accept"),
        (b"https://courses.example.org", "websocket.accept"),
        (b"http://localhost:8501", "websocket.accept"),
        (b"https://vmap.example.org", "websocket.http.response.start"),
        (b"https://evil.example.org", "websocket.http.response.start"),
        (b"null", "websocket.http.response.start"),
        (b"http://[", "websocket.http.response.start"),
    ],
)
def test_only_pages_of_this_server_and_of_those_that_are_listed_connect(origin: bytes, answer: str) -> None:
    sent = play(APP, websocket(headers=[HOST, (b"origin", origin)]))
    assert sent[0]["type"] == answer
    assert sent[0].get("status", 403) == 403


def test_who_is_no_page_says_no_origin() -> None:
    assert play(APP, websocket(headers=[HOST]))[0]["type"] == "websocket.accept"


def test_a_request_of_a_foreign_page_is_answered_as_one_of_no_page() -> None:
    seen: list[list[tuple[bytes, bytes]]] = []

    async def take(scope: dict[str, object], *_: object) -> None:
        seen.append(scope["headers"])  # type: ignore[arg-type]

    for origin in (b"https://evil.example.org", b"https://vmap.example.org:8080"):
        play(OwnOrigin(take), http() | {"headers": [HOST, (b"origin", origin)]})  # type: ignore[arg-type]
    assert seen == [[HOST], [HOST, (b"origin", b"https://vmap.example.org:8080")]]

"""Pages of a room without a browser: each asks the application, with a cookie jar of its own."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

HOST = "room.example.org"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: SimpleCookie

    @property
    def told(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Page:
    """One browser's page."""

    app: ASGIApp
    scheme: str = "http"
    takes_cookies: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **headers: str) -> Answer:
        """Ask for an address."""
        return self._ask("GET", address, b"", headers)

    def post(self, address: str, told: Any, body: bytes | None = None, **headers: str) -> Answer:
        """Send JSON, as a page of this server does; a header of None is left out."""
        usual = {"origin": f"{self.scheme}://{HOST}", "content_type": "application/json"}
        return self._ask("POST", address, json.dumps(told).encode() if body is None else body, usual | headers)

    def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        path, query = urlsplit(address).path, urlsplit(address).query
        sent = {"host": HOST} | {name.replace("_", "-"): text for name, text in headers.items() if text}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "scheme": self.scheme,
            "server": (HOST, 80),
            "client": ("192.0.2.1", 50_000),
            "headers": [(name.encode(), text.encode()) for name, text in sent.items()],
            "root_path": "",
        }
        started, received = asyncio.run(_played(self.app, scope, body))
        cookies = SimpleCookie()
        for name, text in started["headers"]:
            if name.lower() == b"set-cookie":
                cookies.load(text.decode())
        if self.takes_cookies:
            self.cookies |= {name: one.value for name, one in cookies.items()}
        found = {name.decode().lower(): text.decode() for name, text in started["headers"]}
        return Answer(started["status"], found, received, cookies)


async def _played(app: ASGIApp, scope: dict[str, Any], body: bytes) -> tuple[Message, bytes]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])

"""From where a visitor comes, as far as it can be known."""

import ipaddress
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = "127.0.0.1"
IPV6_PREFIX = 64
"""One visitor has all addresses of such a network."""


def origin(host: str | None) -> str:
    """What a visitor's limits are kept under: the IPv4 address, or the IPv6 network. None is this machine.

    >>> origin("192.0.2.7"), origin("2001:db8::1:2:3:4"), origin(None)
    ('192.0.2.7', '2001:db8::/64', '127.0.0.1')
    """
    try:
        address = ipaddress.ip_address(host or LOCAL)
    except ValueError:  # a proxy may write a name
        return str(host)[:64]
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False)) if not address.is_loopback else LOCAL


class OwnAddress:
    """Middleware for a server that no proxy stands before: what a visitor says of the address is not believed.

    Uvicorn believes X-Forwarded-For from this machine by default, and then gives port 0 or the one that stands there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with this machine's address where another was forwarded."""
        if scope["type"] in ("http", "websocket") and _is_forwarded(scope):
            scope = {**scope, "client": (LOCAL, 0)}
        await self._app(scope, receive, send)


def _is_forwarded(scope: Any) -> bool:
    return any(name == b"x-forwarded-for" for name, _ in scope["headers"])

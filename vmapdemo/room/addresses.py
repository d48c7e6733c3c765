"""Where others reach this server: on a laptop its address in the local network, since localhost is each one's own."""

import io
import socket
from urllib.parse import urlsplit

import segno

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
_ELSEWHERE = ("192.0.2.1", 9)
"""An address that no machine has (RFC 5737). Nothing is sent to it."""


def lan_address() -> str | None:
    """This machine's address in the network that leads elsewhere; None if it is in none.

    To connect a datagram socket chooses a route and sends nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address in LOCAL_HOSTS else address


def reachable(base: str) -> str:
    """The base of an address, as others have to write it.

    >>> reachable("https://vmap.example.org/app")
    'https://vmap.example.org/app'
    """
    asked = urlsplit(base)
    own = lan_address() if asked.hostname in LOCAL_HOSTS else None
    if own is None:
        return base
    port = f":{asked.port}" if asked.port else ""
    return asked._replace(netloc=f"{own}{port}").geturl()


def qr(address: str) -> bytes:
    """The address as a QR code: an SVG, dark on white with the quiet zone that cameras need."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return drawn.getvalue()

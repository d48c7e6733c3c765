"""Headers that tell a browser what this page never does, on every answer."""

import base64
import hashlib
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    "default-src": "'none'",
    # Streamlit's page loads its modules from here, and those of drawn components from blobs.
    "script-src": "'self' blob:",
    # Streamlit writes its styles, and Plotly those of its charts, while they run.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    # Those of formulas come inside a style sheet.
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "object-src": "'none'",
}
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # A link holds what its visitor typed.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}


class Headers:
    """Middleware that sets them.

    ``frame_ancestors``: the origins whose pages may show this one in a frame. ``inline_scripts``: those that stand in
    the page itself and may run.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str, inline_scripts: Sequence[str] = ()) -> None:
        self._app = app
        scripts = " ".join([POLICY["script-src"], *map(_hash, inline_scripts)])
        policy = POLICY | {"script-src": scripts, "frame-ancestors": frame_ancestors}
        self._headers = ALWAYS | {
            "Content-Security-Policy": "; ".join(f"{what} {sources}" for what, sources in policy.items())
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, an answer with the headers."""

        async def sent(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, sent if scope["type"] in ("http", "websocket") else send)


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class Private:
    """Middleware that hides what is not for visitors: Streamlit's own metrics."""

    def __init__(self, app: ASGIApp, paths: tuple[str, ...] = ("/_stcore/metrics",)) -> None:
        self._app, self._paths = app, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404 for those paths, under whatever base they are asked for."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(self._paths):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)

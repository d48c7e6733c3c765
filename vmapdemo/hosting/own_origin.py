"""Pages of other sites cannot connect, and cost nothing.

Streamlit refuses them too, but asks a server on the internet for its own address first, and answers nobody meanwhile.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class OwnOrigin:
    """Middleware that refuses a WebSocket of a foreign page with 403, and lets its requests be without an origin.

    ``others``: the hosts whose pages may connect although the server is asked under a different name.
    """

    def __init__(self, app: ASGIApp, others: frozenset[str] = frozenset()) -> None:
        self._app, self._allowed = app, others | LOCAL_HOSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from a page of this server, or from no page."""
        if scope["type"] not in ("http", "websocket") or not self._is_foreign(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(PlainTextResponse("Foreign origin.", 403))
        else:
            headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
            await self._app({**scope, "headers": headers}, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return False
        try:
            page = urlsplit(origin)
            return page.netloc != headers.get("host") and page.hostname not in self._allowed
        except ValueError:
            return True

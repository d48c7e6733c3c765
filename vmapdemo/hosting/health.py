"""Whether the process is alive, and whether visitors may be sent to it: two questions with two answers."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LIVE, READY = "/healthz", "/readyz"
NO_CACHE = {"Cache-Control": "no-store"}


class Health:
    """Ready from the end of the warm-up to the beginning of the shut-down; alive whenever it answers."""

    def __init__(self) -> None:
        self.is_ready = False

    @property
    def routes(self) -> list[Route]:
        """The addresses to ask: 200, or 503 for a process that is not ready."""
        return [Route(LIVE, self._live), Route(READY, self._ready)]

    async def _live(self, _: Request) -> Response:
        return PlainTextResponse("alive", headers=NO_CACHE)

    async def _ready(self, _: Request) -> Response:
        if self.is_ready:
            return PlainTextResponse("ready", headers=NO_CACHE)
        return PlainTextResponse("not ready", 503, NO_CACHE)

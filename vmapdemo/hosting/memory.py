"""The page's process stays below a ceiling: beyond it the programs that JAX keeps are dropped."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from vmapdemo.compiled import forget_programs, resident_bytes
from vmapdemo.hosting import metrics

MOST_BYTES = 450_000_000
"""After the warm-up it has 350 MB, and every new shape keeps one more."""

ROOM_BYTES = 60_000_000
"""Where dropping brings the process below the ceiling by less than this, it is for something else that it is large."""

EVERY_S = 1.0

_log = logging.getLogger(__name__)


class Ceiling:
    """Looks at the size of the process, and drops programs where it is too large."""

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        size: Callable[[], int | None] = resident_bytes,
        forget: Callable[[], bool] = forget_programs,
    ) -> None:
        self._most_bytes, self._size, self._forget = most_bytes, size, forget

    def look(self) -> None:
        """Drop them if there is need; at a time when something is always being traced, the next look tries again."""
        if (self._size() or 0) <= self._most_bytes or not self._forget():
            return
        metrics.FORGOTTEN.inc()
        left = self._size() or 0
        if left > self._most_bytes - ROOM_BYTES:
            self._most_bytes = left + ROOM_BYTES
            _log.warning("Memory stays high without any compiled programs.")


@asynccontextmanager
async def below(ceiling: Ceiling, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Have it look again and again for as long as the block runs."""

    async def look_on() -> None:
        while True:
            await asyncio.sleep(every_s)
            await asyncio.to_thread(ceiling.look)

    looking = asyncio.create_task(look_on())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

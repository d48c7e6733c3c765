"""Progress that is told seldom enough not to disturb what is being measured."""

import time
from collections.abc import Callable

from vmapdemo.timing.results.records import Progress

# Telling of each round would itself disturb the rounds.
TELL_EVERY_S = 0.1


class Thinned:
    """Passes progress on: every change of phase or strategy, and otherwise not more often than TELL_EVERY_S."""

    def __init__(self, tell: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._last: tuple[str, str | None] | None = None
        self._told_s = 0.0

    def __call__(self, progress: Progress) -> None:
        step, now = (progress.phase, progress.strategy), self._clock()
        if step != self._last or now - self._told_s >= TELL_EVERY_S:
            self._last, self._told_s = step, now
            self._tell(progress)

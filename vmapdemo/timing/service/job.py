"""One visitor's measurement: what the page reads, and what the pool writes."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.why import Why

Kind = Literal["compare", "batch", "length", "why"]
"""What to measure: the strategies as the scenario is, over batch sizes, over lengths, or what their times come from."""
Status = Literal["queued", "starting", "measuring", "done", "failed", "cancelled"]
_ENDED = frozenset({"done", "failed", "cancelled"})
Presence = Callable[[], bool | None]
"""Whether the page of a job's owner is connected to the server; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor wants measured. `shows_lie`: also what the figures would be without `block_until_ready`.

    `with_peers`: a comparison also holds the strategies against their peers.
    """

    link: str
    budget_s: float = 4.0
    kind: Kind = "compare"
    shows_lie: bool = False
    with_peers: bool = False

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}, got {self.kind!r}.")
        if not (math.isfinite(self.budget_s) and self.budget_s > 0):
            raise ValueError(f"budget_s must be a positive number of seconds, got {self.budget_s!r}.")


@dataclass(frozen=True, slots=True)
class JobState:
    """A job at one moment. A sweep is there as far as it has been measured, also after a cancel."""

    status: Status = "queued"
    fraction: float = 0.0
    text: str = ""
    sentence: str = ""
    comparison: Comparison | None = None
    sweep: Sweep | None = None
    why: Why | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in _ENDED


class Job:
    """A handle on a submitted measurement; all of it may be used from any thread.

    Read `state` once for figures that belong together. The page calls `touch()` as long as it shows the job: one that
    nobody has touched for a while is cancelled. Where the server knows whether that page is connected, that counts: a
    page which is hidden looks once a minute, and one which is closed need not be waited for.
    """

    def __init__(
        self,
        request: Request,
        clock: Callable[[], float],
        position: Callable[["Job"], int | None],
        cancel: Callable[["Job"], None],
        is_owner_here: Presence = lambda: None,
    ) -> None:
        self.request = request
        self._is_owner_here = is_owner_here
        self._clock = clock
        self._position = position
        self._cancel = cancel
        self._lock = threading.Lock()
        self._state = JobState()
        self._touched_s = self._begun_s = self._not_gone_s = clock()

    @property
    def state(self) -> JobState:
        """The job now."""
        return self._state

    @property
    def position(self) -> int | None:
        """How many jobs are before it in the queue (0: it is next); None when it does not wait."""
        return self._position(self)

    @property
    def idle_s(self) -> float:
        """Seconds since the page last touched it."""
        return self._clock() - self._touched_s

    @property
    def gone_s(self) -> float:
        """Seconds since its owner's page was found connected, or since nothing was known of it (`look`)."""
        return self._clock() - self._not_gone_s

    @property
    def running_s(self) -> float:
        """Seconds since it left the queue."""
        return self._clock() - self._begun_s

    def touch(self) -> None:
        """Say that somebody still waits for it."""
        self._touched_s = self._clock()

    def look(self) -> None:
        """See whether its owner is still there (the pool does, again and again)."""
        is_here = self._is_owner_here()
        if is_here:
            self.touch()
        if is_here is not False:
            self._not_gone_s = self._clock()

    def begin(self) -> None:
        """Say that it leaves the queue (the pool does), where it may have waited long without being touched."""
        self._touched_s = self._begun_s = self._clock()

    def cancel(self) -> None:
        """Leave the queue, or stop measuring at once; nothing happens to a job that has ended."""
        self._cancel(self)

    def advance(self, **changes: Any) -> bool:
        """Change the state (the pool does); False, and no change, when the job has ended."""
        with self._lock:
            if self._state.ended:
                return False
            self._state = replace(self._state, **changes)
            return True

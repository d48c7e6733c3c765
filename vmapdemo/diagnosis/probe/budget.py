"""How often, and for how long, the caller's function is asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_CALLS = 150
PATIENCE_S = 0.8
TIMES_FIRST = 4.0
"""A search goes on for PATIENCE_S, and for this many times what the first answer took."""


@dataclass
class Budget:
    """The calls of the caller's function so far and their time; it says when a search has to stop.

    ``stopped``: whether a question was left unasked for it.
    """

    most_calls: int = MOST_CALLS
    calls: int = 0
    spent_s: float = 0.0
    first_s: float | None = None
    stopped: bool = field(default=False)

    def allows(self) -> bool:
        """Whether one more call is within the budget; the answer no is remembered."""
        has_time = self.first_s is None or self.spent_s < PATIENCE_S + TIMES_FIRST * self.first_s
        if self.calls < self.most_calls and has_time:
            return True
        self.stopped = True
        return False

    @contextmanager
    def timed(self) -> Iterator[None]:
        """One question, inside the block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.spent_s += took
            self.first_s = took if self.first_s is None else self.first_s


class Unlimited(Budget):
    """For functions of our own, whose cost is known."""

    def allows(self) -> bool:
        return True

"""Token buckets: so much at once, and so much a second in the long run.

The method is the usual one (Tanenbaum, Computer Networks, "traffic shaping"): a bucket holds ``burst`` tokens and is
filled at ``rate_per_s``; what costs more than it holds is refused.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is allowed: ``burst`` at once, ``rate_per_s`` in the long run."""

    rate_per_s: float
    burst: float


class TokenBucket:
    """One bucket, full at first; for one thread."""

    __slots__ = ("_allowance", "_clock", "_filled_s", "_tokens")

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance, self._clock = allowance, clock
        self._tokens, self._filled_s = allowance.burst, clock()

    def take(self, cost: float = 1.0) -> bool:
        """Take so many tokens; False, and nothing taken, if there are fewer."""
        self._fill()
        if cost > self._tokens:
            return False
        self._tokens -= cost
        return True

    def fine(self, cost: float) -> None:
        """Take so many tokens, or all that there are."""
        self._fill()
        self._tokens = max(0.0, self._tokens - cost)

    def owe(self, cost: float = 1.0) -> float:
        """Take so many tokens, also those that are not there yet, and return in how many seconds they will be."""
        self._fill()
        self._tokens -= cost
        return max(0.0, -self._tokens / self._allowance.rate_per_s)

    def _fill(self) -> None:
        now_s = self._clock()
        gained = (now_s - self._filled_s) * self._allowance.rate_per_s
        self._tokens, self._filled_s = min(self._allowance.burst, self._tokens + gained), now_s


class Buckets:
    """A bucket for each key, such as an address; from any thread. The oldest go when there are too many keys."""

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance, self._clock = allowance, clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, cost: float = 1.0) -> bool:
        """Take tokens from this key's bucket; False if it holds fewer."""
        with self._lock:
            return self._bucket(key).take(cost)

    def fine(self, key: str, cost: float) -> None:
        """Take tokens from this key's bucket, or all that it holds."""
        with self._lock:
            self._bucket(key).fine(cost)

    def _bucket(self, key: str) -> TokenBucket:
        bucket = self._buckets.setdefault(key, TokenBucket(self._allowance, self._clock))
        self._buckets.move_to_end(key)
        while len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return bucket

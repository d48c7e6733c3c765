"""The lie that a benchmark tells without `block_until_ready`: how long a call takes to return, not to finish.

JAX hands large work to the device and returns at once; timing that call shows the handing over alone. Measured here
only to be shown beside the honest figure.
"""

from collections.abc import Callable
from typing import Any

import jax

from vmapdemo.timing.results.text import format_ratio, format_seconds

NAMES = ("jit", "shifted")
"""The strategies that this is shown for: one dispatch each, so that there is nothing else in the call."""
CALLS = 50
MOST_S = 0.2


# Ratios of confirmed runs hold within 10 %.
_SAME = 1.1


def unwaited_sentence(name: str, best_s: float, unwaited_s: float, place: str = "") -> str:
    """What the two figures of one strategy say; `place`: where, as in " at 4,096"."""
    waited, returned = format_seconds(best_s), format_seconds(unwaited_s)
    without = f"Without block_until_ready {name}{place} would seem to take {returned}"
    if unwaited_s * _SAME < best_s:
        ratio = format_ratio(best_s / unwaited_s) if unwaited_s else "infinitely many"
        return f"{without}, but it takes {waited}, {ratio} times as long: a call returns before its result is there."
    return f"{without}; it takes {waited}: so small a result is there before the call returns."


def time_unwaited(function: Callable[..., Any], args: tuple[Any, ...], clock: Callable[[], float]) -> float:
    """The shortest of up to `CALLS` single calls in `MOST_S` seconds, none of them waited for while the clock runs.

    Each is waited for afterwards, so that no call queues behind the one before it.
    """
    started, shortest = clock(), float("inf")
    for _ in range(CALLS):
        before = clock()
        result = function(*args)
        shortest = min(shortest, clock() - before)
        jax.block_until_ready(result)
        if clock() - started > MOST_S:
            break
    return shortest

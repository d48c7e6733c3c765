"""The lie that a benchmark tells without `block_until_ready`: how long a call takes to return, not to finish.

JAX hands large work to the device and returns at once; timing that call shows the handing over alone. Measured here
only to be shown beside the honest figure.
"""

from collections.abc import Callable
from typing import Any

import jax

CALLS = 50
MOST_S = 0.2


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

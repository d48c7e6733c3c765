"""What the operating system knows of a measurement: for how long its thread had to wait for a processor.

Linux alone tells. Elsewhere nothing is known to have waited. Asking it for longer turns (`sched_setattr`) was tried on
6.18, where it changed nothing.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_SCHEDULED = Path("/proc/thread-self/schedstat")
# A thread that is woken with a result of other threads waits up to 0.035 ms where nobody else is, and a turn of another
# program lasts 0.7 ms or more.
_WAKING_NS = 50_000


@contextmanager
def watched() -> Iterator[Callable[[], float]]:
    """Gives a function: the seconds for which this thread has waited for a processor since it was started.

    What being woken takes, 0.05 ms a turn, is taken off. The other threads of the process are left out: those of a
    parallel program wait for each other also where nobody else is, and where somebody is, this thread waits too when it
    is woken with the result.
    """
    try:
        file = _SCHEDULED.open("rb", buffering=0)
    except OSError:
        yield lambda: 0.0
        return
    with file:
        yield lambda: _waited_s(file)


def _waited_s(file: BinaryIO) -> float:
    """The file has nanoseconds of running, nanoseconds of waiting, and the number of turns."""
    waited_ns, turns = map(int, os.pread(file.fileno(), 80, 0).split()[1:3])
    return (waited_ns - turns * _WAKING_NS) / 1e9

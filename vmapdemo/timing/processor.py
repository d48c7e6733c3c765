"""What the operating system knows of a measurement: for how long its process had to wait for a processor.

Linux alone tells. Elsewhere nothing is known to have waited.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

_THREADS = Path("/proc/self/task")


@contextmanager
def watched() -> Iterator[Callable[[], float]]:
    """Gives a function: the seconds that this process's threads have waited for a processor, since they were started.

    They are those that there were when the block was entered. The files stay open meanwhile: one reading of 17 threads
    takes 0.05 ms so, and 0.8 with opening them.
    """
    with ExitStack() as files:
        opened = [file for path in _THREADS.glob("*/schedstat") if (file := _opened(path, files)) is not None]
        yield lambda: sum(map(_waited_s, opened))


def _opened(path: Path, files: ExitStack) -> BinaryIO | None:
    try:
        return files.enter_context(path.open("rb", buffering=0))
    except OSError:
        return None


def _waited_s(file: BinaryIO) -> float:
    """The second number: nanoseconds for which the thread could have run and did not."""
    try:
        return int(os.pread(file.fileno(), 80, 0).split()[1]) / 1e9
    except ProcessLookupError:
        return 0.0

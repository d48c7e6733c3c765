"""The programs that JAX keeps: how much memory this process has, and how all of them are dropped.

JAX keeps what it has traced and compiled for every new shape, 1 to 14 MB each, and has no limit on it.
"""

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import jax

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

_STATM = Path("/proc/self/statm")


class Gate:
    """Lets many use the programs at once, or one drop them.

    A thread that uses them may ask to use them again. Nobody new gets in while somebody waits to drop them.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users: dict[int, int] = {}
        self._is_closing = False

    def enter(self) -> None:
        """Begin to use them."""
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: me in self._users or not self._is_closing)
            self._users[me] = self._users.get(me, 0) + 1

    def leave(self) -> None:
        """End what ``enter`` began."""
        me = threading.get_ident()
        with self._changed:
            self._users[me] -= 1
            if not self._users[me]:
                del self._users[me]
            self._changed.notify_all()

    def alone(self, work: Callable[[], None], patience_s: float) -> bool:
        """Do this while nobody uses them; False, and nothing done, if somebody does for longer than that."""
        with self._changed:
            self._is_closing = True
            try:
                if not self._changed.wait_for(lambda: not self._users, patience_s):
                    return False
                work()
            finally:
                self._is_closing = False
                self._changed.notify_all()
        return True


_gate = Gate()


def using_programs(compute: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Decorate a function that traces or compiles: the programs stay for as long as it runs."""

    @wraps(compute)
    def computed(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        _gate.enter()
        try:
            return compute(*args, **kwargs)
        finally:
            _gate.leave()

    return computed


def forget_programs(patience_s: float = 2.0) -> bool:
    """Drop all of them at a moment when nothing is traced; False if there was none within so many seconds."""
    return _gate.alone(_drop, patience_s)


def _drop() -> None:
    """All three steps are needed: one alone frees hardly anything (1,674 MB became 357 with all of them)."""
    jax.clear_caches()
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int | None:
    """The memory of this process that is in use; None where the system does not tell."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")

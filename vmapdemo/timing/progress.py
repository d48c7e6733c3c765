"""How far a measurement is: told seldom enough not to disturb it, and shown in a terminal or a notebook."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, TextIO

Phase = Literal["cold", "check", "measure"]
# Telling of each round would itself disturb the rounds.
TELL_EVERY_S = 0.1
_WIDTH = 24
_ERASE_LINE = "\r\x1b[K"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a comparison is: `fraction` runs from 0 to 1 over all phases."""

    phase: Phase
    strategy: str | None
    fraction: float
    text: str


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


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """What takes a comparison's progress and shows it, until the block is left: then no trace of it stays.

    On standard error where that is a terminal; in a notebook through IPython's own display, which is not imported for
    it; else not at all.
    """
    if _is_in_notebook():
        with _in_notebook() as show:
            yield show
    elif sys.stderr.isatty():
        with _in_terminal(sys.stderr) as show:
            yield show
    else:
        yield lambda progress: None


@contextmanager
def _in_terminal(stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    def write(progress: Progress) -> None:
        done = round(progress.fraction * _WIDTH)
        stream.write(f"{_ERASE_LINE}[{'#' * done}{'.' * (_WIDTH - done)}] {progress.fraction:4.0%} {progress.text}")
        stream.flush()

    try:
        yield Thinned(write)
    finally:
        stream.write(_ERASE_LINE)
        stream.flush()


@contextmanager
def _in_notebook() -> Iterator[Callable[[Progress], None]]:
    """One display that is updated; at the end it is empty."""
    from IPython.display import display

    handle: Any = None

    def show(progress: Progress) -> None:
        bar = f'<progress value="{progress.fraction:.3f}" max="1"></progress>'
        publish(f"{progress.fraction:.0%} {progress.text}", f"{bar} {escape(progress.text)}")

    def publish(text: str, html: str) -> None:
        nonlocal handle
        data = {"text/plain": text, "text/html": html}
        if handle is None:
            handle = display(data, raw=True, display_id=True)
        else:
            handle.update(data, raw=True)

    try:
        yield Thinned(show)
    finally:
        if handle is not None:
            publish("", "")


def _is_in_notebook() -> bool:
    """Whether IPython runs with a kernel, and so with a front end that can update what it displays."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None

"""A progress bar for `compare`: in a terminal, in a notebook, and nowhere else."""

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, TextIO

from vmapdemo.timing.results.records import Progress
from vmapdemo.timing.thinned import Thinned

_WIDTH = 24
_ERASE_LINE = "\r\x1b[K"


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """What takes a comparison's progress and shows it, until the block is left: then no trace of it stays.

    On standard error where that is a terminal; in a notebook through IPython's own display, which is not imported for
    it; else not at all.
    """
    shell = _notebook()
    if shell is not None:
        with _in_notebook(shell) as show:
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
def _in_notebook(shell: Any) -> Iterator[Callable[[Progress], None]]:
    """One display that is updated; at the end it is empty."""
    transient, is_shown = {"display_id": uuid.uuid4().hex}, False

    def publish(text: str, html: str) -> None:
        nonlocal is_shown
        data = {"text/plain": text, "text/html": html}
        shell.display_pub.publish(data, metadata={}, transient=transient, update=is_shown)
        is_shown = True

    def show(progress: Progress) -> None:
        bar = f'<progress value="{progress.fraction:.3f}" max="1"></progress>'
        publish(f"{progress.fraction:.0%} {progress.text}", f"{bar} {escape(progress.text)}")

    try:
        yield Thinned(show)
    finally:
        if is_shown:
            publish("", "")


def _notebook() -> Any:
    """The running IPython where it has a kernel, and so a front end that can update what it displays."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None

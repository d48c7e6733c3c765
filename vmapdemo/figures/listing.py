"""The lines of a function, numbered as in its file, and which of them a step comes from."""

import functools
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmapdemo.tracing.records import Step
from vmapdemo.tracing.source import is_jax_file


@dataclass(frozen=True, slots=True)
class Listing:
    """The text of a function; empty where it is not to be had, or JAX's own."""

    file: str = ""
    start: int = 1
    lines: tuple[str, ...] = ()

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """Each line with its number in the file."""
        return list(enumerate(self.lines, start=self.start))

    def line_of(self, step: Step) -> int | None:
        """The number of the step's line, where it is one of these."""
        if step.source is None or step.source.file != self.file:
            return None
        return step.source.line if 0 <= step.source.line - self.start < len(self.lines) else None


def listing_of(function: Callable[..., Any]) -> Listing:
    """The lines of the function that is inside whatever is wrapped around it."""
    while isinstance(function, functools.partial):
        function = function.func
    try:
        written = inspect.unwrap(function)
        file = inspect.getsourcefile(written) or ""
        lines, start = inspect.getsourcelines(written)
    except (OSError, TypeError):  # a built-in, or typed into a plain interpreter
        return Listing()
    if is_jax_file(file):
        return Listing()
    return Listing(Path(file).name, start, tuple(textwrap.dedent("".join(lines)).splitlines()))

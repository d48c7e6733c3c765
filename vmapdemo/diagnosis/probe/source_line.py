"""The caller's line that an equation of a jaxpr comes from."""

import linecache
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn

from vmapdemo.diagnosis.call.reach import is_library_file
from vmapdemo.jax_internals import frames_of, function_file

_OURS = tuple(str(Path(__file__).parents[2] / room) for room in ("diagnosis", "tracing"))


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a file, with the function that it stands in."""

    file: str
    line: int
    function: str

    @property
    def text(self) -> str:
        """The line as it stands in the file; empty if the file cannot be read."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        own = self.function.rpartition(".")[2]
        name = "f" if own.startswith("<") else own
        return f"line {self.line} of `{name}`" + (f": `{self.text}`" if self.text else "")


def innermost_line(frames: list[Any]) -> SourceLine | None:
    """The innermost line of the caller's own files: not of a library, and of none beyond our own."""
    for frame in frames:
        if frame.file_name.startswith(_OURS):
            return None
        if not is_library_file(frame.file_name):
            return SourceLine(frame.file_name, frame.line_num, frame.function_name)
    return None


def is_of_library(jaxpr: Jaxpr) -> bool:
    """Whether the function that a jaxpr was traced from is a library's, or unknown."""
    file = function_file(jaxpr)
    return file is None or is_library_file(file)


def line_of(equation: JaxprEqn, jaxpr: Jaxpr, caller: SourceLine | None) -> SourceLine | None:
    """The innermost line of the caller's that made this equation of ``jaxpr``, or None if there is none.

    ``caller``: the line that called the jaxpr, if it is a jitted function or a body. JAX keeps the programs of its
    own jitted functions with the lines of their first call (``jnp.where`` on line 3 would point at line 1), so such
    lines count only if they were reached through ``caller``.
    """
    frames = frames_of(equation)
    own = innermost_line(frames)
    if caller is None or (own is not None and not is_of_library(jaxpr)):
        return own
    through_caller = any(frame.line_num == caller.line and frame.file_name == caller.file for frame in frames)
    return own if own is not None and through_caller else caller

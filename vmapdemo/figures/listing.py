"""The lines of a function, numbered as in its file, and which of them a step comes from."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmapdemo.parsing import parse
from vmapdemo.tracing.records import Step
from vmapdemo.tracing.source import is_jax_file


@dataclass(frozen=True, slots=True)
class Listing:
    """The text of a function; empty if it is not to be had, or JAX's own. ``documented``: the docstring's positions."""

    file: str = ""
    start: int = 1
    lines: tuple[str, ...] = ()
    documented: range = range(0)

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """Each line of code with its number in the file; the docstring, which is told beside it, is left out."""
        code = (at for at in range(len(self.lines)) if at not in self.documented)
        return [(self.start + at, self.lines[at]) for at in code]

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
    text = textwrap.dedent("".join(lines))
    return Listing(Path(file).name, start, tuple(text.splitlines()), _docstring(text))


def _docstring(text: str) -> range:
    """The positions of the docstring's lines in the text of a function; none in a lambda's, say."""
    try:
        function = parse(text).body[0]
    except SyntaxError:  # a lambda is cut out of the middle of its line
        return range(0)
    if not isinstance(function, ast.FunctionDef) or ast.get_docstring(function) is None:
        return range(0)
    docstring = function.body[0]
    return range(docstring.lineno - 1, docstring.end_lineno or docstring.lineno)

"""Where a function's body fails: the user's line in the traceback, and the expression on it."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

from vmapdemo.diagnosis.call.reach import is_library, is_library_file
from vmapdemo.diagnosis.probe.refusal import Refusal, refusal_of
from vmapdemo.parsing import parse

OURS = ("vmapdemo.diagnosis", "vmapdemo.tracing")
LONG_LINE = 100
THEIRS = ("jax", "jaxlib", "numpy")


@dataclass(frozen=True)
class Fault:
    """An error in the function's body: its line as it stands in the file, and what the names on it stood for.

    ``place``: where in the line, as Python's code objects tell it; the source is parsed when it is first asked for.
    ``read_by``: the function that the line was in when it failed, ``__bool__`` if Python asked the array itself.
    ``reaches``: names of JAX's functions that the caller's function reaches.
    """

    error: Refusal
    function: str
    line: int
    text: str
    place: "Place | None" = None
    read_by: str = ""
    reaches: frozenset[str] = frozenset()
    scope: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """The syntax around the place that failed, innermost first, up to the statement; empty without a source."""
        return _nodes_around(self.place) if self.place is not None else ()

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the names in the statement stood for."""
        names = {node.id for outer in self.nodes[-1:] for node in ast.walk(outer) if isinstance(node, ast.Name)}
        return {name: self.scope[name] for name in names if name in self.scope}

    @property
    def where(self) -> str:
        """``line 3 of convolve: `output.append(...)```, or less if the source cannot be read."""
        place = f"line {self.line} of `{self.function}`"
        # A line may hold more than the function; what failed is on it.
        text = self.text if len(self.text) <= LONG_LINE or not self.nodes else ast.unparse(self.nodes[0])
        return f"{place}: `{text[:LONG_LINE]}`" if text else place

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays that are named in the statement."""
        found = {name: getattr(value, "shape", None) for name, value in self.values.items()}
        return {name: shape for name, shape in found.items() if isinstance(shape, tuple)}

    @property
    def asks_the_array(self) -> bool:
        """Whether Python itself asks the array for its value on this line, and no function that the line calls."""
        return not self.read_by or self.read_by.startswith("__")

    @property
    def speaks_of_tracers(self) -> bool:
        """Whether a TypeError is about a traced number in a shape; other ones (a shape that does not fit) are not."""
        return self.error.reads_a_value or (self.error.is_a(TypeError) and "Tracer" in self.error.message)

    def resolved(self, expression: ast.expr) -> Any:
        """What a name, or an attribute of a module, stood for; None for anything else."""
        if isinstance(expression, ast.Name):
            return self.values.get(expression.id)
        if isinstance(expression, ast.Attribute):
            holder = self.resolved(expression.value)
            return vars(holder).get(expression.attr) if isinstance(holder, ModuleType) else None
        return None

    def first(self, *kinds: type[ast.AST]) -> Any:
        """The innermost node around the failing place that is of one of these kinds, or None."""
        return next((node for node in self.nodes if isinstance(node, kinds)), None)

    @property
    def calls(self) -> Iterator[ast.Call]:
        """The calls around the failing place, innermost first."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def module_of(self, call: ast.Call) -> str | None:
        """The package that a called function comes from (``numpy``, ``math``, ``scipy.stats``), if it is a module's."""
        *parts, _ = names = ast.unparse(call.func).split(".")
        value = self.values.get(names[0])
        if isinstance(value, ModuleType):
            return ".".join([value.__name__, *parts[1:]])
        return getattr(value, "__module__", None) if not parts else None


def read_fault(error: BaseException, reaches: frozenset[str] = frozenset()) -> Fault | None:
    """The fault behind an error that still has its traceback; None if no line of the user's is in it."""
    frame, traceback = users_frame(error.__traceback__)
    if frame is None or traceback is None:
        return None
    code, line = frame.f_code, traceback.tb_lineno
    position = next((p for i, p in enumerate(code.co_positions()) if i == traceback.tb_lasti // 2), (None,) * 4)
    start, end, column, end_column = position
    place = None
    if start is not None and end is not None and column is not None and end_column is not None:
        lines = tuple(linecache.getlines(code.co_filename, frame.f_globals))
        place = Place("".join(lines), (start, column), (end, end_column))
    text = linecache.getline(code.co_filename, line, frame.f_globals).strip()
    after = traceback.tb_next
    read_by = after.tb_frame.f_code.co_name if after is not None else ""
    return Fault(refusal_of(error), _name(code), line, text, place, read_by, reaches, _scope(frame))


def _name(code: CodeType) -> str:
    """The function that the code belongs to: a comprehension is part of one, and a lambda is called ``f``."""
    parts = [part for part in code.co_qualname.split(".") if part != "<locals>"]
    named = [part for part in parts if part == "<lambda>" or not part.startswith("<")]
    return "f" if not named or named[-1] == "<lambda>" else named[-1]


def users_frame(traceback: TracebackType | None) -> tuple[FrameType | None, TracebackType | None]:
    """The innermost frame of the user's own files; else that of a library other than JAX and NumPy."""
    found: dict[bool, tuple[FrameType, TracebackType]] = {}
    while traceback is not None:
        frame = traceback.tb_frame
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in THEIRS and not module.startswith(OURS):
            is_theirs = is_library_file(frame.f_code.co_filename) or (module != "" and is_library(module))
            found[is_theirs] = frame, traceback
        traceback = traceback.tb_next
    return found.get(False) or found.get(True) or (None, None)


Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file's text between two positions; columns count bytes, as those of code objects and ast do."""

    text: str
    start: Position
    end: Position


@lru_cache(maxsize=8)
def _statements(text: str) -> tuple[ast.stmt, ...]:
    try:
        return tuple(parse(text).body)
    except (SyntaxError, ValueError):
        return ()


def _nodes_around(place: Place) -> tuple[ast.AST, ...]:
    """The nodes that hold a place, innermost first, up to and with the statement or lambda."""
    line = place.start[0]
    outer = [node for node in _statements(place.text) if _first_line(node) <= line <= (node.end_lineno or 0)]
    around = [
        node
        for statement in outer
        for node in ast.walk(statement)
        if isinstance(node, (ast.expr, ast.stmt))
        and (node.lineno, node.col_offset) <= place.start
        and place.end <= (node.end_lineno or 0, node.end_col_offset or 0)
    ]
    around.reverse()
    statement = next((i for i, node in enumerate(around) if isinstance(node, (ast.stmt, ast.Lambda))), len(around))
    return tuple(around[: statement + 1])


def _first_line(node: ast.stmt) -> int:
    """The first line of a statement, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(part.lineno for part in decorators)])


def _scope(frame: FrameType) -> dict[str, Any]:
    """What the names in the frame's code stood for."""
    code = frame.f_code
    names = {*code.co_names, *code.co_varnames, *code.co_cellvars, *code.co_freevars}
    here = frame.f_locals
    return {
        name: here.get(name, frame.f_globals.get(name)) for name in names if name in here or name in frame.f_globals
    }

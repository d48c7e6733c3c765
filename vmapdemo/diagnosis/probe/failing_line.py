"""Where a function's body fails: the user's line in the traceback, and the expression on it."""

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any

from vmapdemo.diagnosis.probe.reach import is_library, is_library_file
from vmapdemo.diagnosis.probe.refusal import Refusal, refusal_of

OURS = ("vmapdemo.diagnosis", "vmapdemo.tracing")
LONG_LINE = 100
THEIRS = ("jax", "jaxlib", "numpy")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error in the function's body: its line as it stands in the file, and what the names on it stood for.

    ``nodes``: the syntax around the place that failed, innermost first, up to the statement; empty where the source
    cannot be read. ``values``: what the names in the statement were, for those that are modules, arrays or functions.
    """

    error: Refusal
    function: str
    line: int
    text: str
    nodes: tuple[ast.AST, ...]
    values: dict[str, Any]

    @property
    def where(self) -> str:
        """``line 3 of convolve: `output.append(...)```, or less where the source cannot be read."""
        place = f"line {self.line} of `{self.function}`"
        # A line may hold more than the function; what failed is on it.
        text = self.text if len(self.text) <= LONG_LINE or not self.nodes else ast.unparse(self.nodes[0])
        return f"{place}: `{text[:LONG_LINE]}`" if text else place

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


def read_fault(error: BaseException) -> Fault | None:
    """The fault behind an error that still has its traceback; None where no line of the user's is in it."""
    frame, place = users_frame(error.__traceback__)
    if frame is None or place is None:
        return None
    code = frame.f_code
    start, end, column, end_column = next(
        (p for i, p in enumerate(code.co_positions()) if i == place.tb_lasti // 2), (None,) * 4
    )
    line = place.tb_lineno
    nodes: tuple[ast.AST, ...] = ()
    if start is not None and end is not None and column is not None and end_column is not None:
        nodes = _nodes_around(code.co_filename, frame.f_globals, (start, column), (end, end_column))
    text = linecache.getline(code.co_filename, line, frame.f_globals).strip()
    return Fault(refusal_of(error), _name(code), line, text, nodes, _values(frame, nodes))


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


def _nodes_around(file: str, namespace: dict[str, Any], start: Position, end: Position) -> tuple[ast.AST, ...]:
    """The nodes that hold the place between two positions, innermost first, up to and with the statement."""
    lines = linecache.getlines(file, namespace)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return ()
    # Columns of code objects and of ast count bytes alike.
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.expr, ast.stmt))
        and (node.lineno, node.col_offset) <= start
        and end <= (node.end_lineno or 0, node.end_col_offset or 0)
    ]
    around.reverse()
    statement = next((i for i, node in enumerate(around) if isinstance(node, (ast.stmt, ast.Lambda))), len(around))
    return tuple(around[: statement + 1])


def _values(frame: FrameType, nodes: tuple[ast.AST, ...]) -> dict[str, Any]:
    """What the names in the statement stood for; nothing of it is kept longer than the fault."""
    names = {node.id for outer in nodes[-1:] for node in ast.walk(outer) if isinstance(node, ast.Name)}
    scope = {**frame.f_globals, **frame.f_locals}
    return {name: scope[name] for name in names if name in scope}

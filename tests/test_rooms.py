"""The order of rooms: a module imports from its own room and from those before it, and no imports go round in a circle.

Every import counts: those inside functions, and those for type checkers alone.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "vmapdemo"

ROOMS = """
jax_internals parsing
compiled
strategies
gallery

diagnosis.wording diagnosis.records
diagnosis.display
diagnosis.explanation
diagnosis.call
diagnosis.probe
diagnosis.verdict
diagnosis.advice
diagnosis.repair
diagnosis.cautions
diagnosis.any_size
diagnosis.remedies
diagnosis.engine
diagnosis

tracing.records
tracing.primitives.descriptions tracing.primitives.flops
tracing
notebook

scenario
cell_links
explaining
outcome
export
lessons

timing.progress
timing.measuring
timing.programs
timing.results
timing.progress
timing.sweeping
figures
timing
peers
timing.service
evaluator
room
hosting

views.streamlit_internals views.component
views.lessons views.texts views.style views.state views.live views.requests views.share views.reconnection
views.strip
views.explore views.trace views.time views.gallery
views.learn
views
"""
"""A line has rooms that may import one another; what is on a line may import from that line and from those above it.

The longest name that fits a module counts.
"""

KNOWN: set[str] = set()
"""Imports that break the order or close a circle, ``importer imported``: what no longer does has to go from here."""


class Import(NamedTuple):
    importer: str
    imported: str


def _modules() -> dict[str, Path]:
    paths = {path.relative_to(PACKAGE).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
    names = {".".join(parts.parts).removesuffix("__init__").rstrip("."): path for parts, path in paths.items()}
    return {name: path for name, path in names.items() if name}


MODULES = _modules()


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imports() -> Iterator[Import]:
    for importer, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name in _imported(node):
                own = name.removeprefix(f"{PACKAGE.name}.")
                module = next((part for part in (own, own.rpartition(".")[0]) if part in MODULES), None)
                if name != own and module is not None:
                    yield Import(importer, module)


IMPORTS = sorted(set(_imports()))
ORDER = {room: place for place, line in enumerate(ROOMS.splitlines()) for room in line.split()}


def _room(module: str) -> str:
    return max((room for room in ORDER if f"{module}.".startswith(f"{room}.")), key=len, default="")


def test_every_module_has_a_room_and_every_room_a_module() -> None:
    assert [module for module in MODULES if not _room(module)] == []
    assert ORDER.keys() - {_room(module) for module in MODULES} == set()


def _is_known(found: Import) -> bool:
    return " ".join(found) in KNOWN


def _breaks_the_order(found: Import) -> bool:
    return ORDER[_room(found.importer)] < ORDER[_room(found.imported)]


def _leads_back(found: Import) -> bool:
    """Whether what is imported imports the importer, itself or through others."""
    seen, waiting = {found.imported}, [found.imported]
    while waiting:
        here = waiting.pop()
        new = {other.imported for other in IMPORTS if other.importer == here} - seen
        seen |= new
        waiting += new
    return found.importer in seen


def test_no_room_imports_from_one_that_comes_after_it() -> None:
    assert [found for found in IMPORTS if _breaks_the_order(found) and not _is_known(found)] == []


def test_no_imports_go_round_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in IMPORTS:
        graph[found.importer] |= set() if _is_known(found) else {found.imported}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
    assert len(order) == len(MODULES)


def test_what_is_known_to_break_the_order_still_does() -> None:
    broken = {" ".join(found) for found in IMPORTS if _breaks_the_order(found) or _leads_back(found)}
    assert sorted(KNOWN - broken) == [], "these are in order by now: take them out of KNOWN"

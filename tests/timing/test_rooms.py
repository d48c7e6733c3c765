"""Who imports whom in timing, figures and peers: no module in a circle, no room from one above it."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import vmapdemo

ROOT = Path(vmapdemo.__file__).parent
# From the ground up. The modules of timing itself stand between its rooms.
ROOMS = (
    ("timing.progress", "timing.measuring"),
    ("timing.programs",),
    ("timing.results",),
    ("timing.sweeping",),
    ("figures",),
    ("timing.report",),
    ("timing.comparison",),
    ("timing.why",),
    ("scenario", "outcome", "peers"),
    ("timing.service",),
    ("views",),
)
PURE = ("timing.measuring", "timing.programs", "timing.results", "timing.sweeping", "timing.report", "timing.why")


def _imports() -> dict[str, set[str]]:
    """What each module of these packages imports of vmapdemo, also inside functions; names without ``vmapdemo.``."""
    found: dict[str, set[str]] = {}
    for package in ("timing", "figures", "peers"):
        for path in (ROOT / package).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            found[module] = {
                name for node in nodes if node.module and node.module.startswith("vmapdemo") for name in _modules(node)
            }
    return found


def _modules(node: ast.ImportFrom) -> list[str]:
    """The modules that it names: ``from a import b`` may import the module ``a.b``."""
    base = (node.module or "").removeprefix("vmapdemo").removeprefix(".")
    names = [f"{base}.{alias.name}".removeprefix(".") for alias in node.names]
    inner = [name for name in names if (ROOT / Path(*name.split("."))).with_suffix(".py").exists()]
    return inner or [base]


def _floor(module: str) -> int | None:
    floors = [i for i, rooms in enumerate(ROOMS) for room in rooms if f"{module}.".startswith(f"{room}.")]
    return floors[0] if floors else None


def test_no_module_is_in_a_circle() -> None:
    TopologicalSorter(_imports()).prepare()


def test_a_room_imports_from_the_rooms_below_it_alone() -> None:
    upwards = [
        f"{module} imports {other}"
        for module, others in _imports().items()
        for other in others
        if (here := _floor(module)) is not None and (there := _floor(other)) is not None and there > here
    ]
    # That one draws arrays, and no times.
    assert [line for line in upwards if not line.startswith("figures.linked")] == []


def test_what_measures_knows_no_scenario_and_no_strategy() -> None:
    strange = [
        f"{module} imports {other}"
        for module, others in _imports().items()
        if module.startswith(PURE)
        for other in others
        if not other.startswith(("timing", "figures"))
    ]
    assert strange == []

"""Every cell of the notebook that computes something, in its order, and every call of the gallery that has a name."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.gallery.entry import Entry, Example
from vmapdemo.gallery.signals import CONVOLVE, X, Y
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Level, Scenario


@dataclass(frozen=True, slots=True)
class Preset:
    """A scenario with a short name for links, a group and a label for the list, and the strategy that it is about."""

    name: str
    group: str
    label: str
    scenario: Scenario
    strategy: str = "vmap"

    @property
    def title(self) -> str:
        """What the list of all presets calls it."""
        return f"{self.group}: {self.label}"


def scenario_of(entry: Entry, example: Example) -> Scenario:
    """The call that an example of the gallery is."""
    given = (
        part
        for values in example.values
        for part in ([values[key] for key in sorted(values)] if isinstance(values, dict) else [values])
    )
    arguments = tuple(
        Argument(leaf.name, values, leaf.dtype, leaf.name in example.transposed)
        for leaf, values in zip(entry.leaves, given, strict=True)
    )
    inner = None if example.inner is None else Level(*example.inner)
    return Scenario(
        entry.name,
        arguments,
        example.in_axes,
        example.out_axes,
        keywords=example.keywords,
        inner=inner,
        spec=example.spec,
    )


def _notebook(name: str, label: str, call: Example, strategy: str = "vmap", *, batched: bool = True) -> Preset:
    """A cell of the notebook: a call of ``convolve``."""
    return Preset(name, "Notebook", label, replace(scenario_of(CONVOLVE, call), batched=batched), strategy)


def _convolve(x: Any, y: Any, in_axes: Any = 0, out_axes: Any = 0, transposed: tuple[str, ...] = ()) -> Example:
    return Example("", "", (x, y), in_axes, out_axes, transposed=transposed)


BOTH, ONLY_X = ("x_batch", "y_batch"), ("x_batch",)
NOTEBOOK = (
    _notebook("single", "one convolution", _convolve(X[0], Y[0]), batched=False),
    _notebook("loop", "Python loop", _convolve(X, Y), "loop"),
    _notebook("mathy", "by hand", _convolve(X, Y), "mathy"),
    _notebook("vmap", "vmap", _convolve(X, Y)),
    _notebook("axes-1-1", "in_axes=1, out_axes=1", _convolve(X, Y, 1, 1, BOTH)),
    _notebook("mismatch", "the mismatch", _convolve(X, Y, 1, 0, ONLY_X)),
    _notebook("fix-out-0", "its fix, out_axes=0", _convolve(X, Y, [1, 0], 0, ONLY_X)),
    _notebook("fix-out-1", "its fix, out_axes=1", _convolve(X, Y, [1, 0], 1, ONLY_X)),
    _notebook("shared-kernel", "one shared kernel", _convolve(X, Y[0], [0, None])),
    _notebook("jit", "jit of vmap", _convolve(X, Y), "jit"),
)


def _of_gallery() -> Iterator[Preset]:
    """Every call of the gallery that has a name: those that are meant by group, then all mistakes."""
    for entry in FUNCTIONS.values():
        for example in (entry.intended, *entry.others):
            yield Preset(example.name, entry.group, example.label, scenario_of(entry, example))
    for entry in FUNCTIONS.values():
        for example in entry.mistakes:
            yield Preset(example.name, "Mistakes", example.label, scenario_of(entry, example))


PRESETS = {preset.name: preset for preset in (*NOTEBOOK, *_of_gallery())}
DEFAULT = PRESETS["vmap"]


def name_of(scenario: Scenario, strategy: str) -> str | None:
    """The preset that this scenario and strategy are, or None where they are nobody's."""
    return next((p.name for p in PRESETS.values() if p.scenario == scenario and p.strategy == strategy), None)

"""Every cell of the notebook that computes something, in its order, and calls that teach what it leaves out."""

from dataclasses import dataclass
from typing import Any

from vmapdemo.gallery import catalogue as gallery
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Scenario


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


X = ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 0, 1, 4), (0, 1, 2, 3, 4))
Y = ((2, 3, 4), (2, 3, 4), (2, 3, 4), (7, 4, 2))
DISTINCT_X = ((3, 1, 4, 1, 5, 9), (2, 6, 5, 3, 5, 8), (9, 7, 9, 3, 2, 3), (8, 4, 6, 2, 6, 4), (3, 3, 8, 3, 2, 7))
DISTINCT_Y = ((1, 0, -1), (2, 3, 4), (0, 5, 1), (1, 1, 1), (-2, 6, 3))
SQUARE_X = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16))


def _scenario(x: Any, y: Any, in_axes: Any = 0, out_axes: Any = 0, *, t: str = "", batched: bool = True) -> Scenario:
    """``convolve`` on int32 x and float32 y, as in the notebook; ``t`` names the arguments passed as ``.T``."""
    arguments = (
        Argument("x_batch", x, "int32", "x" in t),
        Argument("y_batch", y, "float32", "y" in t),
    )
    return Scenario("convolve", arguments, in_axes, out_axes, batched)


PARAMS = ((1, 2, 3), (0, 0, 0), (5, -1, 2), (2, 2, 2))
GRADIENTS = ((3, 0, 4), (0.5, 0.5, 0.5), (-6, 2, 3), (0, 0, 1))
LIMIT = 2
FEATURES = ((1, 0, 2, -1), (0.5, 1, -1, 0), (2, 2, 0, 1))
WEIGHTS = ((3, 0), (4, 1), (0, 2), (0, -2))
BIAS = (0.5, -0.5)
POINTS = ((0, 1), (4, 4), (9, 0), (5, 6), (1, 1))
CENTRES = ((0, 0), (5, 5), (9, 1))
NUMBERS = (4, 2, 100, 0.25, 1, 12345)


def _call(function: str, arrays: tuple[Any, ...], in_axes: Any) -> Scenario:
    """Another function of the gallery on float32 arrays, with the results stacked on axis 0."""
    names = gallery.FUNCTIONS[function].argument_names
    arguments = tuple(Argument(name, values) for name, values in zip(names, arrays, strict=True))
    return Scenario(function, arguments, in_axes)


CLIPPED = (PARAMS, GRADIENTS, LIMIT)
SHARED_STEP = (PARAMS, GRADIENTS[0], LIMIT)
DENSE = (FEATURES, WEIGHTS, BIAS)

PRESETS = {
    preset.name: preset
    for preset in (
        Preset("single", "Notebook", "one convolution", _scenario(X[0], Y[0], batched=False)),
        Preset("loop", "Notebook", "Python loop", _scenario(X, Y), "loop"),
        Preset("mathy", "Notebook", "by hand", _scenario(X, Y), "mathy"),
        Preset("vmap", "Notebook", "vmap", _scenario(X, Y)),
        Preset("axes-1-1", "Notebook", "in_axes=1, out_axes=1", _scenario(X, Y, 1, 1, t="xy")),
        Preset("mismatch", "Notebook", "the mismatch", _scenario(X, Y, 1, 0, t="x")),
        Preset("fix-out-0", "Notebook", "its fix, out_axes=0", _scenario(X, Y, [1, 0], 0, t="x")),
        Preset("fix-out-1", "Notebook", "its fix, out_axes=1", _scenario(X, Y, [1, 0], 1, t="x")),
        Preset("shared-kernel", "Notebook", "one shared kernel", _scenario(X, Y[0], [0, None])),
        Preset("jit", "Notebook", "jit of vmap", _scenario(X, Y), "jit"),
        Preset("distinct-rows", "Notebook", "rows that all differ", _scenario(DISTINCT_X, DISTINCT_Y)),
        Preset("square", "Mistakes", "a square x, silently", _scenario(SQUARE_X, Y, (1, 0))),
        Preset("silent-kernel", "Mistakes", "a kernel cut into taps", _scenario(X[1:], Y[0])),
        Preset("two-taps", "Mistakes", "a kernel of two taps", _scenario(X, tuple(row[:2] for row in Y))),
        Preset("dense-zeros", "Mistakes", "weights cut into rows", _call("dense", DENSE, 0)),
        Preset("cond", "Control flow", "a condition", _call("clipped_step", CLIPPED, (0, 0, None))),
        Preset(
            "cond-shared", "Control flow", "a shared condition", _call("clipped_step", SHARED_STEP, (0, None, None))
        ),
        Preset("while", "Control flow", "a while loop", _call("newton_root", (NUMBERS,), 0)),
        Preset("dense", "Sharing", "the weights of a layer", _call("dense", DENSE, (0, None, None))),
        Preset("nearest", "Sharing", "a lookup table", _call("to_nearest", (POINTS, CENTRES), (0, None))),
    )
}
DEFAULT = PRESETS["vmap"]


def name_of(scenario: Scenario, strategy: str) -> str | None:
    """The preset that this scenario and strategy are, or None where they are nobody's."""
    return next((p.name for p in PRESETS.values() if p.scenario == scenario and p.strategy == strategy), None)

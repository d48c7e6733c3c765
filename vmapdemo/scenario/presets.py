"""Every cell of the notebook that computes something, in its order, and calls that teach what it leaves out."""

from dataclasses import dataclass
from typing import Any

from vmapdemo.gallery import catalogue as gallery
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Preset:
    """A scenario with a short name for links, a label for the list, and the strategy that it is about."""

    name: str
    label: str
    scenario: Scenario
    strategy: str = "vmap"


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
ONE_GRADIENT = (PARAMS, GRADIENTS[0], LIMIT)
DENSE = (FEATURES, WEIGHTS, BIAS)

PRESETS = {
    preset.name: preset
    for preset in (
        Preset("single", "One convolution", _scenario(X[0], Y[0], batched=False)),
        Preset("loop", "Naive looping", _scenario(X, Y), "loop"),
        Preset("mathy", 'The "mathy" form', _scenario(X, Y), "mathy"),
        Preset("vmap", "vmap", _scenario(X, Y)),
        Preset("axes-1-1", "in_axes=1, out_axes=1 on the transposed batches", _scenario(X, Y, 1, 1, t="xy")),
        Preset("mismatch", "Mismatch: in_axes=1 on x_batch.T, y_batch", _scenario(X, Y, 1, 0, t="x")),
        Preset("fix-out-0", "Its fix: in_axes=[1, 0], out_axes=0", _scenario(X, Y, [1, 0], 0, t="x")),
        Preset("fix-out-1", "Its fix: in_axes=[1, 0], out_axes=1", _scenario(X, Y, [1, 0], 1, t="x")),
        Preset("shared-kernel", "One kernel for all: in_axes=[0, None]", _scenario(X, Y[0], [0, None])),
        Preset("jit", "jit of vmap", _scenario(X, Y), "jit"),
        Preset("distinct-rows", "Rows and sizes that all differ", _scenario(DISTINCT_X, DISTINCT_Y)),
        Preset("square", "Square x along the wrong axis", _scenario(SQUARE_X, Y, (1, 0))),
        Preset("silent-kernel", "Three signals, one kernel, in_axes=0", _scenario(X[1:], Y[0])),
        Preset("two-taps", "A kernel of two taps", _scenario(X, tuple(row[:2] for row in Y))),
        Preset("cond", "A condition: both branches run", _call("clipped_step", CLIPPED, (0, 0, None))),
        Preset("cond-shared", "A condition on what all share", _call("clipped_step", ONE_GRADIENT, (0, None, None))),
        Preset("dense", "A layer whose weights all share", _call("dense", DENSE, (0, None, None))),
        Preset("dense-zeros", "That layer under in_axes=0", _call("dense", DENSE, 0)),
        Preset("nearest", "A lookup in a shared table", _call("to_nearest", (POINTS, CENTRES), (0, None))),
        Preset("while", "A loop as long as the longest", _call("newton_root", (NUMBERS,), 0)),
    )
}
DEFAULT = PRESETS["vmap"]


def name_of(scenario: Scenario, strategy: str) -> str | None:
    """The preset that this scenario and strategy are, or None where they are nobody's."""
    return next((p.name for p in PRESETS.values() if p.scenario == scenario and p.strategy == strategy), None)

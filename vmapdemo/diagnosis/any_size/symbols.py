"""The shapes of an accepted call for any sizes: ``(b, n), (b, 3) -> (b, n - 2)``."""

import bisect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jax import export

from vmapdemo.diagnosis.any_size.formula import formula
from vmapdemo.diagnosis.call.axes import with_axis
from vmapdemo.diagnosis.call.call import Call, Struct
from vmapdemo.diagnosis.probe.probe import Example, Probe, inside_shapes
from vmapdemo.diagnosis.records import AnySize, Shape
from vmapdemo.diagnosis.verdict.verdict import Verdict

NAMES = "nmkpqrstuvwxyz"
MAX_DIMENSIONS = 8
STEPS = (0, 1, 2, 3, 5)
FAR = 24
"""A step to a size far from the call's: what holds for small sizes alone is told by it."""

Place = tuple[int, int]
"""An array of the call and one of its axes inside the function."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Which sizes of one example may change: each symbol stands for the places that only change together."""

    shapes: tuple[Shape, ...]
    symbols: tuple[tuple[Place, ...], ...]

    def changed(self, steps: tuple[int, ...]) -> tuple[Shape, ...]:
        """The shapes with each symbol so many larger."""
        shapes = [list(shape) for shape in self.shapes]
        for places, step in zip(self.symbols, steps, strict=True):
            for array, axis in places:
                shapes[array][axis] += step
        return tuple(map(tuple, shapes))

    @property
    def now(self) -> tuple[int, ...]:
        """Each symbol's size in the call."""
        return tuple(self.shapes[array][axis] for (array, axis), *_ in self.symbols)


def any_size(call: Call, verdict: Verdict, probe: Probe) -> AnySize | None:
    """The shapes in symbols; None where the function cannot be asked about other sizes.

    Symbolic shapes of ``jax.export`` give them where the function takes those. Elsewhere (a Python loop over
    ``len(x)``) they are inferred from several sizes, and say so.
    """
    example = verdict.example
    if example is None or verdict.axes is None or None in (leaf.struct for leaf in call.leaves):
        return None
    sizes = Sizes(inside_shapes(call, verdict.axes), ())
    sizes = Sizes(sizes.shapes, tuple(_symbols(call, probe, sizes.shapes)))
    names = tuple(NAMES[: len(sizes.symbols)])
    smallest = (_smallest(call, probe, sizes, index) for index in range(len(names)))
    bounds = [f"{name} >= {least}" for name, least in zip(names, smallest, strict=True) if least > 1]
    named = _named(sizes, names)
    outputs = _symbolic(call, probe, verdict.size, named, bounds) if names else None
    inferred = outputs is None and bool(names)
    outputs = _inferred(call, probe, sizes, names) if outputs is None else outputs
    if outputs is None:
        return None
    given = ", ".join(_text(with_axis(shape, axis, "b")) for shape, axis in zip(named, verdict.axes, strict=True))
    gives = ", ".join(_text(with_axis(shape, axis, "b")) for shape, axis in zip(outputs, verdict.out_axes, strict=True))
    largest = max(sizes.now, default=0) + FAR if inferred else None
    return AnySize(f"{given} -> {gives}", inferred, ", ".join(bounds), largest)


def _symbols(call: Call, probe: Probe, shapes: tuple[Shape, ...]) -> Iterator[tuple[Place, ...]]:
    """What may change alone, then what may change in pairs or all together where the sizes are the same now."""
    places = [(array, axis) for array, shape in enumerate(shapes) for axis in range(len(shape))][:MAX_DIMENSIONS]

    def may_change(*together: Place) -> bool:
        sizes = Sizes(shapes, (together,))
        return all(probe.example_of(call, sizes.changed((step,))).ok for step in (1, 2))

    tied = [place for place in places if not may_change(place)]
    groups: list[tuple[Place, ...]] = [(place,) for place in places if place not in tied]
    for size in dict.fromkeys(shapes[array][axis] for array, axis in tied):
        alike = [place for place in tied if shapes[place[0]][place[1]] == size]
        pairs = [pair for pair in itertools.combinations(alike, 2) if may_change(*pair)]
        for pair in pairs:
            if not any(place in group for group in groups for place in pair):
                groups.append(pair)
        if not pairs and len(alike) > 2 and may_change(*alike):
            groups.append(tuple(alike))
    yield from sorted(groups)


def _smallest(call: Call, probe: Probe, sizes: Sizes, index: int) -> int:
    """The smallest size of a symbol from which on the function takes it and gives something, others staying."""
    now = sizes.now[index]

    def works(size: int) -> bool:
        steps = tuple(size - now if i == index else 0 for i in range(len(sizes.symbols)))
        example = probe.example_of(call, sizes.changed(steps))
        return example.ok and not any(0 in output.shape for output in example.outputs)

    # What works from some size on is found by halving; the call's own size may give an empty result.
    return bisect.bisect_left(range(1, now + 1), True, key=works) + 1


def _named(sizes: Sizes, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    named: list[list[Any]] = [list(shape) for shape in sizes.shapes]
    for name, places in zip(names, sizes.symbols, strict=True):
        for array, axis in places:
            named[array][axis] = name
    return [tuple(shape) for shape in named]


def _symbolic(
    call: Call, probe: Probe, size: int | None, named: list[tuple[Any, ...]], bounds: list[str]
) -> list[tuple[Any, ...]] | None:
    """The outputs' shapes from jax.export's symbols; None where the function needs to know a size."""
    names = sorted({name for shape in named for name in shape if isinstance(name, str)})
    try:
        dimensions = export.symbolic_shape(", ".join(names), constraints=bounds)
        symbols = dict(zip(names, dimensions, strict=True))
        structs = tuple(
            Struct(tuple(symbols.get(dimension, dimension) for dimension in shape), leaf.struct.dtype)
            for shape, leaf in zip(named, call.leaves, strict=True)
            if leaf.struct is not None
        )
    except Exception:
        return None
    example = probe.example_with(call, structs, size)
    return [tuple(map(_readable, output.shape)) for output in example.outputs] if example.ok else None


def _readable(size: Any) -> Any:
    """``(n + 1)//2`` for what jax.export writes as ``floordiv(n + 1, 2)``."""
    return size if isinstance(size, int) else re.sub(r"floordiv\(([^(),]+), (\w+)\)", r"(\1)//\2", str(size))


def _inferred(call: Call, probe: Probe, sizes: Sizes, names: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
    """The outputs' shapes from what comes of several sizes of each symbol, and of all together."""
    steps_of_one = (*STEPS, FAR)
    moves = [tuple(s if i == j else 0 for j in range(len(names))) for i in range(len(names)) for s in steps_of_one]
    moves += [tuple(STEPS[1 + (i + extra) % 3] for i in range(len(names))) for extra in range(3)]
    points, examples = [], []
    for steps in dict.fromkeys(moves):
        example = probe.example_of(call, sizes.changed(steps))
        if not example.ok:
            return None
        points.append({name: now + step for name, now, step in zip(names, sizes.now, steps, strict=True)})
        examples.append(example)
    return _fitted(points, examples)


def _fitted(points: list[dict[str, int]], examples: list[Example]) -> list[tuple[Any, ...]] | None:
    ranks = {tuple(len(output.shape) for output in example.outputs) for example in examples}
    if len(ranks) != 1:
        return None
    (ndims,) = ranks
    return [
        tuple(
            formula(points, [example.outputs[index].shape[axis] for example in examples]) or "?" for axis in range(ndim)
        )
        for index, ndim in enumerate(ndims)
    ]


def _text(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"

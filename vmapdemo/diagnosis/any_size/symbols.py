"""The shapes of an accepted call for any sizes: ``(b, n), (b, 3) -> (b, n - 2)``."""

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jax import export

from vmapdemo.diagnosis.any_size.formula import formula
from vmapdemo.diagnosis.call.axes import Place, resized, with_axis
from vmapdemo.diagnosis.call.call import Struct
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.probe import Example, Probe
from vmapdemo.diagnosis.records import AnySize, Shape
from vmapdemo.diagnosis.verdict.verdict import Accepted

NAMES = "nmkpqrstuvwxyz"
MAX_DIMENSIONS = 8
STEPS = (0, 1, 2, 3, 5)
FAR = 24
"""A step to a size far from the call's, which shows what holds for small sizes alone."""

Group = tuple[Place, ...]
"""Places that only change together: one symbol stands for them."""

NamedShape = tuple[Any, ...]
"""A shape with symbols in it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Which sizes of one example may change, each symbol by itself."""

    mapped: MappedCall
    symbols: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(NAMES[: len(self.symbols)])

    @property
    def now(self) -> tuple[int, ...]:
        """Each symbol's size in the call."""
        return tuple(self.mapped.example_shapes[array][axis] for (array, axis), *_ in self.symbols)

    @property
    def named(self) -> tuple[NamedShape, ...]:
        """The shapes with names for the sizes that may change."""
        return self._replaced(self.names)

    def example(self, steps: Sequence[int], probe: Probe) -> Example:
        """What the function makes of arrays in which each symbol is larger by its step."""
        sizes = [now + step for now, step in zip(self.now, steps, strict=True)]
        return probe.example_of(self.mapped.call, self._replaced(sizes), self.mapped.size)

    def _replaced(self, sizes: Sequence[Any]) -> tuple[NamedShape, ...]:
        groups = zip(self.symbols, sizes, strict=True)
        return resized(self.mapped.example_shapes, {place: size for places, size in groups for place in places})


def any_size(accepted: Accepted, probe: Probe) -> AnySize | None:
    """The shapes in symbols; None if the function cannot be asked about other sizes.

    Symbolic shapes of ``jax.export`` give them if the function takes those. Otherwise (a Python loop over ``len(x)``)
    they are inferred from several sizes, and say so.
    """
    mapped = accepted.mapped
    if any(leaf.struct is None for leaf in mapped.call.leaves):
        return None
    sizes = Sizes(mapped, _symbols(mapped, probe))
    smallest = (_smallest(sizes, index, probe) for index in range(len(sizes.names)))
    bounds = tuple(f"{name} >= {least}" for name, least in zip(sizes.names, smallest, strict=True) if least > 1)
    symbolic = _symbolic(sizes, bounds, probe) if sizes.symbols else None
    outputs = _inferred(sizes, probe) if symbolic is None else symbolic
    if outputs is None:
        return None
    largest = max(sizes.now) + FAR if sizes.symbols and symbolic is None else None
    text = f"{_text(sizes.named, mapped.axes)} -> {_text(outputs, accepted.out_axes)}"
    return AnySize(text, largest is not None, ", ".join(bounds), largest)


def _symbols(mapped: MappedCall, probe: Probe) -> tuple[Group, ...]:
    """The groups of places that may change."""
    found: list[Group] = []
    for group in _possible_groups(mapped.example_shapes):
        rest = tuple(place for place in group if not any(place in other for other in found))
        sizes = Sizes(mapped, (rest,))
        if rest and all(sizes.example((step,), probe).ok for step in (1, 2)):
            found.append(rest)
    return tuple(sorted(found))


def _possible_groups(shapes: tuple[Shape, ...]) -> Iterator[Group]:
    """Each place alone, then pairs, then all of those that have the same size now."""
    places = [(array, axis) for array, shape in enumerate(shapes) for axis in range(len(shape))][:MAX_DIMENSIONS]
    yield from ((place,) for place in places)
    sizes = dict.fromkeys(shapes[array][axis] for array, axis in places)
    alike = [tuple((array, axis) for array, axis in places if shapes[array][axis] == size) for size in sizes]
    for group in alike:
        yield from itertools.combinations(group, 2)
    yield from alike


def _smallest(sizes: Sizes, index: int, probe: Probe) -> int:
    """The smallest size of a symbol from which on the function takes it and gives something, others staying."""
    now = sizes.now[index]

    def works(size: int) -> bool:
        steps = tuple(size - now if i == index else 0 for i in range(len(sizes.symbols)))
        example = sizes.example(steps, probe)
        return example.ok and not any(0 in shape for shape in example.shapes)

    # What works from some size on is found by halving; the call's own size may give an empty result.
    return bisect.bisect_left(range(1, now + 1), True, key=works) + 1


def _symbolic(sizes: Sizes, bounds: Sequence[str], probe: Probe) -> list[NamedShape] | None:
    """The outputs' shapes from jax.export's symbols; None if the function needs to know a size."""
    call, names = sizes.mapped.call, sorted(sizes.names)
    try:
        dimensions = export.symbolic_shape(", ".join(names), constraints=bounds)
        symbols = dict(zip(names, dimensions, strict=True))
        structs = tuple(
            Struct(tuple(symbols.get(dimension, dimension) for dimension in shape), leaf.struct.dtype)
            for shape, leaf in zip(sizes.named, call.leaves, strict=True)
            if leaf.struct is not None
        )
    except Exception:
        return None
    example = probe.example_with(call, structs, sizes.mapped.size)
    return [tuple(map(_readable, shape)) for shape in example.shapes] if example.ok else None


def _readable(size: Any) -> Any:
    """``(n + 1)//2`` for what jax.export writes as ``floordiv(n + 1, 2)``."""
    return size if isinstance(size, int) else re.sub(r"floordiv\(([^(),]+), (\w+)\)", r"(\1)//\2", str(size))


def _inferred(sizes: Sizes, probe: Probe) -> list[NamedShape] | None:
    """The outputs' shapes from those that several sizes of each symbol give, and several of all together."""
    count = len(sizes.symbols)
    moves = [tuple(step if i == j else 0 for j in range(count)) for i in range(count) for step in (*STEPS, FAR)]
    moves += [tuple(STEPS[1 + (i + extra) % 3] for i in range(count)) for extra in range(3)]
    points, examples = [], []
    for steps in dict.fromkeys(moves):
        example = sizes.example(steps, probe)
        if not example.ok:
            return None
        points.append({name: now + step for name, now, step in zip(sizes.names, sizes.now, steps, strict=True)})
        examples.append(example)
    return _fitted(points, examples)


def _fitted(points: list[dict[str, int]], examples: list[Example]) -> list[NamedShape] | None:
    ranks = {tuple(map(len, example.shapes)) for example in examples}
    if len(ranks) != 1:
        return None
    (ndims,) = ranks
    return [
        tuple(formula(points, [example.shapes[index][axis] for example in examples]) or "?" for axis in range(ndim))
        for index, ndim in enumerate(ndims)
    ]


def _text(shapes: Sequence[NamedShape], axes: tuple[Any, ...]) -> str:
    """The shapes with the batch in them."""
    whole = (with_axis(shape, axis, "b") for shape, axis in zip(shapes, axes, strict=True))
    return ", ".join(f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" for shape in whole)

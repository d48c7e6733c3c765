"""Which size would work: one dimension of one argument is varied while the others stay."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.probe.probe import Example, Probe, inside_shapes
from vmapdemo.diagnosis.records import Shape
from vmapdemo.diagnosis.verdict.verdict import Verdict
from vmapdemo.diagnosis.wording import listed

SMALL = range(1, 9)
"""Sizes that are all tried, where the size that works is among them."""

MOST_HINTS = 8
MOST_QUESTIONS = 48
MOST_SIZE = 100_000

Place = tuple[int, int]
"""An array of the call, and one of its axes inside the function."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Dimensions of arrays, inside the function, that have one size now, and the sizes that would work.

    ``is_exact``: no other size does.
    """

    places: tuple[Place, ...]
    sizes: str
    is_exact: bool


def size_advice(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """One sentence per argument whose size alone would mend a refused example, the most definite first."""
    remedies = sorted(remedies_by_size(call, verdict, probe), key=lambda remedy: not remedy.is_exact)
    return tuple(_sentence(call, verdict, remedy) for remedy in remedies[:2])


def enough(call: Call, verdict: Verdict, probe: Probe) -> str:
    """A sentence on the size that would make an empty result hold something, or nothing."""
    remedies = remedies_by_size(call, verdict, probe)
    return _sentence(call, verdict, remedies[0]) if remedies else ""


def remedies_by_size(call: Call, verdict: Verdict, probe: Probe) -> tuple[Remedy, ...]:
    """Every array of which another size gives a result that is not empty; else arrays of one size that change together.

    Which sizes are tried is hinted at by the numbers in JAX's message, in the shapes on the failing line, in the
    function's code and in the shapes of the call. The hints decide nothing.
    """
    trial = _Trial(call, inside_shapes(call, verdict.axes or ()), verdict.size, probe)
    hints = tuple(_hints(call, verdict, probe))
    places = [(leaf, axis) for leaf, shape in enumerate(trial.shapes) for axis in range(len(shape))]
    alone = tuple(trial.remedies(((place,) for place in places), hints))
    return alone or tuple(trial.remedies(_of_one_size(trial.shapes, places), hints))


def _of_one_size(shapes: tuple[Shape, ...], places: list[Place]) -> Iterator[tuple[Place, ...]]:
    """Places that have the same size, in different arrays."""
    for size in dict.fromkeys(shapes[leaf][axis] for leaf, axis in places):
        alike = tuple(place for place in places if shapes[place[0]][place[1]] == size)
        if len({leaf for leaf, _ in alike}) > 1:
            yield alike


def _hints(call: Call, verdict: Verdict, probe: Probe) -> Iterator[int]:
    """Sizes that may be meant, the likeliest first, without repeats."""
    refusal, fault = verdict.refusal, verdict.fault
    named = [int(number) for number in re.findall(r"\b\d{1,6}\b", refusal.message if refusal is not None else "")]
    on_the_line = [size for shape in (fault.shapes.values() if fault is not None else ()) for size in shape]
    written = probe.written_numbers(call)
    given = [size for leaf in call.leaves for size in leaf.shape]
    found = dict.fromkeys((*named, *on_the_line, *written, *given))
    near = (size + step for size in tuple(found)[:4] for step in (-1, 1))
    yield from (size for size in dict.fromkeys((*found, *near)) if 0 < size <= MOST_SIZE)


@dataclass
class _Trial:
    """Asks what the function makes of other sizes, so many times at most."""

    call: Call
    shapes: tuple[Shape, ...]
    batch: int | None
    probe: Probe
    left: int = MOST_QUESTIONS
    known: dict[tuple[tuple[Place, ...], int], bool] = field(default_factory=dict)

    def remedies(self, groups: Iterable[tuple[Place, ...]], hints: tuple[int, ...]) -> Iterator[Remedy]:
        for places in groups:
            now = self.shapes[places[0][0]][places[0][1]]
            others = [size for size in hints if size != now and _is_likely(size, now)][:MOST_HINTS]
            small = [size for size in SMALL if size != now and size not in others] if now in SMALL else []
            works = next((size for size in (*others, *small) if self._works(places, size)), None)
            if works is not None:
                yield self._described(places, now, works)

    def _described(self, places: tuple[Place, ...], now: int, works: int) -> Remedy:
        """The sizes around one that works."""
        if now in SMALL and works in SMALL:
            sizes = [size for size in SMALL if self._works(places, size)]
            sizes = [size for size in sizes if size > 1] or sizes  # one value is broadcast to any number
            return Remedy(places, _all_of(sizes), len(sizes) == 1)
        if not self._works(places, works + 1):
            exact = not self._works(places, works - 1)
            return Remedy(places, _all_of([works]) if exact else f"at most {works} values", exact)
        least = now < works and not self._works(places, works - 1)
        return Remedy(places, f"at least {works} values" if least else f"{works} values, for example", False)

    def _works(self, places: tuple[Place, ...], size: int) -> bool:
        if (places, size) not in self.known:
            if self.left <= 0 or size < 1:
                return False
            self.left -= 1
            example = self.probe.example_of(self.call, _varied(self.shapes, places, size), self.batch)
            self.known[places, size] = _is_full(example)
        return self.known[places, size]


def _is_likely(size: int, now: int) -> bool:
    """Where a longer array does not fit, one or two values may do by broadcasting, which nobody means."""
    return size > 2 or now in SMALL


def _is_full(example: Example) -> bool:
    return example.ok and all(0 not in output.shape for output in example.outputs)


def _varied(shapes: tuple[Shape, ...], places: tuple[Place, ...], size: int) -> tuple[Shape, ...]:
    varied = [list(shape) for shape in shapes]
    for leaf, axis in places:
        varied[leaf][axis] = size
    return tuple(map(tuple, varied))


def _sentence(call: Call, verdict: Verdict, remedy: Remedy) -> str:
    shapes = inside_shapes(call, verdict.axes or ())
    by_leaf = itertools.groupby(remedy.places, key=lambda place: place[0])
    named = [(call.leaves[leaf].path, len(shapes[leaf]), [axis for _, axis in group]) for leaf, group in by_leaf]
    leaf, axis = remedy.places[0]
    if len(named) == 1 and named[0][1] > 1:
        where = f"along axis {axis} of `{named[0][0]}` inside the function"
    else:
        where = f"of {listed(name for name, _, _ in named)}"
    return f"It would work with {remedy.sizes} {where}; here there are {shapes[leaf][axis]}."


def _all_of(sizes: list[int]) -> str:
    """``exactly 3 values``, ``at least 3 values`` or ``2 or 4 values``."""
    if len(sizes) == 1:
        return f"exactly {sizes[0]} {'value' if sizes[0] == 1 else 'values'}"
    if sizes == list(range(sizes[0], SMALL[-1] + 1)):
        return f"at least {sizes[0]} values"
    return f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]} values"

"""Which size would work: one dimension of one argument is varied while the others stay."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vmapdemo.diagnosis.call.axes import Place, resized
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.calling import Failed
from vmapdemo.diagnosis.probe.probe import Example, Probe
from vmapdemo.diagnosis.records import Shape
from vmapdemo.diagnosis.wording import listed

SMALL = range(1, 9)
"""Sizes that are all tried, if the size that works is among them."""

MOST_HINTS = 8
MOST_QUESTIONS = 48
MOST_SIZE = 100_000


@dataclass(frozen=True, slots=True)
class OtherSize:
    """Dimensions of arrays, inside the function, that have one size now, and the sizes that would work.

    ``is_exact``: no other size does.
    """

    places: tuple[Place, ...]
    sizes: str
    is_exact: bool


def size_advice(mapped: MappedCall, probe: Probe, failed: Failed | None = None) -> tuple[str, ...]:
    """One sentence per argument whose size alone would fix a refused example, the most definite first."""
    others = sorted(other_sizes(mapped, probe, failed), key=lambda other: not other.is_exact)
    return tuple(_sentence(mapped, other) for other in others[:2])


def enough(mapped: MappedCall, probe: Probe) -> str:
    """A sentence on the size that would make an empty result hold something, or nothing."""
    others = other_sizes(mapped, probe)
    return _sentence(mapped, others[0]) if others else ""


def other_sizes(mapped: MappedCall, probe: Probe, failed: Failed | None = None) -> tuple[OtherSize, ...]:
    """Every array whose size alone would have to change for a result that is not empty; else arrays of one size.

    Which sizes are tried is hinted at by the numbers in JAX's message, in the shapes on the failing line, in the
    function's code and in the shapes of the call. The hints decide nothing.
    """
    trial, shapes = _Trial(mapped, probe), mapped.example_shapes
    hints = tuple(_hints(mapped, probe, failed))
    places = [(leaf, axis) for leaf, shape in enumerate(shapes) for axis in range(len(shape))]
    alone = tuple(trial.that_work(((place,) for place in places), hints))
    return alone or tuple(trial.that_work(_of_one_size(shapes, places), hints))


def _of_one_size(shapes: tuple[Shape, ...], places: list[Place]) -> Iterator[tuple[Place, ...]]:
    """Places that have the same size, in different arrays."""
    for size in dict.fromkeys(shapes[leaf][axis] for leaf, axis in places):
        alike = tuple(place for place in places if shapes[place[0]][place[1]] == size)
        if len({leaf for leaf, _ in alike}) > 1:
            yield alike


def _hints(mapped: MappedCall, probe: Probe, failed: Failed | None) -> Iterator[int]:
    """Sizes that may be meant, the likeliest first, without repeats."""
    message, fault = ("", None) if failed is None else (failed.refusal.message, failed.fault)
    named = [int(number) for number in re.findall(r"\b\d{1,6}\b", message)]
    on_the_line = [size for shape in (fault.shapes.values() if fault is not None else ()) for size in shape]
    written = probe.written_numbers(mapped.call)
    given = [size for leaf in mapped.call.leaves for size in leaf.shape]
    found = dict.fromkeys((*named, *on_the_line, *written, *given))
    near = (size + step for size in tuple(found)[:4] for step in (-1, 1))
    yield from (size for size in dict.fromkeys((*found, *near)) if 0 < size <= MOST_SIZE)


@dataclass
class _Trial:
    """Asks what the function makes of other sizes, a limited number of times."""

    mapped: MappedCall
    probe: Probe
    left: int = MOST_QUESTIONS
    known: dict[tuple[tuple[Place, ...], int], bool] = field(default_factory=dict)

    def that_work(self, groups: Iterable[tuple[Place, ...]], hints: tuple[int, ...]) -> Iterator[OtherSize]:
        for places in groups:
            now = _size(self.mapped, places[0])
            others = [size for size in hints if size != now and _is_likely(size, now)][:MOST_HINTS]
            small = [size for size in SMALL if size != now and size not in others] if now in SMALL else []
            works = next((size for size in (*others, *small) if self._works(places, size)), None)
            if works is not None:
                yield self._described(places, now, works)

    def _described(self, places: tuple[Place, ...], now: int, works: int) -> OtherSize:
        """The sizes around one that works."""
        if now in SMALL and works in SMALL:
            sizes = [size for size in SMALL if self._works(places, size)]
            sizes = [size for size in sizes if size > 1] or sizes  # one value is broadcast to any number
            return OtherSize(places, _all_of(sizes), len(sizes) == 1)
        if not self._works(places, works + 1):
            exact = not self._works(places, works - 1)
            return OtherSize(places, _all_of([works]) if exact else f"at most {works} values", exact)
        least = now < works and not self._works(places, works - 1)
        return OtherSize(places, f"at least {works} values" if least else f"{works} values, for example", False)

    def _works(self, places: tuple[Place, ...], size: int) -> bool:
        if (places, size) not in self.known:
            if self.left <= 0 or size < 1:
                return False
            self.left -= 1
            shapes = resized(self.mapped.example_shapes, dict.fromkeys(places, size))
            example = self.probe.example_of(self.mapped.call, shapes, self.mapped.size)
            self.known[places, size] = _is_full(example)
        return self.known[places, size]


def _is_likely(size: int, now: int) -> bool:
    """If a longer array does not fit, one or two values may still broadcast, which nobody means."""
    return size > 2 or now in SMALL


def _is_full(example: Example) -> bool:
    return example.ok and all(0 not in shape for shape in example.shapes)


def _size(mapped: MappedCall, place: Place) -> int:
    array, axis = place
    return mapped.example_shapes[array][axis]


def _sentence(mapped: MappedCall, other: OtherSize) -> str:
    first = other.places[0]
    arrays = dict.fromkeys(array for array, _ in other.places)
    names = [mapped.call.leaves[array].path for array in arrays]
    if len(names) == 1 and len(mapped.example_shapes[first[0]]) > 1:
        where = f"along axis {first[1]} of `{names[0]}` inside the function"
    else:
        where = f"of {listed(names)}"
    return f"It would work with {other.sizes} {where}; here there are {_size(mapped, first)}."


def _all_of(sizes: list[int]) -> str:
    """``exactly 3 values``, ``at least 3 values`` or ``2 or 4 values``."""
    if len(sizes) == 1:
        return f"exactly {sizes[0]} {'value' if sizes[0] == 1 else 'values'}"
    if sizes == list(range(sizes[0], SMALL[-1] + 1)):
        return f"at least {sizes[0]} values"
    return f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]} values"

"""Which other axes to try for a call, the likeliest first; nothing here asks JAX."""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from vmapdemo.diagnosis.call.axes import exists, without
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.call.mapped_call import LeafAxes, MappedCall, fits_ndim
from vmapdemo.diagnosis.records import Shape

MAX_CANDIDATES = 400
MOST_LEVELS = 3


@dataclass(frozen=True)
class Candidate:
    """Axes to try: for each vmap, the outermost first, one entry per array. Inner axes count in what is left."""

    call: Call
    levels: tuple[LeafAxes, ...]

    @cached_property
    def outer(self) -> MappedCall:
        """The call along the axes of the outermost vmap, or of the only one."""
        return MappedCall(self.call, self.levels[0])

    @property
    def is_nested(self) -> bool:
        return len(self.levels) > 1

    @property
    def example_shapes(self) -> tuple[Shape, ...]:
        """What the function sees of each array."""
        return self._shapes[-1]

    @cached_property
    def sizes(self) -> tuple[int | None, ...]:
        """The batch size of each vmap; ``axis_size``, or None, if nothing is mapped."""
        return tuple(self._size(shapes, axes) for shapes, axes in zip(self._shapes, self.levels, strict=False))

    def _size(self, shapes: tuple[Shape, ...], axes: LeafAxes) -> int | None:
        mapped = (shape[axis] for shape, axis in zip(shapes, axes, strict=True) if axis is not None)
        return next(mapped, self.call.options.axis_size)

    @cached_property
    def _shapes(self) -> tuple[tuple[Shape, ...], ...]:
        """The shapes of the arrays outside of all vmaps, then inside of each."""
        shapes = [tuple(leaf.shape for leaf in self.call.leaves)]
        for axes in self.levels:
            shapes.append(tuple(without(shape, axis) for shape, axis in zip(shapes[-1], axes, strict=True)))
        return tuple(shapes)

    def is_mapped_inside(self, index: int) -> bool:
        """Whether a vmap other than the outermost maps the array."""
        return any(axes[index] is not None for axes in self.levels[1:])


def can_search(call: Call) -> bool:
    """Whether axes are all that could be wrong: what is given by keyword is an array with an axis 0."""
    return bool(call.leaves) and all(leaf.shape for leaf in call.leaves if leaf.keyword)


def flat_candidates(call: Call, current: tuple[Any, ...]) -> list[Candidate]:
    """One vmap along other axes than the current ones, the likeliest first."""
    candidates = (axes for axes in _choices_of_all(call, current) if _one_size(call, axes))
    return _ranked(current, (Candidate(call, (axes,)) for axes in dict.fromkeys(candidates)))


def nested_candidates(call: Call, current: tuple[Any, ...], levels: int) -> list[Candidate]:
    """Nested vmaps: batch axes more than one vmap takes, or all pairs of two batches."""
    if any(leaf.keyword for leaf in call.leaves) or call.options.given():
        return []
    return _ranked(current, itertools.islice(_nested(call, current, levels), MAX_CANDIDATES))


def is_ambiguous(shape: Shape, axis: int | None) -> bool:
    """Whether the axis is another than 0 and axis 0 is as long, so that shapes cannot tell which is meant."""
    return axis is not None and axis % len(shape) != 0 and shape[0] == shape[axis]


def _choices_of_all(call: Call, current: tuple[Any, ...]) -> Iterator[LeafAxes]:
    """Every choice for few arrays; for many, each argument's arrays together, and one array alone."""
    choices = [_choices(leaf) for leaf in call.leaves]
    if math.prod(map(len, choices)) <= MAX_CANDIDATES:
        yield from itertools.product(*choices)
        return
    for size in dict.fromkeys(size for leaf in call.leaves for size in leaf.shape):
        yield from itertools.islice(_together(call, current, size), MAX_CANDIDATES)
    settled = [axis if axis in own else own[0] for axis, own in zip(current, choices, strict=True)]
    alone = (
        (*settled[:position], axis, *settled[position + 1 :]) for position, own in enumerate(choices) for axis in own
    )
    yield from itertools.islice(alone, MAX_CANDIDATES)


def _together(call: Call, current: tuple[Any, ...], size: int) -> Iterator[LeafAxes]:
    """For a batch of that size: each argument shared as a whole, or mapped wherever it has such an axis."""
    mapped = [_axis_of_size(leaf, axis, size) for leaf, axis in zip(call.leaves, current, strict=True)]
    options = []
    for group in _arguments(call):
        together = tuple(mapped[i] for i in group)
        shared = (None,) * len(group)
        options.append((together,) if call.leaves[group[0]].keyword else tuple(dict.fromkeys((together, shared))))
    for choice in itertools.product(*options):
        yield tuple(itertools.chain.from_iterable(choice))


def _arguments(call: Call) -> list[list[int]]:
    """The positions of the arrays, argument by argument."""
    return [[*group] for _, group in itertools.groupby(range(len(call.leaves)), lambda i: call.leaves[i].argument)]


def _axis_of_size(leaf: Leaf, current: Any, size: int) -> int | None:
    axes = [axis for axis in _choices(leaf) if axis is not None and leaf.shape[axis] == size]
    return current if current in axes else next(iter(axes), None)


def _choices(leaf: Leaf) -> tuple[int | None, ...]:
    return (0,) if leaf.keyword else (*range(len(leaf.shape)), None)


def _one_size(call: Call, axes: LeafAxes) -> bool:
    """Whether something is mapped and all mapped axes have one size, which is ``axis_size`` if that is given."""
    pairs = MappedCall(call, axes).pairs
    sizes = {leaf.shape[axis] for leaf, axis in pairs if axis is not None and leaf.shape}
    return len(sizes) == 1 and call.options.axis_size in (None, *sizes)


Ways = tuple[int | None, ...]
"""For one array, its axis in each of several vmaps, each in what the vmaps around it leave."""


def _nested(call: Call, current: tuple[Any, ...], levels: int) -> Iterator[Candidate]:
    """Every combination of what each argument may be mapped by, if the sizes of each vmap agree."""
    groups = _arguments(call)
    options = [_ways_of_argument(call, current, group, levels) for group in groups]

    def choose(position: int, sizes: tuple[int | None, ...], chosen: tuple[Ways, ...]) -> Iterator[Candidate]:
        if position == len(groups):
            if None not in sizes:
                yield Candidate(call, tuple(zip(*chosen, strict=True)))
            return
        for ways in options[position]:
            after = sizes
            for index, way in zip(groups[position], ways, strict=True):
                after = _agreed(after, _sizes_of(call.leaves[index].shape, way)) if after else ()
            if after:
                yield from choose(position + 1, after, chosen + ways)

    yield from choose(0, (None,) * levels, ())


def _ways_of_argument(call: Call, current: tuple[Any, ...], group: list[int], levels: int) -> list[tuple[Ways, ...]]:
    """For the arrays of one argument: the vmaps that map it, along leading axes or, outermost, the current one."""
    found: dict[tuple[Ways, ...], None] = {}
    for count in range(levels, -1, -1):
        for mapped_by in itertools.combinations(range(levels), count):
            for first in _first_axes(call, current, group, is_outer=0 in mapped_by):
                ways = tuple(_way(call, index, mapped_by, first, levels) for index in group)
                if any(axis is not None for way in ways for axis in way) == bool(mapped_by):
                    found[ways] = None
    return list(found)


def _first_axes(call: Call, current: tuple[Any, ...], group: list[int], *, is_outer: bool) -> list[Any]:
    """The axes that the outermost vmap of an argument may have: as written, the first, or any of a single array's."""
    leaf = call.leaves[group[0]]
    written = [current[group[0]]] if is_outer and type(current[group[0]]) is int else []
    return [*written, *(range(len(leaf.shape)) if len(group) == 1 else (0,))] or [0]


def _way(call: Call, index: int, mapped_by: tuple[int, ...], first: int, levels: int) -> Ways:
    """One array's axes: those that it has and that are not wanted inside the function."""
    ndim, wanted = len(call.leaves[index].shape), call.leaf_ndim[index]
    most = min(len(mapped_by), ndim if wanted is None else max(ndim - wanted, 0))
    taken = mapped_by[:most]
    start = first if exists(first, ndim) else 0
    return tuple((start if level == taken[0] else 0) if level in taken else None for level in range(levels))


def _sizes_of(shape: Shape, way: Ways) -> tuple[int | None, ...]:
    sizes = []
    for axis in way:
        sizes.append(None if axis is None else shape[axis])
        shape = without(shape, axis)
    return tuple(sizes)


def _agreed(sizes: tuple[int | None, ...], others: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The sizes of each vmap, or nothing if two arrays disagree."""
    pairs = list(zip(sizes, others, strict=True))
    if any(None not in (a, b) and a != b for a, b in pairs):
        return ()
    return tuple(a if b is None else b for a, b in pairs)


def _ranked(current: tuple[Any, ...], candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that fit ``example_ndim``: what raises no caution, then fewest changes, then axis 0 first."""
    fitting = (candidate for candidate in candidates if fits_ndim(candidate.call, candidate.example_shapes))
    return sorted(fitting, key=lambda candidate: _preference(current, candidate))


class Preference(NamedTuple):
    """What makes axes likely, in this order; less is likelier."""

    doubts: int
    """Arrays that raise a caution: an ambiguous axis, or one random key for all."""
    of_one: int
    """Mapped axes of one example: they are there to be broadcast, which vmap does not do."""
    torn: int
    """Arguments that are mapped in part, although nobody wrote so: parameters are mapped or shared as a whole."""
    split: bool
    """Whether this splits a vector into scalars while another array keeps an axis (a kernel's taps, say)."""
    late: int
    """Of vmaps over all pairs: the place of the first array of the outermost; results are read in that order."""
    left: int
    """Of nested vmaps: the axes that are left inside."""
    arguments: int
    """Arguments that change."""
    arrays: int
    """Arrays that change."""
    axes: int
    """The sum of the axes."""
    shared: tuple[bool, ...]


def _preference(current: tuple[Any, ...], candidate: Candidate) -> Preference:
    outer = candidate.outer
    changed = [candidate.call.leaves[index] for index in outer.changes(current)]
    entries = list(itertools.chain.from_iterable(candidate.levels))
    return Preference(
        doubts=sum(is_ambiguous(leaf.shape, axis) or (leaf.is_key and axis is None) for leaf, axis in outer.pairs),
        of_one=sum(axis is not None and leaf.shape[axis] == 1 for leaf, axis in outer.pairs),
        torn=_torn(outer, changed),
        split=candidate.is_nested and _splits(candidate),
        late=_late(candidate) if candidate.is_nested else 0,
        left=sum(map(len, candidate.example_shapes)) if candidate.is_nested else 0,
        arguments=len({leaf.path if leaf.keyword else leaf.argument for leaf in changed}),
        arrays=len(changed),
        axes=sum(axis for axis in entries if axis is not None),
        shared=tuple(axis is None for axis in entries),
    )


def _late(candidate: Candidate) -> int:
    by_one = all(sum(axis is not None for axis in axes) <= 1 for axes in zip(*candidate.levels, strict=True))
    return next(i for i, axis in enumerate(candidate.outer.axes) if axis is not None) if by_one else 0


def _splits(candidate: Candidate) -> bool:
    call, inside = candidate.call, candidate.example_shapes
    left = zip(call.leaves, inside, call.leaf_ndim, strict=True)
    vectors = any(len(leaf.shape) > 1 and not shape and wanted is None for leaf, shape, wanted in left)
    return vectors and any(inside)


def _torn(outer: MappedCall, changed: list[Leaf]) -> int:
    """A single number among mapped arrays tears nothing: it cannot be mapped."""
    mapped: dict[Any, set[bool]] = {}
    for leaf, axis in outer.pairs:
        if leaf.shape or axis is not None:
            mapped.setdefault(leaf.argument, set()).add(axis is not None)
    touched = {leaf.argument for leaf in changed}
    return sum(len(mapped.get(argument, ())) > 1 for argument in touched if argument is not None)

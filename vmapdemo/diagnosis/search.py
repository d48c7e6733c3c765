"""Which other axes to try for a call, the likeliest first; nothing here asks JAX."""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call, Leaf
from vmapdemo.diagnosis.records import Shape

MAX_CANDIDATES = 400
MAX_NESTED_ARRAYS = 5

LeafAxes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Axes to try: one entry per array for the outer vmap, and for an inner one where two are nested."""

    outer: LeafAxes
    inner: LeafAxes | None = None


def can_search(call: Call) -> bool:
    """Whether axes are all that could be wrong: what is given by keyword is an array with an axis 0."""
    return bool(call.leaves) and all(leaf.shape for leaf in call.leaves if leaf.keyword)


def flat_candidates(call: Call, current: tuple[Any, ...]) -> list[Candidate]:
    """One vmap along other axes than the current ones, the likeliest first."""
    candidates = (axes for axes in _choices_of_all(call, current) if _one_size(call, axes))
    return _ranked(call, current, (Candidate(axes) for axes in dict.fromkeys(candidates)))


def nested_candidates(call: Call, current: tuple[Any, ...]) -> list[Candidate]:
    """Two nested vmaps: a batch axis more than one vmap takes, or all pairs of two batches."""
    if any(leaf.keyword for leaf in call.leaves) or call.options.given() or len(call.leaves) > MAX_NESTED_ARRAYS:
        return []
    return _ranked(call, current, _nested(call))


def same_axis(axis: Any, other: int | None, ndim: int) -> bool:
    """Whether two entries mean one axis; negative ones count from the end."""
    if axis is None or other is None or not isinstance(axis, int):
        return axis is other
    return axis == other or axis + ndim == other


def same_axes(call: Call, axes: tuple[Any, ...], others: LeafAxes) -> bool:
    """Whether two sets of axes mean the same for every array."""
    return all(same_axis(a, b, len(leaf.shape)) for a, b, leaf in zip(axes, others, call.leaves, strict=True))


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
    for position, own in enumerate(choices):
        yield from ((*settled[:position], axis, *settled[position + 1 :]) for axis in own)


def _together(call: Call, current: tuple[Any, ...], size: int) -> Iterator[LeafAxes]:
    """For a batch of that size: each argument shared as a whole, or mapped wherever it has such an axis."""
    mapped = [_axis_of_size(leaf, axis, size) for leaf, axis in zip(call.leaves, current, strict=True)]
    groups = [[*group] for _, group in itertools.groupby(range(len(call.leaves)), lambda i: call.leaves[i].argument)]
    options = []
    for group in groups:
        together = tuple(mapped[i] for i in group)
        shared = (None,) * len(group)
        options.append((together,) if call.leaves[group[0]].keyword else tuple(dict.fromkeys((together, shared))))
    for choice in itertools.product(*options):
        yield tuple(itertools.chain.from_iterable(choice))


def _axis_of_size(leaf: Leaf, current: Any, size: int) -> int | None:
    axes = [axis for axis in _choices(leaf) if axis is not None and leaf.shape[axis] == size]
    return current if current in axes else next(iter(axes), None)


def _nested(call: Call) -> Iterator[Candidate]:
    for outer in itertools.islice(itertools.product(*map(_choices, call.leaves)), MAX_CANDIDATES):
        if not _one_size(call, outer):
            continue
        rest = [without(leaf.shape, axis) for leaf, axis in zip(call.leaves, outer, strict=True)]
        inner_choices = ((*range(len(shape)), None) for shape in rest)
        for inner in itertools.islice(itertools.product(*inner_choices), MAX_CANDIDATES):
            if _is_one({shape[axis] for shape, axis in zip(rest, inner, strict=True) if axis is not None}):
                candidate = Candidate(outer, inner)
                if not _takes_apart(call, candidate):
                    yield candidate


def _takes_apart(call: Call, candidate: Candidate) -> bool:
    """Whether a vector's numbers would be taken for examples beside arrays that stay whole: a kernel's taps, say."""
    left = list(_ndim_inside(call, candidate))
    vectors = [
        ndim == 0 and len(leaf.shape) > 1 and wanted is None
        for leaf, ndim, wanted in zip(call.leaves, left, call.leaf_ndim, strict=True)
    ]
    return any(vectors) and any(ndim > 0 for ndim in left)


def _ndim_inside(call: Call, candidate: Candidate) -> Iterator[int]:
    inner = candidate.inner or (None,) * len(candidate.outer)
    for leaf, a, b in zip(call.leaves, candidate.outer, inner, strict=True):
        yield len(leaf.shape) - (a is not None) - (b is not None)


def _choices(leaf: Leaf) -> tuple[int | None, ...]:
    return (0,) if leaf.keyword else (*range(len(leaf.shape)), None)


def _one_size(call: Call, axes: LeafAxes) -> bool:
    """Whether something is mapped and all mapped axes have one size, which is ``axis_size`` where that is given."""
    sizes = {leaf.shape[axis] for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None and leaf.shape}
    return _is_one(sizes) and call.options.axis_size in (None, *sizes)


def _is_one(sizes: set[int]) -> bool:
    return len(sizes) == 1


def _ranked(call: Call, current: tuple[Any, ...], candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that fit ``example_ndim``: what raises no caution, then fewest changes, then axis 0 first."""
    fitting = (candidate for candidate in candidates if _fits(call, candidate))
    return sorted(fitting, key=lambda candidate: _rank(call, current, candidate))


def _rank(call: Call, current: tuple[Any, ...], candidate: Candidate) -> tuple[Any, ...]:
    axes = (*candidate.outer, *(candidate.inner or ()))
    changed = [
        not same_axis(a, b, len(leaf.shape)) for a, b, leaf in zip(current, candidate.outer, call.leaves, strict=True)
    ]
    arguments = {
        leaf.path if leaf.keyword else leaf.argument
        for leaf, is_changed in zip(call.leaves, changed, strict=True)
        if is_changed
    }
    return (
        _doubts(call, candidate.outer),
        # An axis of one example is there to be broadcast, which vmap does not do.
        sum(
            axis is not None and leaf.shape[axis] == 1 for leaf, axis in zip(call.leaves, candidate.outer, strict=True)
        ),
        _torn(call, candidate.outer, changed),
        len(arguments),
        sum(changed),
        sum(axis for axis in axes if axis is not None),
        tuple(axis is None for axis in axes),
    )


def _doubts(call: Call, axes: LeafAxes) -> int:
    """How many arrays raise a caution: an ambiguous axis, or one random key for all."""
    return sum(
        is_ambiguous(leaf.shape, axis) or (leaf.is_key and axis is None)
        for leaf, axis in zip(call.leaves, axes, strict=True)
    )


def _of_one(call: Call, axes: LeafAxes) -> int:
    """How many axes of one example are mapped: they are there to be broadcast, which vmap does not do."""
    return sum(axis is not None and leaf.shape[axis] == 1 for leaf, axis in zip(call.leaves, axes, strict=True))


def _torn(call: Call, axes: LeafAxes, changed: list[bool]) -> int:
    """How many arguments would be mapped in part, although nobody wrote so: parameters are mapped or shared whole."""
    mapped: dict[Any, set[bool]] = {}
    for leaf, axis in zip(call.leaves, axes, strict=True):
        mapped.setdefault(leaf.argument, set()).add(axis is not None)
    touched = {leaf.argument for leaf, is_changed in zip(call.leaves, changed, strict=True) if is_changed}
    return sum(len(mapped[argument]) > 1 for argument in touched if argument is not None)


def _fits(call: Call, candidate: Candidate) -> bool:
    """Whether each array has as many axes inside the function as ``example_ndim`` says."""
    left = _ndim_inside(call, candidate)
    return all(wanted is None or wanted == ndim for wanted, ndim in zip(call.leaf_ndim, left, strict=True))

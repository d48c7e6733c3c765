"""Whether a function that refuses one example was given wrong axes, or is wrong itself.

The axes are legal, so that either may be meant. Other axes that the function happens to take are no evidence: single
numbers and whole arrays broadcast with anything. What counts is whether the function *depends* on the sizes that the
other axes give it, whether a different size would fix the call as it is written, and how many things the caller would
have had to get wrong.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from vmapdemo.diagnosis.advice.sizes import other_sizes
from vmapdemo.diagnosis.call.axes import Place, resized, without
from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.probe.refusal import Refusal
from vmapdemo.diagnosis.records import Fix, Shape
from vmapdemo.diagnosis.repair.axis_fixes import MAX_FIXES, axis_fixes, flat_offers, nested_offers
from vmapdemo.diagnosis.repair.candidates import Candidate
from vmapdemo.diagnosis.verdict.verdict import RefusedInside, Verdict

_LIKE_PARAMETERS = re.compile(
    r"(w|weights?|kernel|params?|parameters?|theta|phi|bias(es)?|basis|table|embeddings?|filter(bank|s)?|taps|layers?"
    r"|model|net(work)?|variables|cov(ariance)?|centroids?|centres?|centers?|matrix|transition|adj(acency)?|stiffness)\d*",
    re.IGNORECASE,
)
_LIKE_DATA = re.compile(
    r"(x|xs|y|ys|z|zs|im(g|age)s?|inputs?|data|batch|samples?|examples?|rows?|obs|observations?|points?|signals?"
    r"|tokens?|quer(y|ies)|states?|targets?|labels?|particles?|queries)\d*",
    re.IGNORECASE,
)

_ABOUT_RANK = re.compile(r"\b(\d-?d\b|\w*dimensional|rank|ndim|scalar)", re.IGNORECASE)

LARGE = 20
"""Two axes of one size that is at least as large seldom are so by chance."""

MOST_CHANNELS = 4
"""The last axis of images holds at most this many values: red, green, blue, opacity."""


@dataclass(frozen=True, slots=True)
class Change:
    """What other axes do to the arrays of a call: the positions of those that are no longer mapped, and so on."""

    shared: tuple[int, ...]
    mapped: tuple[int, ...]
    moved: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        return (*self.shared, *self.mapped, *self.moved)


class Likelihood:
    """Judges other axes for a call whose function refuses one example."""

    def __init__(self, verdict: RefusedInside, probe: Probe) -> None:
        self._call, self._now, self._probe = verdict.call, verdict.mapped, probe
        self._failed = verdict.failed

    def is_possible(self, candidate: Candidate) -> bool:
        """Whether the caller could have meant these axes, from the axes and the names alone."""
        change = self._change(candidate)
        if candidate.is_nested:
            return self._is_possible_nested(candidate, change)
        if change.shared and change.mapped:
            return not change.moved and (self._is_odd_now(change) or self._are_swapped(candidate))
        if change.mapped:
            return not change.moved and self._are_alike(candidate)
        if change.shared:
            return not change.moved and bool(candidate.outer.mapped)
        return self._is_possible_move(candidate, change)

    def is_likely(self, candidate: Candidate) -> bool:
        """Whether these axes are likelier to be meant than those that are written."""
        change = self._change(candidate)
        if change.shared and not change.mapped:
            return self._is_likely_share(candidate, change)
        if candidate.is_nested and self._only_broadcasts(candidate):
            return False
        if self._depends(candidate, change):
            return True
        if self.size_mends:
            return False
        return bool(change.all) or self._makes_a_number(candidate) or self._is_about_rank(candidate)

    def _is_about_rank(self, candidate: Candidate) -> bool:
        """Whether the function says that it wants fewer axes, as nested vmaps give it."""
        return candidate.is_nested and bool(_ABOUT_RANK.search(self._failed.refusal.message))

    def _only_broadcasts(self, candidate: Candidate) -> bool:
        """Whether nested vmaps change nothing but that an array of the function's own has room to be broadcast.

        The function then makes of less what it was to make of the whole: a result with as many axes.
        """
        if "for broadcasting" not in self._failed.refusal.message:
            return False
        inside = candidate.example_shapes
        example = self._probe.example_of(self._call, inside, candidate.sizes[-1])
        ranks, made = max(map(len, inside)), max(map(len, example.shapes), default=0)
        return made > ranks and made >= max(map(len, self._now.example_shapes))

    def _makes_a_number(self, candidate: Candidate) -> bool:
        """Whether nested vmaps give the function a single number, and no size of a vector would do."""
        inside = enumerate(candidate.example_shapes)
        return any(shape == () and candidate.is_mapped_inside(index) for index, shape in inside)

    def _is_likely_share(self, candidate: Candidate, change: Change) -> bool:
        """Sharing makes room for broadcasting: it takes names that say so, or that no other sharing would do."""
        if self._are_parameters(change.shared):
            return not self.size_mends or self._depends(candidate, change)
        return not self.size_mends and not self._others_could_be_shared(change)

    def _others_could_be_shared(self, change: Change) -> bool:
        """Whether the function takes it too if another of the mapped arguments is shared instead."""
        arguments = {self._call.leaves[index].argument for index in change.shared}
        for other in {leaf.argument for leaf in self._call.leaves if not leaf.keyword} - arguments:
            axes = tuple(None if leaf.argument == other else axis for leaf, axis in self._now.pairs)
            shared = MappedCall(self._call, axes)
            if shared.mapped and self._probe.example(shared).ok:
                return True
        return False

    @cached_property
    def size_mends(self) -> bool:
        """Whether the function would take the axes as they are written, if one size were different."""
        return bool(other_sizes(self._now, self._probe, self._failed))

    def _change(self, candidate: Candidate) -> Change:
        now, new = self._now.axes, candidate.outer.axes
        changed = candidate.outer.changes(now)
        return Change(
            shared=tuple(i for i in changed if new[i] is None),
            mapped=tuple(i for i in changed if now[i] is None),
            moved=tuple(i for i in changed if now[i] is not None and new[i] is not None),
        )

    def _is_possible_nested(self, candidate: Candidate, change: Change) -> bool:
        """The written axes stay outermost, the others lead; what is shared now becomes a batch only if it is data."""
        if change.all or any(axis not in (0, None) for level in candidate.levels[1:] for axis in level):
            return False
        newly = self._newly_mapped(candidate)
        return all(self._is_data(candidate, index) for index in newly) and not self._leaves_one_out(candidate)

    def _newly_mapped(self, candidate: Candidate) -> list[int]:
        """The arrays that are shared now, and mapped by an inner vmap."""
        return [i for i, now in enumerate(self._now.axes) if now is None and candidate.is_mapped_inside(i)]

    def _is_data(self, candidate: Candidate, index: int) -> bool:
        """Whether an array is a batch by its name, or because one example of it looks like one of a mapped array."""
        if _LIKE_DATA.fullmatch(self._root(index)):
            return True
        inside = candidate.example_shapes
        mapped = {shape for shape, axis in zip(inside, candidate.outer.axes, strict=True) if axis is not None}
        return not self._are_parameters((index,)) and inside[index] in mapped

    def _leaves_one_out(self, candidate: Candidate) -> bool:
        """Whether an array that is mapped has the size of the next vmap in front, and is not mapped by it."""
        shapes = tuple(leaf.shape for leaf in self._call.leaves)
        sizes = candidate.sizes
        for level, axes in enumerate(candidate.levels[:-1]):
            shapes = tuple(without(shape, axis) for shape, axis in zip(shapes, axes, strict=True))
            later = candidate.levels[level + 1]
            for shape, axis, then in zip(shapes, axes, later, strict=True):
                if axis is not None and then is None and shape[:1] == (sizes[level + 1],):
                    return True
        return False

    def _is_odd_now(self, change: Change) -> bool:
        """Whether the names say that parameters are mapped now, or data shared."""
        return self._are_parameters(change.shared) and not self._are_parameters(change.mapped)

    def _are_swapped(self, candidate: Candidate) -> bool:
        """Whether what is mapped and what is shared change places as a whole, and no size would do as it is written."""
        arrays = [i for i, leaf in enumerate(self._call.leaves) if leaf.shape]
        now, new = self._now.axes, candidate.outer.axes
        swapped = all((now[i] is None) != (new[i] is None) for i in arrays)
        return swapped and not self.size_mends

    def _are_alike(self, candidate: Candidate) -> bool:
        """Whether all mapped arrays have the same axis: two different ones are a coincidence of sizes.

        Small sizes coincide; large ones do so seldom.
        """
        size = candidate.outer.size
        is_large = size is not None and size >= LARGE
        return is_large or len({axis for axis in candidate.outer.axes if axis is not None}) == 1

    def _is_possible_move(self, candidate: Candidate, change: Change) -> bool:
        """All mapped arrays move, or become alike; an axis in the middle of many is nobody's batch."""
        mapped = {index for index, axis in enumerate(candidate.outer.axes) if axis is not None}
        return self._are_outside(candidate, change) and (set(change.moved) == mapped or self._are_alike(candidate))

    def _are_outside(self, candidate: Candidate, change: Change) -> bool:
        """Whether arrays are mapped along one of their first two axes, or the last."""
        for index in change.moved:
            shape, axis = self._call.leaves[index].shape, candidate.outer.axes[index]
            size = shape[axis or 0]
            is_last_of_many = axis == len(shape) - 1 and len(shape) > 3
            is_of_image = is_last_of_many and (size <= MOST_CHANNELS or shape.count(size) > 1)
            if axis not in (0, 1, len(shape) - 1) or size == 1 or is_of_image:
                return False
        return True

    def _are_parameters(self, positions: Iterable[int]) -> bool:
        return all(_LIKE_PARAMETERS.fullmatch(self._root(index)) for index in positions)

    def _root(self, index: int) -> str:
        return re.split(r"[.\[]", self._call.leaves[index].path)[0]

    def _depends(self, candidate: Candidate, change: Change) -> bool:
        """Whether the function refuses one value more in what these axes change.

        The axes that are mapped now have one size in any case, so that a function which needs them to be equal says
        nothing: they grow together.
        """
        inside = candidate.example_shapes
        changed = [i for i in range(len(inside)) if i in change.all or candidate.is_mapped_inside(i)]
        batches = tuple(place for i in change.moved for place in self._place_of_batch(candidate, i))
        alone = [(i, axis) for i in changed for axis in range(len(inside[i])) if (i, axis) not in batches]
        groups = ([batches] if batches else []) + [(place,) for place in alone]
        return any(self._refuses_more(candidate, inside, places) for places in groups)

    def _place_of_batch(self, candidate: Candidate, index: int) -> list[Place]:
        """Where the axis that is mapped now stands inside the function under the other axes."""
        now, new = self._now.axes[index], candidate.outer.axes[index]
        ndim = len(self._call.leaves[index].shape)
        if now is None or new is None:
            return []
        now, new = now % ndim, new % ndim
        return [(index, now - (now > new))]

    def _refuses_more(self, candidate: Candidate, inside: tuple[Shape, ...], places: tuple[Place, ...]) -> bool:
        grown = resized(inside, {(index, axis): inside[index][axis] + 1 for index, axis in places})
        return not self._probe.example_of(self._call, grown, candidate.sizes[-1]).ok


def likely_fixes(verdict: Verdict, probe: Probe, already: str = "") -> tuple[Fix, ...]:
    """Other axes that JAX accepts, best first; if the function refuses legal axes, only what is likelier than that.

    Known ranks say more than any likelihood.
    """
    if not isinstance(verdict, RefusedInside) or knows_ranks(verdict.call):
        fixes = axis_fixes(verdict, probe, already)
        pairs = () if knows_ranks(verdict.call) else _all_pairs(verdict.mapped, probe)
        return (*fixes[: MAX_FIXES - len(pairs)], *pairs)
    if not _is_about_shapes(verdict.refusal):
        return ()
    likelihood = Likelihood(verdict, probe)
    offers = flat_offers(verdict, probe, already, likelihood.is_possible)
    likely = [offer.fix for offer in offers if likelihood.is_likely(offer.candidate)]
    if not likely:
        offers = nested_offers(verdict.call, probe, already, likelihood.is_possible)
        likely = [offer.fix for offer in offers if likelihood.is_likely(offer.candidate)]
    return tuple(likely)


def _all_pairs(mapped: MappedCall | None, probe: Probe) -> tuple[Fix, ...]:
    """A table of every pair, if two batches of different sizes hold examples that look alike."""
    if mapped is None or len(mapped.axes) != 2 or None in mapped.axes or not mapped.exists:
        return ()
    first, second = mapped.call.leaves
    one, other = mapped.axes
    are_alike = mapped.example_shapes[0] == mapped.example_shapes[1]
    if not are_alike or first.shape[one] == second.shape[other] or len(first.shape) < 2:
        return ()
    table = ((one, None), (None, other))
    offers = nested_offers(mapped.call, probe, is_worth_trying=lambda candidate: candidate.levels == table)
    return tuple(offer.fix for offer in offers[:1])


def knows_ranks(call: Call) -> bool:
    """Whether the number of axes inside the function is known."""
    return any(ndim is not None for ndim in call.leaf_ndim)


def _is_about_shapes(refusal: Refusal) -> bool:
    """Whether an error may come of shapes; a missing key, attribute or name does not."""
    return not refusal.is_a(KeyError, AttributeError, NameError, ImportError, NotImplementedError)

"""Other axes for the same call, each checked on the real vmap before it is offered."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax

from vmapdemo.diagnosis.call.axes import Problem, exists, is_axis, same_axis, with_axis
from vmapdemo.diagnosis.call.call import Call, Struct
from vmapdemo.diagnosis.call.code import nested_vmap_code, vmap_code
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.call.mapped_call import LeafAxes, MappedCall
from vmapdemo.diagnosis.probe.calling import Traced, as_it_is
from vmapdemo.diagnosis.probe.probe import Example, Probe
from vmapdemo.diagnosis.records import Fix, Output, Shape
from vmapdemo.diagnosis.repair.candidates import (
    MOST_LEVELS,
    Candidate,
    can_search,
    flat_candidates,
    nested_candidates,
)
from vmapdemo.diagnosis.verdict.rows import output_rows, outputs
from vmapdemo.diagnosis.verdict.verdict import Accepted, Refused, Verdict, output_axes
from vmapdemo.diagnosis.wording import sentence

MAX_FIXES = 3
MAX_TRIES = 40

Trial = Callable[[Candidate], bool]
"""Whether axes are worth a question to JAX."""


def always(candidate: Candidate) -> bool:
    """Every candidate is worth it."""
    return True


@dataclass(frozen=True, slots=True)
class Repair:
    """The call to fix, what in_axes says now for each array, and what was changed in it already."""

    call: Call
    probe: Probe
    current: tuple[Any, ...]
    already: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The beginning of a sentence that says what changes."""
        return (self.already,) if self.already else ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix, and the axes that it is made of."""

    candidate: Candidate
    fix: Fix


def axis_fixes(verdict: Verdict, probe: Probe, already: str = "") -> tuple[Fix, ...]:
    """Up to three calls with other axes that JAX accepts, best first; empty if axes cannot fix it."""
    offers = flat_offers(verdict, probe, already) or nested_offers(verdict.call, probe, already)
    return tuple(offer.fix for offer in offers)


def flat_offers(
    verdict: Verdict, probe: Probe, already: str = "", is_worth_trying: Trial = always
) -> tuple[Offer, ...]:
    """Up to three calls with one vmap along other axes that JAX accepts, best first."""
    call, now = verdict.call, verdict.mapped
    if not can_search(call):
        return ()
    repair = Repair(call, probe, meant_axes(call), already)
    candidates = flat_candidates(call, repair.current)
    others = (candidate for candidate in candidates if now is None or candidate.outer.changes(now.axes))
    return _accepted(repair, filter(is_worth_trying, others))


def nested_offers(call: Call, probe: Probe, already: str = "", is_worth_trying: Trial = always) -> tuple[Offer, ...]:
    """Up to three calls with nested vmaps that JAX accepts, as few vmaps as will do."""
    if not can_search(call):
        return ()
    repair = Repair(call, probe, meant_axes(call), already)
    found = (
        _accepted(repair, filter(is_worth_trying, nested_candidates(call, repair.current, levels)))
        for levels in range(2, MOST_LEVELS + 1)
    )
    return next(filter(None, found), ())


def likely_axes(call: Call) -> MappedCall | None:
    """The axes that would be tried first, whether or not the function takes what they give."""
    ranked = flat_candidates(call, meant_axes(call)) if can_search(call) else []
    return ranked[0].outer if ranked else None


def out_axes_fixes(refused: Refused, probe: Probe) -> tuple[Fix, ...]:
    """The same in_axes with the entries of out_axes that exist, or with one axis for all, axis 0 first."""
    call, mapped = refused.call, refused.mapped
    if mapped is None or not mapped.exists:
        return ()
    example = probe.example(mapped)
    if not example.ok or not example.outputs:
        return ()
    ndim = min(map(len, example.shapes))
    tried = [_restructured(call.out_axes, example), _mended(call.out_axes, example), *range(ndim + 1)]
    repair = Repair(call, probe, mapped.axes)
    found = (_flat_fix(repair, mapped, (out_axes,)) for out_axes in {repr(entry): entry for entry in tried}.values())
    return tuple(fix for fix in found if fix is not None)[:MAX_FIXES]


def fix_with_axes(now: MappedCall, axes: MappedCall, probe: Probe) -> Fix | None:
    """The call with these axes instead of those now, or None if JAX refuses it."""
    return _flat_fix(Repair(now.call, probe, now.axes), axes, (now.call.out_axes, 0))


def fix_as_it_is(accepted: Accepted, why: str, *, axes_only: bool) -> Fix:
    """An accepted call, as the fix of another one."""
    call = accepted.call
    return Fix(
        call.in_axes,
        call.out_axes,
        vmap_code(call, call.in_axes, call.out_axes),
        sentence([why]),
        outputs(accepted),
        axes_only=axes_only,
        call=as_it_is(call, call.batched(call.in_axes, call.out_axes)),
    )


def _accepted(repair: Repair, candidates: Iterable[Candidate]) -> tuple[Offer, ...]:
    """The first candidates that JAX accepts, without those that make an empty result of arrays that hold numbers."""
    tried = ((candidate, _fix(repair, candidate)) for candidate in itertools.islice(candidates, MAX_TRIES))
    found = (Offer(candidate, fix) for candidate, fix in tried if fix is not None and not _empties(repair.call, fix))
    return tuple(itertools.islice(found, MAX_FIXES))


def _empties(call: Call, fix: Fix) -> bool:
    has_numbers = not any(0 in leaf.shape for leaf in call.leaves)
    return has_numbers and any(0 in output.example_shape for output in fix.output)


def _fix(repair: Repair, candidate: Candidate) -> Fix | None:
    if candidate.is_nested:
        return _nested_fix(repair, candidate)
    example = repair.probe.example(candidate.outer)
    if not example.ok:
        return None
    out_axes = repair.call.out_axes
    return _flat_fix(repair, candidate.outer, (out_axes, _mended(out_axes, example), 0))


def _flat_fix(repair: Repair, mapped: MappedCall, out_axes_tried: Iterable[Any]) -> Fix | None:
    """The call along these axes, with the first out_axes that JAX takes, or None if it takes none."""
    call, probe = repair.call, repair.probe
    example = probe.example(mapped)
    if not example.ok:
        return None
    in_axes = _written(repair, mapped.axes)
    for out_axes, spread in _legal(out_axes_tried, example):
        batched = call.batched(in_axes, out_axes)
        if probe.refusal(mapped, batched, (repr(in_axes), repr(out_axes))) is None:
            return Fix(
                in_axes,
                out_axes,
                vmap_code(call, in_axes, out_axes),
                sentence(_changes(repair, mapped, out_axes)),
                output_rows(example, spread, _whole(example.shapes, spread, mapped.size or 0)),
                axes_only=not repair.already,
                call=as_it_is(call, batched),
            )
    return None


def _legal(out_axes_tried: Iterable[Any], example: Example) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Those out_axes that a result of these shapes can have, with the entry for each output."""
    for out_axes in {repr(entry): entry for entry in out_axes_tried}.values():
        if all(is_axis(entry) for entry in jax.tree.leaves(out_axes)):
            spread = output_axes(out_axes, example)
            if not isinstance(spread, Problem):
                yield out_axes, spread


def _restructured(out_axes: Any, example: Example) -> Any:
    """out_axes in the structure of the result, if it has as many entries as there are outputs."""
    entries = jax.tree.leaves(out_axes, is_leaf=lambda part: part is None)
    if len(entries) != len(example.outputs) or not all(map(is_axis, entries)):
        return out_axes
    return jax.tree.unflatten(example.structure, entries)


def _mended(out_axes: Any, example: Example) -> Any:
    """out_axes with 0 in place of every entry that some output cannot have; 0 if it has a different structure."""
    ndims = jax.tree.unflatten(example.structure, list(map(len, example.shapes)))

    def entry(axis: Any, below: Any) -> Any:
        legal = type(axis) is int and all(exists(axis, ndim + 1) for ndim in jax.tree.leaves(below))
        return axis if legal else 0

    try:
        return jax.tree.map(entry, out_axes, ndims, is_leaf=lambda part: part is None)
    except (ValueError, TypeError):
        return 0


def _nested_fix(repair: Repair, candidate: Candidate) -> Fix | None:
    """Nested vmaps; the caller's out_axes stay those of the outermost, if the result has them."""
    call, probe = repair.call, repair.probe
    example = probe.example_of(call, candidate.example_shapes, candidate.sizes[-1])
    if not example.ok:
        return None
    trees = [MappedCall(call, axes).as_tree for axes in candidate.levels]
    outer_size, *inner_sizes = candidate.sizes
    inner = replace(example, outputs=tuple(Struct((*inner_sizes, *one.shape), one.dtype) for one in example.outputs))
    for out_axes, spread in _legal((call.out_axes, _mended(call.out_axes, inner), 0), inner):
        batched = partial(_nested, in_axes=trees, out_axes=out_axes)
        if probe.refusal(candidate.outer, batched, ("nested", repr(trees), repr(out_axes))) is None:
            return Fix(
                trees[0],
                out_axes,
                nested_vmap_code(call, trees, out_axes),
                sentence(_nested_changes(repair, candidate, out_axes)),
                output_rows(example, spread, _whole(inner.shapes, spread, outer_size or 0)),
                nested=True,
                axes_only=False,
                inner=(trees[1], 0) if len(trees) == 2 and not repair.parts else None,
                call=as_it_is(call, batched),
            )
    return None


def _nested(function: Any, *, in_axes: list[Any], out_axes: Any, names: tuple[Any, ...] = ()) -> Any:
    """The function in a vmap for each in_axes, the first outermost, with their axis names if there are any."""
    options: list[dict[str, Any]] = [{"axis_name": name} for name in names] or [{} for _ in in_axes]
    for axes, named in list(zip(in_axes, options, strict=True))[:0:-1]:
        function = jax.vmap(function, axes, **named)
    return jax.vmap(function, in_axes[0], out_axes, **options[0])


def named_nested_fix(mapped: MappedCall, probe: Probe, names: tuple[str, str]) -> Fix | None:
    """Two vmaps over leading axes, each with a name, for collectives over both; None if JAX refuses them."""
    call = mapped.call
    inner = MappedCall(
        call, tuple(0 if axis is not None and len(leaf.shape) > 1 else None for leaf, axis in mapped.pairs)
    )
    if not inner.mapped:
        return None
    trees = [mapped.as_tree, inner.as_tree]
    batched = partial(_nested, in_axes=trees, out_axes=0, names=names)
    found = probe.batched(mapped, batched, ("nested", repr(trees), names))
    if not isinstance(found, Traced):
        return None
    outer, within = names
    flat = jax.tree_util.tree_flatten_with_path(found.result)[0]
    return Fix(
        trees[0],
        0,
        nested_vmap_code(call, trees, 0, names),
        sentence([f'two nested vmaps, the outer one with the name "{outer}", the inner one with "{within}"']),
        tuple(
            Output(jax.tree_util.keystr(path), str(one.dtype), tuple(one.shape[2:]), tuple(one.shape), 0)
            for path, one in flat
        ),
        nested=True,
        axes_only=False,
        call=as_it_is(call, batched),
    )


def _nested_changes(repair: Repair, candidate: Candidate, out_axes: Any) -> list[str]:
    """What changes, and which vmap maps what, from the outside to the inside."""
    count, places = {
        2: ("two", ("the outer one maps", "the inner one")),
        3: ("three", ("the outer one maps", "the next", "the inner one")),
    }[len(candidate.levels)]
    mapped = (MappedCall(repair.call, axes).mapped for axes in candidate.levels)
    names = (" and ".join(f"`{leaf.path}`" for leaf in leaves) for leaves in mapped)
    said = [f"{place} {name}" for place, name in zip(places, names, strict=True)]
    changes = [f"{count} nested vmaps: {', '.join(said)}"]
    return [*repair.parts, *changes, *_out_changes(repair.call, out_axes)]


def _whole(shapes: Sequence[Shape], axes: Sequence[int | None], size: int) -> list[Shape]:
    """The shapes of the outputs with the batch of that size at its axis."""
    return [with_axis(shape, axis, size) for shape, axis in zip(shapes, axes, strict=True)]


def _written(repair: Repair, axes: LeafAxes) -> Any:
    """in_axes in the caller's style: unchanged entries as they were, a list stays a list, one integer if it does."""
    call = repair.call
    kept = tuple(
        a if is_axis(a) and same_axis(a, b, len(leaf.shape)) else b
        for a, b, leaf in zip(repair.current, axes, call.leaves, strict=True)
    )
    entries = MappedCall(call, kept).as_tree
    if isinstance(call.in_axes, list):
        return list(entries)
    one_for_all = entries and all(type(entry) is int and entry == entries[0] for entry in entries)
    return entries[0] if one_for_all and not isinstance(call.in_axes, tuple) else entries


def _changes(repair: Repair, mapped: MappedCall, out_axes: Any) -> list[str]:
    """What changes, argument by argument if its arrays change alike, else array by array."""
    call = repair.call
    changed = [mapped.pairs[index] for index in mapped.changes(repair.current)]
    parts = list(repair.parts)
    for argument, group in itertools.groupby(changed, key=lambda pair: pair[0].argument):
        leaves = list(group)
        own = [leaf for leaf in call.leaves if leaf.argument == argument]
        is_whole = argument is not None and len(leaves) == len(own) and len({axis for _, axis in leaves}) == 1
        named = [(call.names[argument], leaves[0][1])] if is_whole else [(leaf.path, axis) for leaf, axis in leaves]
        parts += [_change(name, axis) for name, axis in named]
    return [*parts, *_out_changes(call, out_axes)] or [_other_spelling(call)]


def _other_spelling(call: Call) -> str:
    """What is wrong with an in_axes that says the right axes."""
    if isinstance(call.in_axes, (tuple, list)) and len(call.in_axes) != len(call.arguments):
        return "write a tuple with one entry for each argument"
    if isinstance(call.in_axes, (int, float, tuple, list, type(None))):
        return "write the axes as plain integers"
    return "write one axis for all"


def _out_changes(call: Call, out_axes: Any) -> list[str]:
    if repr(out_axes) == repr(call.out_axes):
        return []
    if out_axes is None:
        return ["have one result for all examples"]
    if isinstance(out_axes, int):
        return [f"put the batch on axis {out_axes} of the result"]
    return ["give each output an axis that it can have, in the structure of the result"]


def _change(name: str, axis: int | None) -> str:
    return f"share `{name}` among all examples" if axis is None else f"map axis {axis} of `{name}`"

"""Other axes for the same call, each checked on the real vmap before it is offered."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax

from vmapdemo.diagnosis.call.axes import Problem, exists, is_axis, with_axis
from vmapdemo.diagnosis.call.call import Call, Struct
from vmapdemo.diagnosis.call.code import as_tree, nested_vmap_code, vmap_code
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.probe.calling import Traced, as_it_is
from vmapdemo.diagnosis.probe.probe import Example, Probe
from vmapdemo.diagnosis.records import Fix, Output
from vmapdemo.diagnosis.repair.candidates import (
    MOST_LEVELS,
    Candidate,
    LeafAxes,
    can_search,
    flat_candidates,
    nested_candidates,
    same_axes,
    same_axis,
)
from vmapdemo.diagnosis.verdict.rows import outputs
from vmapdemo.diagnosis.verdict.verdict import Verdict, output_axes
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
    """The call to mend, what in_axes says now for each array, and what was changed in it already."""

    call: Call
    probe: Probe
    current: tuple[Any, ...]
    already: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix, and the axes that it is made of."""

    candidate: Candidate
    fix: Fix


def axis_fixes(call: Call, verdict: Verdict, probe: Probe, already: str = "") -> tuple[Fix, ...]:
    """Up to three calls with other axes that JAX accepts, best first; empty where axes cannot mend it."""
    offers = flat_offers(call, verdict, probe, already) or nested_offers(call, probe, already)
    return tuple(offer.fix for offer in offers)


def flat_offers(
    call: Call, verdict: Verdict, probe: Probe, already: str = "", is_worth_trying: Trial = always
) -> tuple[Offer, ...]:
    """Up to three calls with one vmap along other axes that JAX accepts, best first."""
    if not can_search(call):
        return ()
    repair = Repair(call, probe, meant_axes(call), already)
    others = (
        candidate
        for candidate in flat_candidates(call, repair.current)
        if verdict.axes is None or not same_axes(call, verdict.axes, candidate.outer)
    )
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


def likely_axes(call: Call) -> LeafAxes | None:
    """The axes that would be tried first, whether or not the function takes what they give."""
    ranked = flat_candidates(call, meant_axes(call)) if can_search(call) else []
    return ranked[0].outer if ranked else None


def out_axes_fixes(call: Call, verdict: Verdict, probe: Probe) -> tuple[Fix, ...]:
    """The same in_axes with the entries of out_axes that exist, or with one axis for all, axis 0 first."""
    axes = verdict.axes
    if axes is None or not all(
        a is None or exists(a, len(leaf.shape)) for leaf, a in zip(call.leaves, axes, strict=True)
    ):
        return ()
    example = verdict.example or probe.example(call, axes)
    if not example.ok or not example.outputs:
        return ()
    ndim = min(len(output.shape) for output in example.outputs)
    written = _restructured(call.out_axes, example)
    repair, tried = Repair(call, probe, axes), [written, _mended(written, example), *range(ndim + 1)]
    found = (_flat_fix(repair, axes, (out_axes,)) for out_axes in {repr(entry): entry for entry in tried}.values())
    return tuple(fix for fix in found if fix is not None)[:MAX_FIXES]


def fix_with_axes(call: Call, probe: Probe, current: LeafAxes, axes: LeafAxes) -> Fix | None:
    """The call with these axes instead, or None where JAX refuses it."""
    return _flat_fix(Repair(call, probe, current), axes, (call.out_axes, 0))


def fix_as_it_is(call: Call, verdict: Verdict, why: str, *, axes_only: bool) -> Fix:
    """An accepted call, as the fix of another one."""
    return Fix(
        call.in_axes,
        call.out_axes,
        vmap_code(call, call.in_axes, call.out_axes),
        sentence([why]),
        outputs(verdict),
        axes_only=axes_only,
        call=as_it_is(call, call.batched(call.in_axes, call.out_axes)),
    )


def _accepted(repair: Repair, candidates: Iterable[Candidate]) -> tuple[Offer, ...]:
    """The first candidates that JAX accepts, those with an empty result last."""
    tried = ((candidate, _fix(repair, candidate)) for candidate in itertools.islice(candidates, MAX_TRIES))
    found = itertools.islice((Offer(candidate, fix) for candidate, fix in tried if fix is not None), MAX_FIXES)
    return tuple(sorted(found, key=lambda offer: _is_empty(offer.fix)))


def _is_empty(fix: Fix) -> bool:
    return any(0 in output.example_shape for output in fix.output)


def _fix(repair: Repair, candidate: Candidate) -> Fix | None:
    if candidate.is_nested:
        return _nested_fix(repair, candidate)
    example = repair.probe.example(repair.call, candidate.outer)
    if not example.ok:
        return None
    out_axes = repair.call.out_axes
    return _flat_fix(repair, candidate.outer, (out_axes, _mended(out_axes, example), 0))


def _flat_fix(repair: Repair, axes: LeafAxes, out_axes_tried: Iterable[Any]) -> Fix | None:
    """The call along these axes, with the first out_axes that JAX takes, or None where it takes none."""
    call, probe = repair.call, repair.probe
    example = probe.example(call, axes)
    if not example.ok:
        return None
    in_axes = _written(repair, axes)
    for out_axes, spread in _legal(out_axes_tried, example):
        batched = call.batched(in_axes, out_axes)
        if probe.refusal(call, axes, batched, (repr(in_axes), repr(out_axes))) is None:
            return Fix(
                in_axes,
                out_axes,
                vmap_code(call, in_axes, out_axes),
                sentence(_changes(repair, axes, out_axes)),
                _outputs(example, spread, _size(call, axes)),
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
    """out_axes in the structure that the result has, where it has as many entries as that has outputs."""
    entries = jax.tree.leaves(out_axes, is_leaf=lambda part: part is None)
    if len(entries) != len(example.outputs) or not all(map(is_axis, entries)):
        return out_axes
    return jax.tree.unflatten(example.structure, entries)


def _mended(out_axes: Any, example: Example) -> Any:
    """out_axes with 0 in place of every entry that some output cannot have; 0 where it has another structure."""
    indices = jax.tree.unflatten(example.structure, list(range(len(example.outputs))))

    def entry(axis: Any, below: Any) -> Any:
        ndims = [len(example.outputs[index].shape) for index in jax.tree.leaves(below)]
        legal = type(axis) is int and all(exists(axis, ndim + 1) for ndim in ndims)
        return axis if legal else 0

    try:
        return jax.tree.map(entry, out_axes, indices, is_leaf=lambda part: part is None)
    except (ValueError, TypeError):
        return 0


def _nested_fix(repair: Repair, candidate: Candidate) -> Fix | None:
    """Nested vmaps; the caller's out_axes stay those of the outermost, if the result has them."""
    call, probe = repair.call, repair.probe
    example = probe.example_of(call, candidate.inside(call), candidate.sizes(call)[-1])
    if not example.ok:
        return None
    trees = [as_tree(call, axes) for axes in candidate.levels]
    inner_shapes = Example(
        tuple(Struct((*candidate.sizes(call)[1:], *output.shape), output.dtype) for output in example.outputs),
        example.structure,
        example.paths,
    )
    for out_axes, spread in _legal((call.out_axes, _mended(call.out_axes, inner_shapes), 0), inner_shapes):
        batched = partial(_nested, in_axes=trees, out_axes=out_axes)
        if probe.refusal(call, candidate.outer, batched, ("nested", repr(trees), repr(out_axes))) is None:
            changes = [repair.already] if repair.already else []
            changes.append(_nested_change(call, candidate))
            if repr(out_axes) != repr(call.out_axes):
                changes.append(_out_change(out_axes))
            size = candidate.sizes(call)[0] or 0
            return Fix(
                trees[0],
                out_axes,
                nested_vmap_code(call, trees, out_axes),
                sentence(changes),
                tuple(
                    replace(output, example_shape=tuple(one.shape))
                    for output, one in zip(_outputs(inner_shapes, spread, size), example.outputs, strict=True)
                ),
                nested=True,
                axes_only=False,
                call=as_it_is(call, batched),
            )
    return None


def _nested(function: Any, *, in_axes: list[Any], out_axes: Any, names: tuple[Any, ...] = ()) -> Any:
    """The function in a vmap for each in_axes, the first outermost, with their axis names where there are any."""
    options: list[dict[str, Any]] = [{"axis_name": name} for name in names] or [{} for _ in in_axes]
    for axes, named in list(zip(in_axes, options, strict=True))[:0:-1]:
        function = jax.vmap(function, axes, **named)
    return jax.vmap(function, in_axes[0], out_axes, **options[0])


def named_nested_fix(call: Call, axes: LeafAxes, probe: Probe, names: tuple[str, str]) -> Fix | None:
    """Two vmaps over leading axes, each with a name, for collectives over both; None where JAX refuses them."""
    inner = tuple(
        0 if axis is not None and len(leaf.shape) > 1 else None for leaf, axis in zip(call.leaves, axes, strict=True)
    )
    if all(axis is None for axis in inner):
        return None
    trees = [as_tree(call, axes), as_tree(call, inner)]
    batched = partial(_nested, in_axes=trees, out_axes=0, names=names)
    found = probe.batched(call, axes, batched, ("nested", repr(trees), names))
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


def _nested_change(call: Call, candidate: Candidate) -> str:
    """Which vmap maps what, from the outside to the inside."""
    count, places = {
        2: ("two", ("the outer one maps", "the inner one")),
        3: ("three", ("the outer one maps", "the next", "the inner one")),
    }[len(candidate.levels)]
    said = [f"{place} {_mapped(call, axes)}" for place, axes in zip(places, candidate.levels, strict=True)]
    return f"{count} nested vmaps: {', '.join(said)}"


def _mapped(call: Call, axes: LeafAxes) -> str:
    return " and ".join(f"`{leaf.path}`" for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None)


def _size(call: Call, axes: LeafAxes) -> int:
    mapped = (leaf.shape[axis] for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None)
    return next(mapped, call.options.axis_size or 0)


def _outputs(example: Example, axes: tuple[Any, ...], size: int) -> tuple[Output, ...]:
    return tuple(
        Output(path, str(struct.dtype), tuple(struct.shape), with_axis(tuple(struct.shape), axis, size), axis)
        for path, struct, axis in zip(example.paths, example.outputs, axes, strict=True)
    )


def _written(repair: Repair, axes: LeafAxes) -> Any:
    """in_axes in the caller's style: unchanged entries as they were, a list stays a list, one integer if it does."""
    call = repair.call
    kept = tuple(
        a if is_axis(a) and same_axis(a, b, len(leaf.shape)) else b
        for a, b, leaf in zip(repair.current, axes, call.leaves, strict=True)
    )
    entries = as_tree(call, kept)
    if isinstance(call.in_axes, list):
        return list(entries)
    one_for_all = entries and all(type(entry) is int and entry == entries[0] for entry in entries)
    return entries[0] if one_for_all and not isinstance(call.in_axes, tuple) else entries


def _changes(repair: Repair, axes: LeafAxes, out_axes: Any) -> list[str]:
    """What changes, argument by argument where its arrays change alike, else array by array."""
    call = repair.call
    parts = [repair.already] if repair.already else []
    changed = [
        (leaf, new)
        for leaf, new, old in zip(call.leaves, axes, repair.current, strict=True)
        if not same_axis(old, new, len(leaf.shape))
    ]
    for argument, group in itertools.groupby(changed, key=lambda pair: pair[0].argument):
        leaves = list(group)
        own = [leaf for leaf in call.leaves if leaf.argument == argument]
        is_whole = argument is not None and len(leaves) == len(own) and len({axis for _, axis in leaves}) == 1
        named = [(call.names[argument], leaves[0][1])] if is_whole else [(leaf.path, axis) for leaf, axis in leaves]
        parts += [_change(name, axis) for name, axis in named]
    if repr(out_axes) != repr(call.out_axes):
        parts.append(_out_change(out_axes))
    return parts or [_other_spelling(call)]


def _other_spelling(call: Call) -> str:
    """What is wrong with an in_axes that says the right axes."""
    if isinstance(call.in_axes, (tuple, list)) and len(call.in_axes) != len(call.arguments):
        return "write a tuple with one entry for each argument"
    if isinstance(call.in_axes, (int, float, tuple, list, type(None))):
        return "write the axes as plain integers"
    return "write one axis for all"


def _out_change(out_axes: Any) -> str:
    if out_axes is None:
        return "have one result for all examples"
    if isinstance(out_axes, int):
        return f"put the batch on axis {out_axes} of the result"
    return "give each output an axis that it can have, in the structure of the result"


def _change(name: str, axis: int | None) -> str:
    return f"share `{name}` among all examples" if axis is None else f"map axis {axis} of `{name}`"

"""Other axes for the same call, each checked on the real vmap before it is offered.

The search is over axes alone: every choice of one axis or None per array whose sizes agree, then, where that cannot
do it, two nested vmaps. Candidates are sorted before JAX is asked, so that the best one usually costs one trace.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import jax

from vmapdemo.diagnosis.axes import Problem, exists, is_axis, with_axis, without
from vmapdemo.diagnosis.code import nested_vmap_code, vmap_code
from vmapdemo.diagnosis.records import Fix, Output, Shape
from vmapdemo.diagnosis.shapes import Call, Example, Probe
from vmapdemo.diagnosis.verdict import Verdict, output_axes

MAX_FIXES = 3
MAX_CANDIDATES = 400
MAX_TRIES = 40

LeafAxes = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Axes to try: one entry per array for the outer vmap, and for an inner one where two are nested."""

    outer: LeafAxes
    inner: LeafAxes | None = None


def axis_fixes(call: Call, verdict: Verdict, probe: Probe) -> tuple[Fix, ...]:
    """Up to three calls with other axes that JAX accepts, best first; empty where axes cannot mend it."""
    if not _can_search(call):
        return ()
    current = _current(call, verdict)
    others = (c for c in _flat_candidates(call) if verdict.axes is None or not _unchanged(call, verdict.axes, c.outer))
    flat = _accepted(call, probe, _ranked(call, current, others), current)
    return flat or _accepted(call, probe, _ranked(call, current, _nested_candidates(call)), current)


def _can_search(call: Call) -> bool:
    """Whether axes are all that could be wrong: each argument an array, each keyword one with an axis 0."""
    return all(leaf.struct is not None and (leaf.shape or not leaf.keyword) for leaf in call.leaves)


def likely_axes(call: Call, verdict: Verdict) -> LeafAxes | None:
    """The axes that would be tried first, whether or not the function takes what they give."""
    if not _can_search(call):
        return None
    ranked = _ranked(call, _current(call, verdict), _flat_candidates(call))
    return ranked[0].outer if ranked else None


def out_axes_fixes(call: Call, verdict: Verdict, probe: Probe) -> tuple[Fix, ...]:
    """The same in_axes with each out_axes that the result has, axis 0 first."""
    axes = verdict.axes
    if axes is None or not all(
        a is None or exists(a, len(leaf.shape)) for leaf, a in zip(call.leaves, axes, strict=True)
    ):
        return ()
    example = verdict.example or probe.example(call, axes)
    if not example.ok or not example.outputs:
        return ()
    ndim = min(len(output.shape) for output in example.outputs)
    found = (_fix(call, probe, Candidate(axes), axes, out_axes) for out_axes in range(ndim + 1))
    return tuple(fix for fix in found if fix is not None)[:MAX_FIXES]


def fix_with_axes(call: Call, probe: Probe, current: LeafAxes, axes: LeafAxes) -> Fix | None:
    """The call with these axes instead, or None where JAX refuses it."""
    return _fix(call, probe, Candidate(axes), current, call.out_axes)


def _current(call: Call, verdict: Verdict) -> tuple[Any, ...]:
    """What in_axes says now for each array, with ``"?"`` where it says nothing that could be an axis."""
    if verdict.axes is not None:
        return verdict.axes
    written = call.in_axes if isinstance(call.in_axes, (tuple, list)) else [call.in_axes] * len(call.leaves)
    padded = (*written, *("?",) * len(call.leaves))[: len(call.leaves)]
    return tuple(_meant(entry) for entry in padded)


def _meant(entry: Any) -> Any:
    """The axis that somebody may mean who writes True, 1.0 or np.int64(1)."""
    if is_axis(entry):
        return entry
    try:
        return int(entry) if entry == int(entry) else "?"
    except (TypeError, ValueError, OverflowError):
        return "?"


def _same(axis: Any, other: int | None, ndim: int) -> bool:
    if axis is None or other is None or not isinstance(axis, int):
        return axis is other
    return axis == other or axis + ndim == other


def _flat_candidates(call: Call) -> Iterator[Candidate]:
    choices = [_choices(leaf.shape, leaf.keyword) for leaf in call.leaves]
    for outer in itertools.islice(itertools.product(*choices), MAX_CANDIDATES):
        if _one_size([leaf.shape for leaf in call.leaves], outer, call.options.axis_size):
            yield Candidate(outer)


def _nested_candidates(call: Call) -> Iterator[Candidate]:
    """Two nested vmaps: a batch axis more than one vmap takes, or all pairs of two batches."""
    if any(leaf.keyword for leaf in call.leaves) or call.options.given():
        return
    shapes = [leaf.shape for leaf in call.leaves]
    for outer in itertools.islice(itertools.product(*(_choices(shape) for shape in shapes)), MAX_CANDIDATES):
        if not _one_size(shapes, outer, None):
            continue
        rest = [without(shape, axis) for shape, axis in zip(shapes, outer, strict=True)]
        for inner in itertools.islice(itertools.product(*(_choices(shape) for shape in rest)), MAX_CANDIDATES):
            if _one_size(rest, inner, None):
                yield Candidate(outer, inner)


def _choices(shape: Shape, keyword: bool = False) -> tuple[int | None, ...]:
    return (0,) if keyword else (*range(len(shape)), None)


def _one_size(shapes: Iterable[Shape], axes: LeafAxes, wanted: int | None) -> bool:
    """Whether something is mapped and all mapped axes have one size, which is ``axis_size`` where that is given."""
    sizes = {shape[axis] for shape, axis in zip(shapes, axes, strict=True) if axis is not None and shape}
    mapped = any(axis is not None for axis in axes)
    return len(sizes) == 1 and mapped and wanted in (None, *sizes)


def _ranked(call: Call, current: tuple[Any, ...], candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that fit ``example_ndim``: no ambiguity, then fewest changes, then axis 0 first."""
    fitting = (candidate for candidate in candidates if _fits(call, candidate))
    return sorted(fitting, key=lambda candidate: _rank(call, current, candidate))


def _unchanged(call: Call, current: tuple[Any, ...], axes: LeafAxes) -> bool:
    return all(_same(a, b, len(leaf.shape)) for a, b, leaf in zip(current, axes, call.leaves, strict=True))


def _rank(call: Call, current: tuple[Any, ...], candidate: Candidate) -> tuple[Any, ...]:
    axes = (*candidate.outer, *(candidate.inner or ()))
    changes = sum(
        not _same(a, b, len(leaf.shape)) for a, b, leaf in zip(current, candidate.outer, call.leaves, strict=True)
    )
    return (
        sum(is_ambiguous(leaf.shape, axis) for leaf, axis in zip(call.leaves, candidate.outer, strict=True)),
        changes,
        sum(axis for axis in axes if axis is not None),
        tuple(axis is None for axis in axes),
    )


def is_ambiguous(shape: Shape, axis: int | None) -> bool:
    """Whether the axis is another than 0 and axis 0 is as long, so that shapes cannot tell which is meant."""
    return axis is not None and axis % len(shape) != 0 and shape[0] == shape[axis]


def _fits(call: Call, candidate: Candidate) -> bool:
    """Whether each array has as many axes inside the function as ``example_ndim`` says."""
    if call.example_ndim is None:
        return True
    inner = candidate.inner or (None,) * len(candidate.outer)
    left = (
        len(leaf.shape) - (a is not None) - (b is not None)
        for leaf, a, b in zip(call.leaves, candidate.outer, inner, strict=True)
    )
    return all(wanted is None or wanted == ndim for wanted, ndim in zip(call.example_ndim, left, strict=True))


def _accepted(call: Call, probe: Probe, candidates: list[Candidate], current: tuple[Any, ...]) -> tuple[Fix, ...]:
    """The first candidates that JAX accepts, those with an empty result last."""
    tried = (_fix(call, probe, candidate, current, call.out_axes) for candidate in candidates[:MAX_TRIES])
    found = itertools.islice((fix for fix in tried if fix is not None), MAX_FIXES)
    return tuple(sorted(found, key=_is_empty))


def _is_empty(fix: Fix) -> bool:
    return any(0 in output.example_shape for output in fix.output)


def _fix(call: Call, probe: Probe, candidate: Candidate, current: tuple[Any, ...], out_axes: Any) -> Fix | None:
    if candidate.inner is None:
        return _flat_fix(call, probe, candidate.outer, current, out_axes)
    return _nested_fix(call, probe, candidate.outer, candidate.inner)


def _flat_fix(call: Call, probe: Probe, axes: LeafAxes, current: tuple[Any, ...], out_axes: Any) -> Fix | None:
    example = probe.example(call, axes)
    if not example.ok:
        return None
    spread = _legal_out_axes(call, probe, axes, out_axes, example)
    if spread is None:
        return None
    in_axes, out_axes = _written(call, axes, current), spread[0]
    function = call.vmapped(in_axes, out_axes)
    if probe.refusal(call, axes, function, (repr(in_axes), repr(out_axes))) is not None:
        return None
    size = _size(call, axes)
    return Fix(
        in_axes,
        out_axes,
        vmap_code(call, in_axes, out_axes),
        _why(call, axes, current, out_axes),
        _outputs(example, spread[1], size),
        call=lambda: function(*call.arguments, **call.keywords),
    )


def _legal_out_axes(
    call: Call, probe: Probe, axes: LeafAxes, out_axes: Any, example: Example
) -> tuple[Any, tuple[Any, ...]] | None:
    """out_axes as they are where the result has them, else 0; with the entry for each output."""
    for attempt in (out_axes, 0):
        if not all(is_axis(entry) for entry in jax.tree.leaves(attempt)):
            continue
        spread = output_axes(attempt, example)
        if isinstance(spread, Problem):
            continue
        if (
            probe.refusal(
                call, axes, call.vmapped(_as_tree(call, axes), attempt), (repr(_as_tree(call, axes)), repr(attempt))
            )
            is None
        ):
            return attempt, spread
    return None


def _nested_fix(call: Call, probe: Probe, outer: LeafAxes, inner: LeafAxes) -> Fix | None:
    rest = tuple(without(without(leaf.shape, a), b) for leaf, a, b in zip(call.leaves, outer, inner, strict=True))
    example = probe.example_of(call, rest)
    if not example.ok:
        return None
    outer_tree, inner_tree = _as_tree(call, outer), _as_tree(call, inner)
    function = jax.vmap(jax.vmap(call.function, inner_tree), outer_tree)
    if probe.refusal(call, outer, function, ("nested", repr(outer), repr(inner))) is not None:
        return None
    inner_size = next(
        without(leaf.shape, a)[b] for leaf, a, b in zip(call.leaves, outer, inner, strict=True) if b is not None
    )
    once = _outputs(example, (0,) * len(example.outputs), inner_size)
    size = _size(call, outer)
    return Fix(
        outer_tree,
        0,
        nested_vmap_code(call, outer_tree, inner_tree),
        f"Two nested vmaps: the outer one maps {_mapped(call, outer)}, the inner one {_mapped(call, inner)}.",
        tuple(Output(o.path, o.dtype, o.example_shape, with_axis(o.shape, 0, size), 0) for o in once),
        nested=True,
        call=lambda: function(*call.arguments, **call.keywords),
    )


def _mapped(call: Call, axes: LeafAxes) -> str:
    names = [f"`{leaf.path}`" for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None]
    return " and ".join(names)


def _size(call: Call, axes: LeafAxes) -> int:
    return next(leaf.shape[axis] for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None)


def _outputs(example: Example, axes: tuple[Any, ...], size: int) -> tuple[Output, ...]:
    return tuple(
        Output(path, str(struct.dtype), tuple(struct.shape), with_axis(tuple(struct.shape), axis, size), axis)
        for path, struct, axis in zip(example.paths, example.outputs, axes, strict=True)
    )


def _as_tree(call: Call, axes: LeafAxes) -> tuple[Any, ...]:
    """in_axes as a tuple, with one entry for an argument whose arrays all have the same axis."""
    rest = iter(axes)
    entries = []
    for argument in call.arguments:
        flat, structure = jax.tree.flatten(argument)
        own = [next(rest) for _ in flat]
        entries.append(own[0] if len(set(own)) == 1 else jax.tree.unflatten(structure, own))
    return tuple(entries)


def _written(call: Call, axes: LeafAxes, current: tuple[Any, ...]) -> Any:
    """in_axes in the caller's style: unchanged entries as they were, a list stays a list, one integer if it does."""
    kept = tuple(
        a if is_axis(a) and _same(a, b, len(leaf.shape)) else b
        for a, b, leaf in zip(current, axes, call.leaves, strict=True)
    )
    entries = _as_tree(call, kept)
    if isinstance(call.in_axes, list):
        return list(entries)
    if (
        not isinstance(call.in_axes, tuple)
        and entries
        and all(type(entry) is int and entry == entries[0] for entry in entries)
    ):
        return entries[0]
    return entries


def _why(call: Call, axes: LeafAxes, current: tuple[Any, ...], out_axes: Any) -> str:
    """What changes, array by array."""
    parts = []
    for leaf, new, old in zip(call.leaves, axes, current, strict=True):
        if not _same(old, new, len(leaf.shape)):
            parts.append(
                f"share `{leaf.path}` among all examples" if new is None else f"map axis {new} of `{leaf.path}`"
            )
    if repr(out_axes) != repr(call.out_axes):
        parts.append(f"put the batch on axis {out_axes} of the result")
    if not parts:
        parts = ["write the axes as plain integers"]
    sentence = " and ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."

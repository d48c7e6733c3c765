"""Whose fault it is: the first rule of jax.vmap that a call breaks, in the order in which JAX checks them."""

import inspect
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from vmapdemo.diagnosis.call import axes as reading
from vmapdemo.diagnosis.call.axes import Problem, exists, without
from vmapdemo.diagnosis.call.call import Call, Leaf, struct_of
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.call.structure import Trees, difference
from vmapdemo.diagnosis.probe.calling import Failed, Traced
from vmapdemo.diagnosis.probe.failing_line import Fault
from vmapdemo.diagnosis.probe.probe import Example, Probe
from vmapdemo.diagnosis.probe.refusal import Refusal
from vmapdemo.diagnosis.records import Culprit, Shape
from vmapdemo.diagnosis.wording import counted

MOST_NAMED = 4
"""Of arrays that disagree, at most this many are named with their sizes: a tree of parameters may have hundreds."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A call that JAX accepts: one example, the batch axis of each output, and the shapes that the real vmap gives."""

    mapped: MappedCall
    example: Example
    out_axes: tuple[Any, ...]
    shapes: tuple[Shape, ...]

    @property
    def call(self) -> Call:
        return self.mapped.call

    @property
    def size(self) -> int:
        """How many examples there are."""
        return self.mapped.size or 0


@dataclass(frozen=True)
class Refused:
    """A call that JAX refuses, and whose fault it is.

    ``mapped`` is None if in_axes could not be read. ``example`` is set if the function takes one example and out_axes
    does not fit what it returns, and ``size`` if every array can be sliced. ``advice``: what to do about a problem
    that no other call could fix.
    """

    call: Call
    culprit: Culprit
    problem: Problem
    mapped: MappedCall | None = None
    example: Example | None = None
    size: int | None = None
    advice: tuple[str, ...] = ()

    @property
    def refusal(self) -> Refusal | None:
        """What the function raises, if it is the function that refuses."""
        return None


@dataclass(frozen=True, kw_only=True)
class RefusedInside(Refused):
    """A call with legal axes that the function refuses: one example of it, or only its batched form."""

    mapped: MappedCall
    failed: Failed
    is_unbatchable: bool = False

    @property
    def refusal(self) -> Refusal:
        return self.failed.refusal

    @property
    def fault(self) -> Fault | None:
        """The caller's line that raises it, if one is known."""
        return self.failed.fault


Verdict = Accepted | Refused


def judge(call: Call, probe: Probe) -> Verdict:
    """The verdict on a call, from shapes and from tracing the function once for one example."""
    unusable = _unusable(call)
    if unusable is not None:
        return unusable
    axes = reading.leaf_axes(call.in_axes, call.arguments, call.names)
    if isinstance(axes, Problem):
        return Refused(call, "in_axes", axes)
    mapped = MappedCall(call, axes + tuple(0 for leaf in call.leaves if leaf.keyword))
    wrong_out = reading.out_axes_problem(call.out_axes)
    if wrong_out is not None:
        return Refused(call, "out_axes", wrong_out, mapped)
    return _unmappable(mapped) or _judged_inside(mapped, probe)


def _unusable(call: Call) -> Refused | None:
    """What keeps vmap from being made at all."""
    function: Any = call.function
    if not callable(function):
        what = "the result of a call" if struct_of(function) is not None else f"a {type(function).__name__}"
        problem = Problem(
            "vmap was given no function.", f"Its first argument is {what}, not a function of one example."
        )
        advice = "Pass the function itself, without calling it: `jax.vmap(f)(x)`, not `jax.vmap(f(x))`."
        return Refused(call, "function", problem, advice=(advice,))
    if not isinstance(call.options.axis_name, Hashable):
        kind = type(call.options.axis_name).__name__
        problem = Problem(
            "axis_name cannot be used as a name.", f"It is a {kind}, which cannot be hashed: use a string."
        )
        return Refused(call, "axis_name", problem, advice=('Write a string, such as axis_name="batch".',))
    return None


def _judged_inside(mapped: MappedCall, probe: Probe) -> Verdict:
    """The rest of the verdict once every array can be sliced: the function's own, then that on out_axes."""
    call, size = mapped.call, mapped.size
    example = probe.example(mapped)
    if example.failed is not None:
        return _accepted_all_the_same(mapped, probe) or RefusedInside(
            call, "function", _refused(mapped), mapped=mapped, size=size, failed=example.failed
        )
    out_axes = output_axes(call.out_axes, example)
    if isinstance(out_axes, Problem):
        return Refused(call, "out_axes", out_axes, mapped, example, size)
    batched = probe.written(mapped)
    if isinstance(batched, Traced):
        return Accepted(mapped, example, out_axes, _shapes(batched.result))
    if None in out_axes:
        return Refused(call, "out_axes", _differs_by_example(call), mapped, example, size)
    return RefusedInside(
        call, "function", _refused_batched(call), mapped=mapped, size=size, failed=batched, is_unbatchable=True
    )


def _accepted_all_the_same(mapped: MappedCall, probe: Probe) -> Accepted | None:
    """The verdict if the real vmap takes what one example's shapes do not show: sparse or mutable arrays, say."""
    batched = probe.written(mapped)
    if not isinstance(batched, Traced):
        return None
    flat, structure = jax.tree_util.tree_flatten_with_path(batched.result)
    paths = tuple(jax.tree_util.keystr(path) for path, _ in flat)
    try:
        out_axes = reading.spread(mapped.call.out_axes, batched.result)
    except (ValueError, TypeError):
        return None
    one = tuple(
        jax.ShapeDtypeStruct(without(tuple(output.shape), axis), output.dtype)
        for (_, output), axis in zip(flat, out_axes, strict=True)
    )
    return Accepted(mapped, Example(one, structure, paths), out_axes, _shapes(batched.result))


def _shapes(result: Any) -> tuple[Shape, ...]:
    return tuple(tuple(output.shape) for output in jax.tree.leaves(result))


def _unmappable(mapped: MappedCall) -> Refused | None:
    """The first thing that keeps the arrays from being sliced along their axes."""
    call = mapped.call
    for index, (leaf, axis) in enumerate(mapped.pairs):
        if axis is not None and leaf.struct is None:
            return Refused(call, "arguments", _no_array(leaf, index), mapped)
        if axis is not None and not exists(axis, len(leaf.shape)):
            culprit: Culprit = "arguments" if leaf.keyword else "in_axes"
            return Refused(call, culprit, _missing_axis(leaf, axis, index), mapped)
    return _wrong_sizes(mapped)


def _no_array(leaf: Leaf, index: int) -> Problem:
    return Problem(
        f"`{leaf.path}` is not an array{' that JAX takes' if hasattr(leaf.value, 'dtype') else ''}.",
        f"vmap can map arrays and numbers; `{leaf.path}` is {_kind(leaf.value)}.",
        (index,),
    )


def _kind(value: Any) -> str:
    """The type of a value that JAX takes for no array; an array of text has a dtype all the same."""
    dtype = getattr(value, "dtype", None)
    return f"of type {type(value).__name__}{'' if dtype is None else f' and dtype {dtype}'}"


def _missing_axis(leaf: Leaf, axis: int, index: int) -> Problem:
    ndim = len(leaf.shape)
    if ndim == 0:
        what = "one random key" if leaf.is_key else "a single number"
        reason = f"`{leaf.path}` is {what}, shape (): it has no axis to map, only None fits."
        return Problem(f"`{leaf.path}` has no axis to map.", reason, (index,))
    many = "1 axis: axis 0" if ndim == 1 else f"{ndim} axes: 0 to {ndim - 1}"
    reason = f"in_axes asks for axis {axis} of `{leaf.path}`, but its shape {leaf.shape} has {many}."
    return Problem(f"`{leaf.path}` has no axis {axis}.", reason, (index,))


def _wrong_sizes(mapped: MappedCall) -> Refused | None:
    call, wanted = mapped.call, mapped.call.options.axis_size
    sizes = {index: leaf.shape[axis] for index, (leaf, axis) in enumerate(mapped.pairs) if axis is not None}
    if not sizes:
        return _without_arrays(mapped, wanted)
    if len(set(sizes.values())) > 1:
        return Refused(call, "in_axes", _disagreement(mapped, sizes), mapped)
    if wanted is not None and wanted != mapped.size:
        problem = Problem(
            "axis_size is not the size of the mapped axes.",
            f"axis_size={wanted}, but the mapped axes have {mapped.size} examples.",
        )
        return Refused(call, "axis_size", problem, mapped)
    return None


def _without_arrays(mapped: MappedCall, wanted: Any) -> Refused | None:
    """If nothing is mapped, axis_size alone says how many examples there are."""
    if wanted is None:
        return Refused(mapped.call, "in_axes", _nothing_mapped(mapped.call), mapped)
    if not isinstance(wanted, (int, float, np.integer)) or wanted < 0 or wanted != int(wanted):
        reason = f"axis_size={wanted!r}: write how many examples there are, as an integer."
        return Refused(mapped.call, "axis_size", Problem("axis_size is not a number of examples.", reason), mapped)
    return None


def _nothing_mapped(call: Call) -> Problem:
    if not call.leaves:
        return Problem("There is no array to map.", "vmap needs at least one array among the arguments.")
    return Problem("Nothing is mapped.", "Every entry of in_axes is None, so there is no batch: map at least one axis.")


def _disagreement(mapped: MappedCall, sizes: dict[int, int]) -> Problem:
    """Names the odd ones out if most arguments agree, and all of them if none do."""
    call = mapped.call
    groups = _by_argument(call, sizes)
    common = _majority([{sizes[index] for index in group} for group in groups])
    named = [index for index, size in sizes.items() if size != common]
    said = [
        f"axis {mapped.axes[index]} of `{leaf.path}` {leaf.shape} has {counted(sizes[index], 'example')}"
        for index, leaf in ((index, call.leaves[index]) for index in named[:MOST_NAMED])
    ]
    odd = [group for group in groups if any(index in named for index in group)]
    names = " and ".join(f"`{_group_name(call, group)}`" for group in odd)
    verb = "disagrees" if len(odd) == 1 else "disagree"
    if common is not None:
        said.append(f"the other mapped axes have {common}")
    reason = "; ".join(said)
    return Problem(
        f"{names} {verb} {'with the others ' if common is not None else ''}on the batch size.",
        f"{reason[0].upper()}{reason[1:]}.",
        tuple(named),
    )


def _by_argument(call: Call, sizes: dict[int, int]) -> list[list[int]]:
    """The mapped arrays, argument by argument; if there is only one argument, array by array."""
    groups: dict[Any, list[int]] = {}
    for index in sizes:
        leaf = call.leaves[index]
        groups.setdefault(leaf.path if leaf.keyword else leaf.argument, []).append(index)
    return list(groups.values()) if len(groups) > 1 else [[index] for index in sizes]


def _majority(sizes: list[set[int]]) -> int | None:
    """The size that more arguments have than any other; an argument that disagrees with itself has no say."""
    counted = Counter(next(iter(own)) for own in sizes if len(own) == 1).most_common(2)
    if not counted:
        return None
    (size, votes), *others = counted
    is_torn = any(len(own) > 1 for own in sizes)
    return size if (votes > 1 or is_torn) and all(votes > other for _, other in others) else None


def _group_name(call: Call, group: list[int]) -> str:
    leaf = call.leaves[group[0]]
    return leaf.path if len(group) == 1 or leaf.argument is None else call.names[leaf.argument]


def unbound(call: Call) -> Problem | None:
    """Why the function cannot be called with this many arguments, or with these keywords."""
    try:
        signature = inspect.signature(call.function)
    except (ValueError, TypeError):
        return None
    try:
        signature.bind(*call.arguments, **call.keywords)
    except TypeError as error:
        given = f"It is given {counted(len(call.arguments), 'argument')} by position"
        keywords = f" and the keywords {', '.join(call.keywords)}" if call.keywords else ""
        headline = f"`{call.function_name}` cannot be called with these arguments."
        return Problem(headline, f"{given}{keywords}; it takes {signature}: {error}.")
    return None


def _refused(mapped: MappedCall) -> Problem:
    return Problem(
        f"`{mapped.call.function_name}` refuses one example of these shapes.",
        f"The axes are legal: the function sees {mapped.in_words}, and fails on them.",
    )


def _refused_batched(call: Call) -> Problem:
    return Problem(
        f"JAX cannot batch `{call.function_name}`.",
        "One example is fine and the axes are legal, but an operation in the function has no batched form.",
    )


def _differs_by_example(call: Call) -> Problem:
    return Problem(
        "out_axes=None, but the result differs from example to example.",
        f"None promises one result for the batch, but that of `{call.function_name}` depends on a mapped argument.",
    )


def output_axes(out_axes: Any, example: Example) -> tuple[Any, ...] | Problem:
    """The entry of out_axes for each output, or what is wrong with out_axes for a result of these shapes."""
    tree = jax.tree.unflatten(example.structure, list(range(len(example.outputs))))
    try:
        flat = reading.spread(out_axes, tree)
    except (ValueError, TypeError):
        trees = Trees(f"out_axes={out_axes!r}", "the result")
        shapes = jax.tree.unflatten(example.structure, list(example.outputs))
        reason = difference(out_axes, shapes, "result", trees) or f"{trees.axes} is no prefix of {trees.whole}"
        return Problem("out_axes does not have the structure of the result.", f"{reason}.")
    for shape, axis in zip(example.shapes, flat, strict=True):
        if axis is not None and not exists(axis, len(shape) + 1):
            return _missing_out_axis(axis, shape)
    return flat


def _missing_out_axis(axis: int, shape: Shape) -> Problem:
    last = len(shape)
    where = "only be axis 0" if last == 0 else f"be axis 0 to {last}"
    reason = f"One result has shape {shape}, so its batch axis can {where}; out_axes asks for {axis}."
    return Problem(f"The result cannot have its batch on axis {axis}.", reason)

"""Calls that run but are probably not meant: each rule looks at shapes and is silent on a right call."""

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import JaxprEqn

from vmapdemo.diagnosis.advice.sizes import enough
from vmapdemo.diagnosis.call.axes import with_axis, without
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.cautions.once import once_cautions
from vmapdemo.diagnosis.probe.batch_dependence import Dependence, dependence_on_batch
from vmapdemo.diagnosis.probe.probe import Probe, inside_shapes
from vmapdemo.diagnosis.records import Caution, Fix, Shape
from vmapdemo.diagnosis.repair.axis_fixes import axis_fixes, fix_as_it_is, fix_with_axes, nested_offers
from vmapdemo.diagnosis.repair.candidates import Candidate, is_ambiguous, same_axes
from vmapdemo.diagnosis.repair.keys import key_batches
from vmapdemo.diagnosis.repair.likelihood import knows_ranks
from vmapdemo.diagnosis.repair.rewrites import split_keys
from vmapdemo.diagnosis.verdict.rows import outputs
from vmapdemo.diagnosis.verdict.verdict import Verdict, judge
from vmapdemo.diagnosis.wording import listed


def cautions(call: Call, verdict: Verdict, probe: Probe) -> tuple[Caution, ...]:
    """Every rule on shapes that the accepted call breaks, the gravest first."""
    return (
        *_rank(call, verdict, probe),
        *_pairs(call, verdict, probe),
        *_ambiguous(call, verdict, probe),
        *_batch(call, verdict, probe),
        *_lost_batch(call, verdict),
        *once_cautions(call, verdict, probe),
        *_empty(call, verdict, probe),
    )


def _rank(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """An array has more or fewer axes inside the function than it is written for."""
    axes = verdict.axes or ()
    for leaf, axis, ndim in zip(call.leaves, axes, call.leaf_ndim, strict=True):
        shape = without(leaf.shape, axis)
        if ndim is None or len(shape) == ndim:
            continue
        fixes = axis_fixes(call, verdict, probe)
        yield Caution(
            "rank",
            f"`{call.function_name}` is written for {_axes(ndim)} of `{leaf.path}`, but with these axes it sees the "
            f"shape {shape}, {_axes(len(shape))}.",
            fixes[0] if fixes else None,
        )
        return


def _axes(ndim: int) -> str:
    return "a single number" if ndim == 0 else f"{ndim} axis" if ndim == 1 else f"{ndim} axes"


def _pairs(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """``jnp.dot`` of two stacks of matrices multiplies every matrix of one by every matrix of the other."""
    axes = verdict.axes or ()
    program = None if knows_ranks(call) else probe.program(call, axes)
    if program is None or not any(map(_is_dot_of_stacks, program.jaxpr.eqns)):
        return

    def keeps_the_axes(candidate: Candidate) -> bool:
        rest = [leaf for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None and len(leaf.shape) > 1]
        inner = candidate.levels[1]
        return same_axes(call, axes, candidate.outer) and sum(axis == 0 for axis in inner) == len(rest)

    offers = nested_offers(call, probe, is_worth_trying=keeps_the_axes)
    shapes = ", ".join(map(str, (shape for shape in inside_shapes(call, axes) if len(shape) > 2)))
    yield Caution(
        "rank",
        f"`jnp.dot` multiplies every matrix of one stack by every matrix of the other: one example still has a batch "
        f"axis ({shapes}). One vmap more maps it, or `jnp.matmul` (`@`) takes matrix by matrix.",
        offers[0].fix if offers else None,
    )


def _is_dot_of_stacks(equation: JaxprEqn) -> bool:
    """Whether it is a product as ``jnp.dot`` makes it of two stacks of as many matrices."""
    if equation.primitive.name != "dot_general":
        return False
    (contract, batch), (a, b) = equation.params["dimension_numbers"], (_shape(var) for var in equation.invars)
    is_dot = contract == ((len(a) - 1,), (len(b) - 2,)) and batch == ((), ())
    return is_dot and len(a) > 2 and len(b) > 2 and a[0] == b[0]


def _shape(var: Any) -> Shape:
    return tuple(var.aval.shape)


def _ambiguous(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """A mapped axis other than 0 where axis 0 is as long: the shapes cannot tell which one is meant.

    Only where it is known what the function is written for: whoever writes an axis mostly means it.
    """
    axes = verdict.axes or ()
    if not knows_ranks(call):
        return
    for index, (leaf, axis) in enumerate(zip(call.leaves, axes, strict=True)):
        if not is_ambiguous(leaf.shape, axis):
            continue
        fix = fix_with_axes(call, probe, axes, (*axes[:index], 0, *axes[index + 1 :]))
        if fix is not None:
            yield Caution(
                "ambiguous",
                f"Axis {axis} of `{leaf.path}` {leaf.shape} is mapped, but axis 0 has {leaf.shape[0]} entries too: "
                "JAX takes either without a word, and the results differ.",
                fix,
            )


def _batch(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """What does not depend on the batch although it should: the noise, or the whole result."""
    if not any(axis is not None for axis in verdict.axes or ()):
        return
    found = dependence_on_batch(call, verdict.axes or (), probe)
    if found is not None:
        yield from _shared_random(call, verdict, probe, found)
        yield from _constant(call, verdict, probe, found)


def _shared_random(call: Call, verdict: Verdict, probe: Probe, found: Dependence) -> Iterator[Caution]:
    """Noise of the shape of what is mapped, all of it from one key.

    The same numbers for all may be meant: to compare parameters, or where a batch of keys is shared.
    """
    axes = verdict.axes or ()
    mapped = [leaf for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None]
    if found.draws_own or any(leaf not in mapped for leaf, _ in key_batches(call)):
        return
    seen = zip(call.leaves, inside_shapes(call, axes), strict=True)
    mapped_shapes = {shape for leaf, shape in seen if leaf in mapped and not leaf.is_key}
    if any(shape in mapped_shapes for shape in found.shared):
        yield Caution(
            "shared-random",
            f"`{call.function_name}` draws its random numbers from one key for all {verdict.size} examples: "
            "every example gets the same ones.",
            next(_with_split_keys(call, verdict, probe), None),
        )


def _with_split_keys(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Fix]:
    for rewrite in split_keys(call, verdict.size):
        split = judge(rewrite.call, probe)
        again = dependence_on_batch(rewrite.call, split.axes or (), probe) if split.ok else None
        if again is not None and not again.shared:
            yield fix_as_it_is(rewrite.call, split, rewrite.why, axes_only=False)


def _constant(call: Call, verdict: Verdict, probe: Probe, found: Dependence) -> Iterator[Caution]:
    """The function reads the whole batch from outside, in place of its own example.

    A result that depends on no mapped argument may be meant: one state made into many, parameters set to zero.
    """
    says_something = any(o.axis is not None and 0 not in o.example_shape for o in outputs(verdict))
    program = probe.program(call, verdict.axes or ())
    if not says_something or any(found.outputs) or program is None:
        return
    mapped = [leaf for leaf, axis in zip(call.leaves, verdict.axes or (), strict=True) if axis is not None]
    taken = [leaf.path for leaf in mapped if any(_is_same(leaf, constant) for constant in program.closed.consts)]
    if taken:
        yield Caution(
            "constant",
            f"The result does not depend on {listed((leaf.path for leaf in mapped), 'or')}, and is the same for all "
            f"{verdict.size} examples: `{call.function_name}` reads the whole of {listed(taken)} from outside.",
        )


def _lost_batch(call: Call, verdict: Verdict) -> Iterator[Caution]:
    """The whole is not one result for each example: JAX takes the word of a rule of the caller's own for it."""
    for output in outputs(verdict):
        expected = with_axis(output.example_shape, output.axis, verdict.size or 0)
        if output.shape != expected:
            yield Caution(
                "lost-batch",
                f"{verdict.size} results of shape {output.example_shape} are {expected}, but the whole is "
                f"{output.shape}: a rule given with `def_vmap` to a `custom_vmap` in `{call.function_name}` does not "
                "return one result for each example.",
            )
            return


def _is_same(leaf: Leaf, constant: Any) -> bool:
    """Whether a constant of the program is the array that was passed."""
    if leaf.struct is None or leaf.is_key or not leaf.is_concrete or tuple(jnp.shape(constant)) != leaf.shape:
        return False
    if getattr(constant, "dtype", None) != leaf.struct.dtype:
        return False
    return constant is leaf.value or bool(np.array_equal(np.asarray(constant), np.asarray(leaf.value)))


def _empty(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """The result has no element although every argument has some."""
    if verdict.example is None or any(0 in leaf.shape for leaf in call.leaves):
        return
    for output in verdict.example.outputs:
        if 0 in output.shape:
            text = f"The result is empty: one example gives {tuple(output.shape)}. {enough(call, verdict, probe)}"
            yield Caution("empty", text.rstrip())
            return

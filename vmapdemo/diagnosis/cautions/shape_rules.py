"""Calls that run but are probably not meant: each rule looks at shapes and is silent on a right call."""

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import JaxprEqn

from vmapdemo.diagnosis.advice.sizes import enough
from vmapdemo.diagnosis.call.axes import with_axis
from vmapdemo.diagnosis.call.call import Leaf
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.cautions.once import once_cautions
from vmapdemo.diagnosis.probe.batch_dependence import Dependence, dependence_on_batch
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Caution, Fix, Shape
from vmapdemo.diagnosis.repair.axis_fixes import axis_fixes, fix_as_it_is, fix_with_axes, nested_offers
from vmapdemo.diagnosis.repair.candidates import Candidate, is_ambiguous
from vmapdemo.diagnosis.repair.keys import key_batches
from vmapdemo.diagnosis.repair.likelihood import knows_ranks
from vmapdemo.diagnosis.repair.rewrites import split_keys
from vmapdemo.diagnosis.verdict.rows import outputs
from vmapdemo.diagnosis.verdict.verdict import Accepted, judge
from vmapdemo.diagnosis.wording import listed


def cautions(accepted: Accepted, probe: Probe) -> tuple[Caution, ...]:
    """Every rule on shapes that the accepted call breaks, the gravest first."""
    return (
        *_rank(accepted, probe),
        *_pairs(accepted.mapped, probe),
        *_ambiguous(accepted.mapped, probe),
        *_batch(accepted, probe),
        *_lost_batch(accepted),
        *once_cautions(accepted, probe),
        *_empty(accepted, probe),
    )


def _rank(accepted: Accepted, probe: Probe) -> Iterator[Caution]:
    """An array has more or fewer axes inside the function than it is written for."""
    call = accepted.call
    for leaf, shape, ndim in zip(call.leaves, accepted.mapped.example_shapes, call.leaf_ndim, strict=True):
        if ndim is None or len(shape) == ndim:
            continue
        fixes = axis_fixes(accepted, probe)
        yield Caution(
            "rank",
            f"`{call.function_name}` is written for {_axes(ndim)} of `{leaf.path}`, but with these axes it sees the "
            f"shape {shape}, {_axes(len(shape))}.",
            fixes[0] if fixes else None,
        )
        return


def _axes(ndim: int) -> str:
    return "a single number" if ndim == 0 else f"{ndim} axis" if ndim == 1 else f"{ndim} axes"


def _pairs(mapped: MappedCall, probe: Probe) -> Iterator[Caution]:
    """``jnp.dot`` of two stacks of matrices multiplies every matrix of one by every matrix of the other."""
    program = None if knows_ranks(mapped.call) else probe.program(mapped)
    if program is None or not any(map(_is_dot_of_stacks, program.jaxpr.eqns)):
        return

    def keeps_the_axes(candidate: Candidate) -> bool:
        rest = [leaf for leaf in mapped.mapped if len(leaf.shape) > 1]
        inner = candidate.levels[1]
        return not candidate.outer.changes(mapped.axes) and sum(axis == 0 for axis in inner) == len(rest)

    offers = nested_offers(mapped.call, probe, is_worth_trying=keeps_the_axes)
    shapes = ", ".join(str(shape) for shape in mapped.example_shapes if len(shape) > 2)
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


def _ambiguous(mapped: MappedCall, probe: Probe) -> Iterator[Caution]:
    """A mapped axis other than 0 although axis 0 is as long: the shapes cannot tell which one is meant.

    Only if the function's ranks are known: an axis that somebody writes is mostly meant.
    """
    if not knows_ranks(mapped.call):
        return
    for index, (leaf, axis) in enumerate(mapped.pairs):
        if not is_ambiguous(leaf.shape, axis):
            continue
        fix = fix_with_axes(mapped, mapped.with_axis(index, 0), probe)
        if fix is not None:
            yield Caution(
                "ambiguous",
                f"Axis {axis} of `{leaf.path}` {leaf.shape} is mapped, but axis 0 has {leaf.shape[0]} entries too: "
                "JAX takes either silently, and the results differ.",
                fix,
            )


def _batch(accepted: Accepted, probe: Probe) -> Iterator[Caution]:
    """What does not depend on the batch although it should: the noise, or the whole result."""
    found = dependence_on_batch(accepted.mapped, probe) if accepted.mapped.mapped else None
    if found is not None:
        yield from _shared_random(accepted, probe, found)
        yield from _constant(accepted, probe, found)


def _shared_random(accepted: Accepted, probe: Probe, found: Dependence) -> Iterator[Caution]:
    """Noise of the shape of what is mapped, all of it from one key.

    The same numbers for all may be meant: to compare parameters, or if a batch of keys is shared.
    """
    call, mapped = accepted.call, accepted.mapped.mapped
    if found.draws_own or any(leaf not in mapped for leaf, _ in key_batches(call)):
        return
    seen = zip(call.leaves, accepted.mapped.example_shapes, strict=True)
    mapped_shapes = {shape for leaf, shape in seen if leaf in mapped and not leaf.is_key}
    if any(shape in mapped_shapes for shape in found.shared):
        yield Caution(
            "shared-random",
            f"`{call.function_name}` draws its random numbers from one key for all {accepted.size} examples: "
            "every example gets the same ones.",
            next(_with_split_keys(accepted, probe), None),
        )


def _with_split_keys(accepted: Accepted, probe: Probe) -> Iterator[Fix]:
    for rewrite in split_keys(accepted.call, accepted.size):
        split = judge(rewrite.call, probe)
        again = dependence_on_batch(split.mapped, probe) if isinstance(split, Accepted) else None
        if isinstance(split, Accepted) and again is not None and not again.shared:
            yield fix_as_it_is(split, rewrite.why, axes_only=False)


def _constant(accepted: Accepted, probe: Probe, found: Dependence) -> Iterator[Caution]:
    """The function reads the whole batch from outside, in place of its own example.

    A result that depends on no mapped argument may be meant: one state made into many, parameters set to zero.
    """
    says_something = any(o.axis is not None and 0 not in o.example_shape for o in outputs(accepted))
    program = probe.program(accepted.mapped)
    if not says_something or any(found.outputs) or program is None:
        return
    mapped = accepted.mapped.mapped
    taken = [leaf.path for leaf in mapped if any(_is_same(leaf, constant) for constant in program.closed.consts)]
    if taken:
        yield Caution(
            "constant",
            f"The result does not depend on {listed((leaf.path for leaf in mapped), 'or')}, and is the same for all "
            f"{accepted.size} examples: `{accepted.call.function_name}` reads all of {listed(taken)} from "
            "outside.",
        )


def _lost_batch(accepted: Accepted) -> Iterator[Caution]:
    """The whole is not one result for each example: JAX takes the word of a rule of the caller's own for it."""
    for output in outputs(accepted):
        expected = with_axis(output.example_shape, output.axis, accepted.size)
        if output.shape != expected:
            yield Caution(
                "lost-batch",
                f"{accepted.size} results of shape {output.example_shape} are {expected}, but vmap returns "
                f"{output.shape}: a rule given with `def_vmap` to a `custom_vmap` in "
                f"`{accepted.call.function_name}` does not return one result for each example.",
            )
            return


def _is_same(leaf: Leaf, constant: Any) -> bool:
    """Whether a constant of the program is the array that was passed."""
    if leaf.struct is None or leaf.is_key or not leaf.is_concrete or tuple(jnp.shape(constant)) != leaf.shape:
        return False
    if getattr(constant, "dtype", None) != leaf.struct.dtype:
        return False
    return constant is leaf.value or bool(np.array_equal(np.asarray(constant), np.asarray(leaf.value)))


def _empty(accepted: Accepted, probe: Probe) -> Iterator[Caution]:
    """The result has no element although every argument has some."""
    if any(0 in leaf.shape for leaf in accepted.call.leaves):
        return
    for shape in accepted.example.shapes:
        if 0 in shape:
            text = f"The result is empty: one example gives {shape}. {enough(accepted.mapped, probe)}"
            yield Caution("empty", text.rstrip())
            return

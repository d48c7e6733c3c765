"""Calls that run but are probably not meant: each rule looks at shapes and is silent on a right call."""

from collections.abc import Iterator
from dataclasses import replace

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call
from vmapdemo.diagnosis.fixes import axis_fixes, fix_as_it_is, fix_with_axes
from vmapdemo.diagnosis.probe.batch_dependence import Dependence, dependence_on_batch
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Caution, Fix
from vmapdemo.diagnosis.rewrites import split_keys
from vmapdemo.diagnosis.rows import outputs
from vmapdemo.diagnosis.search import is_ambiguous
from vmapdemo.diagnosis.sizes import enough
from vmapdemo.diagnosis.verdict import Verdict, judge


def cautions(call: Call, verdict: Verdict, probe: Probe) -> tuple[Caution, ...]:
    """Every rule on shapes that the accepted call breaks, the gravest first."""
    return (
        *_rank(call, verdict, probe),
        *_ambiguous(call, verdict, probe),
        *_batch(call, verdict, probe),
        *_out_axis(call, verdict, probe),
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


def _ambiguous(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """A mapped axis other than 0 where axis 0 is as long: the shapes cannot tell which one is meant."""
    axes = verdict.axes or ()
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
        yield from _constant(call, verdict, found)


def _shared_random(call: Call, verdict: Verdict, probe: Probe, found: Dependence) -> Iterator[Caution]:
    if found.draws_shared:
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
        if again is not None and not again.draws_shared:
            yield fix_as_it_is(rewrite.call, split, rewrite.why, axes_only=False)


def _constant(call: Call, verdict: Verdict, found: Dependence) -> Iterator[Caution]:
    """No output depends on a mapped argument, and out_axes do not say so; an empty one has nothing to depend."""
    says_something = any(o.axis is not None and 0 not in o.example_shape for o in outputs(verdict))
    if says_something and not any(found.outputs):
        mapped = [
            f"`{leaf.path}`" for leaf, axis in zip(call.leaves, verdict.axes or (), strict=True) if axis is not None
        ]
        yield Caution(
            "constant",
            f"The result does not depend on {' or '.join(mapped)}: it is the same for all {verdict.size} examples. "
            "out_axes=None gives it once.",
        )


def _out_axis(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """A square result whose batch axis is not the first: its shape does not show which axis is the batch."""
    for output in outputs(verdict):
        if output.axis is not None and is_ambiguous(output.shape, output.axis):
            changed = replace(call, out_axes=0)
            first = judge(changed, probe)
            why = "put the batch on axis 0 of the result"
            yield Caution(
                "out-axis",
                f"The result{output.path} has shape {output.shape} with the batch on axis {output.axis}; axis 0 is as "
                "long, so that its shape does not show which is which.",
                fix_as_it_is(changed, first, why, axes_only=True) if first.ok else None,
            )
            return


def _empty(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """The result has no element although every argument has some."""
    if verdict.example is None or any(0 in leaf.shape for leaf in call.leaves):
        return
    for output in verdict.example.outputs:
        if 0 in output.shape:
            text = f"The result is empty: one example gives {tuple(output.shape)}. {enough(call, verdict, probe)}"
            yield Caution("empty", text.rstrip())
            return

"""Calls that run but are probably not meant: each rule looks at shapes and is silent on a right call."""

from collections.abc import Iterator

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.fixes import axis_fixes, fix_with_axes, is_ambiguous
from vmapdemo.diagnosis.records import Caution
from vmapdemo.diagnosis.shapes import Call, Probe
from vmapdemo.diagnosis.sizes import enough
from vmapdemo.diagnosis.verdict import Verdict


def cautions(call: Call, verdict: Verdict, probe: Probe) -> tuple[Caution, ...]:
    """Every rule that the accepted call breaks, the gravest first."""
    return (*_rank(call, verdict, probe), *_ambiguous(call, verdict, probe), *_empty(call, verdict, probe))


def _rank(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """An array has more or fewer axes inside the function than it is written for."""
    axes = verdict.axes or ()
    wanted = call.example_ndim or (None,) * len(call.leaves)
    for leaf, axis, ndim in zip(call.leaves, axes, wanted, strict=True):
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


def _empty(call: Call, verdict: Verdict, probe: Probe) -> Iterator[Caution]:
    """The result has no element although every argument has some."""
    if verdict.example is None or any(0 in leaf.shape for leaf in call.leaves):
        return
    for output in verdict.example.outputs:
        if 0 in output.shape:
            text = f"The result is empty: one example gives {tuple(output.shape)}. {enough(call, verdict, probe)}"
            yield Caution("empty", text.rstrip())
            return

"""Faults in the function's body: it is asked once more, with its traceback, and told apart from faults of the axes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax

from vmapdemo.diagnosis.advice import GRADIENT, body_advice
from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call, struct_of
from vmapdemo.diagnosis.fault import TRACER_ERRORS, Fault
from vmapdemo.diagnosis.shapes import Probe
from vmapdemo.diagnosis.sizes import size_advice
from vmapdemo.diagnosis.verdict import Verdict


def is_fault_of_body(call: Call, verdict: Verdict, probe: Probe) -> bool:
    """Whether the function fails whatever the axes are: with values that Python cannot read, or a change in place.

    Where an array has another number of axes inside than it is written for, the axes are looked at first.
    """
    error = verdict.example.error if verdict.culprit == "function" and verdict.example is not None else None
    if error is None or verdict.axes is None or not _ranks_fit(call, verdict.axes):
        return False
    if isinstance(error, TRACER_ERRORS):
        return True
    if isinstance(error, NameError):
        return False
    fault = probe.fault(call, verdict.axes)
    return fault is not None and body_advice(fault) not in (None, *_of_gradient(fault))


def is_gradient_of_several(call: Call, verdict: Verdict, probe: Probe) -> bool:
    """Whether the function takes the gradient of what is not one number."""
    if verdict.culprit != "function" or verdict.axes is None:
        return False
    fault = probe.fault(call, verdict.axes)
    in_body = fault is not None and body_advice(fault) in _of_gradient(fault)
    return in_body or _gradient_of_several(call, verdict, probe) is not None


def advice_on_body(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """What to write instead, else which size would work, and in any case which line fails."""
    assert verdict.axes is not None  # the function was asked
    fault = probe.fault(call, verdict.axes)
    pattern = _gradient_of_several(call, verdict, probe) or (body_advice(fault) if fault is not None else None)
    pattern = pattern or _no_array_returned(call, verdict.axes, probe)
    if pattern is not None:
        return (pattern,)
    sizes = size_advice(call, verdict, probe)
    more = () if sizes else _without_vmap(call, probe)
    return (*sizes, *more, _place(fault, verdict))


def _place(fault: Fault | None, verdict: Verdict) -> str:
    if fault is not None:
        return f"It fails in {fault.where}."
    error = verdict.example.error if verdict.example is not None else None
    return f"It raises {type(error).__name__} before any line of yours: JAX's own words say more."


def _ranks_fit(call: Call, axes: tuple[Any, ...]) -> bool:
    ndims = (len(without(leaf.shape, axis)) for leaf, axis in zip(call.leaves, axes, strict=True))
    return all(wanted in (None, ndim) for wanted, ndim in zip(call.leaf_ndim, ndims, strict=True))


def _of_gradient(fault: Fault) -> tuple[str, ...]:
    """A gradient of what is no single number may come of wrong axes too: a batch axis that stays makes several."""
    return (f"{GRADIENT} ({fault.where}).",)


def _gradient_of_several(call: Call, verdict: Verdict, probe: Probe) -> str | None:
    """The advice for ``vmap(grad(f))`` where ``f`` of one example gives more than one number.

    A gradient is told by what it does: it refuses an example of which the function that it wraps makes an array.
    """
    wrapped = getattr(call.function, "__wrapped__", None)
    error = verdict.example.error if verdict.example is not None else None
    if wrapped is None or verdict.axes is None or not isinstance(error, TypeError):
        return None
    outputs = _outputs(call, verdict.axes, wrapped, probe)
    return f"{GRADIENT}." if any(output.shape for output in outputs) else None


def _no_array_returned(call: Call, axes: tuple[Any, ...], probe: Probe) -> str | None:
    """The advice for a function that returns a text, say, or a function."""
    seen: list[Any] = []

    def watched(*arguments: Any, **keywords: Any) -> None:
        seen.extend(jax.tree.leaves(call.function(*arguments, **keywords)))

    probe.example(replace(call, function=watched, function_code="watched"), axes)
    wrong = next((value for value in seen if struct_of(value) is None), None)
    if wrong is None:
        return None
    return f"`{call.function_name}` returns a {type(wrong).__name__}, which cannot be stacked: return arrays alone."


def _outputs(call: Call, axes: tuple[Any, ...], function: Callable[..., Any], probe: Probe) -> tuple[Any, ...]:
    return probe.example(replace(call, function=function, function_code="wrapped"), axes).outputs


def _without_vmap(call: Call, probe: Probe) -> tuple[str, ...]:
    """Where the function takes the whole arrays as they are, there may be no need of vmap."""
    if not probe.example(call, tuple(None for _ in call.leaves)).ok:
        return ()
    return (f"`{call.function_name}` takes the whole arrays without vmap: one example may lack the axis that it uses.",)

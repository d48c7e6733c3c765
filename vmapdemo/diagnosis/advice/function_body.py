"""Faults in the function's body: it is asked once more, with its traceback, and told apart from faults of the axes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax
from jax.extend.core import Jaxpr, jaxprs_in_params

from vmapdemo.diagnosis.advice import GRADIENT, body_advice, is_certain
from vmapdemo.diagnosis.advice.loops import REVERSE_MODE
from vmapdemo.diagnosis.advice.sizes import size_advice
from vmapdemo.diagnosis.advice.static import nondifferentiable_at, size_parameter, unknown_size_of
from vmapdemo.diagnosis.call.axes import without
from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.probe.failing_line import Fault
from vmapdemo.diagnosis.probe.probe import DERIVATIVES, Example, Probe
from vmapdemo.diagnosis.probe.source_line import line_of
from vmapdemo.diagnosis.verdict.verdict import Verdict


def is_fault_of_body(call: Call, verdict: Verdict, probe: Probe) -> bool:
    """Whether the function fails whatever the axes are: with values that Python cannot read, or a change in place.

    Where an array has another number of axes inside than it is written for, the axes are looked at first.
    """
    refusal = verdict.refusal if verdict.culprit == "function" else None
    if refusal is None or verdict.axes is None or not _ranks_fit(call, verdict.axes):
        return False
    if refusal.reads_a_value:
        return True
    return not refusal.is_a(NameError) and verdict.fault is not None and is_certain(verdict.fault)


def is_gradient_of_several(call: Call, verdict: Verdict, probe: Probe) -> bool:
    """Whether the function takes the gradient of what is not one number."""
    if verdict.culprit != "function" or verdict.axes is None:
        return False
    fault = verdict.fault
    in_body = fault is not None and body_advice(fault) in _of_gradient(fault)
    return in_body or _gradient_of_several(call, verdict, probe) is not None


def advice_on_body(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """What to write instead, else which size would work, and in any case which line fails."""
    assert verdict.axes is not None  # the function was asked
    fault = verdict.fault
    pattern = _gradient_of_several(call, verdict, probe) or (body_advice(fault) if fault is not None else None)
    pattern = pattern or _no_array_returned(call, verdict) or _of_unknown_size(call, verdict)
    pattern = pattern or _nondifferentiable(call, verdict, probe)
    if pattern is not None:
        return (pattern,)
    reads = verdict.refusal is not None and verdict.refusal.reads_a_value
    sizes = () if reads else size_advice(call, verdict, probe)
    more = () if sizes else _without_vmap(call, verdict, probe)
    return (*sizes, *more, place_of(verdict))


def place_of(verdict: Verdict) -> str:
    """Which line fails, as far as that is known."""
    fault = verdict.fault
    if fault is not None:
        return f"It fails in {fault.where}."
    kind = verdict.refusal.kind.__name__ if verdict.refusal is not None else "an error"
    return f"It raises {kind} before any line of yours: JAX's own words say more."


def _ranks_fit(call: Call, axes: tuple[Any, ...]) -> bool:
    ndims = (len(without(leaf.shape, axis)) for leaf, axis in zip(call.leaves, axes, strict=True))
    return all(wanted in (None, ndim) for wanted, ndim in zip(call.leaf_ndim, ndims, strict=True))


def _of_gradient(fault: Fault) -> tuple[str, ...]:
    """A gradient of what is no single number may come of wrong axes too: a batch axis that stays makes several."""
    return (f"{GRADIENT} ({fault.where}).",)


def _gradient_of_several(call: Call, verdict: Verdict, probe: Probe) -> str | None:
    """The advice for ``vmap(grad(f))`` where ``f`` of one example gives more than one number."""
    refusal = verdict.refusal
    if verdict.axes is None or refusal is None or not refusal.is_a(TypeError):
        return None
    example = _wrapped_example(call, verdict.axes, probe)
    is_of_several = example is not None and any(output.shape for output in example.outputs)
    return f"{GRADIENT}." if is_of_several else None


def reverse_mode_advice(call: Call, axes: tuple[Any, ...], probe: Probe) -> str | None:
    """The advice for a gradient of a function with a loop of unknown length."""
    example = _wrapped_example(call, axes, probe)
    traced = example.traced if example is not None else None
    if traced is None or traced.program is None:
        return None
    return next((f"{REVERSE_MODE}{where}." for where in _loops(traced.program.jaxpr)), None)


def _wrapped_example(call: Call, axes: tuple[Any, ...], probe: Probe) -> Example | None:
    """What the function makes of one example of which JAX takes a derivative; None where it takes none.

    Any decorator has a ``__wrapped__``: that of a derivative is in a function of JAX's.
    """
    function = call.function
    is_of_jax = str(getattr(function, "__globals__", {}).get("__name__", "")).startswith("jax.")
    wrapped = getattr(function, "__wrapped__", None)
    while is_of_jax and str(getattr(wrapped, "__globals__", {}).get("__name__", "")).startswith("jax."):
        wrapped = getattr(wrapped, "__wrapped__", None)
    if wrapped is None or not is_of_jax or not probe.names_of_jax() & DERIVATIVES:
        return None
    return probe.example(replace(call, function=wrapped, function_code="wrapped"), axes)


def _loops(jaxpr: Jaxpr) -> Iterator[str]:
    """The loops of unknown length in a program, each with its line."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "while":
            line = line_of(equation, jaxpr, None)
            yield f" ({line})" if line is not None else ""
        for inner in jaxprs_in_params(equation.params):
            yield from _loops(inner)


def _of_unknown_size(call: Call, verdict: Verdict) -> str | None:
    """The advice for ``jnp.unique`` and its kin as the function itself: no line of the user's says it."""
    reads = verdict.refusal is not None and verdict.refusal.reads_a_value
    name = size_parameter(call.function, set(call.keywords)) if reads and verdict.fault is None else None
    if name is None:
        return None
    called = call.written_function
    return f"{unknown_size_of(called, name)}: `functools.partial({called}, {name}=...)`."


def _nondifferentiable(call: Call, verdict: Verdict, probe: Probe) -> str | None:
    """The advice for ``jax.grad(f)`` where ``nondiff_argnums`` names an array: no line of the user's says it."""
    refusal = verdict.refusal
    if verdict.fault is not None or refusal is None or not refusal.is_a(jax.errors.UnexpectedTracerError):
        return None
    library = probe.surroundings.library if probe.surroundings is not None else ()
    for value in library:
        for place in getattr(value, "nondiff_argnums", ()):
            given = [leaf.path for leaf in call.leaves if leaf.argument == place and not leaf.keyword]
            if given:
                return f"{nondifferentiable_at(given[0], getattr(value, '__name__', 'the function'))}."
    return None


def _no_array_returned(call: Call, verdict: Verdict) -> str | None:
    """The advice for a function that returns a text, say, or a function."""
    returned = verdict.example.returned if verdict.example is not None else ()
    if not returned:
        return None
    return f"`{call.function_name}` returns a {returned[0]}, which cannot be stacked: return arrays alone."


def _without_vmap(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """Where the function takes the whole arrays as they are, there may be no need of vmap."""
    refusal = verdict.refusal
    if refusal is None or refusal.reads_a_value or not probe.example(call, tuple(None for _ in call.leaves)).ok:
        return ()
    return (f"`{call.function_name}` takes the whole arrays without vmap: one example may lack the axis that it uses.",)

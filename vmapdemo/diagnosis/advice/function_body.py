"""Faults in the function's body: read from the line that fails, and distinguished from faults of the axes."""

from collections.abc import Iterator
from dataclasses import replace

import jax
from jax.extend.core import Jaxpr, jaxprs_in_params

from vmapdemo.diagnosis.advice import GRADIENT, body_advice, is_certain
from vmapdemo.diagnosis.advice.loops import REVERSE_MODE
from vmapdemo.diagnosis.advice.sizes import size_advice
from vmapdemo.diagnosis.advice.static import nondifferentiable_at, size_parameter, unknown_size_of
from vmapdemo.diagnosis.call.mapped_call import MappedCall, unmapped
from vmapdemo.diagnosis.probe.failing_line import Fault
from vmapdemo.diagnosis.probe.probe import DERIVATIVES, Example, Probe
from vmapdemo.diagnosis.probe.source_line import line_of
from vmapdemo.diagnosis.verdict.verdict import RefusedInside
from vmapdemo.jax_internals import wrapped_by_jax


def is_fault_of_body(refused: RefusedInside) -> bool:
    """Whether the function fails whatever the axes are: with values that Python cannot read, or a change in place.

    If an array reaches the function with the wrong rank, the axes are suspected first.
    """
    if not refused.mapped.fits_ndim:
        return False
    if refused.refusal.reads_a_value:
        return True
    return not refused.refusal.is_a(NameError) and refused.fault is not None and is_certain(refused.fault)


def is_gradient_of_several(refused: RefusedInside, probe: Probe) -> bool:
    """Whether the function takes the gradient of several numbers."""
    fault = refused.fault
    in_body = fault is not None and body_advice(fault) in _of_gradient(fault)
    return in_body or _gradient_of_several(refused, probe) is not None


def advice_on_body(refused: RefusedInside, probe: Probe) -> tuple[str, ...]:
    """What to write instead, else which size would work, and in any case which line fails."""
    fault = refused.fault
    pattern = _gradient_of_several(refused, probe) or (body_advice(fault) if fault is not None else None)
    pattern = pattern or _no_array_returned(refused) or _of_unknown_size(refused)
    pattern = pattern or _nondifferentiable(refused, probe)
    if pattern is not None:
        return (pattern,)
    sizes = () if refused.refusal.reads_a_value else size_advice(refused.mapped, probe, refused.failed)
    more = () if sizes else _without_vmap(refused, probe)
    return (*sizes, *more, place_of(refused))


def place_of(refused: RefusedInside) -> str:
    """Which line fails, as far as that is known."""
    if refused.fault is not None:
        return f"It fails in {refused.fault.where}."
    return f"It raises {refused.refusal.kind.__name__} before any line of yours: JAX's own words say more."


def _of_gradient(fault: Fault) -> tuple[str, ...]:
    """A gradient of what is no single number may come of wrong axes too: a batch axis that stays makes several."""
    return (f"{GRADIENT} ({fault.where}).",)


def _gradient_of_several(refused: RefusedInside, probe: Probe) -> str | None:
    """The advice for ``vmap(grad(f))`` if ``f`` of one example gives more than one number."""
    if not refused.refusal.is_a(TypeError):
        return None
    example = _wrapped_example(refused.mapped, probe)
    is_of_several = example is not None and any(example.shapes)
    return f"{GRADIENT}." if is_of_several else None


def reverse_mode_advice(mapped: MappedCall, probe: Probe) -> str | None:
    """The advice for a gradient of a function with a loop of unknown length."""
    example = _wrapped_example(mapped, probe)
    traced = example.traced if example is not None else None
    if traced is None or traced.program is None:
        return None
    return next((f"{REVERSE_MODE}{where}." for where in _loops(traced.program.jaxpr)), None)


def _wrapped_example(mapped: MappedCall, probe: Probe) -> Example | None:
    """What the function makes of one example of which JAX takes a derivative; None if it takes none."""
    wrapped = wrapped_by_jax(mapped.call.function)
    if wrapped is None or not probe.names_of_jax() & DERIVATIVES:
        return None
    inner = replace(mapped.call, function=wrapped, function_code="wrapped")
    return probe.example(MappedCall(inner, mapped.axes))


def _loops(jaxpr: Jaxpr) -> Iterator[str]:
    """The loops of unknown length in a program, each with its line."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "while":
            line = line_of(equation, jaxpr, None)
            yield f" ({line})" if line is not None else ""
        for inner in jaxprs_in_params(equation.params):
            yield from _loops(inner)


def _of_unknown_size(refused: RefusedInside) -> str | None:
    """The advice for ``jnp.unique`` and its kin as the function itself: no line of the user's says it."""
    call = refused.call
    if refused.fault is not None or not refused.refusal.reads_a_value:
        return None
    name = size_parameter(call.function, set(call.keywords))
    if name is None:
        return None
    called = call.written_function
    return f"{unknown_size_of(called, name)}: `functools.partial({called}, {name}=...)`."


def _nondifferentiable(refused: RefusedInside, probe: Probe) -> str | None:
    """The advice for ``jax.grad(f)`` if ``nondiff_argnums`` names an array: no line of the user's says it."""
    if refused.fault is not None or not refused.refusal.is_a(jax.errors.UnexpectedTracerError):
        return None
    library = probe.surroundings.library if probe.surroundings is not None else ()
    for value in library:
        for place in getattr(value, "nondiff_argnums", ()):
            given = [leaf.path for leaf in refused.call.leaves if leaf.argument == place and not leaf.keyword]
            if given:
                return f"{nondifferentiable_at(given[0], getattr(value, '__name__', 'the function'))}."
    return None


def _no_array_returned(refused: RefusedInside) -> str | None:
    """The advice for a function that returns a text, say, or a function."""
    returned = refused.failed.returned
    if not returned:
        return None
    return f"`{refused.call.function_name}` returns a {returned[0]}, which cannot be stacked: return arrays alone."


def _without_vmap(refused: RefusedInside, probe: Probe) -> tuple[str, ...]:
    """If the function takes the whole arrays as they are, there may be no need of vmap."""
    if refused.refusal.reads_a_value or not probe.example(unmapped(refused.call)).ok:
        return ()
    return (
        f"`{refused.call.function_name}` takes the whole arrays without vmap: one example may lack the axis that it "
        "uses.",
    )

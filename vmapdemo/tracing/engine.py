"""The verb ``trace``, and ``trace_call`` behind it for callers that keep a probe."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vmapdemo.diagnosis.call.axes import without
from vmapdemo.diagnosis.call.call import Call, Leaf, Options, make_call
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.engine import diagnosed, explained_if_torn, in_words_of_jax
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.probe import Probe, Program
from vmapdemo.diagnosis.verdict.verdict import Refused
from vmapdemo.tracing.batch_trace import BatchTrace, Programs
from vmapdemo.tracing.flat import FlatCall
from vmapdemo.tracing.marks import read_marks, run_to_the_end
from vmapdemo.tracing.program import read_program
from vmapdemo.tracing.records import Array
from vmapdemo.tracing.steps import Traced, results, steps, traced


def trace(
    fun: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    sum_match: bool = False,
    *,
    example_ndim: tuple[Any, ...] | None = None,
    names: tuple[str, ...] | None = None,
) -> Callable[..., BatchTrace]:
    """Show where the batch axis is in every operation: change one word on the line of ``jax.vmap``.

    Takes jax.vmap's parameters and gives a function of the same arguments, which returns a BatchTrace. Arrays may be
    given as ``jax.ShapeDtypeStruct``: nothing is computed. For a call that JAX refuses the trace has no steps, and
    its ``explanation`` says what is wrong, and so it is for a function with mutable arrays (``jax.new_ref``), which
    cannot be followed. ``example_ndim`` and ``names`` are those of ``explain``; like it, ``trace`` changes nothing
    that the function can reach.

    >>> import jax.numpy as jnp
    >>> found = trace(jnp.dot, in_axes=(None, 0))(jnp.ones(3), jnp.ones((4, 3)))
    >>> [(step.primitive, step.outputs[0].shape, step.outputs[0].batched_shape) for step in found.steps]
    [('dot_general', (), (4,))]
    """
    options = Options(axis_name, axis_size, spmd_axis_name, sum_match)

    def traced_call(*arguments: Any, **keywords: Any) -> BatchTrace:
        call = make_call(
            fun, arguments, keywords, in_axes, out_axes, options=options, example_ndim=example_ndim, names=names
        )
        probe = Probe.for_caller(call)
        try:
            return trace_call(call, probe)
        except Exception as error:
            return BatchTrace(in_words_of_jax(call, probe, error), call.function, call.function_name)

    return traced_call


def trace_call(call: Call, probe: Probe) -> BatchTrace:
    """The BatchTrace of a call; answers that the probe remembers are not asked again."""
    torn = explained_if_torn(call)
    if torn is not None:
        return BatchTrace(torn, call.function, call.function_name)
    diagnosis = diagnosed(call, probe)
    explanation, verdict = diagnosis.explanation, diagnosis.verdict
    if isinstance(verdict, Refused):
        return BatchTrace(explanation, call.function, call.function_name)
    program = _program(verdict.mapped, probe)
    flat = FlatCall(verdict, program)
    try:
        found = _followed(flat)
    except Exception as error:
        return BatchTrace(_unfollowed(call, explanation, error), call.function, call.function_name)
    return BatchTrace(
        explanation,
        call.function,
        call.function_name,
        arguments=tuple(_argument(leaf, axis) for leaf, axis in flat.mapped.pairs),
        steps=steps(found),
        results=results(found, _result_names(explanation), verdict.out_axes),
        programs=Programs(lambda: program.closed, lambda: probe.batched_program(call, program)),
    )


def _unfollowed(call: Call, explanation: Explanation, error: Exception) -> Explanation:
    """What is said of a program with an operation that cannot be followed: one of mutable arrays, say."""
    return replace(
        explanation,
        ok=False,
        culprit="function",
        headline=f"`{call.function_name}` runs under vmap, but its program cannot be followed.",
        reason=f"{error}",
        jax_error=f"{type(error).__name__}: {error}",
    )


def _program(mapped: MappedCall, probe: Probe) -> Program:
    """The program of one example; shared arrays are given by value only to a function that needs their values."""
    program = probe.program(mapped, binds=False) or probe.program(mapped)
    assert program is not None  # the call is accepted, so that one example was traced
    return program


def _followed(flat: FlatCall) -> Traced:
    """The program of one example and its marked batched form."""
    example = read_program(flat.program.closed)
    batched = read_program(flat.batched_jaxpr(run_to_the_end(example)))
    names = tuple(leaf.path for leaf, _ in flat.traced)
    return traced(example, batched, read_marks(batched, example), names, flat.accepted.size)


def _argument(leaf: Leaf, axis: int | None) -> Array:
    dtype = "not an array" if leaf.struct is None else str(leaf.struct.dtype)
    return Array(leaf.path, dtype, without(leaf.shape, axis), axis, leaf.shape)


def _result_names(explanation: Explanation) -> tuple[str, ...]:
    return tuple(f"result{output.path}" for output in explanation.output)

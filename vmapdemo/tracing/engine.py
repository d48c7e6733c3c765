"""The verb ``trace``, and ``trace_call`` behind it for callers that keep a probe."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call, Leaf, Options, make_call
from vmapdemo.diagnosis.engine import diagnose
from vmapdemo.diagnosis.records import Explanation
from vmapdemo.diagnosis.shapes import Probe
from vmapdemo.diagnosis.verdict import judge
from vmapdemo.tracing.flat import Axis, FlatCall, flatten
from vmapdemo.tracing.marks import read_marks, run_to_the_end
from vmapdemo.tracing.program import read_program
from vmapdemo.tracing.records import Array, BatchTrace, Programs
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
    example_ndim: tuple[int, ...] | None = None,
    names: tuple[str, ...] | None = None,
) -> Callable[..., BatchTrace]:
    """Show where the batch axis is in every operation: change one word on the line of ``jax.vmap``.

    Takes jax.vmap's parameters and gives a function of the same arguments, which returns a BatchTrace. Arrays may be
    given as ``jax.ShapeDtypeStruct``: nothing is computed. For a call that JAX refuses the trace has no steps, and
    its ``explanation`` says what is wrong; ``example_ndim`` and ``names`` are those of ``explain``. Raises
    NotImplementedError for a function with mutable arrays (``jax.new_ref``).

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
        return trace_call(call, Probe(binds_shared=True))

    return traced_call


def trace_call(call: Call, probe: Probe) -> BatchTrace:
    """The BatchTrace of a call; answers that the probe remembers are not asked again."""
    explanation, verdict = diagnose(call, probe), judge(call, probe)
    if not explanation.ok or verdict.axes is None or verdict.size is None:
        return BatchTrace(explanation, call.function, call.function_name)
    try:
        flat, example = _one_example(call, verdict.axes, verdict.out_axes, verdict.size)
    except Exception as error:
        return BatchTrace(_untraceable(call, explanation, error), call.function, call.function_name)
    found = _followed(flat, example)
    return BatchTrace(
        explanation,
        call.function,
        call.function_name,
        arguments=tuple(_argument(leaf, axis) for leaf, axis in zip(call.leaves, flat.axes, strict=True)),
        steps=steps(found),
        results=results(found, _result_names(explanation), flat.out_axes),
        programs=Programs(lambda: example, flat.batched_jaxpr),
    )


def _untraceable(call: Call, explanation: Explanation, error: Exception) -> Explanation:
    """What is said of a function that eager vmap runs and that has no program: it reads values on its way."""
    return replace(
        explanation,
        ok=False,
        culprit="function",
        headline=f"`{call.function_name}` runs under vmap, but has no program to show.",
        reason="It reads a value while it runs, as `int(jnp.sum(...))` does, so that its operations depend on it.",
        jax_error=f"{type(error).__name__}: {error}",
    )


def _one_example(
    call: Call, axes: tuple[Axis, ...], out_axes: tuple[Axis, ...], size: int
) -> tuple[FlatCall, ClosedJaxpr]:
    """The flat call and its program; shared arrays are given by value only to a function that needs their values."""
    flat = flatten(call, axes, out_axes, size, bind=False)
    try:
        return flat, flat.example_jaxpr()
    except Exception:  # lambda x, n: x[:n] cannot take n as a traced array
        flat = flatten(call, axes, out_axes, size, bind=True)
        return flat, flat.example_jaxpr()


def _followed(flat: FlatCall, jaxpr: ClosedJaxpr) -> Traced:
    """The program of one example and its marked batched form."""
    example = read_program(jaxpr)
    batched = read_program(flat.batched_jaxpr(run_to_the_end(example)))
    names = tuple(leaf.path for leaf, _ in flat.traced)
    return traced(example, batched, read_marks(batched, example), names, flat.size)


def _argument(leaf: Leaf, axis: Axis) -> Array:
    dtype = "not an array" if leaf.struct is None else str(leaf.struct.dtype)
    return Array(leaf.path, dtype, without(leaf.shape, axis), axis, leaf.shape)


def _result_names(explanation: Explanation) -> tuple[str, ...]:
    return tuple(f"result{output.path}" for output in explanation.output)

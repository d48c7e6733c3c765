import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import vmapdemo
from vmapdemo.diagnosis.engine import explain
from vmapdemo.strategies import convolve
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.engine import trace

X, Y = jnp.ones((4, 5)), jnp.ones((4, 3))


def test_trace_takes_the_parameters_of_vmap() -> None:
    ours = list(inspect.signature(trace).parameters.values())
    theirs = list(inspect.signature(jax.vmap).parameters.values())
    assert [(p.name, p.kind, p.default) for p in ours[: len(theirs)]] == [(p.name, p.kind, p.default) for p in theirs]
    extras = ours[len(theirs) :]
    assert [(p.name, p.kind, p.default) for p in extras] == [
        (p.name, p.kind, p.default)
        for p in list(inspect.signature(explain).parameters.values())[len(theirs) :]
        if p.name != "values"
    ]


def test_the_verb_is_exported() -> None:
    assert vmapdemo.trace is trace


def test_every_operation_says_where_the_batch_axis_is() -> None:
    found = trace(convolve, in_axes=(1, 0))(jnp.ones((5, 4)), Y)
    assert [step.primitive for step in found.steps[:2]] == ["slice", "dot_general"]
    sliced, product = found.steps[0].outputs[0], found.steps[1].outputs[0]
    assert (sliced.shape, sliced.axis, sliced.batched_shape) == ((3,), 1, (3, 4))
    assert (product.shape, product.axis, product.batched_shape) == ((), 0, (4,))
    assert [(array.name, array.axis, array.shape) for array in found.arguments] == [("x", 1, (5,)), ("y", 0, (3,))]
    assert (found.output_axes, found.batch_size, found.function_name) == ((0,), 4, "convolve")


@pytest.mark.parametrize("in_axes", [1, True, (0,), "a", (0, 0, 0), {"x": 0}, None, (0, 5)])
def test_a_refused_call_is_explained_and_has_no_steps(in_axes: object) -> None:
    found = trace(convolve, in_axes)(jnp.ones((5, 4)), Y)
    assert not found.ok
    assert found.explanation.headline == explain(convolve, in_axes)(jnp.ones((5, 4)), Y).headline
    assert (found.steps, found.results, found.arguments, found.output_axes) == ((), (), (), ())
    assert found.example_jaxpr() is found.batched_jaxpr() is None
    assert str(found) == str(found.explanation)


@pytest.mark.parametrize("out_axes", [3, (0, 0), "a", None])
def test_a_refused_out_axes_is_explained(out_axes: object) -> None:
    found = trace(convolve, 0, out_axes)(X, Y)
    assert (found.ok, found.explanation.culprit) == (False, "out_axes")


def test_an_example_that_the_function_refuses_is_explained() -> None:
    assert not trace(convolve)(X, jnp.ones((4, 2))).ok
    assert not trace(lambda x: undefined)(X).ok  # type: ignore[name-defined] # noqa: F821


def test_negative_axes_are_counted_from_the_front() -> None:
    found = trace(convolve, (-1, -2), -1)(X.T, Y)
    assert [array.axis for array in found.arguments] == [1, 0]
    assert (found.results[0].array.axis, found.results[0].found_axis) == (1, 0)
    assert found.results[0].brought_by == ("transpose",)


def test_shapes_do_instead_of_values() -> None:
    shapes = jax.ShapeDtypeStruct((4, 5), "float32"), jax.ShapeDtypeStruct((4, 3), "float32")
    assert trace(convolve)(*shapes).steps == trace(convolve)(X, Y).steps
    assert trace(convolve)(np.ones((4, 5), "float32"), Y).steps == trace(convolve)(X, Y).steps


def _power(x: jax.Array, mode: str, *, scale: jax.Array) -> jax.Array:
    return (jnp.sin(x) if mode == "sin" else x) * scale


def test_a_string_passes_through_and_a_keyword_is_mapped_along_axis_0() -> None:
    found = trace(_power, in_axes=(1, None))(X.T, "sin", scale=jnp.ones((4,)))
    assert [step.primitive for step in found.all_steps][:1] == ["sin"]
    assert [(a.name, a.dtype, a.axis) for a in found.arguments] == [
        ("x", "float32", 1),
        ("mode", "not an array", None),
        ("scale", "float32", 0),
    ]


def test_a_shared_number_may_be_used_as_a_python_number() -> None:
    found = trace(lambda x, n: x[:n] * 2, in_axes=(0, None))(X, 3)
    assert [step.primitive for step in found.steps] == ["slice", "mul"]
    assert found.results[0].array.batched_shape == (4, 3)


def test_a_shared_array_stays_an_argument_where_its_values_are_not_needed() -> None:
    found = trace(lambda x, y: x + jnp.sin(y), in_axes=(0, None))(Y, jnp.ones(3))
    assert [step.inputs[0].name for step in found.steps if step.primitive == "sin"] == ["y"]
    assert [step.shared for step in found.steps] == [True, False]
    assert found.saved_flops == 3 * 3


def test_axis_size_alone_and_no_array_at_all() -> None:
    found = trace(lambda: jax.lax.axis_index("i"), axis_name="i", axis_size=4)()
    assert [(step.rewritten_to, step.shared) for step in found.steps] == [(("iota",), False)]
    assert found.results[0].array.batched_shape == (4,)


def test_names_replace_those_of_the_function() -> None:
    found = trace(convolve, names=("x_batch", "y_batch"))(X, Y)
    assert [array.name for array in found.arguments] == ["x_batch", "y_batch"]
    assert found.steps[0].inputs[0].name == "x_batch"


def test_arrays_inside_an_argument_are_called_by_their_paths() -> None:
    found = trace(lambda p: p["w"] * p["b"][0])({"w": Y, "b": [Y]})
    assert [array.name for array in found.steps[0].inputs] == ["p['w']", "p['b'][0]"]


def test_results_are_called_by_their_paths() -> None:
    found = trace(lambda x: {"a": x * 2, "b": (x.sum(), x)})(X)
    assert [result.array.name for result in found.results] == ["result['a']", "result['b'][0]", "result['b'][1]"]


def test_the_programs_of_jax_can_be_had() -> None:
    found = trace(convolve)(X, Y)
    batched = jax.make_jaxpr(jax.vmap(convolve))(X, Y)
    assert [str(e.primitive) for e in found.batched_jaxpr().eqns] == [str(e.primitive) for e in batched.eqns]
    assert "mark" not in str(found.batched_jaxpr())
    one = jax.make_jaxpr(convolve)(X[0], Y[0])
    assert [str(e.primitive) for e in found.example_jaxpr().eqns] == [str(e.primitive) for e in one.eqns]


def test_a_mutable_array_is_not_followed() -> None:
    def function(x: jax.Array) -> jax.Array:
        held = jax.new_ref(x)
        held[...] = held[...] + 1
        return held[...]

    found = trace(function)(X)
    assert (found.ok, found.steps) == (False, ())
    assert "cannot be followed" in found.explanation.headline
    assert "plain arrays only" in found.explanation.reason


def test_steps_are_plain_records() -> None:
    found = trace(convolve)(X, Y)
    assert isinstance(found, BatchTrace)
    assert found.steps == trace(convolve)(X, Y).steps
    assert len({found.steps[0], found.steps[0], found.steps[1]}) == 2


def test_a_function_that_reads_its_constants_on_its_way_is_traced() -> None:
    found = trace(lambda a: a * int(jnp.sum(jnp.ones(3))))(jnp.ones(3))
    assert [step.primitive for step in found.steps] == ["mul"]

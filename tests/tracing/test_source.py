"""These also watch what JAX's jaxprs tell of their origin: it reaches us through attributes of public objects."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.probe.source_line import SourceLine, is_of_library, line_of
from vmapdemo.strategies import convolve
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.records import Step

X = jnp.ones((4, 3))


def _lines(steps: tuple[Step, ...]) -> list[str]:
    return list(dict.fromkeys(step.source.text if step.source else "" for step in steps))


def test_a_step_knows_the_line_that_it_comes_from() -> None:
    found = trace(convolve)(jnp.ones((4, 5)), X)
    lines, start = inspect.getsourcelines(convolve)
    source = found.steps[0].source
    assert source is not None
    assert (source.file, source.function) == ("strategies.py", "convolve")
    assert lines[source.line - start].strip() == source.text
    assert source.text == "output.append(jnp.dot(x[centre - 1 : centre + 2], y))"


@jax.jit
def _helper(x: jax.Array) -> jax.Array:
    doubled = x * 2
    return jnp.where(doubled > 1, doubled, 0.0)


def test_lines_of_a_jitted_helper_are_its_own_at_every_call() -> None:
    def function(x: jax.Array) -> jax.Array:
        once = _helper(x)
        return _helper(once)

    expected = ["doubled = x * 2", "return jnp.where(doubled > 1, doubled, 0.0)"]
    assert _lines(trace(function)(X).steps) == expected
    assert _lines(trace(lambda x: _helper(x) + 0)(X).steps)[:2] == expected


def test_what_jax_remembers_of_an_earlier_call_does_not_mislead() -> None:
    jnp.where(X > 1, X, 0.25)

    def function(x: jax.Array) -> jax.Array:
        return jnp.where(x > 1, x, 0.25)

    jax.make_jaxpr(lambda x: jnp.where(x > 1, x, 0.25))(X[0])
    assert _lines(trace(function)(X).steps) == ["return jnp.where(x > 1, x, 0.25)"]


def test_the_lines_of_a_body_are_those_of_the_body() -> None:
    def body(_: Any, value: jax.Array) -> jax.Array:
        return jnp.sin(value)

    def function(x: jax.Array) -> jax.Array:
        return jax.lax.fori_loop(0, 3, body, x)

    (loop,) = trace(function)(X).steps
    assert loop.source is not None
    assert loop.source.text == "return jax.lax.fori_loop(0, 3, body, x)"
    assert [step.source.text for step in loop.inner if step.primitive == "sin" and step.source] == [
        "return jnp.sin(value)"
    ]


def test_the_gradient_has_the_lines_of_the_function() -> None:
    def loss(x: jax.Array) -> jax.Array:
        return jnp.sum(jnp.sin(x) ** 2)

    assert _lines(trace(jax.grad(loss))(X).steps) == ["return jnp.sum(jnp.sin(x) ** 2)"]


def test_a_function_of_jax_itself_has_no_line_of_the_caller() -> None:
    assert {step.source for step in trace(jnp.outer)(X, X).all_steps} == {None}


def test_jax_tells_the_stack_of_an_equation() -> None:
    equation = jax.make_jaxpr(jnp.sin)(1.0).eqns[0]
    frame = equation.source_info.traceback.frames[0]
    assert {type(frame.file_name), type(frame.function_name), type(frame.line_num)} == {str, int}


def test_jax_tells_which_function_a_jaxpr_is_of() -> None:
    equations = jax.make_jaxpr(lambda x: _helper(x))(X).eqns
    helper = equations[0].params["jaxpr"].jaxpr
    assert not is_of_library(helper)
    where = next(equation.params["jaxpr"].jaxpr for equation in helper.eqns if "jaxpr" in equation.params)
    assert is_of_library(where)


class _Bare:
    """An equation, or a jaxpr, of a JAX that tells nothing."""


@pytest.mark.parametrize("caller", [None, SourceLine("notebook.py", 3, "f")])
def test_without_a_stack_the_line_of_the_caller_does(caller: SourceLine | None) -> None:
    bare: Any = _Bare()
    assert line_of(bare, bare, caller) == caller
    assert is_of_library(bare)

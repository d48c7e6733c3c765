from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.primitives.flops import count_flops

ROW, SQUARE = jnp.ones(3), jnp.ones((3, 3))


def _conv(image: jax.Array, kernel: jax.Array) -> jax.Array:
    return jax.lax.conv_general_dilated(image, kernel, (1, 1), "VALID")


COUNTS: list[tuple[str, Callable[..., Any], tuple[Any, ...], list[int | None]]] = [
    ("dot", jnp.dot, (ROW, ROW), [6]),
    ("matmul", lambda a, b: a @ b, (jnp.ones((2, 3)), jnp.ones((3, 5))), [2 * 2 * 5 * 3]),
    ("elementwise", lambda x: jnp.sin(x) * 2, (SQUARE,), [9, 9]),
    ("reduction", lambda x: x.sum(), (SQUARE,), [9]),
    ("running sum", lambda x: jax.lax.cumsum(x), (ROW,), [3]),
    ("a slice", lambda x: x[:2], (ROW,), [0]),
    ("convolution", _conv, (jnp.ones((1, 2, 5, 5)), jnp.ones((4, 2, 3, 3))), [2 * 4 * 3 * 3 * 2 * 3 * 3]),
    ("sort", lambda x: jax.lax.sort(x), (ROW,), [None]),
    ("loop", lambda x: jax.lax.scan(lambda c, v: (c + v, v), 0.0, x), (ROW,), [None]),
]


@pytest.mark.parametrize(("function", "arguments", "counts"), [c[1:] for c in COUNTS], ids=[c[0] for c in COUNTS])
def test_operations_are_counted_as_by_hand(
    function: Callable[..., Any], arguments: tuple[Any, ...], counts: list[int | None]
) -> None:
    assert [count_flops(equation) for equation in jax.make_jaxpr(function)(*arguments).eqns] == counts


def test_scattered_additions_count_one_for_each_update() -> None:
    equations = jax.make_jaxpr(lambda v: jnp.zeros(5).at[jnp.array([0, 1])].add(v))(jnp.ones(2)).eqns
    assert [count_flops(equation) for equation in equations if equation.primitive.name == "scatter-add"] == [2]


def test_a_batched_step_counts_for_all_examples_and_a_shared_one_once() -> None:
    found = trace(lambda x, y: x * jnp.sin(y), in_axes=(0, None))(jnp.ones((4, 3)), ROW)
    assert [(step.flops, step.batched_flops, step.shared) for step in found.steps] == [(3, 3, True), (3, 12, False)]
    assert found.saved_flops == 9


def test_what_is_put_in_beside_the_operation_counts_too() -> None:
    (step,) = trace(lambda x, y: jnp.where(x > y, x, y), in_axes=(0, None))(jnp.ones((4, 3)), ROW).steps[-1:]
    assert step.rewritten_to == ("broadcast_in_dim", "select_n")
    assert step.batched_flops == 12


def test_loops_and_conditions_have_no_count_but_their_bodies_do() -> None:
    (loop,) = trace(lambda x: jax.lax.fori_loop(0, 3, lambda i, v: v * 2, x))(jnp.ones((4, 3))).steps
    assert (loop.flops, loop.batched_flops) == (None, None)
    assert [(step.flops, step.batched_flops) for step in loop.inner if step.primitive == "mul"] == [(3, 12)]

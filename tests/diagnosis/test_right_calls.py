"""Calls that are right, as documentations of JAX and of its users write them: nothing is to be said about them."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from vmapdemo.diagnosis.engine import explain

key = jax.random.key(0)
keys = jax.random.split(key, 4)
square = jnp.arange(16.0).reshape(4, 4)
rows = jnp.arange(12.0).reshape(4, 3)


class Params(NamedTuple):
    w: Any
    b: Any


class Env(NamedTuple):
    position: Any
    time: Any


params = Params(jnp.ones((2, 3)), jnp.zeros(2))
model = eqx.nn.MLP(3, 2, 4, 1, key=key)
models, static = eqx.partition(eqx.filter_vmap(lambda key: eqx.nn.MLP(3, 2, 4, 1, key=key))(keys), eqx.is_array)
four_params = jax.tree.map(lambda a: jnp.stack([a] * 4), params)
optimizer = optax.adam(1e-3)


def predict(params: Params, x: Any) -> Any:
    return jnp.tanh(params.w @ x + params.b)


def loss(params: Params, x: Any, y: Any) -> Any:
    return jnp.sum((predict(params, x) - y) ** 2)


def step(env: Env, action: Any) -> Any:
    moved = Env(env.position + action, env.time + 1)
    return jax.tree.map(partial(jnp.where, moved.time > 9), Env(jnp.zeros(2), 0), moved), -jnp.sum(moved.position**2)


def normalized(x: Any) -> Any:
    return (x - jax.lax.pmean(x, "batch")) / jnp.sqrt(jax.lax.pmean(x**2, "batch") + 1e-5)


def dropout(key: Any, x: Any) -> Any:
    return jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x / 0.5, 0.0)


def newton(a: Any) -> Any:
    return jax.lax.fori_loop(0, 5, lambda _, x: 0.5 * (x + a / x), a)


RIGHT: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "dot products of two batches": (jnp.vdot, (rows, rows), {}),
    "a matrix times a batch of vectors": (jnp.dot, (jnp.ones((2, 3)), rows), {"in_axes": (None, 0)}),
    "columns of a square": (jnp.vdot, (square, square), {"in_axes": (0, 1)}),
    "columns back as columns": (jnp.cumsum, (square,), {"in_axes": 1, "out_axes": 1}),
    "all pairs": (jax.vmap(jnp.vdot, (None, 0)), (rows, rows), {"in_axes": (0, None)}),
    "a Jacobian of a batch": (jax.jacfwd(jnp.sin), (square,), {}),
    "a Jacobian by unit vectors": (lambda v: jax.jvp(jnp.sin, (jnp.ones(4),), (v,))[1], (jnp.eye(4),), {"out_axes": 1}),
    "a Jacobian and its value": (
        lambda v: jax.jvp(jnp.sin, (jnp.ones(4),), (v,)),
        (jnp.eye(4),),
        {"out_axes": (None, 1)},
    ),
    "a pullback of unit vectors": (lambda v: jax.vjp(jnp.sin, jnp.ones(4))[1](v), (jnp.eye(4),), {}),
    "a Hessian": (jax.hessian(lambda x: jnp.sum(x**3)), (rows,), {}),
    "gradients of examples": (jax.grad(loss), (params, rows, jnp.ones((4, 2))), {"in_axes": (None, 0, 0)}),
    "an ensemble": (
        predict,
        (four_params, rows[0]),
        {"in_axes": (0, None)},
    ),
    "axes by name": (lambda d: d["a"] @ d["w"], ({"a": rows, "w": jnp.ones(3)},), {"in_axes": ({"a": 0, "w": None},)}),
    "a batch norm": (normalized, (rows,), {"axis_name": "batch"}),
    "an index of the batch": (lambda a: a + jax.lax.axis_index("i"), (rows,), {"axis_name": "i"}),
    "dropout": (dropout, (keys, rows), {}),
    "new keys": (jax.random.split, (keys,), {}),
    "keys of the old kind": (jax.random.normal, (jax.random.split(jax.random.PRNGKey(0), 4),), {}),
    "folded keys": (lambda i: jax.random.normal(jax.random.fold_in(key, i)), (jnp.arange(4),), {}),
    "the same noise for each parameter": (
        lambda scale, key: jnp.mean(scale * jax.random.normal(key, (8,))),
        (jnp.arange(1.0, 5), key),
        {"in_axes": (0, None)},
    ),
    "environments": (step, (Env(jnp.zeros((4, 2)), jnp.zeros(4, int)), jnp.ones((4, 2))), {}),
    "environments that start": (lambda key: Env(jax.random.normal(key, (2,)), 0), (keys,), {}),
    "replicated": (lambda _, state: state, (jnp.arange(4), params), {"in_axes": (0, None)}),
    "one state made into many": (lambda _: params, (jnp.arange(4),), {}),
    "replicated by size": (lambda state: state, (params,), {"in_axes": None, "axis_size": 4}),
    "zeros like": (jnp.zeros_like, (rows,), {}),
    "a lookup": (lambda i: jnp.arange(10.0)[i], (jnp.array([1, 5, 2]),), {}),
    "a scatter": (lambda x, i: x.at[i].set(0.0), (rows, jnp.array([0, 1, 2, 0])), {}),
    "a window": (lambda x, i: jax.lax.dynamic_slice(x, (i,), (2,)), (rows, jnp.array([0, 1, 1, 0])), {}),
    "a condition": (lambda a: jax.lax.cond(a > 0, jnp.sin, jnp.cos, a), (rows[:, 1],), {}),
    "a choice of functions": (
        lambda i, a: jax.lax.switch(i, [jnp.sin, jnp.cos], a),
        (jnp.array([0, 1, 0, 1]), rows[:, 1]),
        {},
    ),
    "a loop": (newton, (jnp.arange(1.0, 5.0),), {}),
    "a scan": (lambda x: jax.lax.scan(lambda s, a: (s + a, s), 0.0, x), (rows,), {}),
    "a sum along the batch": (jnp.add, (rows, rows), {"out_axes": -1}),
    "a sort": (jnp.argsort, (rows,), {}),
    "a mask of minus infinity": (lambda m, a: jax.nn.softmax(jnp.where(m, a, -jnp.inf)), (rows > 1, rows), {}),
    "a safe logarithm": (lambda a: jnp.where(a > 0, jnp.log(jnp.where(a > 0, a, 1.0)), 0.0), (rows,), {}),
    "sentinels": (lambda a: jnp.where(a > 3, a, jnp.iinfo(jnp.int32).max), (jnp.arange(5),), {}),
    "a hash": (lambda a: (a * 1_103_515_245 + 12_345) & 0x7FFFFFFF, (jnp.arange(5),), {}),
    "whole numbers": (lambda a: a // 2 + 1, (jnp.arange(5),), {}),
    "NumPy's arrays": (jnp.dot, (np.ones((4, 3)), np.ones((4, 3))), {}),
    "a jitted function": (jax.jit(predict), (params, rows), {"in_axes": (None, 0)}),
    "a partial": (partial(predict, params), (rows,), {}),
    "a method": (model, (rows,), {}),
    "a remat": (jax.checkpoint(predict), (params, rows), {"in_axes": (None, 0)}),
    "an equinox model as an argument": (lambda m, x: m(x), (model, rows), {"in_axes": (None, 0)}),
    "an ensemble of equinox": (lambda m, x: eqx.combine(m, static)(x), (models, rows[0]), {"in_axes": (0, None)}),
    "states of optimizers": (optimizer.init, (four_params,), {}),
    "updates of optimizers": (
        optimizer.update,
        (four_params, jax.vmap(optimizer.init)(four_params)),
        {},
    ),
    "a loss of optax": (optax.softmax_cross_entropy_with_integer_labels, (rows, jnp.array([0, 1, 2, 0])), {}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_call_is_taken_without_a_word(name: str) -> None:
    function, arguments, parameters = RIGHT[name]
    jax.vmap(function, **parameters)(*arguments)
    found = explain(function, **parameters)(*arguments)
    assert found.ok, found.headline
    assert found.cautions == ()

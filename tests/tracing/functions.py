"""Functions of one example that together use most of what JAX can batch, each with a call of vmap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.strategies import convolve

BATCH = 4


@dataclass(frozen=True, eq=False)
class Case:
    """``jax.vmap(function, in_axes, out_axes, **options)(*arguments)``."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    in_axes: Any = 0
    out_axes: Any = 0
    options: dict[str, Any] = field(default_factory=dict)

    def vmapped(self) -> Callable[..., Any]:
        return jax.vmap(self.function, self.in_axes, self.out_axes, **self.options)


def _ones(*shape: int, dtype: str = "float32") -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype)


def _ints(*shape: int) -> jax.ShapeDtypeStruct:
    return _ones(*shape, dtype="int32")


KEYS = jax.eval_shape(lambda: jax.random.split(jax.random.key(0), BATCH))
KEY = jax.eval_shape(lambda: jax.random.key(0))
ROWS, ROW, SQUARES = _ones(BATCH, 3), _ones(3), _ones(BATCH, 3, 3)


@jax.custom_jvp
def _own_jvp(x: jax.Array) -> jax.Array:
    return jnp.sin(x) * 2


@_own_jvp.defjvp
def _own_jvp_rule(primals: Any, tangents: Any) -> Any:
    return _own_jvp(primals[0]), jnp.cos(primals[0]) * tangents[0]


@jax.custom_vjp
def _own_vjp(x: jax.Array) -> jax.Array:
    return jnp.exp(x) + 1


_own_vjp.defvjp(lambda x: (_own_vjp(x), x), lambda x, g: (g * x,))


def _layer_norm(x: jax.Array, scale: jax.Array, shift: jax.Array) -> jax.Array:
    normal = (x - x.mean()) / jnp.sqrt(x.var() + 1e-5)
    return normal * scale + shift


def _recurrence(x: jax.Array) -> Any:
    return jax.lax.scan(lambda carry, value: (carry * 0.5 + value, carry), jnp.float32(0), x)


def _scan_of_shared(x: jax.Array, values: jax.Array) -> Any:
    return jax.lax.scan(lambda carry, value: (carry + x.sum() * value, value * 2), jnp.float32(0), values)


def _branch(choice: jax.Array, x: jax.Array) -> jax.Array:
    return jax.lax.cond(choice > 1, lambda value: value * 2, lambda value: jnp.sin(value) + 1, x)


def _switch(choice: jax.Array, x: jax.Array) -> Any:
    return jax.lax.switch(choice, [lambda v: (v, v.sum()), lambda v: (v + 1, v.max()), lambda v: (-v, v[0])], x)


def _until_large(x: jax.Array) -> jax.Array:
    return jax.lax.while_loop(lambda value: value.sum() < 10, lambda value: value * 2, x)


def _rounds(x: jax.Array, count: jax.Array) -> Any:
    return jax.lax.while_loop(lambda state: state[0] < count, lambda state: (state[0] + 1, state[1] * 2), (0, x))


def _newton(x: jax.Array) -> jax.Array:
    return jax.lax.fori_loop(0, 3, lambda i, value: value - jnp.tanh(value) / (i + 1.0), x)


def _nested_conditions(x: jax.Array, choice: jax.Array) -> jax.Array:
    inner = partial(jax.lax.cond, choice > 0, jnp.sin, jnp.cos)
    return jax.lax.cond(x.sum() > 0, lambda v: inner(v) + 1, lambda v: v * 3, x)


def _loop_in_a_loop(x: jax.Array) -> Any:
    def outer(carry: jax.Array, value: jax.Array) -> Any:
        return jax.lax.fori_loop(0, 2, lambda _, v: v * value, carry), carry.sum()

    return jax.lax.scan(outer, x, jnp.arange(3.0))


@jax.jit
def _helper(x: jax.Array) -> jax.Array:
    return jnp.where(x > 0, x, 0.1 * x)


def _loss(weights: dict[str, jax.Array], x: jax.Array, target: jax.Array) -> jax.Array:
    hidden = jax.nn.relu(x @ weights["w"] + weights["b"])
    return jnp.mean((hidden - target) ** 2)


WEIGHTS = {"w": _ones(3, 2), "b": _ones(2)}


def _conv(image: jax.Array, kernel: jax.Array) -> jax.Array:
    return jax.lax.conv_general_dilated(image[None], kernel, (1, 1), "SAME")[0]


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _notebook()
    yield from _linear_algebra()
    yield from _arrays()
    yield from _control_flow()
    yield from _derivatives()
    yield from _random_numbers()
    yield from _structures()
    yield from _collectives()


def _notebook() -> Iterator[Case]:
    yield Case("convolve", convolve, (_ones(BATCH, 5), ROWS))
    yield Case("convolve, shared kernel", convolve, (_ones(BATCH, 5), ROW), (0, None))
    yield Case("convolve, shared signal", convolve, (_ones(5), ROWS), (None, 0))
    yield Case("convolve, last axes", convolve, (_ones(5, BATCH), _ones(3, BATCH)), 1, 1)
    yield Case("convolve, negative axes", convolve, (_ones(5, BATCH), ROWS), (-1, -2), -1)
    yield Case("convolve, jitted", jax.jit(convolve), (_ones(5, BATCH), ROWS), (1, 0))


def _linear_algebra() -> Iterator[Case]:
    yield Case("matmul", jnp.matmul, (SQUARES, SQUARES))
    yield Case("matmul, shared left", jnp.matmul, (_ones(3, 3), _ones(3, BATCH)), (None, 1), 1)
    yield Case("einsum", partial(jnp.einsum, "ij,jk,k->i"), (SQUARES, _ones(3, 3), ROWS), (0, None, 0))
    yield Case("outer", jnp.outer, (ROWS, _ones(2, BATCH)), (0, 1), 2)
    yield Case("solve", jnp.linalg.solve, (SQUARES, ROWS))
    yield Case("solve, shared matrix", jnp.linalg.solve, (_ones(3, 3), ROWS), (None, 0))
    yield Case("inverse", jnp.linalg.inv, (_ones(3, BATCH, 3),), 1, 1)
    yield Case("cholesky", jnp.linalg.cholesky, (_ones(3, 3, BATCH),), 2)
    yield Case("eigh", lambda x: tuple(jnp.linalg.eigh(x)), (SQUARES,), 0, (0, 1))
    yield Case("svd", partial(jnp.linalg.svd, full_matrices=False), (SQUARES,))
    yield Case("qr", jnp.linalg.qr, (SQUARES,))
    yield Case("determinant", jnp.linalg.det, (SQUARES,))
    yield Case("fft", jnp.fft.fft, (_ones(8, BATCH),), 1)
    yield Case("convolution, shared kernel", _conv, (_ones(BATCH, 2, 5, 5), _ones(3, 2, 3, 3)), (0, None))
    yield Case("convolution, own kernels", _conv, (_ones(2, 5, 5, BATCH), _ones(BATCH, 3, 2, 3, 3)), (3, 0), 1)
    yield Case("convolution, shared image", _conv, (_ones(2, 5, 5), _ones(BATCH, 3, 2, 3, 3)), (None, 0))


def _arrays() -> Iterator[Case]:
    yield Case("sort", jnp.sort, (_ones(3, BATCH),), 1)
    yield Case("argsort", jnp.argsort, (ROWS,))
    yield Case("top k", lambda x: tuple(jax.lax.top_k(x, 2)), (_ones(3, BATCH),), 1, (0, 1))
    yield Case("gather, own indices", lambda x, i: x[i], (ROWS, _ints(BATCH, 2)))
    yield Case("gather, shared table", lambda table, i: table[i], (_ones(7, 2), _ints(BATCH)), (None, 0))
    yield Case("gather, rows of a shared table", lambda table, i: table[i], (_ones(7, 2), _ints(BATCH, 2)), (None, 0))
    yield Case("gather, shared indices", lambda x, i: x[i], (ROWS, _ints(2)), (0, None))
    yield Case("take along axis", lambda x, i: jnp.take_along_axis(x, i, 0), (ROWS, _ints(BATCH, 3)))
    yield Case("set", lambda x, i: x.at[i].set(1.0), (ROWS, _ints(BATCH)))
    yield Case("set, shared index", lambda x, i: x.at[i].set(1.0), (ROWS, _ints()), (0, None))
    yield Case("add at", lambda i, v: jnp.zeros(5).at[i].add(v), (_ints(BATCH, 2), _ones(BATCH, 2)))
    yield Case("dynamic slice", lambda x, i: jax.lax.dynamic_slice(x, (i,), (2,)), (ROWS, _ints(BATCH)))
    yield Case("dynamic slice, shared", lambda x, i: jax.lax.dynamic_slice(x, (i,), (2,)), (ROWS, _ints()), (0, None))
    yield Case("dynamic update", lambda x, i: jax.lax.dynamic_update_slice(x, x[:1], (i,)), (ROWS, _ints(BATCH)))
    yield Case(
        "dynamic update, shared", lambda x, i: jax.lax.dynamic_update_slice(x, x[:1], (i,)), (ROWS, _ints()), (0, None)
    )
    yield Case("cumulative sum", partial(jnp.cumsum, axis=1), (_ones(2, BATCH, 3),), 1)
    yield Case("reductions", lambda x: (x.sum(0), x.max(), x.argmin(1), x.prod(), (x > 0).all()), (SQUARES,))
    yield Case("softmax", jax.nn.softmax, (ROWS,))
    yield Case("logsumexp", jax.nn.logsumexp, (ROWS,))
    yield Case("layer norm", _layer_norm, (ROWS, ROW, ROW), (0, None, None))
    yield Case("one hot", lambda i: jax.nn.one_hot(i, 3), (_ints(BATCH),))
    yield Case("where", lambda x, y: jnp.where(x > y, x, 0.0), (ROWS, ROW), (0, None))
    yield Case("gelu", jax.nn.gelu, (ROWS,))
    yield Case("clip and round", lambda x: jnp.round(jnp.clip(x, -1, 1), 2), (ROWS,))
    yield Case("reshape and transpose", lambda x: x.reshape(3, 2).T.ravel()[::-1], (_ones(6, BATCH),), 1, 1)
    yield Case("concatenate", lambda x, y: jnp.concatenate([x, y, jnp.ones(2)]), (ROWS, ROW), (0, None))
    yield Case("pad", lambda x: jnp.pad(x, 2, mode="reflect"), (ROWS,))
    yield Case("interpolation", lambda x, xs: jnp.interp(x, xs, xs * 2), (_ones(BATCH), ROW), (0, None))
    yield Case("histogram", lambda x: jnp.histogram(x, bins=3)[0], (ROWS,))
    yield Case("median", jnp.median, (_ones(BATCH, 5),))
    yield Case("norm of differences", lambda x: jnp.linalg.norm(x[:, None] - x[None], axis=-1), (SQUARES,))
    yield Case("complex", lambda x: jnp.abs(jnp.exp(1j * x)).real, (ROWS,))


def _control_flow() -> Iterator[Case]:
    yield Case("cond, own predicate", _branch, (_ints(BATCH), _ones(3, BATCH)), (0, 1))
    yield Case("cond, shared predicate", _branch, (_ints(), ROWS), (None, 0))
    yield Case("switch", _switch, (_ints(BATCH), ROWS))
    yield Case("nested conditions", _nested_conditions, (ROWS, _ints(BATCH)))
    yield Case("nested conditions, inner shared", _nested_conditions, (ROWS, _ints()), (0, None))
    yield Case("scan", _recurrence, (_ones(3, BATCH),), 1)
    yield Case("scan over shared values", _scan_of_shared, (ROWS, _ones(5)), (0, None), (0, None))
    yield Case("while, own predicate", _until_large, (ROWS,))
    yield Case("while, shared predicate", _rounds, (ROWS, _ints()), (0, None), (None, 0))
    yield Case("while, own count", _rounds, (ROWS, _ints(BATCH)))
    yield Case("fori loop", _newton, (ROWS,))
    yield Case(
        "fori loop, own bound", lambda n, x: jax.lax.fori_loop(0, n, lambda i, v: v + i, x), (_ints(BATCH), ROWS)
    )
    yield Case("map", lambda x: jax.lax.map(lambda v: v.sum() ** 2, x), (SQUARES,))
    yield Case("associative scan", lambda x: jax.lax.associative_scan(jnp.add, x), (ROWS,))
    yield Case("loop in a loop", _loop_in_a_loop, (ROWS,))


def _derivatives() -> Iterator[Case]:
    yield Case("gradient", jax.grad(lambda x: jnp.sum(jnp.tanh(x) ** 2)), (ROWS,))
    yield Case("gradient of a loss", jax.grad(_loss), (WEIGHTS, ROWS, _ones(BATCH, 2)), (None, 0, 0))
    yield Case("value and gradient", jax.value_and_grad(_loss), (WEIGHTS, ROWS, _ones(2)), (None, 0, None))
    yield Case("forward Jacobian", jax.jacfwd(lambda x: jnp.sin(x) * x.sum()), (ROWS,))
    yield Case("reverse Jacobian", jax.jacrev(lambda x: jnp.cumsum(x) ** 2), (ROWS,))
    yield Case("Hessian", jax.hessian(lambda x: jnp.sum(x**3)), (ROWS,))
    yield Case("custom jvp", _own_jvp, (ROWS,))
    yield Case("custom vjp", _own_vjp, (ROWS,))
    yield Case("gradient of a custom jvp", jax.grad(lambda x: _own_jvp(x).sum()), (ROWS,))
    yield Case("gradient of a custom vjp", jax.grad(lambda x: _own_vjp(x).sum()), (ROWS,))
    yield Case("checkpoint", jax.grad(lambda x: jax.checkpoint(jnp.sin)(x).sum()), (ROWS,))
    yield Case("gradient through a scan", jax.grad(lambda x: _recurrence(x)[0]), (ROWS,))
    yield Case("gradient through a cond", jax.grad(lambda x, i: _branch(i, x).sum()), (ROWS, _ints(BATCH)))


def _random_numbers() -> Iterator[Case]:
    yield Case("normal, own keys", lambda key: jax.random.normal(key, (3,)), (KEYS,))
    yield Case("normal, shared key", lambda key, x: x + jax.random.normal(key, (3,)), (KEY, ROWS), (None, 0))
    yield Case("split", lambda key: jax.random.split(key, 3), (KEYS,))
    yield Case("fold in", lambda key, i: jax.random.fold_in(key, i), (KEY, _ints(BATCH)), (None, 0))
    yield Case("categorical", jax.random.categorical, (KEYS, ROWS))
    yield Case("permutation", lambda key, x: jax.random.permutation(key, x), (KEYS, ROW), (0, None))
    yield Case("dropout", lambda key, x: x * jax.random.bernoulli(key, 0.5, x.shape), (KEYS, ROWS))


def _structures() -> Iterator[Case]:
    yield Case(
        "a dictionary",
        lambda p: {"a": p["w"] * 2, "b": p["w"].sum() + p["b"]},
        ({"w": ROWS, "b": _ones()},),
        ({"w": 0, "b": None},),
    )
    yield Case("a result for all", lambda x, y: (x * 2, y.sum()), (ROWS, ROW), (0, None), (1, None))
    yield Case("a shared result spread out", lambda x, y: (x, y * 2), (ROWS, ROW), (0, None), (0, 1))
    yield Case("an argument returned", lambda x: x, (_ones(3, BATCH),), 1)
    yield Case("a number returned", lambda x: (x, 2.0), (ROWS,))
    yield Case("an unused argument", lambda x, y: x + 1, (ROWS, _ones(2, BATCH)), (0, 1))
    yield Case("nested vmap", lambda x, y: jax.vmap(jnp.dot, (None, 0))(x, y), (ROWS, SQUARES))
    yield Case("nested vmap of convolve", jax.vmap(convolve, (0, None)), (_ones(2, BATCH, 5), ROWS), (1, 0), 1)
    yield Case("a jitted helper", lambda x: _helper(x) + _helper(x * 2), (ROWS,))
    yield Case("axis size alone", lambda x: x * 2, (ROW,), None, 0, {"axis_size": BATCH})
    yield Case("a constant array", lambda x: x * jnp.arange(3.0) + jnp.eye(3)[0], (ROWS,))


def _collectives() -> Iterator[Case]:
    named: dict[str, Any] = {"axis_name": "i"}
    yield Case("psum", lambda x: x / jax.lax.psum(x, "i"), (ROWS,), 0, 0, named)
    yield Case("pmean", lambda x: x - jax.lax.pmean(x, "i"), (_ones(3, BATCH),), 1, 0, named)
    yield Case("pmax", lambda x: jax.lax.pmax(x.sum(), "i"), (ROWS,), 0, None, named)
    yield Case("axis index", lambda x: x * jax.lax.axis_index("i"), (ROW,), None, 0, named | {"axis_size": BATCH})
    yield Case("all gather", lambda x: jax.lax.all_gather(x, "i").sum(0) - x, (ROWS,), 0, 0, named)
    yield Case(
        "sum in a scan",
        lambda x: jax.lax.scan(lambda c, v: (c + jax.lax.psum(v, "i"), v), 0.0, x),
        (ROWS,),
        0,
        0,
        named,
    )


def need_the_size() -> Iterator[Case]:
    """Collectives that one example cannot run along an axis of another size."""
    named: dict[str, Any] = {"axis_name": "i"}
    yield Case("ppermute", lambda x: jax.lax.ppermute(x, "i", [(0, 1), (1, 2), (2, 3), (3, 0)]), (ROWS,), 0, 0, named)
    yield Case("all to all", lambda x: jax.lax.all_to_all(x, "i", 0, 0), (_ones(BATCH, BATCH),), 0, 0, named)

"""Every operation that NumPy does in the place of JAX gives what JAX gives, in JAX's dtype and shape."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import ClosedJaxpr, jaxprs_in_params

from vmapdemo.diagnosis.probe import in_numpy
from vmapdemo.diagnosis.probe.in_numpy import _TABLE
from vmapdemo.diagnosis.probe.real_run import look

NO_FUNCTION = {"copy_p", "lt_to", "le_to", "name", "stack"}
"""Names that versions of JAX other than this one give, or that its public functions do not reach."""

FLOATS = jnp.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.0]])
OTHERS = jnp.array([[2.0, -1.0, 0.5], [1.5, 0.25, -2.0]])
POSITIVE = jnp.array([[0.1, 0.5, 0.9], [0.2, 0.7, 0.3]])
LARGE = POSITIVE + 1
WHOLE = jnp.array([[5, -7, 2], [3, 0, -4]])
COUNTS = jnp.array([[1, 2, 3], [2, 0, 1]])
BITS = jnp.array([[True, False, True], [False, False, True]])
EDGES = jnp.array([[0.0, -0.0, jnp.inf], [-jnp.inf, jnp.nan, 1e30]])

Case = tuple[Callable[..., Any], tuple[Any, ...]]

CASES: dict[str, list[Case]] = {
    **{
        name: [(getattr(lax, name), (values,))]
        for names, values in {
            (
                "sin",
                "cos",
                "tan",
                "sinh",
                "cosh",
                "tanh",
                "exp",
                "exp2",
                "expm1",
                "abs",
                "sign",
                "floor",
                "ceil",
            ): FLOATS,
            ("log", "log1p", "sqrt", "cbrt", "rsqrt", "asin", "acos", "atan", "asinh", "lgamma", "erf_inv"): POSITIVE,
            ("square", "ceil", "neg", "logistic", "erf", "erfc", "is_finite", "round"): FLOATS,
            ("acosh",): LARGE,
            ("atanh",): POSITIVE,
        }.items()
        for name in names
    },
    **{
        name: [(getattr(lax, name), pair) for pair in ((FLOATS, OTHERS), (WHOLE, COUNTS))]
        for name in ("add", "sub", "mul", "max", "min", "eq", "ne", "lt", "le", "gt", "ge", "rem")
    },
    "div": [(lax.div, (FLOATS, OTHERS)), (lax.div, (WHOLE, COUNTS)), (lax.div, (WHOLE, jnp.zeros_like(WHOLE)))],
    "pow": [(lax.pow, (POSITIVE, OTHERS))],
    "atan2": [(lax.atan2, (FLOATS, OTHERS))],
    "nextafter": [(lax.nextafter, (FLOATS, OTHERS))],
    "integer_pow": [(lambda a: lax.integer_pow(a, 3), (FLOATS,)), (lambda a: lax.integer_pow(a, -2), (OTHERS,))],
    "clamp": [(lambda a: lax.clamp(-1.0, a, 1.0), (FLOATS,))],
    "and": [(jnp.bitwise_and, (WHOLE, COUNTS)), (jnp.logical_and, (BITS, ~BITS))],
    "or": [(jnp.bitwise_or, (WHOLE, COUNTS))],
    "xor": [(jnp.bitwise_xor, (WHOLE, COUNTS))],
    "not": [(jnp.invert, (WHOLE,)), (jnp.logical_not, (BITS,))],
    "shift_left": [(lax.shift_left, (WHOLE, COUNTS))],
    "shift_right_arithmetic": [(lax.shift_right_arithmetic, (WHOLE, COUNTS))],
    "shift_right_logical": [(lax.shift_right_logical, (WHOLE, COUNTS))],
    "real": [(lax.real, (FLOATS + 2j,))],
    "imag": [(lax.imag, (FLOATS + 2j,))],
    "conj": [(lax.conj, (FLOATS + 2j,))],
    "copy": [(jnp.copy, (FLOATS,))],
    "stop_gradient": [(lambda a: lax.stop_gradient(a) + 0, (FLOATS,))],
    "reduce_precision": [(lambda a: lax.reduce_precision(a, 8, 23), (FLOATS,))],
    "add_any": [(jax.grad(lambda a: jnp.sum(a * jnp.sin(a))), (FLOATS,))],
    "reduce_sum": [(lambda a: jnp.sum(a, axis=0), (FLOATS,)), (jnp.sum, (WHOLE,))],
    "reduce_prod": [(lambda a: jnp.prod(a, axis=1), (FLOATS,))],
    "reduce_max": [(lambda a: jnp.max(a, axis=1), (FLOATS,))],
    "reduce_min": [(lambda a: jnp.min(a, axis=1), (WHOLE,))],
    "reduce_and": [(lambda a: jnp.all(a, axis=1), (BITS,))],
    "reduce_or": [(lambda a: jnp.any(a, axis=0), (BITS,))],
    "argmax": [(lambda a: jnp.argmax(a, axis=1), (FLOATS,)), (jnp.argmax, (FLOATS,))],
    "argmin": [(lambda a: jnp.argmin(a, axis=0), (WHOLE,))],
    **{
        name: [(partial(getattr(lax, name), axis=1, reverse=reverse), (FLOATS,)) for reverse in (False, True)]
        for name in ("cumsum", "cumprod", "cummax", "cummin")
    },
    "convert_element_type": [
        (lambda a: a.astype("int32"), (FLOATS,)),
        (lambda a: a.astype("int32"), (EDGES,)),
        (lambda a: a.astype("uint8"), (FLOATS * 200,)),
        (lambda a: a.astype("float16"), (FLOATS,)),
        (lambda a: a.astype("int32"), (BITS,)),
    ],
    "select_n": [(lambda c, a, b: lax.select_n(c, a, b), (BITS, FLOATS, OTHERS))],
    "broadcast_in_dim": [(lambda a: lax.broadcast_in_dim(a, (2, 4, 3), (0, 2)), (FLOATS,))],
    "reshape": [(lambda a: a.reshape(3, 2), (FLOATS,))],
    "squeeze": [(lambda a: lax.squeeze(a, (0,)), (FLOATS[None],))],
    "transpose": [(jnp.transpose, (FLOATS,))],
    "rev": [(lambda a: lax.rev(a, (1,)), (FLOATS,))],
    "concatenate": [(lambda a, b: jnp.concatenate([a, b], 1), (FLOATS, OTHERS))],
    "slice": [(lambda a: lax.slice(a, (0, 0), (2, 3), (1, 2)), (FLOATS,))],
    "dynamic_slice": [
        (lambda a, i: lax.dynamic_slice(a, (0, i), (2, 2)), (FLOATS, start)) for start in (0, 1, 2, 9, -1)
    ],
    "dynamic_update_slice": [
        (lambda a, b, i: lax.dynamic_update_slice(a, b, (0, i)), (FLOATS, OTHERS[:, :2], start)) for start in (0, 1, 9)
    ],
    "iota": [(lambda a: a + lax.broadcasted_iota("float32", (2, 3), 1), (FLOATS,))],
    "split": [(lambda a: lax.split(a, (1, 2), axis=1), (FLOATS,))],
    "dot_general": [
        (jnp.dot, (FLOATS, OTHERS.T)),
        (lambda a, b: jnp.einsum("bi,bi->b", a, b), (FLOATS, OTHERS)),
        (lambda a, b: jnp.tensordot(a, b, 2), (FLOATS, OTHERS)),
        (jnp.matmul, (jnp.ones((4, 2, 3)), jnp.arange(12.0).reshape(4, 3, 1))),
    ],
    "gather": [
        (lambda a, i: a[:, i], (FLOATS, jnp.array([2, 0, 1, 5, -1]))),
        (lambda a, i: a[i], (FLOATS, jnp.array([[0], [1]]))),
        (lambda a, i: jnp.take_along_axis(a, i, 1), (FLOATS, COUNTS % 3)),
        (lambda a, i: a.at[i].get(mode="fill", fill_value=-1), (FLOATS, jnp.array([0, 7]))),
        (jax.vmap(lambda a, i: lax.dynamic_slice(a, (i,), (2,))), (FLOATS, jnp.array([0, 2]))),
    ],
    "scatter": [
        (lambda a, i: a.at[:, i].set(9.0), (FLOATS, jnp.array([0, 2]))),
        (lambda a, i: a.at[i, 0].set(9.0, mode="drop"), (FLOATS, jnp.array([1, 5]))),
        (jax.vmap(lambda a, i: a.at[i].set(7.0)), (FLOATS, jnp.array([0, 2]))),
    ],
    "scatter-add": [
        (lambda a, i: a.at[0, i].add(1.0), (FLOATS, jnp.array([1, 1, 2]))),
        (lambda a, i: jax.ops.segment_sum(a, i, 3), (FLOATS[0], jnp.array([0, 0, 2]))),
    ],
    "scatter-mul": [(lambda a, i: a.at[0, i].multiply(2.0), (FLOATS, jnp.array([1, 1, 2])))],
    "scatter-max": [(lambda a, i: a.at[0, i].max(0.0), (FLOATS, jnp.array([0, 1])))],
    "scatter-min": [(lambda a, i: a.at[0, i].min(0.0), (FLOATS, jnp.array([0, 1])))],
    "sort": [
        (lambda a: jnp.sort(a, axis=1), (FLOATS,)),
        (lambda a, b: lax.sort((a, b), dimension=1, num_keys=1), (COUNTS, FLOATS)),
        (lambda a, b: lax.sort((a, b), dimension=0, num_keys=2), (COUNTS, FLOATS)),
    ],
    "pad": [(lambda a: jnp.pad(a, ((1, 0), (0, 2)), constant_values=3.0), (FLOATS,))],
    "bitcast_convert_type": [(lambda a: lax.bitcast_convert_type(a, "int32"), (FLOATS,))],
}


def _primitives(closed: ClosedJaxpr) -> Iterator[str]:
    for equation in closed.jaxpr.eqns:
        yield equation.primitive.name
        for inner in jaxprs_in_params(equation.params):
            yield from _primitives(ClosedJaxpr(inner, ()) if not isinstance(inner, ClosedJaxpr) else inner)


def test_every_operation_of_the_table_is_tried() -> None:
    assert set(_TABLE) - NO_FUNCTION == set(CASES) - NO_FUNCTION


@pytest.mark.parametrize("name", CASES)
def test_numpy_gives_what_jax_gives(name: str) -> None:
    for function, arguments in CASES[name]:
        program = jax.make_jaxpr(function)(*arguments)
        if name not in ("stop_gradient", "copy"):
            assert name in list(_primitives(program)), program
        _compare(look(program, list(map(jnp.asarray, arguments))).results, jax.tree.leaves(function(*arguments)))


def _compare(found: Any, expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert (jnp.shape(mine), np.asarray(mine).dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=2e-5, atol=1e-6)


def test_what_numpy_does_not_have_is_asked_of_jax() -> None:
    def eigen(a: jax.Array) -> Any:
        return jnp.linalg.eigh(a @ a.T)[0]

    program = jax.make_jaxpr(eigen)(FLOATS)
    assert not all(map(in_numpy.is_known, program.jaxpr.eqns))
    _compare(look(program, [FLOATS]).results, [eigen(FLOATS)])


def test_random_programs_of_many_operations_are_run_as_jax_runs_them() -> None:
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    steps: list[Callable[[Any], Any]] = [
        *(jnp.sin, jnp.tanh, jnp.cumsum, jax.nn.softmax, jax.nn.relu, jnp.sort, jnp.flip, lambda a: a @ a.T @ a),
        *(lambda a: a - a.mean(0), lambda a: jnp.where(a > 0, a, 0.1 * a), lambda a: a.at[0].set(1.0)),
        *(lambda a: jax.lax.scan(lambda c, r: (c + r.sum(), r * c), 0.0, a)[1], lambda a: jnp.roll(a, 1)),
        *(
            lambda a: jax.lax.cond(a.sum() > 0.1, jnp.cos, jnp.abs, a),  # the sum of centred rows is rounding alone
            lambda a: jax.nn.logsumexp(a, 0, keepdims=True) + a,
        ),
        *(lambda a: jax.vmap(jnp.interp, (0, None, None))(a, jnp.arange(4.0), jnp.arange(4.0) ** 2), jax.jit(jnp.exp2)),
        lambda a: jax.grad(lambda b: jnp.sum(jnp.sin(b) ** 2))(a),
    ]
    for _ in range(60):
        chosen = [draw.choice(steps) for _ in range(draw.randrange(1, 4))]

        def function(a: Any, chosen: list[Callable[[Any], Any]] = chosen) -> Any:
            for step in chosen:
                a = jnp.tanh(step(a).reshape(2, 3))  # large numbers would make chaos of the next step
            return a

        values = jnp.asarray(np.random.default_rng(draw.randrange(2**32)).normal(size=(2, 3)), "float32")
        expected = function(values)
        (found,) = look(jax.make_jaxpr(function)(values), [values]).results
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4, err_msg=f"seed {seed}")

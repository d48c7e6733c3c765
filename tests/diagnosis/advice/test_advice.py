"""What is advised for a fault in the body: the words that are due, the line it is, and that nothing else is named."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.diagnosis.engine import explain

VECTOR = jnp.arange(3.0) - 1
NUMBERS = jnp.arange(3)
ROWS = jnp.ones((3, 5))


def choice(a):
    return a if 0 < a < 2 and not (a or a) else -a


def statement(a):
    if a > 0 or a < -1:
        return a
    return -a


def loop(a):
    while a < 3:
        a = a + 1
    return a


def checked(a):
    assert a > 0
    return a


def larger(a):
    return max(a, 0.0)


def member(a):
    return a in [1, 2]


def numpy_inside(a):
    return np.convolve(a, a)


def numpy_below(a):
    return np.linalg.norm(a)


def math_inside(a):
    return math.sin(a)


def number(a):
    return float(a) * 2


def item(a):
    return a.item() + 1


def assigned(a):
    out = jnp.zeros(3)
    out[1] = a
    return out


def assigned_to_numpy(a):
    out = np.zeros(3)
    out[1] = a
    return out


def added(a):
    a[0] += 1
    return a


def head(a, n):
    return a[:n]


def sized(n):
    return jnp.zeros(n)


def counted(n):
    return sum(range(n))


def looked_up(i):
    return [10, 20, 30][i]


def masked(a):
    return a[a > 1].sum()


def found(a):
    return jnp.nonzero(a)[0]


def unique(a):
    return jnp.unique(a)


def slope(a):
    return jax.grad(lambda b: b[:2] * 2)(a)


def printed(a):
    return f"{a:.2f}"


def keyed(a):
    return {1: 2}[a]


def text(a):
    return "done"


CASES: list[tuple[Callable[..., Any], tuple[Any, ...], tuple[str, ...]]] = [
    (
        choice,
        (VECTOR,),
        ("jnp.where(jnp.logical_and(jnp.logical_and(0 < a, a < 2), jnp.logical_not(jnp.logical_or(a, a))), a, -a)",),
    ),
    (statement, (VECTOR,), ("jnp.where(jnp.logical_or(a > 0, a < -1), ..., ...)", "jax.lax.cond")),
    (loop, (VECTOR,), ("jax.lax.while_loop",)),
    (checked, (VECTOR,), ("checkify",)),
    (larger, (VECTOR,), ("jnp.maximum",)),
    (member, (VECTOR,), ("jnp.isin",)),
    (numpy_inside, (ROWS,), ("jnp.convolve(a, a)",)),
    (numpy_below, (ROWS,), ("jnp.linalg.norm(a)",)),
    (math_inside, (VECTOR,), ("jnp.sin(a)",)),
    (number, (VECTOR,), (".astype(float)", "outside")),
    (item, (VECTOR,), (".item()", "astype", "outside")),
    (assigned, (VECTOR,), ("out = out.at[1].set(a)",)),
    (assigned_to_numpy, (VECTOR,), ("out = out.at[1].set(a)", "make `out` with `jnp`")),
    (added, (ROWS,), ("a = a.at[0].add(1)",)),
    (head, (ROWS, NUMBERS), ("jax.lax.dynamic_slice", "jnp.where(jnp.arange(len(a)) < n, a, 0)")),
    (sized, (NUMBERS,), ("static size", "jnp.zeros(n)")),
    (counted, (NUMBERS,), ("jax.lax.fori_loop", "jax.lax.scan")),
    (looked_up, (NUMBERS,), ("jnp.array([10, 20, 30])[i]",)),
    (masked, (ROWS,), ("jnp.where(a > 1, a, 0)",)),
    (found, (ROWS,), ("size=",)),
    (unique, (ROWS,), ("size=",)),
    (slope, (ROWS,), ("jax.vmap(jax.grad(f))",)),
    (printed, (VECTOR,), ("jax.debug.print",)),
    (keyed, (NUMBERS,), ("table[index]",)),
]


@pytest.mark.parametrize(("function", "arguments", "words"), CASES, ids=[case[0].__name__ for case in CASES])
def test_the_body_is_advised_in_the_terms_of_the_function(
    function: Callable[..., Any], arguments: tuple[Any, ...], words: tuple[str, ...]
) -> None:
    found = explain(function)(*arguments)
    assert (found.ok, found.culprit, found.fixes) == (False, "function", ())
    (said,) = found.advice
    assert [word for word in words if word not in said] == [], said
    assert f"of `{function.__name__}`" in said


def test_the_line_is_the_users_own() -> None:
    (said,) = explain(assigned)(VECTOR).advice
    line = assigned.__code__.co_firstlineno + 2
    assert f"line {line} of `assigned`: `out[1] = a`" in said


def test_a_line_in_a_helper_is_found_there() -> None:
    (said,) = explain(lambda a: number(a) + 1)(VECTOR).advice
    assert "of `number`" in said


def test_a_gradient_of_several_numbers_is_told_also_where_grad_is_the_function_itself() -> None:
    found = explain(jax.grad(lambda a: a[:2] * 2))(ROWS)
    assert found.culprit == "function"
    assert "jax.vmap(jax.grad(f))" in found.advice[0]


def test_the_derivative_of_single_numbers_wants_another_vmap() -> None:
    found = explain(jax.grad(lambda a: a**2))(ROWS)
    assert (found.culprit, found.fixes[0].nested) == ("in_axes", True)
    assert np.array_equal(found.fixes[0].run(), 2 * ROWS)
    assert "sum the results first" in found.advice[0]


def test_a_gradient_that_other_axes_mend_is_no_fault_of_the_body() -> None:
    loss = jax.grad(lambda w, x: jnp.sum(w * x) if x.ndim == 1 else x)
    found = explain(loss, in_axes=(None, None), axis_size=3)(jnp.ones(5), ROWS)
    assert found.culprit == "in_axes"
    assert found.fixes[0].in_axes == (None, 0)


def test_a_result_that_is_no_array_is_told() -> None:
    (said,) = explain(text)(VECTOR).advice
    assert "returns a str" in said


def test_an_error_of_the_users_own_is_told_with_its_line() -> None:
    def never(a: jax.Array) -> jax.Array:
        raise ValueError("on purpose")

    found = explain(never)(VECTOR)
    assert found.advice[-1].startswith("It fails in line ")
    assert 'raise ValueError("on purpose")' in found.advice[-1]


def test_code_without_a_source_still_gets_its_advice() -> None:
    namespace: dict[str, Any] = {}
    exec(compile("def f(a):\n    return a if a > 0 else -a\n", "<nowhere>", "exec"), namespace)
    (said,) = explain(namespace["f"])(VECTOR).advice
    assert "jnp.where" in said
    assert "line 2 of `f`" in said


def test_a_right_function_with_wrong_axes_gets_no_advice_on_its_body() -> None:
    found = explain(numpy_free, in_axes=1)(jnp.ones((5, 4)), jnp.ones((4, 3)))
    assert found.culprit == "in_axes"
    assert found.advice == ()


def numpy_free(a, b):
    return jnp.convolve(a, b)

"""What a look at the numbers may cost, what it finds, and what it raises."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.cost import cost_of

VECTOR = jnp.arange(3.0)


def _rules(found: Explanation) -> list[str]:
    assert found.ok, found.headline
    return [caution.rule for caution in found.cautions]


def _root(a: Any) -> Any:
    return jnp.where(a > 0, jnp.sqrt(a), 0.0)


# --- Whether it is run


def _endless(a: Any) -> Any:
    return jax.lax.while_loop(lambda b: b >= 0, lambda b: b + 1, a)


def _calls_back(a: Any) -> Any:
    return jax.pure_callback(np.sin, a, a, vmap_method="sequential")


def _writes(a: Any) -> Any:
    io_callback(lambda value: None, None, a)
    return a


def _prints(a: Any) -> Any:
    jax.debug.print("{}", a)
    return a


def _trains(a: Any) -> Any:
    return jax.lax.scan(lambda w, _: (w - 0.1 * w, None), a, None, length=10_000)[0]


def _factors(a: Any) -> Any:
    return jnp.linalg.svd(jnp.outer(jnp.ones(400), jnp.ones(400)) * a)[1]


NOT_RUN: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "a loop without an end": (_endless, VECTOR, "a loop whose length is not known"),
    "a pure callback": (_calls_back, VECTOR, "calls back into Python (`pure_callback`)"),
    "an effect": (_writes, VECTOR, "calls back into Python"),
    "a print": (_prints, VECTOR, "calls back into Python"),
    "ten thousand steps": (_trains, VECTOR, "0,000 operations"),
    "a factorisation": (_factors, VECTOR, "takes about"),
    "a large array": (lambda a: a * 2, jnp.zeros((100, 200_000)), "takes about"),
    "an effect in a branch": (lambda a: jax.lax.cond(a > 0, _prints, jnp.sin, a), VECTOR, "calls back into Python"),
    "an effect in a loop": (
        lambda a: jax.lax.scan(lambda c, _: (_prints(c), None), a, None, length=2)[0],
        VECTOR,
        "calls back into Python",
    ),
}


@pytest.mark.parametrize("name", NOT_RUN)
def test_what_is_not_small_and_pure_is_not_run_and_that_is_said(name: str) -> None:
    function, batch, why = NOT_RUN[name]
    found = explain(function)(batch)
    assert found.ok
    (note,) = found.notes
    assert note.startswith("The numbers were not looked at, since ")
    assert why in note, note
    assert "`values=True`" in note
    assert note in str(found)


def test_all_pairs_of_many_points_are_not_run() -> None:
    points = jax.ShapeDtypeStruct((8_000, 3), "float32")
    pairs = jax.make_jaxpr(jax.vmap(lambda a, b: jnp.sum((a - b) ** 2, -1), (0, None)))(points, points)
    cost = cost_of(pairs)
    assert not cost.is_small
    assert cost.largest_bytes >= 8_000 * 8_000 * 3 * 4


def test_a_small_run_needs_no_word() -> None:
    assert explain(jnp.sin)(VECTOR).notes == ()
    assert explain(lambda a: jax.nn.softmax(a @ a.T))(jnp.ones((4, 3, 2))).notes == ()


def test_values_can_be_asked_for_and_declined() -> None:
    def halved(a: Any) -> Any:
        return jax.lax.while_loop(lambda b: b > 1, lambda b: b / 2, a) * jnp.log(a)

    assert _rules(explain(halved)(VECTOR)) == []
    assert _rules(explain(halved, values=True)(VECTOR)) == ["nonfinite"]
    assert _rules(explain(jnp.log)(VECTOR)) == ["nonfinite"]
    declined = explain(jnp.log, values=False)(VECTOR)
    assert (_rules(declined), declined.notes) == ([], ())


def test_shapes_and_traced_values_have_no_numbers_to_look_at() -> None:
    assert _rules(explain(jnp.log, values=True)(jax.ShapeDtypeStruct((3,), "float32"))) == []


# --- What it finds


LARGE = jnp.array([1, 70_000])

NO_OVERFLOW: dict[str, tuple[Callable[..., Any], Any]] = {
    "a sentinel": (lambda a: jnp.where(a > 2, a, jnp.iinfo(jnp.int32).max), LARGE),
    "a sentinel that is taken off again": (lambda a: jnp.minimum(jnp.iinfo(jnp.int32).max, a) - 1, LARGE),
    "rounding": (lambda a: (a * 1.5).astype("int32"), LARGE),
    "bits": (lambda a: (a << 20) ^ (a >> 3), LARGE),
    "a hash": (lambda a: (a * 1_103_515_245 + 12_345) % 1_000, LARGE),
    "a product that nobody uses": (lambda a: (a * a, a)[1], LARGE),
    "a wrapped number that is masked": (lambda a: jnp.where(a < 100, a * a, 0), LARGE),
    "whole numbers without a sign": (lambda a: a * a, LARGE.astype("uint32")),
    "random numbers": (lambda a: jax.random.randint(jax.random.key(0), (), 0, 9) + a, LARGE),
}


@pytest.mark.parametrize("name", NO_OVERFLOW)
def test_what_is_meant_is_no_overflow(name: str) -> None:
    function, batch = NO_OVERFLOW[name]
    assert "overflow" not in _rules(explain(function)(batch))


def test_an_overflow_inside_a_loop_is_told_with_its_line() -> None:
    def factorial(n: Any) -> Any:
        return jax.lax.fori_loop(1, 20, lambda i, product: product * jnp.where(i <= n, i, 1), 1)

    (caution,) = explain(factorial)(jnp.array([3, 15])).cautions
    assert caution.rule == "overflow"
    assert "of `f`: `return jax.lax.fori_loop(" in caution.text


def test_numbers_that_are_not_finite_name_the_operation_or_the_line() -> None:
    assert "It is made by `log`." in explain(jnp.log)(VECTOR).cautions[0].text
    assert "It is made in line" in explain(lambda a: 1 / a)(VECTOR).cautions[0].text


def test_a_mask_of_minus_infinity_is_meant() -> None:
    rows = jnp.arange(6.0).reshape(3, 2)
    assert _rules(explain(lambda m, a: jax.nn.softmax(jnp.where(m, a, -jnp.inf)))(rows > 0, rows)) == []


@pytest.mark.parametrize(
    "root",
    [
        _root,
        lambda a: jnp.where(a > 0, jnp.log(a), 0.0),
        lambda a: jnp.where(a == 0, 0.0, jnp.sin(a) / a),
        lambda a: jnp.sum(jnp.where(a > 0, a**0.5, 0.0)) * 2,
    ],
    ids=["root", "logarithm", "quotient", "power"],
)
def test_nan_in_a_gradient_through_where_names_the_branch_and_the_guard(root: Callable[..., Any]) -> None:
    batch = jnp.array([0.0, 0.0, 1.0])
    for gradient in (jax.grad(root), lambda a: jax.grad(root)(a), jax.jit(jax.grad(root))):
        (caution,) = explain(gradient)(batch).cautions
        assert caution.rule == "nonfinite"
        assert "the branch" in caution.text or "the one that is not taken" in caution.text
        assert "safe = jnp.where(" in caution.text


def test_nan_in_a_gradient_without_where_is_not_blamed_on_it() -> None:
    (caution,) = explain(jax.grad(lambda a: jnp.linalg.norm(a)))(jnp.zeros((2, 3))).cautions
    assert "jnp.where" not in caution.text

    def clipped(a: Any) -> Any:
        return jnp.linalg.norm(jnp.where(a >= 0, a, 0.0))

    (caution,) = explain(jax.grad(clipped))(jnp.zeros((2, 3))).cautions
    assert "safe =" not in caution.text


# --- What it raises


def test_what_a_run_raises_is_told() -> None:
    def refuses(value: Any) -> Any:
        raise ValueError("the callback's own words")

    def calls(a: Any) -> Any:
        return jax.pure_callback(refuses, a, a, vmap_method="sequential")

    assert explain(calls)(VECTOR).ok
    found = explain(calls, values=True)(VECTOR)
    assert not found.ok
    assert "raises" in found.headline
    assert "the callback's own words" in (found.jax_error or "")


def test_nan_is_refused_where_jax_is_told_to_refuse_it() -> None:
    jax.config.update("jax_debug_nans", True)
    try:
        found = explain(jnp.log)(VECTOR - 1)
        assert not found.ok
        assert found.headline == "`log` raises FloatingPointError when it runs."
    finally:
        jax.config.update("jax_debug_nans", False)


def test_a_deleted_array_is_told_and_one_that_nobody_reads_is_not() -> None:
    gone = jnp.ones(3)
    gone.delete()
    found = explain(jnp.add)(VECTOR, gone)
    assert (found.ok, found.culprit) == (False, "arguments")
    assert "has been deleted" in found.headline
    assert found.jax_error is not None
    assert explain(lambda a, b: a)(VECTOR, gone).ok
    of_closure = explain(lambda a: a + gone)(VECTOR)
    assert (of_closure.ok, of_closure.culprit) == (False, "function")
    assert "from outside has been deleted" in of_closure.headline

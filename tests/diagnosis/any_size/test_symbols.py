from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.records import AnySize
from vmapdemo.strategies import convolve, mathy_batch_convolve


def _found(function: Callable[..., Any], *shapes: tuple[int, ...], **parameters: Any) -> AnySize | None:
    found = explain(function, **parameters)(*(jnp.ones(shape) for shape in shapes))
    assert found.ok, found.headline
    return found.any_size


def shifted(x: jax.Array, y: jax.Array) -> jax.Array:
    return x[2:] * y[2] + x[1:-1] * y[1] + x[:-2] * y[0]


SYMBOLIC: list[tuple[Callable[..., Any], tuple[tuple[int, ...], ...], dict[str, Any], str]] = [
    (shifted, ((4, 5), (4, 3)), {}, "(b, n), (b, m) -> (b, n - 2) with n >= 3"),
    (jnp.dot, ((4, 3, 3), (4, 3)), {}, "(b, n, m), (b, m) -> (b, n)"),
    (jnp.dot, ((4, 3, 3), (3,)), {"in_axes": (0, None)}, "(b, n, m), (m,) -> (b, n)"),
    (jnp.outer, ((5, 4), (4, 3)), {"in_axes": (1, 0)}, "(n, b), (b, m) -> (b, n, m)"),
    (jnp.ravel, ((4, 5, 2),), {}, "(b, n, m) -> (b, m*n)"),
    (lambda a: a[::2], ((4, 5),), {}, "(b, n) -> (b, (n + 1)//2)"),
    (jnp.sum, ((4, 5),), {}, "(b, n) -> (b,)"),
    (lambda a: (a, a.sum()), ((4, 5),), {"out_axes": (1, 0)}, "(b, n) -> (n, b), (b,)"),
    (lambda a, b: jnp.concatenate([a, b]), ((4, 3), (4, 2)), {}, "(b, n), (b, m) -> (b, n + m)"),
    (jnp.linalg.inv, ((4, 3, 3),), {}, "(b, n, n) -> (b, n, n)"),
    (jnp.negative, ((4,),), {}, "(b,) -> (b,)"),
]


@pytest.mark.parametrize(("function", "shapes", "parameters", "text"), SYMBOLIC, ids=[case[3] for case in SYMBOLIC])
def test_symbols_give_the_shapes_where_the_function_takes_them(
    function: Callable[..., Any], shapes: Any, parameters: dict[str, Any], text: str
) -> None:
    found = _found(function, *shapes, **parameters)
    assert found is not None
    assert str(found) == text
    assert not found.inferred


def test_a_python_loop_over_the_length_makes_them_inferred() -> None:
    found = _found(convolve, (4, 5), (4, 3))
    assert found is not None
    assert str(found) == "(b, n), (b, 3) -> (b, n - 2) with n >= 3, inferred from several sizes up to 29"


def test_what_holds_for_small_sizes_alone_is_not_claimed() -> None:
    for function in (lambda a: a if len(a) < 8 else a[:8], lambda a: jnp.zeros(max(3, len(a) // 3)) + a.sum()):
        found = _found(function, (4, 5))
        assert found is not None
        assert (found.text, found.largest) == ("(b, n) -> (b, ?)", 29)


def test_what_is_inferred_holds_for_sizes_that_were_not_tried() -> None:
    found = _found(mathy_batch_convolve, (3, 4, 7), (3, 4, 3))
    assert found is not None
    assert found.text == "(b, n, m), (b, n, 3) -> (b, n, m - 2)"
    assert explain(mathy_batch_convolve)(jnp.ones((3, 6, 40)), jnp.ones((3, 6, 3))).output[0].shape == (3, 6, 38)


def test_a_size_that_no_formula_gives_is_a_question_mark() -> None:
    found = _found(lambda a: jnp.ones(len(a) ** 3), (4, 5))
    assert found is not None
    assert found.text in ("(b, n) -> (b, ?)", "(b, n) -> (b, n**3)", "(b, n) -> (b, n*n*n)")


def test_a_refused_call_has_no_shapes_of_any_size() -> None:
    assert explain(convolve, in_axes=1)(jnp.ones((5, 4)), jnp.ones((4, 3))).any_size is None


def test_a_text_among_the_arguments_leaves_them_out() -> None:
    assert explain(lambda a, mode: a, in_axes=(0, None))(jnp.ones(3), "sum").any_size is None

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.engine import explain
from vmapdemo.strategies import convolve


def _advice(function: Callable[..., Any], *shapes: tuple[int, ...], **options: Any) -> tuple[str, ...]:
    """The advice on sizes, without the sentence on the line that fails."""
    found = explain(function, **options)(*(jnp.ones(shape) for shape in shapes))
    assert not found.ok
    assert found.culprit == "function"
    assert found.advice[-1].startswith("It fails in line ")
    return found.advice[:-1]


@pytest.mark.parametrize("taps", [1, 2, 4, 7])
def test_a_kernel_of_another_length_is_told_that_3_would_work(taps: int) -> None:
    advice = _advice(convolve, (4, 5), (4, taps), example_ndim=(1, 1))
    assert f"It would work with exactly 3 values of `y`; here there are {taps}." in advice


def test_a_size_that_gives_an_empty_result_is_not_advised() -> None:
    advice = _advice(convolve, (4, 5), (4, 2), example_ndim=(1, 1))
    assert advice == ("It would work with exactly 3 values of `y`; here there are 2.",)


def test_the_more_definite_advice_comes_first() -> None:
    def either(a: jax.Array, b: jax.Array) -> jax.Array:
        return a if b.shape[0] == 3 else a.reshape(2, -1)

    assert _advice(either, (5, 3), (5, 4), example_ndim=(1, 1)) == (
        "It would work with exactly 3 values of `b`; here there are 4.",
        "It would work with 2, 4, 6 or 8 values of `a`; here there are 3.",
    )


def test_a_size_that_has_to_match_names_the_axis_inside_the_function() -> None:
    advice = _advice(lambda a, b: a @ b, (5, 2, 3), (5, 4), example_ndim=(2, 1))
    assert "It would work with exactly 4 values along axis 1 of `a` inside the function; here there are 3." in advice
    assert "It would work with exactly 3 values of `b`; here there are 4." in advice


def test_one_value_is_singular() -> None:
    def only(a: jax.Array) -> jax.Array:
        return a.reshape(())

    assert _advice(only, (5, 2), example_ndim=(1,)) == ("It would work with exactly 1 value of `a`; here there are 2.",)


def test_several_sizes_are_listed() -> None:
    def even(a: jax.Array) -> jax.Array:
        return a.reshape(2, -1)

    assert _advice(even, (5, 3)) == ("It would work with 2, 4, 6 or 8 values of `a`; here there are 3.",)


def test_a_function_that_no_size_mends_gets_no_advice_of_sizes() -> None:
    def never(a: jax.Array) -> jax.Array:
        raise ValueError(a.shape)

    assert _advice(never, (5, 3)) == ()


@pytest.mark.parametrize("taps", [2, 4])
def test_the_size_that_is_advised_really_works(taps: int) -> None:
    (said, *_) = _advice(convolve, (4, 5), (4, taps), example_ndim=(1, 1))
    size = int(said.removeprefix("It would work with exactly ").split()[0])
    assert jax.vmap(convolve)(jnp.ones((4, 5)), jnp.ones((4, size))).shape == (4, 3)
    with pytest.raises(TypeError):
        jax.vmap(convolve)(jnp.ones((4, 5)), jnp.ones((4, taps)))

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.diagnosis.engine import explain

LARGE = jnp.array([1, 70_000])


def _rules(function: Callable[..., Any], *arguments: Any, **parameters: Any) -> list[str]:
    found = explain(function, **parameters)(*arguments)
    assert found.ok, found.headline
    return [caution.rule for caution in found.cautions]


def test_an_overflow_is_told_with_both_numbers() -> None:
    (caution,) = explain(lambda a: a * a)(LARGE).cautions
    assert caution.rule == "overflow"
    assert "605,032,704" in caution.text
    assert "4,900,000,000" in caution.text


def test_whole_numbers_that_fit_are_no_overflow() -> None:
    assert _rules(lambda a: a * a, jnp.array([1, 40_000])) == []
    assert _rules(lambda a: a.astype("float32") * a, LARGE) == []
    assert _rules(lambda a: jnp.argsort(a), LARGE[None]) == []
    assert _rules(lambda a: a * a, LARGE.astype("uint32")) == []


def test_drawn_whole_numbers_are_not_taken_for_an_overflow() -> None:
    keys = jax.random.split(jax.random.key(0), 2)
    assert _rules(lambda k, a: a + jax.random.randint(k, (), 0, 9), keys, LARGE) == []


def test_what_is_not_finite_is_told_with_its_place() -> None:
    (caution,) = explain(jnp.log)(jnp.arange(3.0)).cautions
    assert caution.rule == "nonfinite"
    assert "1 of the 3 numbers" in caution.text
    assert "(0,)" in caution.text
    assert "inf comes out" in caution.text


def test_what_goes_in_not_finite_may_come_out_so() -> None:
    assert _rules(jnp.negative, jnp.array([1.0, np.inf])) == []
    assert _rules(jnp.exp, jnp.arange(3.0)) == []

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from vmapdemo.diagnosis.call.annotated_ndim import annotated_ndim
from vmapdemo.diagnosis.engine import explain


def weighed(w: Float[Array, "out n"], x: Float[Array, "n"], bias: Float[Array, ""], rest: Any = None) -> jax.Array:
    return w @ x + bias


def as_text(w: "Float[Array, 'out n']", x: "Float[Array, '... n']") -> jax.Array:
    return w @ x


def unresolvable(x: "Nowhere") -> jax.Array:
    return x


def dividing(x: "1/0") -> jax.Array:
    return x


def test_annotations_in_the_manner_of_jaxtyping_are_read() -> None:
    assert annotated_ndim(weighed, 4) == (2, 1, 0, None)
    assert annotated_ndim(weighed, 2) == (2, 1)
    assert annotated_ndim(as_text, 2) == (2, None)


def test_other_functions_are_not_known() -> None:
    assert annotated_ndim(lambda a: a, 1) is None
    assert annotated_ndim(unresolvable, 1) is None
    assert annotated_ndim(jnp.dot, 2) is None
    assert annotated_ndim(max, 2) is None


def test_an_annotation_that_raises_is_no_annotation() -> None:
    assert annotated_ndim(dividing, 1) is None
    assert explain(dividing)(jnp.ones(3)).ok


def test_annotations_make_the_caution_and_the_fix() -> None:
    found = explain(weighed)(jnp.ones((4, 5)), jnp.ones((4, 5)), jnp.ones(4))
    assert [caution.rule for caution in found.cautions] == ["rank"]
    assert found.cautions[0].fix is not None
    assert found.cautions[0].fix.in_axes == (None, 0, 0)

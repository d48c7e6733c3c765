"""Whose fault it is where the axes are legal and the function refuses: no ranks are known, only shapes and names."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.diagnosis.blame import AXES, BODY, Blame
from tests.effort import some
from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation

EITHER = {
    "statistics taken over the features (chance)",
    "discounts counted by the episodes (chance)",
    "adjacency with seven nodes, seven graphs of six (chance)",
    "covariance without the cash position (chance)",
    "masses not broadcast over the dimensions (chance)",
}
"""Bodies for which another axis is as good an answer as another size: both are told."""

UNSEEN = {"joint angles of several arms, one vmap"}
"""A missing vmap that looks like a fault of the body: single numbers broadcast with anything."""

ORDINARY = [case for case in BODY if case.name not in EITHER]
SEEN = [case for case in AXES if case.name not in UNSEEN]


def _explained(case: Blame) -> Explanation:
    return explain(case.function, **case.vmap)(*case.args, **case.kwargs)


def _names(cases: Any) -> list[str]:
    return [case.name for case in cases]


def test_enough_of_them_are_told_apart() -> None:
    assert (len(BODY), len(AXES)) == (59, 40)
    assert len(ORDINARY) >= 0.9 * len(BODY)
    assert len(SEEN) >= 0.95 * len(AXES)


@pytest.mark.parametrize("case", [*BODY, *AXES], ids=_names([*BODY, *AXES]))
def test_jax_refuses_the_call(case: Blame) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the type is JAX's affair
        jax.vmap(case.function, **case.vmap)(*case.args, **case.kwargs)
    assert not isinstance(caught.value, AssertionError)


@pytest.mark.parametrize("case", ORDINARY, ids=_names(ORDINARY))
def test_a_fault_of_the_body_is_blamed_on_the_body(case: Blame) -> None:
    found = _explained(case)
    assert found.culprit == "function", found.fixes
    assert found.advice


@pytest.mark.parametrize("case", [c for c in BODY if c.name in EITHER], ids=sorted(EITHER))
def test_where_an_axis_or_a_size_may_be_meant_both_are_told(case: Blame) -> None:
    found = _explained(case)
    assert found.fixes
    assert any("It would work with" in sentence for sentence in found.advice), found.advice


@pytest.mark.parametrize("case", SEEN, ids=_names(SEEN))
def test_wrong_axes_are_blamed_on_the_axes(case: Blame) -> None:
    found = _explained(case)
    assert found.culprit == ("arguments" if case.kwargs else "in_axes"), found.advice
    assert found.fixes


def test_most_first_fixes_of_wrong_axes_are_what_was_meant() -> None:
    cases = some(AXES, 15)
    right = [case.name for case in cases if _is_meant(case)]
    assert len(right) >= 0.85 * len(cases), sorted({case.name for case in cases} - set(right))


def _is_meant(case: Blame) -> bool:
    fixes = _explained(case).fixes
    assert case.meant is not None
    got, want = jax.tree.leaves(fixes[0].run() if fixes else ()), jax.tree.leaves(case.meant())
    pairs = zip(got, want, strict=False)
    return len(got) == len(want) and all(
        jnp.shape(a) == jnp.shape(b) and bool(jnp.allclose(a, b, rtol=1e-3, atol=1e-4)) for a, b in pairs
    )


def test_the_body_of_a_lambda_with_one_wrong_constant_is_told_by_its_size() -> None:
    found = explain(lambda row: row - jnp.ones(5))(jnp.ones((4, 3)))
    assert (found.culprit, found.fixes) == ("function", ())
    assert found.advice[0] == "It would work with exactly 5 values of `row`; here there are 3."


def test_large_sizes_are_advised_too() -> None:
    found = explain(lambda a, g, b: a * g + b, in_axes=(0, None, None))(jnp.ones((8, 16)), jnp.ones(16), jnp.ones(15))
    assert found.culprit == "function"
    assert found.advice[0] == "It would work with exactly 16 values of `b`; here there are 15."

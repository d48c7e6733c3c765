import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.timing.measuring.agreement import disagreement


@pytest.mark.parametrize(
    ("result", "reference"),
    [
        (jnp.ones(3), jnp.ones(3)),
        (jnp.ones(3, int), jnp.ones(3)),
        (jnp.ones(3) + 1e-6, jnp.ones(3)),
        (jnp.array([1000.0, 1e-3]), jnp.array([1000.0, 0.0])),
        (jnp.array([jnp.nan, jnp.inf]), jnp.array([jnp.nan, jnp.inf])),
        ({"a": jnp.ones(2), "b": [1, 2]}, {"a": jnp.ones(2), "b": [1, 2]}),
        (jnp.array([1 + 2j]), jnp.array([1 + 2j])),
        (jnp.ones(3, jnp.bfloat16) * 1.01, jnp.ones(3)),
        (jnp.zeros((0, 3)), jnp.zeros((0, 3))),
        (np.array("text"), np.array("text")),
        (jnp.array([True]), jnp.array([True])),
    ],
)
def test_results_agree(result: object, reference: object) -> None:
    assert disagreement(result, reference, "loop") is None


@pytest.mark.parametrize(
    ("result", "reference", "sentence"),
    [
        (jnp.ones((3, 4)), jnp.ones((4, 3)), "Its result has the shape (3, 4), that of loop (4, 3)."),
        (jnp.array([1, 5]), jnp.array([1, 2]), "Its result differs from that of loop by up to 3."),
        (jnp.ones(3) * 1.001, jnp.ones(3), "Its result differs from that of loop by up to 0.001."),
        (
            jnp.array([0.0]),
            jnp.array([jnp.nan]),
            "Its result differs from that of loop in what is infinite or not a number.",
        ),
        (np.array("a"), np.array("b"), "Its result is not that of loop."),
    ],
)
def test_disagreement_is_a_sentence_with_both_sides(result: object, reference: object, sentence: str) -> None:
    assert disagreement(result, reference, "loop") == sentence


def test_another_structure_disagrees() -> None:
    sentence = disagreement((jnp.ones(2),), jnp.ones(2), "loop")
    assert sentence is not None
    assert sentence.startswith("Its result has the structure")

"""Functions whose weights are a dict of arrays: ``in_axes`` has one entry for all of it, or one for each array."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def predict(params: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    """A layer whose weights come in a dict: shapes {"w": (n, m), "b": (m,)}, (n,) -> (m,).

    >>> predict({"w": jnp.eye(2), "b": jnp.array([1.0, 0.0])}, jnp.array([2.0, -3.0])).tolist()
    [3.0, 0.0]
    """
    return jax.nn.relu(x @ params["w"] + params["b"])


def looping_batch_predict(params: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    """One call of ``predict`` per example, in Python: shapes {"w": (b, n, m), "b": (b, m)}, (b, n) -> (b, m)."""
    members = zip(params["w"], params["b"], x, strict=True)
    return jnp.stack([predict({"w": w, "b": b}, one) for w, b, one in members])


WEIGHTS = (
    ((1, 0, 2, -1), (0, 1, 1, 1)),
    ((2, 1, 0, 0), (1, -1, 3, 2)),
    ((0, 0, 1, 1), (4, 2, -2, 0)),
)
BIASES = ((0, 1, 0, 0), (1, 1, 1, 1), (0, 0, 5, -1))
INPUT = (2, 3)

PREDICT = Entry(
    function=predict,
    group="Networks",
    story="Three small networks judge one input: their weights are stacked in a dict, and the input is shared.",
    parameters=(Parameter("params", {"w": 2, "b": 1}), Parameter("x", 1)),
    by_hand=(Formulation("loop", looping_batch_predict, walks_examples=True),),
    intended=Example("ensemble", "an ensemble", ({"w": WEIGHTS, "b": BIASES}, INPUT), (0, None)),
    loud=Example(
        "ensemble-loud",
        "an input cut into numbers",
        ({"w": WEIGHTS, "b": BIASES}, INPUT),
        0,
        told="in_axes=0 maps the input too: its two numbers are taken for two examples, beside three networks.",
    ),
    silent=Example(
        "ensemble-silent",
        "an input for each network",
        ({"w": WEIGHTS, "b": BIASES}, ((2, 3), (1, 1), (0, 4))),
        0,
        told="Three inputs beside three networks under in_axes=0: each network sees an input of its own.",
    ),
    others=(
        Example(
            "ensemble-shared-bias",
            "networks that share a bias",
            ({"w": WEIGHTS, "b": BIASES[0]}, INPUT),
            ({"w": 0, "b": None}, None),
        ),
    ),
)
ENTRIES = (PREDICT,)

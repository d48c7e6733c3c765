"""Functions of networks: what all examples share, and what each has for itself."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def dense(x: jax.Array, weights: jax.Array, bias: jax.Array) -> jax.Array:
    """A layer whose columns of weights have length 1: shapes (n,), (n, m), (m,) -> (m,).

    >>> dense(jnp.array([1.0, 1.0]), jnp.array([[3.0], [4.0]]), jnp.array([-1.4])).round(3).tolist()
    [0.0]
    """
    lengths = jnp.sqrt(jnp.sum(weights * weights, axis=0))
    unit = weights / lengths
    return jnp.tanh(x @ unit + bias)


def looping_batch_dense(features: jax.Array, weights: jax.Array, bias: jax.Array) -> jax.Array:
    """One call of ``dense`` per example, in Python: shapes (b, n), (b, n, m), (b, m) -> (b, m)."""
    return jnp.stack([dense(*example) for example in zip(features, weights, bias, strict=True)])


FEATURES = ((1, 0, 2, -1), (0.5, 1, -1, 0), (2, 2, 0, 1))
WEIGHTS = ((3, 0), (4, 1), (0, 2), (0, -2))
BIAS = (0.5, -0.5)

DENSE = Entry(
    function=dense,
    group="Networks",
    story="A layer of a network: all examples share its weights, which are made of length 1 column by column.",
    parameters=(Parameter("features", 1), Parameter("weights", 2), Parameter("bias", 1)),
    by_hand=(Formulation("loop", looping_batch_dense, walks_examples=True),),
    intended=Example("dense", "the weights of a layer", (FEATURES, WEIGHTS, BIAS), (0, None, None)),
    loud=Example(
        "dense-zeros",
        "weights cut into rows",
        (FEATURES, WEIGHTS, BIAS),
        0,
        told="in_axes=0 takes the rows of the weights for examples, where it should be (0, None, None).",
    ),
    silent=Example(
        "dense-silent",
        "a bias cut into numbers",
        (FEATURES[:2], WEIGHTS, BIAS),
        (0, None, 0),
        told="As many examples as outputs: each example is given one number of the bias, for all its outputs.",
    ),
)
ENTRIES = (DENSE,)

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


def softmax(scores: jax.Array, temperature: jax.Array) -> jax.Array:
    """Scores as shares of 1, the more equal the higher the temperature: shapes (n,), () -> (n,).

    >>> softmax(jnp.array([2.0, 2.0]), jnp.array(1.0)).tolist()
    [0.5, 0.5]
    """
    powers = jnp.exp((scores - jnp.max(scores)) / temperature)
    return powers / jnp.sum(powers)


def looping_batch_softmax(scores: jax.Array, temperature: jax.Array) -> jax.Array:
    """One call of ``softmax`` per example, in Python: shapes (b, n), (b,) -> (b, n)."""
    return jnp.stack([softmax(*example) for example in zip(scores, temperature, strict=True)])


def attend(query: jax.Array, keys: jax.Array, values: jax.Array) -> jax.Array:
    """The values, weighted by how well their keys fit the query: shapes (n,), (k, n), (k, m) -> (m,).

    >>> attend(jnp.array([9.0]), jnp.array([[9.0], [-9.0]]), jnp.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [1.0, 2.0]
    """
    weights = jax.nn.softmax(keys @ query)
    return weights @ values


def looping_batch_attend(queries: jax.Array, keys: jax.Array, values: jax.Array) -> jax.Array:
    """One call of ``attend`` per example, in Python: shapes (b, n), (b, k, n), (b, k, m) -> (b, m)."""
    return jnp.stack([attend(*example) for example in zip(queries, keys, values, strict=True)])


def fit_gradient(slopes: jax.Array, x: jax.Array, target: jax.Array) -> jax.Array:
    """Where one example pulls the slopes of a linear fit: shapes (n,), (n,), () -> (n,).

    >>> fit_gradient(jnp.array([1.0, -1.0]), jnp.array([2.0, 1.0]), jnp.array(0.0)).tolist()
    [4.0, 2.0]
    """

    def loss(slopes: jax.Array) -> jax.Array:
        return (jnp.sum(slopes * x) - target) ** 2

    pull: jax.Array = jax.grad(loss)(slopes)
    return pull


def looping_batch_fit_gradient(slopes: jax.Array, x: jax.Array, targets: jax.Array) -> jax.Array:
    """One call of ``fit_gradient`` per example, in Python: shapes (b, n), (b, n), (b,) -> (b, n)."""
    return jnp.stack([fit_gradient(*example) for example in zip(slopes, x, targets, strict=True)])


FEATURES = ((1, 0, 2, -1), (0.5, 1, -1, 0), (2, 2, 0, 1))
WEIGHTS = ((3, 0), (4, 1), (0, 2), (0, -2))
BIAS = (0.5, -0.5)
SCORES = ((0, 0, 0), (1, 2, 3), (4, 0, 0), (-1, 1, -1))
TEMPERATURE = 2
QUERIES = ((2, 0), (0, 2), (-1, -1), (1, 1), (0, 0))
KEYS = ((9, 0), (0, 9), (-9, -9))
VALUES = ((1, 2, 3, 4), (10, 20, 30, 40), (-5, -7, -3, -2))
SLOPES = (1, -1)
INPUTS = ((1, 2), (3, 1), (2, -1))
TARGETS = (3, 1, 0)

DENSE = Entry(
    function=dense,
    group="Networks",
    story="A layer of a network: all examples share its weights, whose columns are scaled to length 1.",
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
SOFTMAX = Entry(
    function=softmax,
    group="Networks",
    story="The scores of each row become shares of 1, all at the same temperature.",
    parameters=(Parameter("scores", 1), Parameter("temperature", 0)),
    by_hand=(Formulation("loop", looping_batch_softmax, walks_examples=True),),
    intended=Example("softmax", "softmax of every row", (SCORES, TEMPERATURE), (0, None)),
    loud=Example(
        "softmax-loud",
        "softmax, no axis to map",
        (SCORES, TEMPERATURE),
        0,
        told="The temperature is one number for all rows and has no axis to map, so its axis is None.",
    ),
    silent=Example(
        "softmax-silent",
        "softmax, shared by mistake",
        (SCORES[1:], (1, 2, 4)),
        (0, None),
        told="Three rows with a temperature each: shared, the three are lined up with the columns of every row.",
        meant=0,
    ),
)
ATTEND = Entry(
    function=attend,
    group="Networks",
    story="Each query looks at three keys and takes mostly the values of those that match it; all share the table.",
    parameters=(Parameter("queries", 1), Parameter("keys", 2), Parameter("values", 2)),
    by_hand=(Formulation("loop", looping_batch_attend, walks_examples=True),),
    intended=Example("attend", "attend to shared keys", (QUERIES, KEYS, VALUES), (0, None, None)),
    loud=Example(
        "attend-loud",
        "attend, keys mapped",
        (QUERIES, KEYS, VALUES),
        0,
        told="in_axes=0 pairs five queries with three keys, where every query looks at all of them.",
    ),
    silent=Example(
        "attend-silent",
        "attend, values mapped",
        (QUERIES[:4], KEYS, VALUES),
        (0, None, 1),
        told="Four queries and values of four numbers: along axis 1 each query gets one number of every value.",
    ),
)
FIT_GRADIENT = Entry(
    function=fit_gradient,
    group="Networks",
    story="Which example pulls hardest: the gradient of the loss for each of them, not of their mean.",
    parameters=(Parameter("slopes", 1), Parameter("x", 1), Parameter("targets", 0)),
    by_hand=(Formulation("loop", looping_batch_fit_gradient, walks_examples=True),),
    intended=Example("fit-gradient", "gradient of each example", (SLOPES, INPUTS, TARGETS), (None, 0, 0)),
    loud=Example(
        "fit-gradient-loud",
        "gradient, slopes mapped",
        (SLOPES, INPUTS, TARGETS),
        0,
        told="All examples share the two slopes: in_axes=0 takes them for two examples beside three.",
    ),
    silent=Example(
        "fit-gradient-silent",
        "gradient of one slope each",
        (SLOPES, INPUTS[1:], TARGETS[1:]),
        0,
        told="As many examples as slopes: each example gets one of the two slopes, for all of its numbers.",
    ),
)
ENTRIES = (DENSE, SOFTMAX, ATTEND, FIT_GRADIENT)

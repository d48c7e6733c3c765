"""Functions of one line, to think with: their results can be found in the head."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def total(row: jax.Array) -> jax.Array:
    """What a row adds up to: shapes (n,) -> ().

    >>> total(jnp.array([1.0, 2.0, 3.0])).item()
    6.0
    """
    return jnp.sum(row)


def centre(row: jax.Array) -> jax.Array:
    """A row minus its mean: shapes (n,) -> (n,).

    >>> centre(jnp.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """
    return row - jnp.mean(row)


def extent(row: jax.Array) -> jax.Array:
    """The least, the largest and the sum of a row: shapes (n,) -> (3,).

    >>> extent(jnp.array([4.0, 1.0, 2.0])).tolist()
    [1.0, 4.0, 7.0]
    """
    return jnp.array([jnp.min(row), jnp.max(row), jnp.sum(row)])


def inner(p: jax.Array, q: jax.Array) -> jax.Array:
    """The sum of the products of two rows: shapes (n,), (n,) -> ().

    >>> inner(jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0])).item()
    11.0
    """
    return jnp.sum(p * q)


def pair(tens: jax.Array, ones: jax.Array) -> jax.Array:
    """Two digits as one number, so that the result shows which of them met: shapes (), () -> ().

    >>> pair(jnp.array(1.0), jnp.array(4.0)).item()
    14.0
    """
    return 10 * tens + ones


def calibrate(readings: jax.Array, gain: jax.Array) -> jax.Array:
    """Readings times the gain of each sensor: shapes (n,), (n,) -> (n,).

    >>> calibrate(jnp.array([1.0, 2.0]), jnp.array([10.0, 100.0])).tolist()
    [10.0, 200.0]
    """
    return readings * gain


def looping_batch_total(rows: jax.Array) -> jax.Array:
    """One call of ``total`` per example, in Python: shapes (b, n) -> (b,)."""
    return jnp.stack([total(row) for row in rows])


def looping_batch_centre(rows: jax.Array) -> jax.Array:
    """One call of ``centre`` per example, in Python: shapes (b, n) -> (b, n)."""
    return jnp.stack([centre(row) for row in rows])


def looping_batch_extent(rows: jax.Array) -> jax.Array:
    """One call of ``extent`` per example, in Python: shapes (b, n) -> (b, 3)."""
    return jnp.stack([extent(row) for row in rows])


def looping_batch_inner(p: jax.Array, q: jax.Array) -> jax.Array:
    """One call of ``inner`` per example, in Python: shapes (b, n), (b, n) -> (b,)."""
    return jnp.stack([inner(*example) for example in zip(p, q, strict=True)])


def looping_batch_pair(tens: jax.Array, ones: jax.Array) -> jax.Array:
    """One call of ``pair`` per example, in Python: shapes (b,), (b,) -> (b,)."""
    return jnp.stack([pair(*example) for example in zip(tens, ones, strict=True)])


def looping_batch_calibrate(readings: jax.Array, gain: jax.Array) -> jax.Array:
    """One call of ``calibrate`` per example, in Python: shapes (b, n), (b, n) -> (b, n)."""
    return jnp.stack([calibrate(*example) for example in zip(readings, gain, strict=True)])


ROWS = ((1, 2, 3), (4, 5, 6))
POINTS = ((1, 3), (5, 11), (0, 4))
SCORES = ((4, 1, 2, 9), (3, 8, 6, 5))
READINGS = ((1, 2, 3), (4, 5, 6), (7, 8, 9), (2, 0, 1))
GAIN = (1, 10, 100)

TOTAL = Entry(
    function=total,
    group="Basics",
    story="The sum of each row: about the smallest function that shows what vmap does.",
    parameters=(Parameter("row", 1),),
    by_hand=(Formulation("loop", looping_batch_total, walks_examples=True),),
    intended=Example("total", "sums of rows", (ROWS,), 0),
    loud=Example(
        "total-loud",
        "a place that no sum has",
        (ROWS,),
        0,
        1,
        told="One result is a number, so all of them together have one axis: there is no axis 1 for the batch.",
    ),
    silent=Example("total-silent", "sums of columns", (ROWS,), 1, told="in_axes=1 walks along the columns."),
)
CENTRE = Entry(
    function=centre,
    group="Basics",
    story="Each row minus its own mean; without vmap it would be the mean of the whole batch.",
    parameters=(Parameter("row", 1),),
    by_hand=(Formulation("loop", looping_batch_centre, walks_examples=True),),
    intended=Example("centre", "rows about their means", (POINTS,), 0),
    loud=Example(
        "centre-loud", "an axis too far", (POINTS,), 2, told="A matrix has the axes 0 and 1, and no axis 2 to map."
    ),
    silent=Example(
        "centre-silent", "columns about their means", (POINTS,), 1, 1, told="in_axes=1 takes the columns for rows."
    ),
)
EXTENT = Entry(
    function=extent,
    group="Basics",
    story="The minimum, maximum and sum of each row: one result has an axis of its own, beside that of the batch.",
    parameters=(Parameter("row", 1),),
    by_hand=(Formulation("loop", looping_batch_extent, walks_examples=True),),
    intended=Example("extent", "least, largest, sum", (SCORES,), 0),
    loud=Example(
        "extent-loud", "a third axis", (SCORES,), 0, 2, told="The results have two axes, and no axis 2 for the batch."
    ),
    silent=Example("extent-silent", "of columns", (SCORES,), 1, told="in_axes=1 walks along the columns."),
)
INNER = Entry(
    function=inner,
    group="Basics",
    story="The inner product of two rows: under vmap the first row meets the first, the second meets the second.",
    parameters=(Parameter("p", 1), Parameter("q", 1)),
    by_hand=(Formulation("loop", looping_batch_inner, walks_examples=True),),
    intended=Example("inner", "rows in pairs", (POINTS, ((2, 1), (1, 0), (3, 5))), 0),
    loud=Example(
        "inner-loud",
        "a shared row cut up",
        (POINTS, (2, 1)),
        0,
        told="The row that all examples share has an axis of its own: under in_axes=0 it is taken for the batch.",
        meant=(0, None),
    ),
    silent=Example(
        "inner-silent",
        "a square of rows",
        (((1, 3), (5, 11)), ((2, 1), (3, 0))),
        (0, 1),
        told="A square batch along axis 1: rows of one argument meet columns of the other.",
    ),
)
PAIR = Entry(
    function=pair,
    group="Basics",
    story="Two digits become one number: the result shows which of them met.",
    parameters=(Parameter("tens", 0), Parameter("ones", 0)),
    by_hand=(Formulation("loop", looping_batch_pair, walks_examples=True),),
    intended=Example("pair", "digits in pairs", ((1, 2, 3), (4, 5, 6)), 0),
    loud=Example(
        "pair-loud",
        "a digit without an axis",
        ((1, 2, 3), 4),
        0,
        told="A single number has no axis to map: it is shared, so its axis is None.",
        meant=(0, None),
    ),
    silent=Example(
        "pair-silent",
        "a digit shared by mistake",
        ((1, 2, 3), (4, 5, 6)),
        (0, None),
        told="With None each of the first digits meets all of the second ones.",
    ),
    others=(Example("pair-table", "all pairs of digits", ((1, 2), (3, 4, 5)), (0, None), inner=((None, 0), 0)),),
)
CALIBRATE = Entry(
    function=calibrate,
    group="Basics",
    story="Every sensor has a gain of its own: each row of readings is multiplied by the same gains.",
    parameters=(Parameter("readings", 1), Parameter("gain", 1)),
    by_hand=(Formulation("loop", looping_batch_calibrate, walks_examples=True),),
    intended=Example("calibrate", "a gain for each sensor", (READINGS, GAIN), (0, None)),
    loud=Example(
        "calibrate-loud",
        "gains cut up",
        (READINGS, GAIN),
        0,
        told="Four rows of readings cannot be paired with three gains.",
    ),
    silent=Example(
        "calibrate-silent",
        "a gain for each row",
        (READINGS[:3], GAIN),
        0,
        told="As many rows as sensors: each row is multiplied by one gain, instead of each column.",
    ),
)
ENTRIES = (TOTAL, CENTRE, EXTENT, INNER, PAIR, CALIBRATE)

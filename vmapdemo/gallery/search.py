"""Functions that look something up: the nearest, the best, the place in a table."""

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def to_nearest(point: jax.Array, centres: jax.Array) -> jax.Array:
    """The way from a point to the nearest of the centres: shapes (n,), (k, n) -> (n,).

    >>> to_nearest(jnp.array([1.0, 1.0]), jnp.array([[9.0, 9.0], [1.0, 3.0]])).tolist()
    [0.0, 2.0]
    """
    offsets = centres - point
    distances = jnp.sum(offsets * offsets, axis=1)
    return centres[jnp.argmin(distances)] - point


def looping_batch_to_nearest(points: jax.Array, centres: jax.Array) -> jax.Array:
    """One call of ``to_nearest`` per example, in Python: shapes (b, n), (b, k, n) -> (b, n)."""
    return jnp.stack([to_nearest(*example) for example in zip(points, centres, strict=True)])


def embed(table: jax.Array, word: jax.Array) -> jax.Array:
    """A word's row in a table: shapes (k, n), () -> (n,).

    >>> embed(jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array(1)).tolist()
    [3.0, 4.0]
    """
    return table[word]


def looping_batch_embed(tables: jax.Array, words: jax.Array) -> jax.Array:
    """One call of ``embed`` per example, in Python: shapes (b, k, n), (b,) -> (b, n)."""
    return jnp.stack([embed(*example) for example in zip(tables, words, strict=True)])


def interpolate(reading: jax.Array, points: jax.Array, heights: jax.Array) -> jax.Array:
    """A reading looked up on a curve of straight lines between points: shapes (), (n,), (n,) -> ().

    >>> interpolate(jnp.array(3.0), jnp.array([0.0, 2.0, 4.0]), jnp.array([0.0, 10.0, 20.0])).item()
    15.0
    """
    return jnp.interp(reading, points, heights)


def looping_batch_interpolate(readings: jax.Array, points: jax.Array, heights: jax.Array) -> jax.Array:
    """One call of ``interpolate`` per example, in Python: shapes (b,), (b, n), (b, n) -> (b,)."""
    return jnp.stack([interpolate(*example) for example in zip(readings, points, heights, strict=True)])


def _rising(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.cumsum(random.integers(1, 4, shape), axis=-1)


POINTS = ((0, 1), (4, 4), (9, 0), (5, 6), (1, 1))
CENTRES = ((0, 0), (5, 5), (9, 1))
TABLE = ((0, 1), (10, 11), (20, 21), (30, 31), (40, 41))
WORDS = (3, 0, 4)
READINGS = (1, 3, 6, 2)
CURVE = (0, 2, 8)
HEIGHTS = (0, 10, 40)

TO_NEAREST = Entry(
    function=to_nearest,
    group="Search",
    story="The way from a point to the nearest centre: every example looks up a row of one shared table.",
    parameters=(Parameter("points", 1), Parameter("centres", 2)),
    by_hand=(Formulation("loop", looping_batch_to_nearest, walks_examples=True),),
    intended=Example("nearest", "a lookup table", (POINTS, CENTRES), (0, None)),
    loud=Example(
        "nearest-loud",
        "a table cut into rows",
        (POINTS[:3], CENTRES),
        0,
        told="As many points as centres under in_axes=0: each point is given one centre, and no table.",
    ),
    silent=Example(
        "nearest-silent",
        "points along axis 1",
        (((0, 6), (4, 1)), CENTRES),
        (1, None),
        told="Two points of two coordinates: along axis 1 the coordinates are taken for points.",
    ),
)
EMBED = Entry(
    function=embed,
    group="Search",
    story="Words become vectors: each takes its row of one shared table.",
    parameters=(Parameter("table", 2), Parameter("words", 0, "int32")),
    by_hand=(Formulation("loop", looping_batch_embed, walks_examples=True),),
    intended=Example("embed", "embed words", (TABLE, WORDS), (None, 0)),
    loud=Example(
        "embed-loud",
        "embed, table mapped",
        (TABLE, WORDS),
        0,
        told="in_axes=0 pairs five rows of the table with three words, where every word needs the whole table.",
    ),
    silent=Example(
        "embed-silent",
        "embed, a row each",
        (TABLE[:3], (1, 0, 1)),
        0,
        told="As many words as rows: each word gets one row for its table, and takes one number of it.",
    ),
    other_mistakes=(
        Example(
            "embed-beyond",
            "embed beyond the table",
            (TABLE, (3, 7, 9)),
            (None, 0),
            told="Words 7 and 9 of a table of five rows: JAX silently takes the last row.",
        ),
    ),
)
INTERPOLATE = Entry(
    function=interpolate,
    group="Search",
    story="Readings of an instrument become heights: each is looked up on the same curve of straight lines.",
    parameters=(Parameter("readings", 0), Parameter("curve", 1, drawn=_rising), Parameter("heights", 1)),
    by_hand=(Formulation("loop", looping_batch_interpolate, walks_examples=True),),
    intended=Example("interpolate", "interpolate on a curve", (READINGS, CURVE, HEIGHTS), (0, None, None)),
    loud=Example(
        "interpolate-loud",
        "interpolate, curve mapped",
        (READINGS, CURVE, HEIGHTS),
        0,
        told="in_axes=0 pairs four readings with the three points of one curve.",
    ),
    silent=Example(
        "interpolate-silent",
        "interpolate, wrong curves",
        (READINGS[:3], CURVE, (HEIGHTS, (0, 1, 4), (0, 20, 80))),
        (0, None, 1),
        told="Three curves of three heights, one for each reading: along axis 1 each reading gets a mixture of all.",
        meant=(0, None, 0),
    ),
)
ENTRIES = (TO_NEAREST, EMBED, INTERPOLATE)

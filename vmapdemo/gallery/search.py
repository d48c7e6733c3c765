"""Functions that look something up: the nearest, the best, the place in a table."""

import jax
import jax.numpy as jnp

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


POINTS = ((0, 1), (4, 4), (9, 0), (5, 6), (1, 1))
CENTRES = ((0, 0), (5, 5), (9, 1))

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
ENTRIES = (TO_NEAREST,)

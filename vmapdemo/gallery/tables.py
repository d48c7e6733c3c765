"""Functions of a pair that make a table of all pairs: one vmap inside another."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def distance(point: jax.Array, place: jax.Array) -> jax.Array:
    """How far a point is from a place: shapes (n,), (n,) -> ().

    >>> distance(jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0])).item()
    5.0
    """
    way = place - point
    return jnp.sqrt(jnp.sum(way * way))


def looping_batch_distance(points: jax.Array, places: jax.Array) -> jax.Array:
    """One call of ``distance`` per example, in Python: shapes (b, n), (b, n) -> (b,)."""
    return jnp.stack([distance(*example) for example in zip(points, places, strict=True)])


ALL_POINTS = ((0, 0), (6, 8), (3, 0))
ALL_PLACES = ((3, 4), (0, 5), (6, 0), (9, 12))

DISTANCE = Entry(
    function=distance,
    group="Linear algebra",
    story="How far each point is from each place: one vmap walks along the points, one inside it along the places.",
    parameters=(Parameter("point", 1), Parameter("place", 1)),
    by_hand=(Formulation("loop", looping_batch_distance, walks_examples=True),),
    intended=Example("distances", "all pairs", (ALL_POINTS, ALL_PLACES), (0, None), inner=((None, 0), 0)),
    loud=Example(
        "distances-loud",
        "pairs for a table",
        (ALL_POINTS, ALL_PLACES),
        0,
        told="One vmap walks along both at once: three points and four places make no pairs.",
    ),
    silent=Example(
        "distances-silent",
        "a row for a table",
        (ALL_POINTS, ALL_PLACES[:3]),
        0,
        told="As many points as places under one vmap: each point meets one place, which is the table's diagonal.",
    ),
)
ENTRIES = (DISTANCE,)

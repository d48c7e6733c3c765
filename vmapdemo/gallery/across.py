"""Functions that look at the other examples of the batch, through the name that ``axis_name`` gives its axis."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def batch_normalised(x: jax.Array) -> jax.Array:
    """How far an example is from the mean of its batch, in standard deviations: shapes (n,) -> (n,).

    Needs the axis name "batch".
    """
    mean = jax.lax.pmean(x, "batch")
    variance = jax.lax.pmean((x - mean) ** 2, "batch")
    return jnp.divide(x - mean, jnp.sqrt(variance + 1e-5))


def looping_batch_normalised(x_batch: jax.Array) -> jax.Array:
    """The same in Python loops, one for each look at the batch: shapes (b, n) -> (b, n)."""
    mean = sum(x for x in x_batch) / len(x_batch)
    variance = sum((x - mean) ** 2 for x in x_batch) / len(x_batch)
    return jnp.stack([jnp.divide(x - mean, jnp.sqrt(variance + 1e-5)) for x in x_batch])


HEIGHTS = ((1, 20), (3, 22), (5, 27), (7, 31))

NORMALISED = Entry(
    function=batch_normalised,
    group="Networks",
    story="Batch normalisation: an example is measured against the mean of its batch, which it asks for by name.",
    parameters=(Parameter("x", 1),),
    by_hand=(Formulation("loop", looping_batch_normalised, walks_examples=True),),
    intended=Example("normalised", "against the batch", (HEIGHTS,), 0),
    loud=Example(
        "normalised-loud",
        "nothing mapped",
        (HEIGHTS,),
        None,
        told="in_axes=None maps nothing: there is no batch to ask about.",
    ),
    silent=Example(
        "normalised-silent",
        "against its own numbers",
        (HEIGHTS,),
        1,
        told="Along axis 1 the two numbers of a row are the batch: each is measured against the other.",
    ),
    axis_name="batch",
)
ENTRIES = (NORMALISED,)

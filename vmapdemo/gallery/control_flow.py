"""Functions with conditions and loops inside: under `vmap` each becomes another program."""

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def clipped_step(params: jax.Array, gradient: jax.Array, limit: jax.Array) -> jax.Array:
    """Step against a gradient that is made no longer than ``limit``: shapes (n,), (n,), () -> (n,).

    >>> clipped_step(jnp.zeros(2), jnp.array([3.0, 4.0]), jnp.array(2.5)).tolist()
    [-1.5, -2.0]
    """
    norm = jnp.sqrt(jnp.sum(gradient * gradient))
    scale: jax.Array = jax.lax.cond(
        norm <= limit,
        lambda: 1.0,
        lambda: limit / norm,
    )
    return params - scale * gradient


def looping_batch_clipped_step(params: jax.Array, gradients: jax.Array, limit: jax.Array) -> jax.Array:
    """One call of ``clipped_step`` per example, in Python: shapes (b, n), (b, n), (b,) -> (b, n)."""
    return jnp.stack([clipped_step(*example) for example in zip(params, gradients, limit, strict=True)])


def newton_root(number: jax.Array) -> jax.Array:
    """The square root by Newton's method, in as many rounds as it takes: shapes () -> ().

    No number takes more than 100 rounds, and one below 0, which has no root, takes them all.

    >>> round(newton_root(jnp.array(9.0)).item(), 3)
    3.0
    """

    def is_far(state: tuple[jax.Array, jax.Array]) -> jax.Array:
        root, rounds = state
        return (jnp.abs(root * root - number) > 1e-5 * number) & (rounds < 100)

    def improved(state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        root, rounds = state
        return (root + number / root) / 2, rounds + 1

    root, _ = jax.lax.while_loop(is_far, improved, (number + 1.0, jnp.array(0)))
    return root


def looping_batch_newton_root(numbers: jax.Array) -> jax.Array:
    """One call of ``newton_root`` per example, in Python: shapes (b,) -> (b,)."""
    return jnp.stack([newton_root(number) for number in numbers])


def masked_mean(row: jax.Array, length: jax.Array) -> jax.Array:
    """The mean of the first numbers of a row, as many as its length says: shapes (n,), () -> ().

    >>> masked_mean(jnp.array([2.0, 4.0, 0.0]), jnp.array(2)).item()
    3.0
    """
    is_inside = jnp.arange(row.size) < length
    return jnp.sum(jnp.where(is_inside, row, 0)) / length


def looping_batch_masked_mean(rows: jax.Array, lengths: jax.Array) -> jax.Array:
    """One call of ``masked_mean`` per example, in Python: shapes (b, n), (b,) -> (b,)."""
    return jnp.stack([masked_mean(*example) for example in zip(rows, lengths, strict=True)])


PARAMS = ((1, 2, 3), (0, 0, 0), (5, -1, 2), (2, 2, 2))
GRADIENTS = ((3, 0, 4), (0.5, 0.5, 0.5), (-6, 2, 3), (0, 0, 1))
LIMIT = 2
NUMBERS = (4, 2, 100, 0.25, 1, 12345)
ROWS = ((2, 4, 0, 0), (1, 2, 3, 6), (5, 0, 0, 0))
LENGTHS = (2, 4, 1)

CLIPPED_STEP = Entry(
    function=clipped_step,
    group="Control flow",
    story="A step against a gradient that is cut to a maximum length: a condition in every example.",
    parameters=(Parameter("params", 1), Parameter("gradients", 1), Parameter("limit", 0)),
    by_hand=(Formulation("loop", looping_batch_clipped_step, walks_examples=True),),
    intended=Example(
        "cond",
        "a condition",
        (PARAMS, GRADIENTS, LIMIT),
        (0, 0, None),
        told="A condition is meant to save work, but under vmap both of its branches run for every example.",
    ),
    loud=Example(
        "cond-loud",
        "a limit without an axis",
        (PARAMS, GRADIENTS, LIMIT),
        0,
        told="The limit is one number and has no axis to map: it is shared, so its axis is None.",
    ),
    silent=Example(
        "cond-silent",
        "gradients along axis 1",
        (PARAMS[:3], GRADIENTS[:3], LIMIT),
        (0, 1, None),
        told="Three gradients of three numbers: along axis 1 every step takes a number from each of them.",
    ),
    others=(Example("cond-shared", "a shared condition", (PARAMS, GRADIENTS[0], LIMIT), (0, None, None)),),
)
NEWTON_ROOT = Entry(
    function=newton_root,
    group="Control flow",
    story="A square root by Newton's method: numbers need different counts of rounds, and vmap runs the highest.",
    parameters=(Parameter("numbers", 0),),
    by_hand=(Formulation("loop", looping_batch_newton_root, walks_examples=True),),
    intended=Example("while", "a while loop", (NUMBERS,), 0),
    loud=Example(
        "while-loud",
        "a matrix of numbers",
        ((NUMBERS[:3], NUMBERS[3:]),),
        0,
        told="A matrix under one vmap: an example is then a row, and the condition of a loop has to be one number.",
    ),
    silent=Example(
        "while-silent",
        "a number below 0",
        ((4, -2, 100, 0.25, 1, 12345),),
        0,
        told="A number below 0 has no root: its loop runs all 100 rounds, and every other number waits for it.",
    ),
)
MASKED_MEAN = Entry(
    function=masked_mean,
    group="Control flow",
    story="Rows of different lengths: a slice cannot have a different size in each example, so the rest counts as 0.",
    parameters=(Parameter("rows", 1), Parameter("lengths", 0, "int32")),
    by_hand=(Formulation("loop", looping_batch_masked_mean, walks_examples=True),),
    intended=Example("masked-mean", "masked mean", (ROWS, LENGTHS), 0),
    loud=Example(
        "masked-mean-loud",
        "masked mean, one mask",
        (ROWS, LENGTHS),
        (0, None),
        told="Each row has a length of its own: shared, all three lengths meet the four numbers of every row.",
    ),
    silent=Example(
        "masked-mean-silent",
        "masked means by column",
        (tuple(row[:3] for row in ROWS), (2, 3, 1)),
        (0, None),
        told="As many rows as numbers: shared lengths are lined up with the columns, and each row has three means.",
    ),
    other_mistakes=(
        Example(
            "masked-mean-padding",
            "the mean of padding",
            (ROWS, 4),
            (0, None),
            told="One length for all rows: the zeros that only fill a row up are counted.",
        ),
    ),
)
ENTRIES = (CLIPPED_STEP, NEWTON_ROOT, MASKED_MEAN)

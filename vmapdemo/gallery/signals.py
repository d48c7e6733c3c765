"""Functions of signals: what slides, adds up or smooths along a row."""

import jax
import jax.numpy as jnp

from vmapdemo import strategies
from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter, fractions


def running_total(row: jax.Array) -> jax.Array:
    """The sum of each number and all before it: shapes (n,) -> (n,).

    >>> running_total(jnp.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 3.0, 6.0]
    """
    return jax.lax.cumsum(row)


def looping_batch_running_total(rows: jax.Array) -> jax.Array:
    """One call of ``running_total`` per example, in Python: shapes (b, n) -> (b, n)."""
    return jnp.stack([running_total(row) for row in rows])


def smooth(series: jax.Array, factor: jax.Array) -> jax.Array:
    """A series that follows another one, by so much of the way at each step: shapes (n,), () -> (n,).

    >>> smooth(jnp.array([0.0, 8.0, 8.0]), jnp.array(0.5)).tolist()
    [0.0, 4.0, 6.0]
    """

    def step(level: jax.Array, number: jax.Array) -> tuple[jax.Array, jax.Array]:
        level = level + factor * (number - level)
        return level, level

    _, smoothed = jax.lax.scan(step, series[0], series)
    return smoothed


def looping_batch_smooth(series: jax.Array, factor: jax.Array) -> jax.Array:
    """One call of ``smooth`` per example, in Python: shapes (b, n), (b,) -> (b, n)."""
    return jnp.stack([smooth(*example) for example in zip(series, factor, strict=True)])


def crop(signal: jax.Array, start: jax.Array) -> jax.Array:
    """Three numbers of a signal, from where they start: shapes (n,), () -> (3,).

    >>> crop(jnp.array([0, 3, 9, 4, 0]), jnp.array(1)).tolist()
    [3, 9, 4]
    """
    return jax.lax.dynamic_slice(signal, (start,), (3,))


def looping_batch_crop(signals: jax.Array, starts: jax.Array) -> jax.Array:
    """One call of ``crop`` per example, in Python: shapes (b, n), (b,) -> (b, 3)."""
    return jnp.stack([crop(*example) for example in zip(signals, starts, strict=True)])


X = ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 0, 1, 4), (0, 1, 2, 3, 4))
Y = ((2, 3, 4), (2, 3, 4), (2, 3, 4), (7, 4, 2))
"""The notebook's batches."""
DISTINCT_X = ((3, 1, 4, 1, 5, 9), (2, 6, 5, 3, 5, 8), (9, 7, 9, 3, 2, 3), (8, 4, 6, 2, 6, 4), (3, 3, 8, 3, 2, 7))
DISTINCT_Y = ((1, 0, -1), (2, 3, 4), (0, 5, 1), (1, 1, 1), (-2, 6, 3))
SQUARE_X = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16))
TWO_TAPS = tuple(row[:2] for row in Y)
ROWS = ((1, 2, 3, 4), (10, 0, 10, 0), (5, 5, 5, 5))
SERIES = ((0, 8, 8, 4, 0), (16, 0, 0, 0, 0), (1, 3, 5, 7, 9))
FACTOR = 0.5
SIGNAL = (0, 3, 9, 4, 0, 7, 2)
STARTS = (1, 4, 0, 2)

CONVOLVE = Entry(
    function=strategies.convolve,
    group="Signals",
    story="A kernel of three taps slides along a signal: each result is the dot product of kernel and window.",
    parameters=(Parameter("x_batch", 1, "int32"), Parameter("y_batch", 1)),
    by_hand=(
        Formulation("loop", strategies.looping_batch_convolve, walks_examples=True),
        Formulation("mathy", strategies.mathy_batch_convolve),
        Formulation("shifted", strategies.shifted_batch_convolve),
    ),
    intended=Example("distinct-rows", "rows that all differ", (DISTINCT_X, DISTINCT_Y), 0),
    loud=Example("two-taps", "a kernel of two taps", (X, TWO_TAPS), 0, told="The kernel has to have three taps."),
    silent=Example(
        "silent-kernel",
        "a kernel cut into taps",
        (X[1:], Y[0]),
        0,
        told="Three signals and one kernel of three taps under in_axes=0: the kernel's taps are taken for examples.",
        meant=(0, None),
    ),
    unrolls=True,
    other_mistakes=(
        Example(
            "square",
            "a square x, silently",
            (SQUARE_X, Y),
            (1, 0),
            told="Both axes of a square x fit, so the wrong one runs as well.",
        ),
    ),
)
RUNNING_TOTAL = Entry(
    function=running_total,
    group="Signals",
    story="The running total, day by day: each row is a different account.",
    parameters=(Parameter("rows", 1),),
    by_hand=(Formulation("loop", looping_batch_running_total, walks_examples=True),),
    intended=Example("running-total", "running total", (ROWS,), 0),
    loud=Example(
        "running-total-loud",
        "a running total nowhere",
        (ROWS,),
        0,
        2,
        told="The results have two axes, 0 and 1: there is no axis 2 for the batch.",
    ),
    silent=Example(
        "running-total-silent",
        "a running total downwards",
        (ROWS,),
        1,
        1,
        told="in_axes=1 with out_axes=1 adds up down the columns, from account to account, in the same shape.",
    ),
    others=(
        Example(
            "running-total-columns",
            "running totals as columns",
            (ROWS,),
            0,
            1,
            told="out_axes=1 puts the batch second in the result: each account is a column.",
        ),
    ),
)
SMOOTH = Entry(
    function=smooth,
    group="Signals",
    story="Smoothing by a scan along each series: the level moves part of the way towards each new number.",
    parameters=(Parameter("series", 1), Parameter("factor", 0, drawn=fractions)),
    by_hand=(Formulation("loop", looping_batch_smooth, walks_examples=True),),
    intended=Example("smooth", "smooth by a scan", (SERIES, FACTOR), (0, None)),
    loud=Example(
        "smooth-loud",
        "smooth, factor mapped",
        (SERIES, FACTOR),
        0,
        told="The factor is one number for all series and has no axis to map, so its axis is None.",
    ),
    silent=Example(
        "smooth-silent",
        "smooth across series",
        (SERIES, FACTOR),
        (1, None),
        1,
        told="in_axes=1 with out_axes=1 smooths from series to series instead of along time, in the same shape.",
    ),
)
CROP = Entry(
    function=crop,
    group="Signals",
    story="Three numbers from the start of each event, all cut from one recording.",
    parameters=(Parameter("signal", 1), Parameter("starts", 0, "int32")),
    by_hand=(Formulation("loop", looping_batch_crop, walks_examples=True),),
    intended=Example("crop", "crop at each event", (SIGNAL, STARTS), (None, 0)),
    loud=Example(
        "crop-loud",
        "crop, signal mapped",
        (SIGNAL, STARTS),
        0,
        told="in_axes=0 pairs the seven numbers of the recording with four starts, where each start needs all seven.",
    ),
    silent=Example(
        "crop-silent",
        "crop beyond the end",
        (SIGNAL, (1, 4, 5, 6)),
        (None, 0),
        told="Three of seven numbers cannot start at position 5 or 6: JAX silently moves such a start to 4.",
    ),
)
ENTRIES = (CONVOLVE, RUNNING_TOTAL, SMOOTH, CROP)

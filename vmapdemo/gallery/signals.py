"""Functions of signals: what slides, adds up or smooths along a row."""

from vmapdemo import strategies
from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter

X = ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 0, 1, 4), (0, 1, 2, 3, 4))
Y = ((2, 3, 4), (2, 3, 4), (2, 3, 4), (7, 4, 2))
"""The notebook's batches."""
DISTINCT_X = ((3, 1, 4, 1, 5, 9), (2, 6, 5, 3, 5, 8), (9, 7, 9, 3, 2, 3), (8, 4, 6, 2, 6, 4), (3, 3, 8, 3, 2, 7))
DISTINCT_Y = ((1, 0, -1), (2, 3, 4), (0, 5, 1), (1, 1, 1), (-2, 6, 3))
SQUARE_X = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16))
TWO_TAPS = tuple(row[:2] for row in Y)

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
ENTRIES = (CONVOLVE,)

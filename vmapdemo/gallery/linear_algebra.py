"""Functions of vectors and matrices: what is shared, what comes in pairs, and where the results go."""

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter, fractions


def polynomial(coefficients: jax.Array, x: jax.Array) -> jax.Array:
    """A polynomial at one place, its lowest power first: shapes (n,), () -> ().

    >>> polynomial(jnp.array([1.0, 0.0, 2.0]), jnp.array(3.0)).item()
    19.0
    """
    powers = x ** jnp.arange(coefficients.size)
    return jnp.sum(coefficients * powers)


def looping_batch_polynomial(coefficients: jax.Array, x: jax.Array) -> jax.Array:
    """One call of ``polynomial`` per example, in Python: shapes (b, n), (b,) -> (b,)."""
    return jnp.stack([polynomial(*example) for example in zip(coefficients, x, strict=True)])


def solve(matrix: jax.Array, load: jax.Array) -> jax.Array:
    """The solution of a system of linear equations: shapes (n, n), (n,) -> (n,).

    >>> solve(jnp.array([[2.0, 1.0], [1.0, 3.0]]), jnp.array([3.0, 4.0])).round(3).tolist()
    [1.0, 1.0]
    """
    solution: jax.Array = jnp.linalg.solve(matrix, load)
    return solution


def looping_batch_solve(matrices: jax.Array, loads: jax.Array) -> jax.Array:
    """One call of ``solve`` per example, in Python: shapes (b, n, n), (b, n) -> (b, n)."""
    return jnp.stack([solve(*example) for example in zip(matrices, loads, strict=True)])


def covariance(samples: jax.Array) -> jax.Array:
    """How the columns of a table of samples vary together: shapes (n, k) -> (k, k).

    >>> covariance(jnp.array([[1.0, 0.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    centred = samples - jnp.mean(samples, axis=0)
    return centred.T @ centred / len(samples)


def looping_batch_covariance(samples: jax.Array) -> jax.Array:
    """One call of ``covariance`` per example, in Python: shapes (b, n, k) -> (b, k, k)."""
    return jnp.stack([covariance(one) for one in samples])


def slope_row(sides: jax.Array, direction: jax.Array) -> jax.Array:
    """One row of the slopes of a box's measures: shapes (2,), (3,) -> (2,).

    The direction says how much of each measure counts: area, length around, diagonal squared.

    >>> slope_row(jnp.array([3.0, 4.0]), jnp.array([1.0, 0.0, 0.0])).tolist()
    [4.0, 3.0]
    """

    def measures(sides: jax.Array) -> jax.Array:
        width, height = sides
        return jnp.array([width * height, 2 * (width + height), width**2 + height**2])

    _, pulled_back = jax.vjp(measures, sides)
    slopes: jax.Array = pulled_back(direction)[0]
    return slopes


def looping_batch_slope_row(sides: jax.Array, directions: jax.Array) -> jax.Array:
    """One call of ``slope_row`` per example, in Python: shapes (b, 2), (b, 3) -> (b, 2)."""
    return jnp.stack([slope_row(*example) for example in zip(sides, directions, strict=True)])


def _invertible(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Matrices with more on their diagonal than beside it."""
    *_, rows, columns = shape
    return np.asarray(random.integers(-1, 2, shape) + 2 * rows * np.eye(rows, columns))


COEFFICIENTS = (1, 0, 2)
PLACES = (0, 1, 2, -3)
MATRIX = ((2, 1), (1, 3))
LOADS = ((3, 4), (5, 5), (2, 6))
POINTS = ((0, 0), (6, 8), (3, 4), (3, 8))
CENTRES = ((3, 4), (0, 8), (6, 0))
GROUPS = (
    ((1, 0), (3, 4), (1, 4), (3, 0)),
    ((0, 0), (2, 2), (4, 4), (6, 6)),
    ((5, 1), (5, 3), (5, 5), (5, 7)),
)
SIDES = (3, 4)
DIRECTIONS = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1))

POLYNOMIAL = Entry(
    function=polynomial,
    group="Linear algebra",
    story="One polynomial at many places: all examples share the coefficients, and each has an x of its own.",
    parameters=(Parameter("coefficients", 1), Parameter("x", 0, drawn=fractions)),
    by_hand=(Formulation("loop", looping_batch_polynomial, walks_examples=True),),
    intended=Example("polynomial", "polynomial", (COEFFICIENTS, PLACES), (None, 0)),
    loud=Example(
        "polynomial-loud",
        "polynomial, all mapped",
        (COEFFICIENTS, PLACES),
        0,
        told="in_axes=0 pairs three coefficients with four places, one of each for each example.",
    ),
    silent=Example(
        "polynomial-silent",
        "polynomial cut to pieces",
        (COEFFICIENTS, PLACES[:3]),
        0,
        told="As many places as coefficients: each example gets one coefficient, which is a constant polynomial.",
    ),
    others=(
        Example(
            "many-polynomials",
            "many polynomials",
            (((1, 2, 3), (0, 1, 0), (4, 0, 0), (1, 1, 1)), 2),
            (0, None),
            told="The other way round: many polynomials at one place.",
        ),
    ),
)
SOLVE = Entry(
    function=solve,
    group="Linear algebra",
    story="The same two equations under several loads: the matrix is shared, and each load has its solution.",
    parameters=(Parameter("matrix", 2, drawn=_invertible), Parameter("loads", 1)),
    by_hand=(Formulation("loop", looping_batch_solve, walks_examples=True),),
    intended=Example("solve", "solve", (MATRIX, LOADS), (None, 0)),
    loud=Example(
        "solve-loud",
        "solve, matrix mapped",
        (MATRIX, LOADS[:2]),
        0,
        told="As many loads as equations under in_axes=0: each example gets one row of the matrix, which is no system.",
    ),
    silent=Example(
        "solve-silent",
        "solve, loads as columns",
        (MATRIX, LOADS[:2]),
        (None, 1),
        told="Two loads on two equations: along axis 1 each example takes one number of each load.",
    ),
)
COVARIANCE = Entry(
    function=covariance,
    group="Linear algebra",
    story="How two measurements vary together in each of three groups: one example is a table, and so is its result.",
    parameters=(Parameter("samples", 2),),
    by_hand=(Formulation("loop", looping_batch_covariance, walks_examples=True),),
    intended=Example("covariance", "covariance", (GROUPS,), 0),
    loud=Example(
        "covariance-loud",
        "covariance, two axes",
        (GROUPS,),
        (0, 1),
        told="A tuple has one entry for each argument, and not for each axis: there is a single argument here.",
    ),
    silent=Example(
        "covariance-silent",
        "covariance across groups",
        (tuple(group[:3] for group in GROUPS),),
        1,
        told="Three groups of three samples: along axis 1 an example is the first sample of every group.",
    ),
)
SLOPE_ROW = Entry(
    function=slope_row,
    group="Linear algebra",
    story="A table of slopes of a box: one row each for its area, its perimeter and the square of its diagonal.",
    parameters=(Parameter("sides", 1), Parameter("directions", 1)),
    by_hand=(Formulation("loop", looping_batch_slope_row, walks_examples=True),),
    intended=Example("slope-row", "slopes row by row", (SIDES, DIRECTIONS), (None, 0)),
    loud=Example(
        "slope-row-loud",
        "slopes of mapped sides",
        (SIDES, DIRECTIONS),
        0,
        told="Both sides belong to one box: in_axes=0 takes them for two examples beside four directions.",
    ),
    silent=Example(
        "slope-row-silent",
        "slopes as columns",
        (SIDES, DIRECTIONS[1:3]),
        (None, 0),
        1,
        told="Two directions and two sides: out_axes=1 transposes the table, and its shape does not show it.",
    ),
)
ENTRIES = (POLYNOMIAL, SOLVE, COVARIANCE, SLOPE_ROW)

"""Which cells of one example a result depends on, learned from the function itself and from nothing else.

One batched call answers everything: a NaN in one input cell shows up in every result cell that uses it (also where
the value is 0, since 0 * NaN is NaN), and so does another number, for a comparison hides a NaN. Unit vectors give the
coefficients of a function that is linear in each of its arguments, and two random points say whether it is.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.compiled import using_programs
from vmapdemo.scenario.argument import KEY, keys_of, struct

OTHER_NUMBERS = (-8.0, -1.0, 0.1, 8.0)
"""What is put into a cell: far enough from the others to turn a comparison round, in either direction."""

POINTS = 8
"""From how many points the cells are changed: which of several is the nearest, say, differs from point to point."""

MAX_ENTRIES = 4_000_000
"""How many numbers one look may make (probes times result cells); beyond it the question is not asked."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient`` times the product of one cell of each argument, named by its flat index in the example."""

    coefficient: float
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Dependence:
    """``cells[output][argument]``: the flat indices that a result cell uses.

    ``terms[output]`` sum to the result cell; None where the function is not linear in each argument.
    """

    cells: tuple[tuple[tuple[int, ...], ...], ...]
    terms: tuple[tuple[Term, ...], ...] | None


@using_programs
def dependence(
    function: Callable[..., Any], shapes: tuple[Shape, ...], dtypes: tuple[str, ...] = ()
) -> Dependence | None:
    """How one example's result depends on arguments of these shapes and dtypes; without dtypes all are float32.

    Whole numbers are asked about as float32 too, unless the function takes no floats there, as for an index. None
    where the result is not one array, or beyond MAX_ENTRIES.

    >>> found = dependence(jnp.dot, ((2,), (2,)))
    >>> found.cells, [term.cells for term in found.terms[0]]
    ((((0, 1), (0, 1)),), [(0, 0), (1, 1)])
    """
    given = dtypes or ("float32",) * len(shapes)
    floats = tuple(KEY if dtype == KEY else "float32" for dtype in given)
    for kinds in dict.fromkeys([floats, given]):
        # Some functions refuse a float only when they run: jax.random.key does.
        with suppress(TypeError):
            found = _dependence(function, shapes, kinds)
            if found is not None:
                return found
    return None


def _dependence(function: Callable[..., Any], shapes: tuple[Shape, ...], kinds: tuple[str, ...]) -> Dependence | None:
    sizes = [math.prod(shape) for shape in shapes]
    outputs = _output_size(function, shapes, kinds)
    if not outputs or sum(sizes) * outputs > MAX_ENTRIES:
        return None
    with_terms = math.prod(sizes) * outputs <= MAX_ENTRIES
    with_others = (1 + POINTS * len(OTHER_NUMBERS)) * sum(sizes) * outputs <= MAX_ENTRIES
    points = _random_points(sizes, kinds, POINTS if with_others else 2)
    groups = [
        points,
        _changed(points[:1], sizes, (np.nan,)),
        _changed(points, sizes, OTHER_NUMBERS) if with_others else [],
        _unit_probes(sizes) if with_terms else [],
    ]
    results = _results(function, shapes, kinds, [probe for group in groups for probe in group])
    ends = np.cumsum([len(group) for group in groups])[:-1]
    at_points, poisoned, changed, at_units = np.split(results, ends)
    uses = np.isnan(poisoned) | _differs(changed, at_points, sum(sizes))
    cells = _cells(uses, sizes)
    return Dependence(cells, _terms(at_units, at_points[:2], points[:2], sizes) if with_terms else None)


def _output_size(function: Callable[..., Any], shapes: tuple[Shape, ...], kinds: tuple[str, ...]) -> int:
    structs = list(map(struct, shapes, kinds))
    try:
        output = jax.eval_shape(function, *structs)
    except Exception:
        return 0
    if not isinstance(output, jax.ShapeDtypeStruct):
        return 0
    if jnp.issubdtype(output.dtype, jnp.complexfloating) or jnp.issubdtype(output.dtype, jax.dtypes.extended):
        return 0
    return math.prod(output.shape)


Probe = tuple[np.ndarray, ...]
"""The flat numbers of every argument, for one call."""


def _random_points(sizes: list[int], kinds: tuple[str, ...], count: int) -> list[Probe]:
    """Points whose numbers are nowhere zero, all but the first with both signs; always the same ones.

    Whole numbers are the same in all cells of a point and go through the first few, as an index would.
    """
    random = np.random.default_rng(0)
    points = [[random.uniform(0.5, 1.5, size).astype("float32") for size in sizes] for _ in range(count)]
    signed = [[array * random.choice([-1, 1], array.size).astype("float32") for array in point] for point in points]
    for number, point in enumerate([points[0], *signed[1:]], start=1):
        for argument, kind in enumerate(kinds):
            if kind != "float32":
                point[argument][:] = number % count
    return [tuple(points[0]), *map(tuple, signed[1:])]


def _changed(points: list[Probe], sizes: list[int], numbers: tuple[float, ...]) -> list[Probe]:
    """Each point with one cell set to each number, for each cell of each argument: the cells vary fastest."""
    probes = []
    for point in points:
        for number in numbers:
            for argument, size in enumerate(sizes):
                for cell in range(size):
                    values = [array.copy() for array in point]
                    values[argument][cell] = number
                    probes.append(tuple(values))
    return probes


def _differs(changed: np.ndarray, at_points: np.ndarray, cells: int) -> np.ndarray:
    """For each cell and each result whether any change of the cell, at any point, changes the result."""
    if not changed.size:
        return np.zeros((cells, at_points.shape[1]), dtype=bool)
    by_point = changed.reshape(len(at_points), len(OTHER_NUMBERS), cells, -1)
    expected = at_points[:, None, None, :]
    same = np.isclose(by_point, expected, rtol=1e-5, atol=1e-6, equal_nan=True)
    return np.asarray(~same.all(axis=(0, 1)))


def _unit_probes(sizes: list[int]) -> list[Probe]:
    """One unit vector for each argument, in every combination."""
    units = [np.eye(size, dtype="float32") for size in sizes]
    return [tuple(unit[i] for unit, i in zip(units, index, strict=True)) for index in np.ndindex(*sizes)]


def _results(
    function: Callable[..., Any], shapes: tuple[Shape, ...], kinds: tuple[str, ...], probes: list[Probe]
) -> np.ndarray:
    """The function at every probe: shape (probes, result cells)."""
    columns = (np.stack(column) for column in zip(*probes, strict=True))
    stacked = [
        _as_kind(column.reshape(-1, *shape), kind) for column, kind, shape in zip(columns, kinds, shapes, strict=True)
    ]
    return np.asarray(jax.vmap(function)(*stacked)).reshape(len(probes), -1)


def _as_kind(numbers: np.ndarray, kind: str) -> jax.Array:
    """A key for each number, or the number. As whole numbers a NaN is 0, which is a change too, but may be none."""
    if kind == KEY:
        return keys_of(numbers.view("int32"))
    return jnp.asarray(numbers if kind == "float32" else np.nan_to_num(np.trunc(numbers)).astype(kind))


def _cells(poisoned: np.ndarray, sizes: list[int]) -> tuple[tuple[tuple[int, ...], ...], ...]:
    per_argument = np.split(poisoned, np.cumsum(sizes)[:-1])
    return tuple(
        tuple(tuple(np.flatnonzero(used[:, output]).tolist()) for used in per_argument)
        for output in range(poisoned.shape[1])
    )


def _terms(
    at_units: np.ndarray, at_points: np.ndarray, points: list[Probe], sizes: list[int]
) -> tuple[tuple[Term, ...], ...] | None:
    """The terms of every result cell, or None where they do not give the function's own values at the points."""
    coefficients = at_units.reshape(*sizes, -1)
    for point, value in zip(points, at_points, strict=True):
        total = coefficients
        for numbers in point:
            total = np.tensordot(numbers, total, axes=(0, 0))
        if not np.allclose(total, value, rtol=1e-4, atol=1e-5):
            return None
    return tuple(_terms_of(coefficients[..., output]) for output in range(coefficients.shape[-1]))


def _terms_of(coefficients: np.ndarray) -> tuple[Term, ...]:
    used = np.argwhere(coefficients != 0).tolist()
    return tuple(Term(float(coefficients[tuple(cells)]), tuple(cells)) for cells in used)

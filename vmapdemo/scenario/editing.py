"""Changes of one argument that its drawing asks for. Each gives a new, checked Argument.

Positions are those of the array as it is drawn and passed, after ``.T``.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vmapdemo.scenario.argument import Argument, InputError, check_length, check_size, read_number, read_values

EDGES = {"columns": -1, "rows": -2, "slices": -3}
"""What can be added or removed at an edge of the drawing, and the axis that grows with it."""

TYPED_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
"""Dashes that keyboards of phones and spreadsheets write for a minus."""


def read_cell(text: str) -> int | float:
    """The number that somebody typed into a cell; raises InputError, in one sentence, for any other text.

    >>> read_cell(" 1e-3 "), read_cell("\\N{MINUS SIGN}2")
    (0.001, -2)
    """
    written = text.strip().translate(TYPED_MINUS)
    if not written:
        raise InputError("A cell cannot be empty: type a number.")
    if re.fullmatch(r"[-+]?\d+,\d+", written):
        raise InputError(f"{text.strip()!r:.40} is not a number here: write {written.replace(',', '.', 1):.40}.")
    return read_number(written)


def with_cell(argument: Argument, index: Sequence[int], text: str) -> Argument:
    """One cell changed to what was typed there.

    Raises InputError for a cell that is not there and for text that is no number of the argument's dtype.
    """
    place = _place(index, argument.shape)
    cells = argument.array.astype(object)
    cells[place] = read_cell(text)
    return _with_passed(argument, cells)


def with_block(argument: Argument, index: Sequence[int], text: str) -> Argument:
    """Numbers pasted from one cell on; the array grows where they reach beyond it, and zeros fill the gaps.

    ``text`` is rows of a spreadsheet, or whatever ``read_values`` reads. Raises InputError as ``with_cell`` does.
    """
    check_length(text)
    if re.fullmatch(r"[^\s\[\](){};]*", text.strip()):
        return with_cell(argument, index, text)
    place = _place(index, argument.shape)
    block = _block(text)
    row, column = (0, 0, *place)[-2:]
    before: tuple[Any, ...] = place[:-2]
    height, width = row + block.shape[0], column + block.shape[1]
    cells = np.atleast_2d(argument.array.astype(object))
    shape = (*cells.shape[:-2], max(height, cells.shape[-2]), max(width, cells.shape[-1]))
    grown = _grown(argument, cells, shape)
    grown[(*before, slice(row, height), slice(column, width))] = block
    return _with_passed(argument, _without_padding(grown, argument.array.ndim))


def resized(argument: Argument, edge: str, size: int) -> Argument:
    """The array with so many columns, rows or slices: cut, or filled up with zeros.

    A scalar becomes a vector with its second column, a vector a matrix with its second row. Raises InputError for a
    size below 1, and where the array has no such edge or becomes too large.
    """
    cells = np.atleast_2d(argument.array.astype(object))
    axis = EDGES.get(edge)
    if axis is None or cells.ndim < -axis:
        raise InputError(f"{argument.name} has no {edge:.40}.")
    if size < 1:
        raise InputError(f"{argument.name} needs at least one {edge.removesuffix('s')}.")
    shape = list(cells.shape)
    shape[axis] = size
    return _with_passed(argument, _without_padding(_grown(argument, cells, shape), argument.array.ndim))


def _with_passed(argument: Argument, cells: np.ndarray) -> Argument:
    """The argument with these numbers as it passes them."""
    return replace(argument, values=(cells.T if argument.transposed else cells).tolist())


def _place(index: Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    place = tuple(index)
    if len(place) != len(shape) or not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
        raise InputError("That cell is not there any more.")
    return place


def _block(text: str) -> np.ndarray:
    """Pasted text as a matrix. Cells between tabs are read like typed ones: a comma does not cut them in two."""
    if "\t" in text:
        rows = [[read_cell(cell) for cell in line.split("\t")] for line in text.strip("\r\n").splitlines()]
    else:
        rows = read_values(text.translate(TYPED_MINUS))  # type: ignore[assignment]
    block = np.atleast_2d(np.array(rows, dtype=object))
    if block.ndim > 2 or any(isinstance(cell, (list, tuple)) for cell in block.ravel().tolist()):
        raise InputError("The rows of what was pasted have different lengths, or there are more than two axes.")
    return block


def _grown(argument: Argument, cells: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The cells in an array of a different shape: cut at its end, zeros or new seeds where there were none."""
    check_size(argument.name, math.prod(shape))
    grown: np.ndarray = np.zeros(shape, dtype=object)
    kept = tuple(slice(min(old, new)) for old, new in zip(cells.shape, shape, strict=True))
    if argument.is_key:
        # Two equal seeds are one key, which is hardly what a visitor means by another one.
        is_new = np.ones(shape, dtype=bool)
        is_new[kept] = False
        grown[is_new] = int(cells.max()) + 1 + np.arange(is_new.sum())
    grown[kept] = cells[kept]
    return grown


def _without_padding(cells: np.ndarray, ndim: int) -> np.ndarray:
    """The axes of size 1 that stand for none taken away again, as far as the array has not grown along them."""
    padding = 0
    while cells.ndim - padding > ndim and cells.shape[padding] == 1:
        padding += 1
    unpadded: np.ndarray = cells.reshape(cells.shape[padding:])
    return unpadded

"""Changes of one argument that an editor asks for: cells, rows and columns. Each gives a new, checked Argument."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from vmapdemo.scenario.argument import Argument, InputError


def grid(argument: Argument) -> np.ndarray:
    """The numbers as a matrix to edit: a vector is one row, a scalar one cell. Needs at most two axes."""
    return np.atleast_2d(argument.stored)


def with_cells(argument: Argument, edits: Mapping[Any, Mapping[str, Any]]) -> Argument:
    """Cells changed as ``st.data_editor`` reports them: ``{row: {column: value}}``.

    Raises InputError for a cell that is not there and for a value that is no number of the argument's dtype.
    """
    cells = grid(argument).astype(object)
    for row, columns in edits.items():
        for column, value in columns.items():
            place = _place(row, column, cells.shape)
            if value is None:
                raise InputError(f"A cell of {argument.name} cannot be empty.")
            cells[place] = value
    return replace(argument, values=_shaped(cells, argument.stored.ndim))


def resized(argument: Argument, rows: int = 0, columns: int = 0) -> Argument:
    """Rows and columns added at the end (as zeros) or, with negative numbers, taken away.

    A scalar becomes a vector with its second column, a vector a matrix with its second row. Raises InputError where
    nothing would be left, or too much.
    """
    cells = grid(argument)
    height, width = cells.shape[0] + rows, cells.shape[1] + columns
    if height < 1 or width < 1:
        raise InputError(f"{argument.name} needs at least one row and one column.")
    grown = np.zeros((height, width), dtype=cells.dtype)
    grown[: cells.shape[0], : cells.shape[1]] = cells[:height, :width]
    ndim = max(argument.stored.ndim, 2 if height > 1 else 1 if width > 1 else 0)
    return replace(argument, values=_shaped(grown.astype(object), ndim))


def _shaped(cells: np.ndarray, ndim: int) -> Any:
    if ndim == 2:
        return cells.tolist()
    return cells[0].tolist() if ndim == 1 else cells[0, 0]


def _place(row: Any, column: str, shape: tuple[int, ...]) -> tuple[int, int]:
    try:
        place = int(row), int(column)
    except (TypeError, ValueError) as error:
        raise InputError("That cell does not exist.") from error
    if not (0 <= place[0] < shape[0] and 0 <= place[1] < shape[1]):
        raise InputError("That cell does not exist.")
    return place

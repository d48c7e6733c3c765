"""The linked-arrays picture as plain data: what each table shows, and which cells light which.

A page draws it; nothing here knows how. Everything is text or numbers, so that it travels as JSON.
"""

from typing import Any

import numpy as np

from vmapdemo.cell_links import Dependence
from vmapdemo.diagnosis.call.axes import exists, is_axis
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import ArgumentRow
from vmapdemo.scenario.argument import Argument, number_text
from vmapdemo.scenario.scenario import Scenario

MAX_CELLS = 4096
"""Tables beyond this many cells are cut: a browser draws more only slowly, and nobody reads them."""


def picture(
    scenario: Scenario, found: Explanation, result: np.ndarray | None, links: Dependence | None, label: str = "result"
) -> dict[str, Any]:
    """The arguments and the result as tables, and how result cells depend on argument cells.

    ``result`` None leaves the result out. ``links`` None leaves out what lights; its indices are those of one
    example, and the drawing puts the example's index in at each array's ``axis``.
    """
    rows = {row.path: row for row in found.arguments}
    tables = [_argument_table(argument, rows[argument.name]) for argument in scenario.arguments]
    if result is not None:
        tables.append(_result_table(found, result, label))
    drawn = links is not None and result is not None and result.size <= MAX_CELLS
    return {"tables": tables, "links": _links(links) if drawn and links is not None else None}


def _argument_table(argument: Argument, row: ArgumentRow) -> dict[str, Any]:
    table = _table(argument.name, argument.expression, argument.array, argument.dtype)
    legal = is_axis(row.axis) and row.axis is not None and exists(row.axis, len(argument.shape))
    table["axis"] = row.axis % len(argument.shape) if legal else None
    table["offends"] = row.offends
    table["note"] = _note(row, legal)
    return table


def _note(row: ArgumentRow, legal: bool) -> str:
    if legal:
        return f"axis {row.axis}: {row.mapped_size} {'example' if row.mapped_size == 1 else 'examples'}"
    return "shared" if row.axis is None else f"no axis {row.axis!r}"


def _result_table(found: Explanation, result: np.ndarray, label: str) -> dict[str, Any]:
    table = _table("result", label, result, str(result.dtype))
    axis = found.output[0].axis if found.output else None
    table["axis"] = None if axis is None else axis % result.ndim
    table["offends"] = False
    table["note"] = "" if axis is None else f"batch on axis {axis}"
    return table


def _table(name: str, title: str, array: np.ndarray, dtype: str) -> dict[str, Any]:
    shown = array.ravel()[:MAX_CELLS].tolist()
    return {
        "name": name,
        "title": title,
        "shape": list(array.shape),
        "dtype": dtype,
        "cells": [cell_text(value, dtype) for value in shown],
        "cut": array.size > MAX_CELLS,
    }


def cell_text(value: float, dtype: str) -> str:
    """A cell's number as it is drawn: whole numbers without a point, others with six digits."""
    return number_text(value, dtype) if dtype == "int32" else f"{value:.6g}"


def _links(links: Dependence) -> dict[str, Any]:
    terms = None if links.terms is None else [[[t.coefficient, *t.cells] for t in terms] for terms in links.terms]
    return {"cells": links.cells, "terms": terms}

"""The linked-arrays picture as plain data: what each table shows, and which cells light which.

A page draws it; nothing here knows how. Everything is text or numbers, so that it travels as JSON.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vmapdemo.cell_links import Dependence
from vmapdemo.diagnosis.call.axes import exists, is_axis
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import ArgumentRow
from vmapdemo.scenario.argument import KEY, number_text, type_text
from vmapdemo.scenario.choices import in_axis, inner_scenario, out_axis
from vmapdemo.scenario.scenario import Scenario

MAX_CELLS = 4096
"""Tables beyond this many cells are cut: a browser draws more only slowly, and nobody reads them."""


def picture(
    scenario: Scenario, found: Explanation, result: np.ndarray | None, links: Dependence | None, label: str = "result"
) -> dict[str, Any]:
    """The arguments and the result as tables, and how result cells depend on argument cells.

    ``result`` None leaves the result out, and only the choice of its axis stays. ``links`` None leaves out what
    lights; its indices are those of one example, and the drawing puts the example's index in at each array's ``axis``.
    """
    tables = [
        _argument_table(scenario, position, row)
        | {"handles": _in_handles(scenario, position), "inner": _inner_handles(scenario, found, position)}
        for position, row in enumerate(found.arguments)
    ]
    handles = _out_handles(scenario, found)
    if result is None and found.ok and not scenario.has_numbers:
        tables.append(_result_shape(found, label) | {"handles": handles})
    elif result is not None:
        tables.append(_result_table(found, result, label) | {"handles": handles})
    drawn = links is not None and result is not None and result.size <= MAX_CELLS
    return {
        "tables": tables,
        "missing": handles if result is None and (scenario.has_numbers or not found.ok) else None,
        "links": _links(links) if drawn and links is not None else None,
        "function": scenario.function,
    }


def _in_handles(scenario: Scenario, position: int) -> list[dict[str, Any]]:
    """The axes that one argument can be mapped along; none is chosen where in_axes says something else."""
    argument = scenario.arguments[position]
    if argument.root in scenario.keywords and argument.shape:
        return _handles({0: f"axis 0 ({argument.shape[0]})"}, 0, scenario.batched)
    shape = argument.shape
    choices = {axis: f"axis {axis} ({size})" for axis, size in enumerate(shape)} | {None: "shared (None)"}
    return _handles(choices, in_axis(scenario, position), scenario.batched)


def _inner_handles(scenario: Scenario, found: Explanation, position: int) -> list[dict[str, Any]] | None:
    """The axes of one example that the inner vmap can map; None without one, and where the outer one has no example."""
    shapes = [row.example_shape for row in found.arguments]
    if scenario.inner is None or not scenario.batched or None in shapes:
        return None
    return _in_handles(inner_scenario(scenario, [shape for shape in shapes if shape is not None]), position)


def _out_handles(scenario: Scenario, found: Explanation) -> list[dict[str, Any]]:
    """The places that the batch can have in the result; without a result, those of a matrix."""
    sizes = [f" ({size})" for size in found.output[0].shape] if found.output else ["", ""]
    choices = {axis: f"axis {axis}{size}" for axis, size in enumerate(sizes)} | {None: "None"}
    return _handles(choices, out_axis(scenario, len(sizes)), scenario.batched)


def _handles(choices: Mapping[int | None, str], chosen: int | str | None, batched: bool) -> list[dict[str, Any]]:
    return [
        {"axis": axis, "label": label, "checked": batched and axis == chosen and type(axis) is type(chosen)}
        for axis, label in choices.items()
    ]


def _argument_table(scenario: Scenario, position: int, row: ArgumentRow) -> dict[str, Any]:
    argument = scenario.arguments[position]
    title = argument.expression + (" seeds" if argument.is_key else "")
    table = _table(argument.name, title, argument.array if argument.has_numbers else argument.shape, argument.dtype)
    legal = is_axis(row.axis) and row.axis is not None and exists(row.axis, len(argument.shape))
    table["axis"] = row.axis % len(argument.shape) if legal else None
    table["offends"] = row.offends
    table["note"] = _note(row, legal) + (", by keyword" if argument.root in scenario.keywords else "")
    table["transposed"] = argument.transposed
    table["part"] = argument.entry_key is not None
    table["keyword"] = _keyword(scenario, position)
    return table


def _keyword(scenario: Scenario, position: int) -> dict[str, Any] | None:
    """What a parameter is called by keyword, and whether it is passed so: a choice that stands at its first array."""
    roots = [argument.root for argument in scenario.arguments]
    root = roots[position]
    if roots.index(root) != position:
        return None
    names = dict(zip(dict.fromkeys(roots), scenario.entry.keyword_names, strict=True))
    return {"name": names[root], "pressed": root in scenario.keywords}


def _note(row: ArgumentRow, legal: bool) -> str:
    if legal:
        return f"{row.mapped_size} {'example' if row.mapped_size == 1 else 'examples'}"
    return "shared" if row.axis is None else f"no axis {row.axis!r}"


def _result_shape(found: Explanation, label: str) -> dict[str, Any]:
    """The result of a call that has shapes alone; the first one where the function gives several."""
    output = found.output[0]
    return _table("result", label, output.shape, output.dtype) | {"axis": output.axis, "offends": False, "note": ""}


def _result_table(found: Explanation, result: np.ndarray, label: str) -> dict[str, Any]:
    table = _table("result", label, result, str(result.dtype))
    axis = found.output[0].axis if found.output else None
    table["axis"] = None if axis is None else axis % result.ndim
    table["offends"] = False
    table["note"] = ""
    return table


def _table(name: str, title: str, array: np.ndarray | tuple[int, ...], dtype: str) -> dict[str, Any]:
    """An array's cells, or its shape alone."""
    if isinstance(array, tuple):
        common = {"name": name, "title": title, "shape": list(array), "dtype": dtype, "cut": False}
        return common | {"cells": None, "type": type_text(dtype, array)}
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
    return number_text(value, dtype) if dtype in ("int32", KEY) else f"{value:.6g}"


def _links(links: Dependence) -> dict[str, Any]:
    terms = None if links.terms is None else [[[t.coefficient, *t.cells] for t in terms] for terms in links.terms]
    return {"cells": links.cells, "terms": terms}

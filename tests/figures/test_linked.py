import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.effort import some
from vmapdemo import outcome
from vmapdemo.cell_links import dependence
from vmapdemo.figures import linked
from vmapdemo.figures.linked import MAX_CELLS, cell_text, picture
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

SOME = some(list(PRESETS), 30)
VMAP = PRESETS["vmap"].scenario


def _drawn(scenario: Scenario, label: str = "result") -> dict[str, Any]:
    found = outcome.evaluate(scenario)
    shapes = tuple(row.example_shape or () for row in found.explanation.arguments)
    links = dependence(scenario.entry.function, shapes) if found.explanation.ok else None
    return picture(scenario, found.explanation, found.result, links, label)


def _tables(scenario: Scenario) -> dict[str, Any]:
    return {table["name"]: table for table in _drawn(scenario)["tables"]}


@pytest.mark.parametrize("name", SOME)
def test_the_picture_travels_as_json(name: str) -> None:
    drawn = _drawn(PRESETS[name].scenario)
    again = json.loads(json.dumps(drawn, allow_nan=False))
    assert [table["cells"] for table in again["tables"]] == [table["cells"] for table in drawn["tables"]]


@pytest.mark.parametrize("name", SOME)
def test_there_is_a_result_exactly_where_the_call_runs(name: str) -> None:
    tables = _tables(PRESETS[name].scenario)
    ran = outcome.evaluate(PRESETS[name].scenario).explanation.ok
    assert list(tables) == [*PRESETS[name].scenario.entry.argument_names, *(["result"] if ran else [])]


@pytest.mark.parametrize("name", SOME)
def test_every_table_has_as_many_cells_as_its_array(name: str) -> None:
    for table in _drawn(PRESETS[name].scenario)["tables"]:
        assert len(table["cells"]) == np.prod(table["shape"])
        assert all(isinstance(text, str) for text in table["cells"])
        assert not table["cut"]


def test_the_arrays_are_shown_as_they_are_passed() -> None:
    scenario = PRESETS["axes-1-1"].scenario
    tables = _tables(scenario)
    assert tables["x_batch"]["title"] == "x_batch.T"
    assert tables["x_batch"]["shape"] == [5, 4]
    assert tables["x_batch"]["cells"][:4] == ["0", "0", "0", "0"]
    assert tables["x_batch"]["cells"][4:8] == ["1", "1", "1", "1"]
    assert tables["y_batch"]["cells"][:4] == ["2", "2", "2", "7"]
    assert tables["result"]["cells"] == [str(v) for v in (11, 11, 3, 8, 20, 20, 6, 21, 29, 29, 19, 34)]


def test_a_mapped_argument_names_its_axis_and_size() -> None:
    tables = _tables(PRESETS["axes-1-1"].scenario)
    assert [(t["axis"], t["note"]) for t in tables.values()] == [
        (1, "4 examples"),
        (1, "4 examples"),
        (1, ""),
    ]


def test_one_example_is_singular() -> None:
    one = Scenario("convolve", (Argument("x_batch", [[1, 2, 3]]), Argument("y_batch", [[1, 2, 3]])))
    assert _tables(one)["x_batch"]["note"] == "1 example"


def test_a_negative_axis_is_drawn_where_it_is() -> None:
    scenario = replace(PRESETS["axes-1-1"].scenario, in_axes=-1, out_axes=-1)
    tables = _tables(scenario)
    assert [table["axis"] for table in tables.values()] == [1, 1, 1]


def test_a_shared_argument_has_no_axis() -> None:
    table = _tables(PRESETS["shared-kernel"].scenario)["y_batch"]
    assert (table["axis"], table["note"], table["offends"]) == (None, "shared", False)


def test_arguments_that_disagree_are_marked_with_their_lengths() -> None:
    tables = _tables(PRESETS["mismatch"].scenario)
    assert [(t["axis"], t["note"], t["offends"]) for t in tables.values()] == [
        (1, "4 examples", True),
        (1, "3 examples", True),
    ]


@pytest.mark.parametrize(
    ("entry", "note"), [(2, "no axis 2"), (True, "no axis True"), ("a", "no axis 'a'"), (-3, "no axis -3")]
)
def test_an_axis_that_is_not_there_is_said_and_not_drawn(entry: Any, note: str) -> None:
    table = _tables(replace(VMAP, in_axes=(entry, 0)))["x_batch"]
    assert (table["axis"], table["note"]) == (None, note)


def test_only_the_argument_without_the_axis_offends() -> None:
    tables = _tables(replace(VMAP, in_axes=(2, 0)))
    assert [table["offends"] for table in tables.values()] == [True, False]


def test_the_single_call_maps_nothing() -> None:
    tables = _tables(PRESETS["single"].scenario)
    assert [table["axis"] for table in tables.values()] == [None, None, None]
    assert tables["result"]["note"] == ""


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (11.0, "float32", "11"), (0.5, "float32", "0.5"), (1 / 3, "float32", "0.333333"), (1e20, "float32", "1e+20"),
        (-0.0, "float32", "-0"), (float("nan"), "float32", "nan"), (float("inf"), "float32", "inf"), (7, "int32", "7"),
        (-(2**31), "int32", "-2147483648"), (2**31 - 1, "int32", "2147483647"),
    ],
)  # fmt: skip
def test_the_text_of_a_cell_is_its_number(value: float, dtype: str, text: str) -> None:
    assert cell_text(value, dtype) == text


def test_the_links_are_those_of_one_example() -> None:
    links = _drawn(VMAP)["links"]
    assert [list(map(list, cells)) for cells in links["cells"]] == [[[i, i + 1, i + 2], [0, 1, 2]] for i in range(3)]
    assert links["terms"][0] == [[1.0, 0, 0], [1.0, 1, 1], [1.0, 2, 2]]


def test_nothing_lights_where_the_call_fails() -> None:
    assert _drawn(PRESETS["mismatch"].scenario)["links"] is None


def test_a_function_that_is_not_multilinear_has_links_without_terms() -> None:
    found = outcome.evaluate(VMAP)
    links = dependence(lambda x, y: x[:3] ** 2 + y, ((5,), (3,)))
    drawn = picture(VMAP, found.explanation, found.result, links)
    assert drawn["links"]["terms"] is None
    assert drawn["links"]["cells"][1] == ((1,), (1,))


def test_the_label_of_the_result_is_its_title() -> None:
    assert _drawn(VMAP, "vmap")["tables"][-1]["title"] == "vmap"
    assert _drawn(VMAP, "vmap")["tables"][-1]["name"] == "result"


def test_three_axes_are_drawn_with_their_axis() -> None:
    deep = VMAP.with_argument(Argument("x_batch", np.arange(24).reshape(2, 3, 4), "int32"))
    table = _tables(replace(deep, in_axes=(2, 0)))["x_batch"]
    assert (table["shape"], table["axis"], table["note"]) == ([2, 3, 4], 2, "4 examples")
    assert table["cells"] == [str(value) for value in range(24)]


def test_a_result_of_three_axes_is_drawn() -> None:
    tables = _tables(PRESETS["silent-kernel"].scenario)
    assert tables["result"]["shape"] == list(outcome.result(PRESETS["silent-kernel"].scenario).shape)


def test_a_table_beyond_the_limit_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked, "MAX_CELLS", 12)
    drawn = _drawn(VMAP)
    assert [(len(table["cells"]), table["cut"]) for table in drawn["tables"]] == [(12, True), (12, False), (12, False)]
    assert drawn["links"] is not None


def test_nothing_lights_where_the_result_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked, "MAX_CELLS", 11)
    assert _drawn(VMAP)["links"] is None


def test_the_largest_arguments_are_never_cut() -> None:
    assert MAX_CELLS >= 1024

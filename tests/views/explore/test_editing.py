import json
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.views.driving import (
    array,
    edit_cells,
    link_of,
    opened,
    paste,
    ran,
    resize,
    scenario,
    sentence,
    type_axes,
    view,
    widget,
    widget_id,
    with_tools,
)
from vmapdemo.scenario.presets import DEFAULT
from vmapdemo.views import state


def test_an_edited_cell_changes_the_scenario_and_drops_the_preset() -> None:
    page = edit_cells(opened(), "x_batch", {2: {"4": 9}})
    assert scenario(page).argument("x_batch").values[2] == (0, 1, 0, 1, 9)
    assert view(page).preset is None
    assert "preset" not in page.query_params
    assert page.query_params["x_batch"] == "0_1_2_3_4~0_1_2_3_4~0_1_0_1_9~0_1_2_3_4"
    shown = array(page, "result")
    assert shown is not None
    assert shown[2].tolist() == [3, 6, 39]


def test_the_grid_keeps_its_pending_edits_until_something_else_changes() -> None:
    page = edit_cells(opened(), "x_batch", {0: {"0": 5}})
    version = page.session_state[state.VERSION]
    edit_cells(page, "x_batch", {0: {"0": 5, "1": 6}})
    assert page.session_state[state.VERSION] == version
    assert scenario(page).argument("x_batch").values[0] == (5, 6, 2, 3, 4)
    resize(page, "y_batch", "add_row")
    assert page.session_state[state.VERSION] == version + 1
    edit_cells(page, "x_batch", {1: {"0": 7}})
    assert [row[0] for row in scenario(page).argument("x_batch").values] == [5, 7, 0, 0]


@pytest.mark.parametrize(
    "edited",
    [
        {0: {"0": 1.5}},
        {0: {"0": None}},
        {0: {"0": 2**31}},
        {0: {"0": "7"}},
        {0: {"0": True}},
        {0: {"0": [1, 2]}},
        {0: {"0": 1e400}},
        {0: {"0": float("nan")}},
    ],
    ids=str,
)
def test_a_value_that_is_no_whole_number_is_refused_and_nothing_changes(edited: Any) -> None:
    page = opened()
    before = link_of(page)
    edit_cells(page, "x_batch", edited)
    assert sentence(page, "x_batch")
    assert link_of(page) == before


@pytest.mark.parametrize(
    "report",
    [
        {"edited_rows": {"99": {"0": 1}}, "added_rows": [], "deleted_rows": []},
        {"edited_rows": {"0": {"99": 1}}, "added_rows": [], "deleted_rows": []},
        {"edited_rows": {"-1": {"0": 1}}, "added_rows": [], "deleted_rows": []},
        {"edited_rows": {"0": {"nonsense": 1}}, "added_rows": [], "deleted_rows": []},
        {"edited_rows": {}, "added_rows": [{"0": 1}], "deleted_rows": []},
        {"edited_rows": {}, "added_rows": [], "deleted_rows": [0]},
        {"edited_rows": {}, "added_rows": [], "deleted_rows": [99]},
    ],
    ids=json.dumps,
)
def test_a_crafted_report_of_the_grid_is_refused_and_nothing_changes(report: Any) -> None:
    page = opened()
    before, key = link_of(page), f"x_batch_editor_{page.session_state[state.VERSION]}"
    ran(page, WidgetState(id=widget_id(page, key), string_value=json.dumps(report)))
    assert link_of(page) == before
    ran(page)
    np.testing.assert_array_equal(array(page, "x_batch"), DEFAULT.scenario.argument("x_batch").array)


def test_a_report_that_streamlit_itself_cannot_read_ends_that_run_alone() -> None:
    page = opened()
    before, key = link_of(page), f"x_batch_editor_{page.session_state[state.VERSION]}"
    crafted = json.dumps({"edited_rows": {"a": {"0": 1}}, "added_rows": [], "deleted_rows": []})
    with pytest.raises(AssertionError, match="error"):
        ran(page, WidgetState(id=widget_id(page, key), string_value=crafted))
    page = opened(before)
    assert link_of(page) == before


def test_rows_and_columns_come_and_go() -> None:
    page = opened()
    for change, shape in {"add_row": (5, 5), "add_column": (5, 6), "drop_row": (4, 6), "drop_column": (4, 5)}.items():
        resize(page, "x_batch", change)
        assert scenario(page).argument("x_batch").stored.shape == shape
    assert view(page).preset == "vmap"


def test_a_vector_and_a_scalar_are_edited_too() -> None:
    page = opened("preset=shared-kernel")
    edit_cells(page, "y_batch", {0: {"2": 10}})
    assert scenario(page).argument("y_batch").values == (2, 3, 10)
    paste(page, "y_batch", "7")
    assert scenario(page).argument("y_batch").values == 7
    edit_cells(page, "y_batch", {0: {"0": 8}})
    assert scenario(page).argument("y_batch").values == 8
    resize(page, "y_batch", "add_column")
    assert scenario(page).argument("y_batch").values == (8, 0)


def test_the_dtype_is_refused_where_the_numbers_do_not_fit() -> None:
    page = edit_cells(opened(), "y_batch", {0: {"0": 2.5}})
    widget(with_tools(page, "y_batch"), "dtype_y_batch").select("int32")
    ran(page)
    assert "2.5" in (sentence(page, "y_batch") or "")
    assert scenario(page).argument("y_batch").dtype == "float32"
    assert widget(with_tools(page, "y_batch"), "dtype_y_batch").value == "float32"


def test_passing_transposed_keeps_the_stored_numbers() -> None:
    page = opened()
    widget(page, "transposed_x_batch").check()
    ran(page)
    assert scenario(page).argument("x_batch").shape == (5, 4)
    edit_cells(page, "x_batch", {3: {"4": 9}})
    assert scenario(page).argument("x_batch").array[4, 3] == 9


def test_reset_goes_back_to_the_preset_that_was_open_last() -> None:
    page = type_axes(edit_cells(opened("preset=fix-out-1"), "x_batch", {0: {"0": 9}}), "in_axes", "0")
    page.button("reset").click()
    ran(page)
    assert view(page).preset == "fix-out-1"


def test_a_sentence_goes_with_the_next_change() -> None:
    page = paste(opened(), "x_batch", "nonsense")
    assert sentence(page, "x_batch")
    resize(page, "x_batch", "add_row")
    assert sentence(page, "x_batch") is None

import json
from typing import Any

import numpy as np
import pytest

from tests.views.driving import (
    array,
    ask,
    data,
    edit,
    events_of,
    link_of,
    opened,
    paste,
    ran,
    request,
    resize,
    scenario,
    sentence,
    type_axes,
    view,
    widget,
)
from vmapdemo.scenario.presets import DEFAULT
from vmapdemo.views import state


def test_an_edited_cell_changes_the_scenario_and_drops_the_preset() -> None:
    page = edit(opened(), "x_batch", ((2, 4), "9"))
    assert scenario(page).argument("x_batch").values[2] == (0, 1, 0, 1, 9)
    assert view(page).preset is None
    assert "x_batch=0_1_2_3_4~0_1_2_3_4~0_1_0_1_9~0_1_2_3_4" in data(page, "call")["address"]["query"].replace(
        "%7E", "~"
    )
    shown = array(page, "result")
    assert shown is not None
    assert shown[2].tolist() == [3, 6, 39]


@pytest.mark.parametrize("text", ["1.5", "", "  ", "2147483648", "abc", "True", "[1, 2]", "1e400", "nan", "1,5", "1_0"])
def test_text_that_is_no_whole_number_stays_in_its_cell_with_a_sentence(text: str) -> None:
    page = opened()
    before = link_of(page)
    edit(page, "x_batch", ((0, 1), text))
    place = "x_batch[0, 1]"
    assert sentence(page, place)
    assert data(page, "arrays")["notices"][place]["text"] == text
    assert link_of(page) == before
    edit(page, "x_batch", ((0, 2), "7"))
    assert sentence(page, place), "it is about another cell"
    edit(page, "x_batch", ((0, 1), "5"))
    assert sentence(page, place) is None
    assert scenario(page).argument("x_batch").values[0] == (0, 5, 7, 3, 4)


@pytest.mark.parametrize(("text", "number"), [("1e3", 1000), (" -2 ", -2), ("\N{MINUS SIGN}4", -4), ("+3", 3)])
def test_numbers_are_read_as_they_are_written(text: str, number: int) -> None:
    assert scenario(edit(opened(), "x_batch", ((0, 0), text))).argument("x_batch").values[0][0] == number


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "cell", "array": "x_batch", "index": [99, 0], "text": "1"},
        {"kind": "cell", "array": "x_batch", "index": [0], "text": "1"},
        {"kind": "cell", "array": "x_batch", "index": [-1, 0], "text": "1"},
        {"kind": "cell", "array": "x_batch", "index": [0, "0"], "text": "1"},
        {"kind": "cell", "array": "x_batch", "index": None, "text": "1"},
        {"kind": "cell", "array": "nobody", "index": [0, 0], "text": "1"},
        {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": 1},
        {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": "1", "ground": "99"},
        {"kind": "size", "array": "x_batch", "edge": "rows", "size": 10**6},
        {"kind": "size", "array": "x_batch", "edge": "rows", "size": 0},
        {"kind": "size", "array": "x_batch", "edge": "slices", "size": 2},
        {"kind": "dtype", "array": "x_batch", "dtype": "complex64"},
        {"kind": "axis", "array": "x_batch", "axis": 9},
        {"kind": "axes", "in_axes": "(1,", "out_axes": "0"},
        {"kind": "run", "strategy": "nobody"},
        {"kind": "focus", "strategy": None},
        {"kind": "nonsense"},
        {"kind": ["cell"]},
        {"kind": {}},
        {},
    ],
    ids=json.dumps,
)
def test_a_crafted_wish_changes_nothing(wish: dict[str, Any]) -> None:
    page = opened()
    before = link_of(page)
    ask(page, "arrays", wish)
    assert link_of(page) == before
    np.testing.assert_array_equal(array(page, "x_batch"), DEFAULT.scenario.argument("x_batch").array)


@pytest.mark.parametrize("value", [None, 3, [], {"client": 1, "requests": []}, {"client": "c", "requests": "no"}])
def test_a_message_that_no_page_sends_changes_nothing(value: Any) -> None:
    page = opened()
    before = link_of(page)
    ran(page, events_of(page, "arrays", [{"event": "requests", "value": value}]))
    assert link_of(page) == before


@pytest.mark.parametrize("number", [True, 0, -1, 1.0, "1", None, 2**53 + 1, 10**400])
def test_a_request_with_a_number_that_no_browser_counts_to_is_not_taken(number: Any) -> None:
    page = opened()
    before = link_of(page)
    wish = {"number": number, "kind": "cell", "array": "x_batch", "index": [0, 0], "text": "9"}
    ran(page, events_of(page, "arrays", [{"event": "requests", "value": {"client": "c", "requests": [wish]}}]))
    assert link_of(page) == before


def test_what_comes_late_for_a_part_that_is_gone_changes_nothing() -> None:
    page = opened()
    wish = {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": "9"}
    late = request(page, "arrays", wish)
    widget(page, "chosen_view").set_value("trace")
    ran(page)
    before = link_of(page)
    ran(page, late)
    assert link_of(page) == before


def test_so_many_sentences_are_kept_and_no_more() -> None:
    page = opened()
    edit(page, "x_batch", *(((row, column), "no") for row in range(20) for column in range(20)))
    kept = page.session_state[state.NOTICES]
    assert len(kept) == state.MOST_NOTICES
    assert "x_batch[19, 19]" in kept


def test_rows_and_columns_come_and_go() -> None:
    page = opened()
    for edge, size, shape in [("rows", 5, (5, 5)), ("columns", 6, (5, 6)), ("rows", 4, (4, 6)), ("columns", 5, (4, 5))]:
        resize(page, "x_batch", edge, size)
        assert scenario(page).argument("x_batch").stored.shape == shape
    assert view(page).preset == "vmap"


def test_a_vector_and_a_scalar_are_edited_too() -> None:
    page = edit(opened("preset=shared-kernel"), "y_batch", ((2,), "10"))
    assert scenario(page).argument("y_batch").values == (2, 3, 10)
    paste(page, "y_batch", "7")
    assert scenario(page).argument("y_batch").values == 7
    edit(page, "y_batch", ((), "8"))
    assert scenario(page).argument("y_batch").values == 8
    resize(page, "y_batch", "columns", 2)
    assert scenario(page).argument("y_batch").values == (8, 0)


def test_the_dtype_is_refused_if_the_numbers_do_not_fit() -> None:
    page = edit(opened(), "y_batch", ((0, 0), "2.5"))
    ask(page, "arrays", {"kind": "dtype", "array": "y_batch", "dtype": "int32"})
    assert "2.5" in (sentence(page, "y_batch") or "")
    assert scenario(page).argument("y_batch").dtype == "float32"


def test_passing_transposed_keeps_the_stored_numbers_and_one_edits_what_is_drawn() -> None:
    page = ask(opened(), "arrays", {"kind": "transposed", "array": "x_batch", "transposed": True})
    assert scenario(page).argument("x_batch").shape == (5, 4)
    edit(page, "x_batch", ((4, 3), "9"))
    assert scenario(page).argument("x_batch").array[4, 3] == 9
    assert scenario(page).argument("x_batch").stored[3, 4] == 9


def test_a_cell_of_arrays_that_were_replaced_is_not_edited() -> None:
    page = opened()
    ground = page.session_state[state.GROUND]
    ask(page, "arrays", {"kind": "transposed", "array": "x_batch", "transposed": True})
    before = link_of(page)
    ask(page, "arrays", {"kind": "cell", "array": "x_batch", "index": [0, 1], "text": "9", "ground": ground})
    assert link_of(page) == before
    assert "changed meanwhile" in (sentence(page, "x_batch[0, 1]") or "")


def test_a_cell_that_was_typed_while_the_page_came_to_another_process_is_edited() -> None:
    """There the arrays had been replaced more often; this process has read them from the address."""
    page = opened()
    later = page.session_state[state.GROUND] + 3
    ask(page, "arrays", {"kind": "cell", "array": "x_batch", "index": [0, 1], "text": "9", "ground": later})
    assert scenario(page).argument("x_batch").array[0, 1] == 9


def test_a_block_is_pasted_from_a_cell_on_and_the_array_grows() -> None:
    page = opened()
    ask(page, "arrays", {"kind": "paste", "array": "y_batch", "index": [3, 1], "text": "8\t9\t10\n11\t12\t13"})
    grown = scenario(page).argument("y_batch")
    assert grown.shape == (5, 4)
    assert grown.values[3:] == ((7, 8, 9, 10), (0, 11, 12, 13))


def test_reset_goes_back_to_the_preset_that_was_open_last() -> None:
    page = type_axes(edit(opened("preset=fix-out-1"), "x_batch", ((0, 0), "9")), "in_axes", "0")
    ask(page, "call", {"kind": "reset"})
    assert view(page).preset == "fix-out-1"


def test_a_sentence_goes_with_the_next_change_at_its_place() -> None:
    page = paste(opened(), "x_batch", "nonsense")
    assert sentence(page, "numbers_x_batch")
    paste(page, "x_batch", "[[1, 2, 3]]")
    assert sentence(page, "numbers_x_batch") is None


def test_edits_in_a_burst_are_one_step_of_the_history_and_others_are_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(state.time, "monotonic", lambda: now_s[0])
    page, steps = opened(), []
    for wait_s, column in [(0, 0), (0.5, 1), (0.9, 2), (1.1, 3)]:
        now_s[0] += wait_s
        edit(page, "x_batch", ((0, column), "9"))
        steps.append(page.session_state[state.STEP])
    type_axes(page, "in_axes", "(0, 0)")
    steps.append(page.session_state[state.STEP])
    assert [step - steps[0] for step in steps] == [0, 0, 0, 1, 2]

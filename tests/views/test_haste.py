"""A visitor who is faster than the server: a message that was sent before the answer to the last one had come.

The browser then still holds, and sends once more, what the page showed before: none of it is a wish of the visitor.
"""

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.views.driving import (
    Browser,
    ask,
    edit,
    opened,
    ran,
    request,
    resize,
    scenario,
    seen,
    sent,
    type_axes,
    typed,
    view,
    widget_id,
)
from vmapdemo.scenario.presets import PRESETS

EDIT = {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": "9"}
TYPED = {"kind": "typed", "place": "out_axes", "text": "1"}


def test_a_second_wish_does_not_bring_the_preset_back() -> None:
    page = opened()
    before = seen(page)
    edit(page, "x_batch", ((0, 0), "9"))
    assert view(page).preset is None
    sent(page, before, request(page, "call", TYPED))
    assert scenario(page).argument("x_batch").values[0] == (9, 1, 2, 3, 4)
    assert scenario(page).out_axes == 1


def test_wishes_that_wait_together_all_count_and_in_their_order() -> None:
    page = opened()
    both = request(page, "arrays", EDIT, EDIT | {"text": "8"}, EDIT | {"index": [0, 1], "text": "7"})
    sent(page, seen(page), both, request(page, "call", TYPED))
    assert scenario(page).argument("x_batch").values[0] == (8, 7, 2, 3, 4)
    assert scenario(page).out_axes == 1


def test_wishes_are_sent_again_until_they_are_confirmed_and_each_is_taken_once() -> None:
    page = opened()
    first = request(page, "arrays", {"kind": "axis", "array": "x_batch", "axis": 1})
    again = request(page, "arrays", {"kind": "axis", "array": "x_batch", "axis": 1}, EDIT)
    sent(page, seen(page), first)
    type_axes(page, "in_axes", "(0, 0)")
    sent(page, seen(page), again)
    assert scenario(page).in_axes == (0, 0), "the first of the two was taken before"
    assert scenario(page).argument("x_batch").values[0] == (9, 1, 2, 3, 4)


def test_large_type_after_a_preset_does_not_bring_the_old_axes_back() -> None:
    page = opened()
    before = seen(page)
    chosen = WidgetState(id=widget_id(page, "chosen_preset"), string_value=PRESETS["fix-out-1"].title)
    large = WidgetState(id=widget_id(page, "large"), trigger_value=True)
    sent(page, before, chosen)
    assert view(page).preset == "fix-out-1"
    sent(page, before, chosen, large)
    assert view(page).preset == "fix-out-1"
    assert view(page).large


def test_a_preset_from_before_does_not_undo_a_row_though_the_address_is_new() -> None:
    page = opened()
    before = seen(page)
    resize(page, "x_batch", "rows", 5)
    sent(page, Browser(before.states, seen(page).query))
    assert scenario(page).argument("x_batch").shape == (5, 5)


def test_widgets_that_are_given_values_again_and_again_leave_nothing_behind() -> None:
    page = opened()
    sizes = []
    for turn in range(6):
        type_axes(page, "in_axes", "(0, None)" if turn % 2 else "(None, 0)")
        edit(page, "x_batch", ((0, 0), str(turn)))
        sizes.append(len(list(page.session_state._state._state)))
    assert sizes[1] == sizes[-1]


def test_a_text_stays_as_it_was_typed_until_something_else_says_otherwise() -> None:
    page = type_axes(opened(), "in_axes", "(0,0)")
    assert typed(page, "in_axes") == "(0,0)"
    assert scenario(page).in_axes == (0, 0)
    edit(page, "x_batch", ((0, 0), "9"))
    assert typed(page, "in_axes") == "(0,0)"
    ask(page, "arrays", {"kind": "axis", "array": "x_batch", "axis": None})
    assert typed(page, "in_axes") == "(None, 0)"


def test_a_request_to_fill_in_the_strategies_that_comes_late_does_no_harm() -> None:
    page = opened()
    late = request(page, "strategies", {"kind": "fill"})
    ask(page, "call", {"kind": "batched", "batched": False})
    ran(page, late)
    assert not scenario(page).batched


def test_an_argument_and_a_strategy_of_a_function_that_is_gone_are_no_wish() -> None:
    page = opened("preset=mathy")
    before = seen(page)
    chosen = WidgetState(id=widget_id(page, "chosen_preset"), string_value=PRESETS["while"].title)
    late = request(
        page,
        "arrays",
        {"kind": "transposed", "array": "x_batch", "transposed": True},
        {"kind": "axis", "array": "y_batch", "axis": None},
        {"kind": "focus", "strategy": "mathy"},
    )
    sent(page, before, chosen, late)
    assert scenario(page) == PRESETS["while"].scenario
    assert view(page).strategy == "vmap"

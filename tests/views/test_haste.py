"""A visitor who is faster than the server: a message that was sent before the answer to the last one had come.

The browser then still holds, and sends once more, what the page showed before: none of it is a wish of the visitor.
"""

from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.views.driving import (
    Browser,
    edit_cells,
    opened,
    ran,
    resize,
    scenario,
    seen,
    sent,
    sentence,
    type_axes,
    view,
    widget,
    widget_id,
    with_strategies,
    with_tools,
)
from vmapdemo.scenario.presets import PRESETS


def test_a_second_edit_does_not_bring_the_preset_back() -> None:
    page = opened()
    before, field = seen(page), widget_id(page, "typed_out_axes")
    edit_cells(page, "x_batch", {0: {"0": 9}})
    assert view(page).preset is None
    sent(page, before, WidgetState(id=field, string_value="1"))
    assert scenario(page).argument("x_batch").values[0] == (9, 1, 2, 3, 4)
    assert scenario(page).out_axes == 1


def test_two_texts_typed_one_after_the_other_both_count() -> None:
    page = opened()
    before = seen(page)
    first = WidgetState(id=widget_id(page, "typed_in_axes"), string_value="(0, None)")
    second = WidgetState(id=widget_id(page, "typed_out_axes"), string_value="1")
    sent(page, before, first)
    sent(page, before, first, second)
    assert scenario(page).in_axes == (0, None)
    assert scenario(page).out_axes == 1


def test_an_edit_after_a_fix_does_not_take_the_fix_back() -> None:
    page = opened("preset=mismatch")
    before, field = seen(page), widget_id(page, "typed_out_axes")
    page.button("fix_0").click()
    ran(page)
    sent(page, before, WidgetState(id=field, string_value="1"))
    assert scenario(page).in_axes == (1, 0)
    assert scenario(page).out_axes == 1


def test_an_edit_after_picking_an_axis_does_not_take_the_text_back() -> None:
    page = opened()
    before, field = seen(page), widget_id(page, "typed_out_axes")
    picked = WidgetState(id=widget_id(page, "axis_y_batch"), string_value="None (shared)")
    sent(page, before, picked)
    assert scenario(page).in_axes == (0, None)
    sent(page, before, picked, WidgetState(id=field, string_value="1"))
    assert scenario(page).in_axes == (0, None)
    assert scenario(page).out_axes == 1


def test_large_type_after_a_preset_does_not_bring_the_old_axes_back() -> None:
    page = opened()
    before = seen(page)
    chosen = WidgetState(id=widget_id(page, "chosen_preset"), string_value="Its fix: in_axes=[1, 0], out_axes=1")
    large = WidgetState(id=widget_id(page, "large"), bool_value=True)
    sent(page, before, chosen)
    assert view(page).preset == "fix-out-1"
    sent(page, before, chosen, large)
    assert view(page).preset == "fix-out-1"
    assert view(page).large


def test_a_value_from_before_is_no_wish_though_the_address_is_new() -> None:
    """The address comes to the browser before the widgets do; something that sends by itself may fall in between."""
    page = type_axes(opened(), "in_axes", "(None, None)")
    before = seen(page)
    type_axes(page, "in_axes", "0")
    typed = WidgetState(id=widget_id(page, "typed_in_axes"), string_value="0")
    sent(page, Browser(before.states, seen(page).query), typed)
    assert scenario(page).in_axes == 0
    assert view(page).preset == "vmap"


def test_a_preset_from_before_does_not_undo_a_row_though_the_address_is_new() -> None:
    page = with_tools(opened(), "x_batch")
    before = seen(page)
    resize(page, "x_batch", "add_row")
    sent(page, Browser(before.states, seen(page).query))
    assert scenario(page).argument("x_batch").shape == (5, 5)


def test_a_list_of_segments_that_comes_back_with_nothing_chosen_takes_no_sentence_away() -> None:
    page = with_strategies(opened())
    typed = WidgetState(id=widget_id(page, "typed_in_axes"), string_value="(1, ")
    nothing = WidgetState(id=widget_id(page, "strategy"), string_array_value=StringArray(data=[]))
    ran(page, typed, nothing)
    assert sentence(page, "in_axes")
    assert widget(page, "typed_in_axes").value == "(1, "
    assert widget(page, "strategy").value == "vmap"


def test_a_list_that_is_no_longer_on_the_page_chooses_nothing() -> None:
    page = type_axes(opened(), "out_axes", "1")
    gone = WidgetState(id=widget_id(page, "axis_result"), string_value=widget(page, "axis_result").value)
    type_axes(page, "out_axes", "2")
    assert scenario(page).out_axes == 2
    ran(page, WidgetState(id=widget_id(page, "typed_out_axes"), string_value="-1"), gone)
    assert scenario(page).out_axes == -1


def test_widgets_that_are_given_values_again_and_again_leave_nothing_behind() -> None:
    page = opened()
    sizes = []
    for turn in range(6):
        type_axes(page, "in_axes", "(0, None)" if turn % 2 else "(None, 0)")
        sizes.append(len(list(page.session_state._state._state)))
    assert sizes[1] == sizes[-1]


def test_a_text_stays_as_it_was_typed_until_something_else_says_otherwise() -> None:
    page = type_axes(opened(), "in_axes", "(0,0)")
    typed = widget(page, "typed_in_axes").key
    assert widget(page, "typed_in_axes").value == "(0,0)"
    assert scenario(page).in_axes == (0, 0)
    widget(page, "axis_x_batch").select("None (shared)")
    ran(page)
    assert widget(page, "typed_in_axes").value == "(None, 0)"
    assert widget(page, "typed_in_axes").key != typed


def test_a_request_to_fill_in_the_strategies_that_comes_late_does_no_harm() -> None:
    page = opened()
    identity = f"{widget_id(page, 'fill')}__events"
    asked = WidgetState(id=identity, json_trigger_value='[{"event": "asked", "value": "v=1"}]')
    widget(page, "batched").uncheck()
    ran(page)
    ran(page, asked)
    assert not scenario(page).batched


def test_an_argument_and_a_strategy_of_a_function_that_is_gone_are_no_wish() -> None:
    page = opened("preset=mathy")
    before, transposed = seen(page), widget_id(page, "transposed_x_batch")
    picked = widget_id(page, "axis_y_batch")
    chosen = WidgetState(id=widget_id(page, "chosen_preset"), string_value="A loop as long as the longest")
    late = [
        WidgetState(id=transposed, bool_value=True),
        WidgetState(id=picked, string_value="None (shared)"),
    ]
    sent(page, before, chosen, *late)
    assert scenario(page) == PRESETS["while"].scenario
    assert view(page).strategy == "vmap"

"""A visitor who is faster than the server: a message that was sent before the answer to the last one had come.

The browser then still holds, and sends once more, what the page showed before: none of it is a wish of the visitor.
"""

from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.views.driving import edit_cells, opened, picker, ran, scenario, seen, sent, type_axes, view, widget_id
from vmapdemo.presets import PRESETS


def test_a_second_edit_does_not_bring_the_preset_back() -> None:
    page = opened()
    before, field = seen(page), widget_id(page, "out_axes")
    edit_cells(page, "x_batch", {0: {"0": 9}})
    assert view(page).preset is None
    sent(page, before, WidgetState(id=field, string_value="1"))
    assert scenario(page).argument("x_batch").values[0] == (9, 1, 2, 3, 4)
    assert scenario(page).out_axes == 1


def test_two_texts_typed_one_after_the_other_both_count() -> None:
    page = opened()
    before = seen(page)
    first = WidgetState(id=widget_id(page, "in_axes"), string_value="(0, None)")
    second = WidgetState(id=widget_id(page, "out_axes"), string_value="1")
    sent(page, before, first)
    sent(page, before, first, second)
    assert scenario(page).in_axes == (0, None)
    assert scenario(page).out_axes == 1


def test_an_edit_after_a_fix_does_not_take_the_fix_back() -> None:
    page = opened("preset=mismatch")
    before, field = seen(page), widget_id(page, "out_axes")
    page.button("fix_0").click()
    ran(page)
    sent(page, before, WidgetState(id=field, string_value="1"))
    assert scenario(page).in_axes == (1, 0)
    assert scenario(page).out_axes == 1


def test_an_edit_after_picking_an_axis_does_not_take_the_text_back() -> None:
    page = opened()
    before, field = seen(page), widget_id(page, "out_axes")
    picked = WidgetState(id=widget_id(page, picker(page, "y_batch")), string_value="None (shared)")
    sent(page, before, picked)
    assert scenario(page).in_axes == (0, None)
    sent(page, before, picked, WidgetState(id=field, string_value="1"))
    assert scenario(page).in_axes == (0, None)
    assert scenario(page).out_axes == 1


def test_large_type_after_a_preset_does_not_bring_the_old_axes_back() -> None:
    page = opened()
    before = seen(page)
    chosen = WidgetState(id=widget_id(page, "preset"), string_value="Its fix: in_axes=[1, 0], out_axes=1")
    large = WidgetState(id=widget_id(page, "large"), bool_value=True)
    sent(page, before, chosen)
    assert view(page).preset == "fix-out-1"
    sent(page, before, chosen, large)
    assert view(page).preset == "fix-out-1"
    assert view(page).large


def test_a_list_that_is_no_longer_on_the_page_chooses_nothing() -> None:
    page = type_axes(opened(), "out_axes", "1")
    key = picker(page, "result")
    gone = WidgetState(id=widget_id(page, key), string_value=page.selectbox(key).value)
    type_axes(page, "out_axes", "2")
    assert scenario(page).out_axes == 2
    ran(page, WidgetState(id=widget_id(page, "out_axes"), string_value="-1"), gone)
    assert scenario(page).out_axes == -1


def test_a_request_to_fill_in_the_strategies_that_comes_late_does_no_harm() -> None:
    page = opened()
    identity = f"{widget_id(page, 'fill')}__events"
    asked = WidgetState(id=identity, json_trigger_value='[{"event": "asked", "value": "v=1"}]')
    page.checkbox("batched").uncheck()
    ran(page)
    ran(page, asked)
    assert not scenario(page).batched


def test_an_argument_and_a_strategy_of_a_function_that_is_gone_are_no_wish() -> None:
    page = opened("preset=mathy")
    before, transposed = seen(page), widget_id(page, "transposed_x_batch")
    picked = widget_id(page, picker(page, "y_batch"))
    chosen = WidgetState(id=widget_id(page, "preset"), string_value="A loop as long as the longest")
    late = [
        WidgetState(id=transposed, bool_value=True),
        WidgetState(id=picked, string_value="None (shared)"),
    ]
    sent(page, before, chosen, *late)
    assert scenario(page) == PRESETS["while"].scenario
    assert view(page).strategy == "vmap"

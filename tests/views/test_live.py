"""Which changes leave the page's layout as it is, so that only what follows the values has to be drawn anew."""

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from tests.views.driving import edit_cells, opened, ran, resize, sentence, type_axes, view, widget, widget_id
from vmapdemo.views import state


def layout(page: AppTest) -> int:
    """The number of the layout."""
    number: int = page.session_state[state.LAYOUT]
    return number


def test_edits_of_values_leave_the_layout_whatever_becomes_of_the_preset() -> None:
    page = opened()
    before = layout(page)
    edit_cells(page, "x_batch", {0: {"0": 9}})
    assert view(page).preset is None
    assert widget(page, "chosen_preset").value is None
    edit_cells(page, "y_batch", {3: {"2": 5}})
    edit_cells(page, "y_batch", {3: {"2": 2}})
    edit_cells(page, "x_batch", {0: {"0": 0}})
    assert view(page).preset == "vmap"
    assert widget(page, "chosen_preset").value == "vmap"
    assert layout(page) == before


def test_every_change_of_something_else_is_another_layout() -> None:
    page = opened()
    seen = [layout(page)]
    type_axes(page, "in_axes", "(0, 1)")
    seen.append(layout(page))
    type_axes(page, "in_axes", "(0,")
    seen.append(layout(page))
    type_axes(page, "in_axes", "(0, 1)")
    seen.append(layout(page))
    resize(page, "x_batch", "add_row")
    seen.append(layout(page))
    assert len(set(seen)) == len(seen)


def test_an_edit_that_is_refused_and_the_one_after_it_are_other_layouts() -> None:
    page = opened()
    before = layout(page)
    edit_cells(page, "x_batch", {0: {"0": 1.5}})
    assert sentence(page, "x_batch")
    refused = layout(page)
    edit_cells(page, "x_batch", {0: {"0": 3}})
    assert sentence(page, "x_batch") is None
    assert len({before, refused, layout(page)}) == 3


def test_an_edit_under_an_open_panel_with_files_draws_the_files_anew() -> None:
    page = opened()
    before = layout(page)
    ran(page, WidgetState(id=widget_id(page, "save"), bool_value=True))
    assert layout(page) == before
    edit_cells(page, "x_batch", {0: {"1": 8}})
    assert layout(page) != before

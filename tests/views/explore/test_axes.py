import pytest

from tests.views.driving import link_of, opened, ran, scenario, sentence, type_axes, widget
from vmapdemo.scenario.presets import DEFAULT

TAKEN = ["(1, 0)", "[0, None]", "-1", "None", "2", "True", "0.5", "'a'", "(0,)", "((0,), 1)", "()"]


@pytest.mark.parametrize("text", TAKEN)
def test_any_literal_becomes_the_axes(text: str) -> None:
    page = type_axes(opened(), "in_axes", text)
    assert repr(scenario(page).in_axes) == text
    assert sentence(page, "in_axes") is None
    assert widget(page, "typed_in_axes").value == text


@pytest.mark.parametrize("text", ["(1, ", "", "   ", "{0: 1}", "x", "0;1", "1e999", "\x00", "lambda: 0", "[" * 100])
@pytest.mark.parametrize("place", ["in_axes", "out_axes"])
def test_what_is_no_literal_gets_a_sentence_and_nothing_changes(place: str, text: str) -> None:
    page = opened()
    before = link_of(page)
    type_axes(page, place, text)
    assert sentence(page, place)
    assert link_of(page) == before


def test_the_pickers_and_the_text_agree() -> None:
    page = opened("preset=mismatch")
    widget(page, "axis_y_batch").select("axis 0 (4)")
    ran(page)
    assert widget(page, "typed_in_axes").value == "(1, 0)"
    type_axes(page, "in_axes", "[0, None]")
    assert widget(page, "axis_x_batch").value == "axis 0 (5)"
    assert widget(page, "axis_y_batch").value == "None (shared)"
    widget(page, "axis_x_batch").select("axis 1 (4)")
    ran(page)
    assert widget(page, "typed_in_axes").value == "[1, None]"
    type_axes(page, "in_axes", "(0,)")
    assert widget(page, "axis_x_batch").value == "custom"


def test_typing_axes_or_picking_them_batches_the_call() -> None:
    page = opened("preset=single")
    assert not widget(page, "batched").value
    type_axes(page, "in_axes", "-1")
    assert scenario(page).batched
    assert widget(page, "batched").value
    widget(page, "batched").uncheck()
    ran(page)
    assert not scenario(page).batched


def test_the_default_axes_say_the_same_everywhere() -> None:
    page = opened()
    assert widget(page, "typed_in_axes").value == repr(DEFAULT.scenario.in_axes)
    assert widget(page, "axis_x_batch").value == "axis 0 (4)"
    assert widget(page, "axis_result").value == "axis 0 (4)"

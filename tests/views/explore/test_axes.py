import pytest

from tests.views.driving import ask, choose_axis, chosen_axis, link_of, opened, scenario, sentence, type_axes, typed
from vmapdemo.scenario.presets import DEFAULT

TAKEN = ["(1, 0)", "[0, None]", "-1", "None", "2", "True", "0.5", "'a'", "(0,)", "((0,), 1)", "()"]


@pytest.mark.parametrize("text", TAKEN)
def test_any_literal_becomes_the_axes(text: str) -> None:
    page = type_axes(opened(), "in_axes", text)
    assert repr(scenario(page).in_axes) == text
    assert sentence(page, "in_axes") is None
    assert typed(page, "in_axes") == text


@pytest.mark.parametrize("text", ["(1, ", "", "   ", "{0: 1}", "x", "0;1", "1e999", "\x00", "lambda: 0", "[" * 100])
@pytest.mark.parametrize("place", ["in_axes", "out_axes"])
def test_what_is_no_literal_gets_a_sentence_and_nothing_changes(place: str, text: str) -> None:
    page = opened()
    before = link_of(page)
    type_axes(page, place, text)
    assert sentence(page, place)
    assert link_of(page) == before
    assert typed(page, place) == text


def test_the_handles_and_the_text_agree() -> None:
    page = choose_axis(opened("preset=mismatch"), "y_batch", 0)
    assert typed(page, "in_axes") == "(1, 0)"
    type_axes(page, "in_axes", "[0, None]")
    assert chosen_axis(page, "x_batch") == 0
    assert chosen_axis(page, "y_batch") is None
    choose_axis(page, "x_batch", 1)
    assert typed(page, "in_axes") == "[1, None]"
    type_axes(page, "in_axes", "(0,)")
    assert chosen_axis(page, "x_batch") == "custom"
    assert chosen_axis(page, "y_batch") == "custom"


def test_the_axis_of_the_result_is_chosen_with_and_without_a_result() -> None:
    page = choose_axis(opened(), "result", 1)
    assert scenario(page).out_axes == 1
    type_axes(page, "out_axes", "7")
    assert chosen_axis(page, "result") == "custom"
    choose_axis(page, "result", 0)
    assert scenario(page) == DEFAULT.scenario
    choose_axis(page, "result", None)
    assert typed(page, "out_axes") == "None"


def test_typing_axes_or_choosing_them_batches_the_call() -> None:
    page = opened("preset=single")
    assert not scenario(page).batched
    assert chosen_axis(page, "x_batch") == "custom"
    type_axes(page, "in_axes", "-1")
    assert scenario(page).batched
    ask(page, "call", {"kind": "batched", "batched": False})
    assert not scenario(page).batched
    choose_axis(page, "x_batch", 0)
    assert scenario(page).batched


def test_the_default_axes_say_the_same_everywhere() -> None:
    page = opened()
    assert typed(page, "in_axes") == repr(DEFAULT.scenario.in_axes)
    assert chosen_axis(page, "x_batch") == 0
    assert chosen_axis(page, "result") == 0

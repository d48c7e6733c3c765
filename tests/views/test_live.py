"""Which parts of the page are drawn after which change."""

import pytest

from tests.views.driving import Browser, choose_axis, edit, opened, request, scenario, seen, sent, view, widget
from vmapdemo.views import live


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": "9"},
        {"kind": "axis", "array": "x_batch", "axis": 1},
        {"kind": "size", "array": "x_batch", "edge": "rows", "size": 5},
    ],
    ids=lambda wish: wish["kind"],
)
def test_a_change_of_the_call_draws_what_follows_the_call_and_nothing_else(wish: dict[str, object]) -> None:
    page = opened()
    drawn = page.session_state[live.DRAWN]
    sent(page, seen(page), request(page, "arrays", wish))
    assert not page.title, "the page's name was drawn anew"
    assert {element.key for element in page.get("bidi_component")} >= {"call", "arrays", "strategies", "shapes"}
    assert page.session_state[live.DRAWN] == drawn


def test_whatever_becomes_of_the_preset_its_list_says_so() -> None:
    page = edit(opened(), "x_batch", ((0, 0), "9"))
    assert view(page).preset is None
    assert widget(page, "chosen_preset").value is None
    edit(page, "x_batch", ((0, 0), "0"))
    assert view(page).preset == "vmap"
    assert widget(page, "chosen_preset").value == "vmap"


def test_on_another_view_a_change_of_the_call_draws_the_whole_page() -> None:
    page = opened("view=trace&preset=vmap")
    before = seen(page)
    sent(page, before, request(page, "call", {"kind": "typed", "place": "out_axes", "text": "1"}))
    if not page.title:  # AppTest does not go on to the run that the fragment asks for
        sent(page, Browser(before.states, dict(page.query_params)))
    assert view(page).page == "trace"
    assert "out_axes=1" in page.session_state[live.DRAWN][0]


def test_a_request_that_comes_again_is_taken_once() -> None:
    page = opened()
    late = request(page, "arrays", {"kind": "axis", "array": "x_batch", "axis": 1}, client="late")
    sent(page, seen(page), late)
    choose_axis(page, "x_batch", 0)
    sent(page, seen(page), late)
    assert scenario(page).in_axes == (0, 0)

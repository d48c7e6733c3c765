"""What the strip says above every view."""

import pytest

from tests.views.driving import ask, data, opened, type_axes


def test_a_newcomer_is_told_what_to_try_until_something_was_tried() -> None:
    page = opened()
    assert "change `in_axes` to `1`" in data(page, "call")["hint"]
    type_axes(page, "in_axes", "1")
    assert data(page, "call")["hint"] == ""
    type_axes(page, "in_axes", "0")
    assert data(page, "call")["hint"] == ""


@pytest.mark.parametrize("query", ["preset=mismatch", "view=time&preset=vmap", "view=trace&preset=vmap"])
def test_who_comes_by_a_link_to_something_else_is_not_told_what_to_try(query: str) -> None:
    assert data(opened(query), "call")["hint"] == ""


def test_a_transposed_argument_is_called_so_in_every_sentence() -> None:
    said = data(opened("preset=mismatch"), "call")["verdict"]
    assert said["headline"] == "`x_batch.T` and `y_batch` disagree on the batch size."
    assert "`x_batch.T` (5, 4)" in said["lines"][0]


def test_no_fix_is_offered_that_makes_an_empty_result() -> None:
    fixes = data(opened("preset=vmap&x_batch=1_2_3_4_5~&y_batch=1_2_3~1_2_3~1_2_3~1_2_3"), "call")["verdict"]["fixes"]
    assert fixes
    assert not [fix["why"] for fix in fixes if ", 0)" in fix["why"] or "(0" in fix["why"]]


def test_a_single_call_has_its_own_sentence_and_can_be_batched() -> None:
    page = opened("preset=single")
    assert not data(page, "call")["batched"]
    assert "all of them" not in " ".join(data(page, "call")["verdict"]["lines"])
    ask(page, "call", {"kind": "batched", "batched": True})
    assert data(page, "call")["batched"]

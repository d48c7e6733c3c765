"""Calls beyond arrays by position in one vmap, as a person makes them on the page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Visit
from vmapdemo import outcome
from vmapdemo.scenario.presets import PRESETS

pytestmark = pytest.mark.browser

DISTANCES = outcome.result(PRESETS["distances"].scenario)
ENSEMBLE = outcome.result(PRESETS["ensemble"].scenario)


def test_a_table_of_all_pairs_is_made_from_a_call_that_fails(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=distances-loud")
    visitor.expect_no_result()
    visitor.call.get_by_label("nested").check()
    visitor.choose_axis("place", None)
    visitor.find(".st-key-point .within").get_by_role("radio", name="shared (None)").click()
    visitor.expect_close("result", DISTANCES)
    visitor.expect_query(inner_in_axes="(None, 0)", in_axes="(0, None)", preset="distances")
    expect(visitor.call).to_contain_text(
        "jax.vmap(jax.vmap(distance, in_axes=, out_axes=), in_axes=, out_axes=)(point, place)"
    )
    visitor.call.get_by_label("out_axes", exact=True).fill("1")
    visitor.call.get_by_label("out_axes", exact=True).press("Enter")
    expect(visitor.key("result")).to_contain_text("(4, 3)")
    visitor.expect_close("result", DISTANCES.T)
    visitor.call.get_by_label("in_axes of the inner vmap").fill("0")
    visitor.call.get_by_label("in_axes of the inner vmap").press("Enter")
    expect(visitor.key("verdict")).to_contain_text("The inner vmap fails")
    visitor.key("fix_0").get_by_role("button", name="Apply").click()
    expect(visitor.key("result")).to_contain_text("(4, 3)")
    visitor.expect_close("result", DISTANCES.T)
    visitor.open(visitor.page.url.partition("?")[2])
    expect(visitor.key("result")).to_contain_text("(4, 3)")
    visitor.expect_close("result", DISTANCES.T)


def test_an_array_of_a_dict_is_shared_at_its_handle(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=ensemble")
    visitor.expect_close("result", ENSEMBLE)
    visitor.choose_axis("params.w", 1)
    visitor.expect_query(in_axes="({'b': 0, 'w': 1}, None)")
    visitor.choose_axis("params.w", 0)
    visitor.expect_close("result", ENSEMBLE)
    visitor.edit_cell("params.b", (0, 0), "100")
    visitor.expect_array("params.b", [[100, 1, 0, 0], [1, 1, 1, 1], [0, 0, 5, -1]])


def test_a_keyword_is_mapped_on_axis_0(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=shared-kernel")
    visitor.find(".st-key-y_batch").get_by_role("button", name="pass y by keyword").click()
    expect(visitor.call).to_contain_text("(x_batch, y=y_batch)")
    visitor.expect_axes("in_axes", "[0]")
    visitor.expect_no_result()
    visitor.find(".st-key-y_batch").get_by_role("button", name="pass y by keyword").click()
    visitor.expect_axes("in_axes", "[0, 0]")


def test_a_key_is_a_seed_and_another_seed_another_draw(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=noisy-silent")
    before = visitor.cell("result", 0).inner_text()
    visitor.edit_cell("key", (), "5")
    expect(visitor.cell("result", 0)).not_to_have_text(before)
    visitor.edit_cell("key", (), "-1")
    expect(visitor.find(".st-key-notice_key")).to_contain_text("from 0 to 2,147,483,647")


def test_shapes_alone_are_explained_and_mended(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=einsum")
    visitor.call.get_by_label("spec").fill("ij,jk->ik")
    visitor.call.get_by_label("spec").press("Enter")
    visitor.write_as_text("a", "f32[32,128,768], f32[768,64]")
    expect(visitor.key("verdict")).to_contain_text("32 examples; axis 0 of b (768, 64) has 768 examples")
    visitor.key("fix_0").get_by_role("button", name="Apply").click()
    expect(visitor.key("result")).to_contain_text("f32[32,128,64]")
    visitor.call.get_by_label("spec").fill("ij->")
    visitor.call.get_by_label("spec").press("Enter")
    expect(visitor.key("notice_spec")).to_contain_text("Write letters, a comma")
    expect(visitor.key("result")).to_contain_text("f32[32,128,64]")

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import CAUTION, NOTEBOOK, Visit

pytestmark = pytest.mark.browser


def test_the_mismatch_is_named_with_both_numbers_and_its_fix_repairs_it(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    visitor.expect_no_result()
    verdict = visitor.key("verdict")
    expect(verdict.locator("p").first).to_have_text("x_batch.T and y_batch disagree on the batch size.")
    expect(verdict).to_contain_text(
        "Axis 1 of x_batch.T (5, 4) has 4 examples; axis 1 of y_batch (4, 3) has 3 examples."
    )
    expect(visitor.code("jax.vmap(convolve, in_axes=(1, 0), out_axes=0)(x_batch.T, y_batch)").first).to_be_visible()
    visitor.press("fix_0")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_axes("in_axes", "(1, 0)")
    visitor.expect_query(preset=None)
    expect(visitor.key("fix_0")).to_have_count(0)
    expect(verdict).to_contain_text("vmap runs convolve on 4 examples.")


def test_the_offending_axes_are_marked_with_their_lengths(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    arrays = visitor.key("arrays")
    expect(arrays.locator(".offends .note")).to_have_text(["(5, 4) 4 examples", "(4, 3) 3 examples"])
    expect(arrays.locator("th.offends")).to_have_count(4 + 3)


def test_jaxs_own_words_are_folded_below(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    words = visitor.code("vmap got inconsistent sizes for array axes to be mapped")
    expect(words).not_to_be_visible()
    visitor.page.get_by_text("What JAX says").click()
    expect(words).to_be_visible()


def test_a_square_x_along_the_wrong_axis_is_cautioned_against_and_repaired(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=square")
    visitor.expect_array("result", [[53, 89], [62, 98], [71, 107], [84, 136]])
    expect(visitor.key("verdict")).to_contain_text("Axis 1 of x_batch (4, 4)")
    visitor.press("fix_0")
    visitor.expect_array("result", [[20, 29], [56, 65], [92, 101], [177, 190]])
    visitor.expect_axis("x_batch", 0, "axis 0 (4)")


def test_three_signals_with_one_kernel_are_cautioned_against_and_repaired(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=silent-kernel")
    signals = np.array([[0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]])
    windows = np.stack([signals[:, start : start + 3] for start in range(3)], axis=1)
    visitor.expect_array("result", windows * np.array([2, 3, 4])[:, None, None])
    expect(visitor.key("verdict")).to_contain_text(CAUTION)
    visitor.press("fix_0")
    visitor.expect_array("result", [[11, 20, 29], [3, 6, 19], [11, 20, 29]])
    visitor.expect_axis("y_batch", None, "shared (None)")
    expect(visitor.key("verdict")).not_to_contain_text(CAUTION)


def test_two_taps_are_the_functions_fault_and_the_size_that_would_work_is_said(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=two-taps")
    visitor.expect_no_result()
    expect(visitor.key("verdict")).to_contain_text("convolve refuses")
    expect(visitor.key("verdict")).to_contain_text("exactly 3 values of y_batch; here there are 2")
    expect(visitor.key("fix_0")).to_have_count(0)
    visitor.resize("y_batch", "add a column")
    visitor.expect_array("result", [[3, 8, 13], [3, 8, 13], [3, 2, 3], [4, 15, 26]])


def test_there_are_at_most_three_fixes_and_each_repairs_the_call(visit: Callable[..., Visit]) -> None:
    query = "preset=vmap&in_axes=2"
    visitor = visit(query)
    expect(visitor.key("fix_0")).to_be_visible()
    count = visitor.find('[class*="st-key-fix_"] button').count()
    assert 1 <= count <= 3
    for position in range(count):
        visitor.open(query)
        visitor.press(f"fix_{position}")
        expect(visitor.cells("result").first).to_be_visible()
        expect(visitor.key("verdict")).to_contain_text("vmap runs")


def test_an_empty_result_is_cautioned_against(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=vmap&x_batch=1_2~3_4~5_6~7_8")
    expect(visitor.key("verdict")).to_contain_text(CAUTION)
    expect(visitor.key("verdict")).to_contain_text("empty")
    expect(visitor.cells("result")).to_have_count(0)
    expect(visitor.find('[data-testid="stException"]')).to_have_count(0)

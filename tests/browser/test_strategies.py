from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit

pytestmark = pytest.mark.browser


def rows(visitor: Visit) -> list[list[str]]:
    """The table of the strategies, once it is filled in."""
    visitor.come_to_strategies()
    expect(visitor.key("strategies").locator("tr")).to_have_count(6)
    return [row.locator("td").all_inner_texts() for row in visitor.key("strategies").locator("tr").all()[1:]]


def test_all_five_strategies_agree_on_the_notebooks_batch(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    table = rows(visitor)
    assert [row[0] for row in table] == ["Python loop", "By hand", "vmap", "jit of vmap", "Shifted slices"]
    assert {tuple(row[1:]) for row in table} == {("float32 (4, 3)", "agrees")}


def test_the_batch_is_moved_for_the_strategies_that_know_axis_0_alone(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=axes-1-1")
    assert {tuple(row[1:]) for row in rows(visitor)} == {("float32 (3, 4)", "agrees")}
    expect(visitor.key("strategies")).to_contain_text("the batch was moved there")


def test_where_the_call_fails_each_strategy_shows_what_it_makes_of_it(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=mismatch")
    by_name = {row[0]: row[-1] for row in rows(visitor)}
    assert by_name["vmap"].startswith("fails")
    assert by_name["jit of vmap"].startswith("fails")
    assert all(by_name.values())


def test_the_strategy_in_focus_shows_its_source_and_its_result(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    for label, words in {
        "Python loop": "def looping_batch_convolve",
        "By hand": "def mathy_batch_convolve",
        "jit of vmap": "jax.jit(jax.vmap(convolve",
        "Shifted slices": "def shifted_batch_convolve",
        "vmap": "jax.vmap(convolve",
    }.items():
        visitor.focus_on(label)
        expect(visitor.code(words).last).to_be_visible()
        visitor.expect_array("result", NOTEBOOK)


def test_the_strategies_are_filled_in_where_somebody_looks_and_follow_the_edits(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.come_to_strategies()
    visitor.type_axes("out_axes", "1")
    expect(visitor.key("strategies")).to_contain_text("(3, 4)")
    assert {tuple(row[1:]) for row in rows(visitor)} == {("float32 (3, 4)", "agrees")}


def test_slow_strategies_at_32_by_32_wait_for_a_click(visit: Callable[..., Visit]) -> None:
    row, taps = "_".join(["1"] * 32), "1_2_3"
    visitor = visit(f"preset=vmap&x_batch={'~'.join([row] * 32)}&y_batch={'~'.join([taps] * 32)}")
    visitor.expect_array("result", [[6] * 30] * 32)
    loop = next(cells for cells in rows(visitor) if cells[0] == "Python loop")
    assert loop[-1].startswith("waits for a click")
    visitor.key("run_loop").click()
    expect(visitor.key("strategies").locator("tr").nth(1)).to_have_text("Python loopfloat32 (32, 30)agrees")
    expect(visitor.key("run_loop")).to_have_count(0)

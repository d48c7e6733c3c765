from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit
from tests.effort import some
from tests.gallery.in_numpy import expected
from vmapdemo import outcome
from vmapdemo.scenario.presets import PRESETS, Preset

pytestmark = pytest.mark.browser

FROM_THE_NOTEBOOK = {
    "single": [11, 20, 29],
    "loop": NOTEBOOK,
    "mathy": NOTEBOOK,
    "vmap": NOTEBOOK,
    "axes-1-1": np.transpose(NOTEBOOK),
    "fix-out-0": NOTEBOOK,
    "fix-out-1": np.transpose(NOTEBOOK),
    "jit": NOTEBOOK,
}


def numbers(preset: Preset) -> np.ndarray:
    """From NumPy, unless the call is a mistake: NumPy does with examples of another rank what JAX does not."""
    if preset.group == "Mistakes":
        return np.asarray(outcome.reference(preset.scenario))
    return expected(preset.scenario)


def test_every_preset_opens_by_its_name_and_shows_its_numbers(
    visit: Callable[..., Visit], subtests: pytest.Subtests
) -> None:
    visitor = visit()
    for preset in some([*PRESETS.values()], 28):
        name = preset.name
        with subtests.test(name):
            visitor.follow(f"preset={name}")
            visitor.expect_chosen("preset", preset.title)
            for argument in preset.scenario.arguments:
                visitor.expect_array(argument.name, argument.array)
            if outcome.explanation(preset.scenario).ok:
                visitor.expect_close("result", numbers(preset))
            else:
                visitor.expect_no_result()
            if name in FROM_THE_NOTEBOOK:
                visitor.expect_array("result", FROM_THE_NOTEBOOK[name])
            assert visitor.query()["preset"] == name


def test_a_preset_is_chosen_from_the_list(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.choose("preset", "Signals: rows that all differ")
    visitor.expect_array("result", expected(PRESETS["distinct-rows"].scenario))
    visitor.expect_query(preset="distinct-rows")
    visitor.choose("preset", "Notebook: vmap")
    visitor.expect_array("result", NOTEBOOK)
    visitor.expect_query(preset="vmap")


def test_the_call_follows_the_example(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=jit")
    expect(visitor.call).to_contain_text("jax.vmap(convolve, ")
    expect(visitor.call).to_contain_text(")(x_batch, y_batch)")
    visitor.choose("preset", "Notebook: one convolution")
    visitor.expect_array("result", [11, 20, 29])
    expect(visitor.call).to_contain_text("convolve(x_batch, y_batch)")
    expect(visitor.call).not_to_contain_text("jax.vmap")


def test_the_labels_of_the_list_are_not_cut_off(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    cut = "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent)"
    visitor.key("preset").get_by_role("button", name="Open").click()
    for title in sorted((preset.title for preset in PRESETS.values()), key=len)[-6:]:
        visitor.key("preset").get_by_role("combobox").fill(title)
        expect(visitor.page.get_by_role("option", name=title, exact=True)).to_be_visible()
        assert visitor.page.get_by_role("option").locator("*").evaluate_all(cut) == []


def test_switching_views_keeps_the_scenario_and_is_in_the_address(visit: Callable[..., Visit]) -> None:
    visitor = visit("preset=fix-out-1")
    visitor.switch("view", "Time")
    expect(visitor.key("measure")).to_be_visible()
    visitor.expect_query(view="time", preset="fix-out-1")
    visitor.switch("view", "Trace")
    expect(visitor.find("[data-operation]").first).to_be_visible()
    visitor.expect_query(view="trace", preset="fix-out-1")
    visitor.switch("view", "Explore")
    visitor.expect_array("result", np.transpose(NOTEBOOK))
    visitor.expect_query(view="explore", preset="fix-out-1")

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.driving import NOTEBOOK, Visit
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

pytestmark = pytest.mark.browser

FAILING = ("mismatch", "two-taps", "dense-zeros")
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


def convolved(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The notebook's per-example function in plain NumPy, for a scalar as for a vector of taps."""
    return np.array([np.dot(x[i - 1 : i + 2], y) for i in range(1, len(x) - 1)])


def clipped_step(params: np.ndarray, gradient: np.ndarray, limit: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(gradient)
    return params - (gradient if norm <= limit else gradient * (limit / norm))


def dense(x: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.tanh(x @ (weights / np.linalg.norm(weights, axis=0)) + bias)


def to_nearest(point: np.ndarray, centres: np.ndarray) -> np.ndarray:
    nearest: np.ndarray = min(centres, key=lambda centre: float(np.linalg.norm(centre - point))) - point
    return nearest


IN_NUMPY: dict[str, Callable[..., np.ndarray]] = {
    "convolve": convolved,
    "clipped_step": clipped_step,
    "dense": dense,
    "to_nearest": to_nearest,
    "newton_root": np.sqrt,
}


def expected(scenario: Scenario) -> np.ndarray:
    """Slice, call, stack; nothing of vmapdemo or JAX takes part."""
    function = IN_NUMPY[scenario.function]
    passed = [argument.array for argument in scenario.arguments]
    if not scenario.batched:
        return function(*passed)
    in_axes = scenario.in_axes if isinstance(scenario.in_axes, (tuple, list)) else [scenario.in_axes] * len(passed)
    size = next(array.shape[axis] for array, axis in zip(passed, in_axes, strict=True) if axis is not None)
    pairs = [
        [array if axis is None else array.take(index, axis) for array, axis in zip(passed, in_axes, strict=True)]
        for index in range(size)
    ]
    return np.stack([function(*pair) for pair in pairs], axis=scenario.out_axes)


def test_every_preset_opens_by_its_name_and_shows_its_numbers(
    visit: Callable[..., Visit], subtests: pytest.Subtests
) -> None:
    visitor = visit()
    for name, preset in PRESETS.items():
        with subtests.test(name):
            visitor.follow(f"preset={name}")
            visitor.expect_chosen("preset", preset.title)
            for argument in preset.scenario.arguments:
                visitor.expect_array(argument.name, argument.array)
            if name in FAILING:
                visitor.expect_no_result()
            else:
                visitor.expect_close("result", expected(preset.scenario))
            if name in FROM_THE_NOTEBOOK:
                visitor.expect_array("result", FROM_THE_NOTEBOOK[name])
            assert visitor.query()["preset"] == name


def test_a_preset_is_chosen_from_the_list(visit: Callable[..., Visit]) -> None:
    visitor = visit()
    visitor.choose("preset", "Notebook: rows that all differ")
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
    visitor.key("preset").get_by_role("button", name="Open").click()
    options = visitor.page.get_by_role("option")
    expect(options.first).to_be_visible()
    cut = "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent)"
    assert options.locator("*").evaluate_all(cut) == []


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

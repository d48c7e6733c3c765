import numpy as np
import pytest

from vmapdemo import outcome
from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.outcome import explanation
from vmapdemo.scenario.presets import DEFAULT, PRESETS, name_of

NAMES_OF_NOTEBOOK = [
    "single", "loop", "mathy", "vmap", "axes-1-1", "mismatch", "fix-out-0", "fix-out-1", "shared-kernel", "jit",
]  # fmt: skip
NAMES_FROM_BEFORE = [
    "distinct-rows", "square", "silent-kernel", "two-taps", "dense-zeros",
    "cond", "cond-shared", "while", "dense", "nearest",
]  # fmt: skip
"""They stand in links that people have."""
MISTAKES = [example.name for entry in FUNCTIONS.values() for example in entry.mistakes]
MEANT = [name for name in PRESETS if name not in MISTAKES and name != "mismatch"]
LOUD = ["mismatch", *(entry.loud.name for entry in FUNCTIONS.values())]
ROWS = [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]]
COLUMNS = [[11, 11, 3, 8], [20, 20, 6, 21], [29, 29, 19, 34]]
NUMBERS = {
    "single": [11, 20, 29],
    "loop": ROWS,
    "mathy": ROWS,
    "vmap": ROWS,
    "axes-1-1": COLUMNS,
    "fix-out-0": ROWS,
    "fix-out-1": COLUMNS,
    "shared-kernel": [*ROWS[:3], [11, 20, 29]],
    "jit": ROWS,
}
FAILING = {"mismatch": "in_axes", "two-taps": "function", "dense-zeros": "in_axes"}
CAUTIONED = {"square": ["ambiguous"], "silent-kernel": ["rank"]}


def test_the_presets_stand_in_the_notebooks_order() -> None:
    assert list(PRESETS)[: len(NAMES_OF_NOTEBOOK)] == NAMES_OF_NOTEBOOK
    assert set(NAMES_FROM_BEFORE) <= set(PRESETS)
    assert [preset.name for preset in PRESETS.values()] == list(PRESETS)
    assert DEFAULT.name == "vmap"


def test_the_presets_stand_in_groups_under_short_titles_of_their_own() -> None:
    groups = [preset.group for preset in PRESETS.values()]
    assert groups == sorted(groups, key=groups.index)
    titles = [preset.title for preset in PRESETS.values()]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 36


@pytest.mark.parametrize("name", NUMBERS)
def test_a_preset_gives_the_numbers_of_the_notebook(name: str) -> None:
    preset = PRESETS[name]
    assert outcome.result(preset.scenario).tolist() == NUMBERS[name]
    if preset.scenario.batched:
        assert outcome.run(preset.scenario, preset.strategy).result.tolist() == NUMBERS[name]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", MEANT)
def test_a_right_preset_raises_no_caution(name: str) -> None:
    found = explanation(PRESETS[name].scenario)
    assert found.ok
    assert found.cautions == ()


@pytest.mark.parametrize("name", LOUD)
def test_a_loud_mistake_is_refused(name: str) -> None:
    assert not explanation(PRESETS[name].scenario).ok


@pytest.mark.parametrize(("name", "culprit"), FAILING.items())
def test_a_failing_preset_names_whose_fault_it_is(name: str, culprit: str) -> None:
    found = explanation(PRESETS[name].scenario)
    assert not found.ok
    assert found.culprit == culprit


@pytest.mark.parametrize(("name", "rules"), CAUTIONED.items())
def test_a_preset_that_is_hardly_meant_is_cautioned_with_a_fix(name: str, rules: list[str]) -> None:
    cautions = explanation(PRESETS[name].scenario).cautions
    assert [caution.rule for caution in cautions] == rules
    assert cautions[0].fix is not None


def test_the_mismatch_is_mended_as_the_notebook_mends_it() -> None:
    fix = explanation(PRESETS["mismatch"].scenario).fixes[0]
    assert fix.in_axes == (1, 0)
    assert fix.run().tolist() == ROWS


def test_the_layer_is_mended_by_sharing_what_all_examples_use() -> None:
    fix = explanation(PRESETS["dense-zeros"].scenario).fixes[0]
    assert fix.in_axes == PRESETS["dense"].scenario.in_axes


def test_the_examples_of_the_condition_take_both_branches() -> None:
    gradients = PRESETS["cond"].scenario.argument("gradients").array
    limit = PRESETS["cond"].scenario.argument("limit").array
    assert {bool(norm <= limit) for norm in np.linalg.norm(gradients, axis=1)} == {False, True}


def test_two_taps_are_told_the_size_that_would_work() -> None:
    found = explanation(PRESETS["two-taps"].scenario)
    assert not found.fixes
    assert found.advice[0].startswith("It would work with exactly 3 values of `y_batch`")


def test_the_rows_and_sizes_of_distinct_rows_all_differ() -> None:
    x, y = (argument.array for argument in PRESETS["distinct-rows"].scenario.arguments)
    assert len({*x.shape, *y.shape}) == 3
    assert len(np.unique(x, axis=0)) == len(x)
    assert len(np.unique(y, axis=0)) == len(y)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_by_its_scenario_and_strategy(name: str) -> None:
    preset = PRESETS[name]
    assert name_of(preset.scenario, preset.strategy) == name
    assert preset.strategy in preset.scenario.strategies


def test_a_scenario_that_is_nobodys_has_no_name() -> None:
    assert name_of(PRESETS["vmap"].scenario, "shifted") is None

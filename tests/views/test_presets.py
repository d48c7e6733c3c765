import numpy as np
import pytest

from tests.effort import some
from tests.views.driving import (
    apply_fix,
    array,
    data,
    opened,
    ran,
    scenario,
    sentence,
    texts,
    typed,
    view,
    widget,
    with_strategies,
)
from vmapdemo import outcome
from vmapdemo.scenario.presets import DEFAULT, PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_runs_and_shows_what_it_gives(name: str) -> None:
    page = with_strategies(opened(f"preset={name}"))
    preset = PRESETS[name]
    assert scenario(page) == preset.scenario
    assert view(page).preset == name
    assert widget(page, "chosen_preset").value == name
    shown, expected = array(page, "result"), outcome.evaluate(preset.scenario).reference
    assert (shown is None) == (expected is None)
    if expected is not None:
        np.testing.assert_allclose(shown, expected, 1e-4)  # six digits are drawn


def test_a_bare_address_is_the_preset_vmap() -> None:
    page = opened()
    assert scenario(page) == DEFAULT.scenario
    np.testing.assert_array_equal(array(page, "result"), [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]])
    assert "preset=vmap" in data(page, "call")["address"]["query"]


def test_presets_can_be_chosen_one_after_another() -> None:
    page = opened()
    names = some([*PRESETS], 24)
    for name in [*names, *reversed(names)]:
        widget(page, "chosen_preset").select(name)
        ran(page)
        assert scenario(page) == PRESETS[name].scenario
        ran(page)  # AppTest keeps only what the last run drew
        assert typed(page, "in_axes") == repr(PRESETS[name].scenario.in_axes)
        assert data(page, "call")["batched"] == PRESETS[name].scenario.batched


def test_there_is_a_sentence_for_a_preset_that_is_not_there() -> None:
    page = opened("preset=nonsense")
    assert "nonsense" in (sentence(page, "link") or "")
    assert scenario(page) == DEFAULT.scenario


@pytest.mark.parametrize("name", ["mismatch", "square", "silent-kernel"])
def test_the_first_fix_repairs_the_preset(name: str) -> None:
    page = apply_fix(opened(f"preset={name}"))
    found = outcome.explanation(scenario(page))
    assert found.ok
    assert not found.cautions
    assert view(page).preset is None
    assert array(page, "result") is not None


def test_a_fault_of_the_function_has_no_fix_by_axes() -> None:
    page = opened("preset=two-taps")
    assert data(page, "call")["verdict"]["fixes"] == []
    assert "exactly 3 values of y_batch" in texts(page, "call")

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.views.driving import ask, keys, opened, scenario, sentence, texts, type_axes, view
from vmapdemo import outcome
from vmapdemo.scenario.presets import PRESETS

RUNS = [name for name, preset in PRESETS.items() if preset.scenario.batched and outcome.explanation(preset.scenario).ok]
FAILS = [name for name, preset in PRESETS.items() if name not in RUNS and name != "single"]


def drawn(page: AppTest) -> dict[str, Any]:
    """The data of the picture."""
    return next(json.loads(element.proto.json)[0] for element in page.get("bidi_component") if element.key == "tracing")


def primitives(page: AppTest) -> list[str]:
    return [row["primitive"] for row in drawn(page)["rows"]]


@pytest.mark.parametrize("name", RUNS)
def test_a_call_that_runs_is_traced(name: str) -> None:
    page = opened(f"view=trace&preset={name}")
    picture = drawn(page)
    assert picture["ok"]
    assert picture["rows"]
    assert picture["passed"] == [argument.expression for argument in scenario(page).arguments]
    assert view(page).page == "trace"
    assert "untraced" not in keys(page)


@pytest.mark.parametrize("name", FAILS)
def test_a_call_that_fails_says_why_and_leads_to_explore(name: str) -> None:
    page = opened(f"view=trace&preset={name}")
    said = texts(page, "untraced")
    assert "the arrays in Explore" in said
    assert outcome.explanation(PRESETS[name].scenario).headline.replace("`", "") in texts(page, "call")
    assert "tracing" not in keys(page)


def test_a_single_call_has_nothing_to_follow_until_it_is_batched() -> None:
    page = opened("view=trace&preset=vmap&batched=0")
    assert "no batch to follow" in texts(page, "untraced")
    ask(page, "call", {"kind": "batched", "batched": True})
    assert primitives(page) == ["slice", "dot_general", "broadcast_in_dim", "concatenate"]


def test_other_axes_are_followed_at_once() -> None:
    page = type_axes(opened("view=trace&preset=vmap"), "out_axes", "1")
    assert drawn(page)["results"][0]["where"] == "batch on axis 1, brought there by transpose"
    type_axes(page, "in_axes", "1")
    assert "disagree" in texts(page, "call")
    type_axes(page, "in_axes", "nonsense")
    assert "nonsense" in (sentence(page, "in_axes") or "")


def test_a_trace_is_made_on_its_own_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "trace", lambda _: pytest.fail("Explore and Time need no trace."))
    for page in ("explore", "time"):
        opened(f"view={page}&preset=vmap")


def test_the_longest_signal_is_folded() -> None:
    page = opened(f"view=trace&preset=vmap&x_batch={'~'.join(['_'.join(['1'] * 256)] * 4)}")
    assert [row["times"] for row in drawn(page)["rows"]][:2] == [254, 254]
    assert len(drawn(page)["rows"]) < 10

import json
from typing import Any

import pytest
import streamlit as st

from tests.views.driving import ask, data, opened, scenario, view, with_strategies
from vmapdemo import export

LARGE = "preset=vmap&x_batch={}&y_batch={}".format("~".join(["_".join(["1"] * 32)] * 32), "~".join(["1_2_3"] * 32))


def line(page: Any, name: str) -> dict[str, Any]:
    (found,) = (line for line in data(page, "strategies")["strategies"] if line["name"] == name)
    return dict(found)


def test_a_slow_strategy_runs_on_a_click() -> None:
    page = with_strategies(opened(LARGE))
    assert line(page, "loop")["says"] == "waits for a click"
    ask(page, "strategies", {"kind": "run", "strategy": "loop"})
    assert line(page, "loop") | {"gives": "float32 (32, 30)", "says": "agrees", "slow": False} == line(page, "loop")


def test_the_strategies_are_not_run_before_somebody_looks() -> None:
    assert not data(opened(), "strategies")["strategies"]
    assert len(data(with_strategies(opened()), "strategies")["strategies"]) == 5


def test_a_strategy_in_focus_is_kept_in_the_link() -> None:
    page = ask(with_strategies(opened()), "strategies", {"kind": "focus", "strategy": "mathy"})
    assert view(page).strategy == "mathy"
    assert view(page).preset == "mathy"
    assert data(page, "strategies")["focus"]["name"] == "mathy"


def test_jaxs_message_is_shown_whole() -> None:
    page = with_strategies(opened("preset=mismatch"))
    assert line(page, "vmap")["says"] == "fails"
    numbers = data(page, "strategies")["focus"]["numbers"]
    assert "inconsistent sizes" in numbers
    assert "axis of size 4" in numbers or "size 4" in numbers


def test_the_code_is_shown_without_its_docstring_and_the_story_beside_it() -> None:
    shown = data(with_strategies(opened()), "strategies")
    assert shown["code"].startswith("def convolve(")
    assert '"""' not in shown["code"] + shown["focus"]["code"]
    assert shown["story"] == scenario(opened()).entry.story


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page offers for download, by file name."""
    offered: dict[str, Any] = {}

    def keep(_label: str, content: Any, name: str, *_: Any, **__: Any) -> bool:
        offered[name] = content() if callable(content) else content
        return False

    monkeypatch.setattr(st, "download_button", keep)
    return offered


@pytest.mark.parametrize("preset", ["vmap", "mismatch", "single", "shared-kernel"])
def test_the_downloads_are_this_scenario(downloads: dict[str, Any], preset: str) -> None:
    page = opened(f"preset={preset}")
    assert downloads["vmap_scenario.py"] == export.script(scenario(page))
    assert downloads["vmap_scenario.svg"].startswith("<svg ")
    assert scenario(page).arguments[0].expression in downloads["vmap_scenario.svg"]
    notebook = json.loads(downloads["vmap_scenario.ipynb"])
    assert any(export.call(scenario(page)) in cell["source"] for cell in notebook["cells"])

import json
from typing import Any

import pytest
import streamlit as st

from tests.views.driving import keys, opened, ran, scenario, texts, view, widget, with_strategies
from vmapdemo import export

LARGE = "preset=vmap&x_batch={}&y_batch={}".format("~".join(["_".join(["1"] * 32)] * 32), "~".join(["1_2_3"] * 32))


def test_a_slow_strategy_runs_on_a_click() -> None:
    page = with_strategies(opened(LARGE))
    assert "Python loop   waits for a click" in texts(page, "strategies")
    page.button("run_loop").click()
    with_strategies(page)
    assert "Python loop (32, 30) float32 agrees" in texts(page, "strategies")
    assert "run_loop" not in keys(page)


def test_the_strategies_are_not_run_before_somebody_looks() -> None:
    assert "strategies" not in keys(opened())
    assert "strategies" in keys(with_strategies(opened()))


def test_a_strategy_in_focus_is_kept_in_the_link() -> None:
    page = with_strategies(opened())
    widget(page, "strategy").set_value("mathy")
    ran(page)
    assert view(page).strategy == "mathy"
    assert view(page).preset == "mathy"
    assert page.query_params["strategy"] == "mathy"


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the page offers for download, by file name."""
    offered: dict[str, Any] = {}

    def keep(_label: str, content: Any, name: str, *_: Any, **__: Any) -> bool:
        offered[name] = content
        return False

    monkeypatch.setattr(st, "download_button", keep)
    return offered


@pytest.mark.parametrize("preset", ["vmap", "mismatch", "single", "shared-kernel"])
def test_the_downloads_are_this_scenario(downloads: dict[str, Any], preset: str) -> None:
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    from tests.views.driving import widget_id

    page = opened(f"preset={preset}")
    ran(page, WidgetState(id=widget_id(page, "save"), bool_value=True))
    assert downloads["vmap_scenario.py"]() == export.script(scenario(page))
    notebook = json.loads(downloads["vmap_scenario.ipynb"]())
    assert any(export.call(scenario(page)) in cell["source"] for cell in notebook["cells"])

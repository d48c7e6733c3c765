"""The arrays side by side; a result cell lights what it depends on."""

from pathlib import Path

import numpy as np
import streamlit as st

from vmapdemo import outcome
from vmapdemo.cell_links import Dependence, dependence
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.figures.linked import picture
from vmapdemo.gallery import catalogue as gallery
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario

_HERE = Path(__file__).parent

_linked = st.components.v2.component(
    "linked_arrays",
    html='<div class="arrays"></div><p class="formula" role="status"></p>',
    css=(_HERE / "linked.css").read_text(encoding="utf-8"),
    js=(_HERE / "linked.js").read_text(encoding="utf-8"),
)


def show(scenario: Scenario, view: View) -> None:
    """Each argument as it is passed, and the result of the strategy in focus where it has one, else vmap's."""
    found = outcome.explanation(scenario)
    result, label = _result(scenario, view) if found.ok else (None, "")
    links = _links(scenario, found) if found.ok else None
    _linked(key="arrays", data=picture(scenario, found, result, links, label))


def _result(scenario: Scenario, view: View) -> tuple[np.ndarray | None, str]:
    """Only what ran is shown: a strategy that fails, or that waits for a click, leaves the place to vmap."""
    if scenario.batched and view.strategy != "vmap" and not outcome.is_slow(scenario, view.strategy):
        run = outcome.run(scenario, view.strategy)
        if run.result is not None and run.agrees:
            return run.result, f"result of {gallery.STRATEGY_LABELS[view.strategy]}"
    return outcome.result(scenario), "result" if not scenario.batched else "result of vmap"


def _links(scenario: Scenario, found: Explanation) -> Dependence | None:
    return dependence(scenario.entry.function, tuple(row.example_shape or () for row in found.arguments))

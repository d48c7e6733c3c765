"""The arrays side by side: everything about them is edited where it is drawn, and a result lights its cells."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from vmapdemo import outcome
from vmapdemo.evaluator import evaluator
from vmapdemo.figures.linked import picture
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.scenario.argument import DTYPES, MAX_TEXT
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, lessons, requests, state

KEY = "arrays"

_arrays = component.declare(
    Path(__file__).parent,
    "arrays",
    '<div class="arrays"></div>'
    '<div class="below"><p class="formula" role="status"></p>'
    '<button type="button" class="reset st-key-reset" title="back to where this began">Reset</button>'
    '<a class="whole" target="_blank" rel="noopener">Open in full</a></div>',
    grids=True,
)


def show(scenario: Scenario, view: View) -> None:
    """Each argument as it is passed, and the result of the strategy in focus where it has one, else vmap's."""
    found = outcome.explanation(scenario)
    result, label = _result(scenario, view) if found.ok else (None, "result")
    links = outcome.links(scenario) if found.ok else None
    data = picture(scenario, found, result, links, label) | {
        "dtypes": DTYPES,
        "most": MAX_TEXT,
        "large": view.large,
        "changed": lessons.is_changed(scenario, view),
        "embedded": bool(st.context.is_embedded),
        "ground": state.ground(),
        "notices": _notices(scenario),
        "confirmed": requests.confirmed(),
    }
    _arrays(key=KEY, data=data, on_requests_change=partial(requests.take, KEY))


def _notices(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """By place, why an input was not taken, and what was typed: cells are places such as ``x_batch[0, 1]``."""
    names = tuple(scenario.entry.argument_names)
    return {
        place: {"sentence": sentence, "text": text}
        for place, (sentence, text) in state.notices().items()
        if sentence and place.removeprefix("numbers_").partition("[")[0] in names
    }


def _result(scenario: Scenario, view: View) -> tuple[np.ndarray | None, str]:
    """Only what ran is shown: a strategy that fails, or that waits for a click, leaves the place to vmap."""
    if not scenario.has_numbers:
        return None, "result"
    if scenario.batched and view.strategy != "vmap" and not outcome.is_slow(scenario, view.strategy):
        run = evaluator.run(scenario, view.strategy)
        if run.result is not None and run.agrees:
            return run.result, f"result of {STRATEGY_LABELS[view.strategy]}"
    return outcome.result(scenario), "result" if not scenario.batched else "result of vmap"

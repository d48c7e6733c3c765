"""The function of one example, and what every strategy makes of the scenario: its code, result and agreement."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vmapdemo import export, outcome
from vmapdemo.evaluator import evaluator
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, requests

KEY = "strategies"
SINGLE = "The function is called once, so there is no batch to compare strategies on."
REFERENCE = (
    "The reference slices every argument along its axis, calls the function on each example and stacks the results."
)
MOVED = "The strategies written by hand know axis 0 alone: the batch was moved there for them, and back."
UNMOVED = "The strategies written by hand ran on the arrays as they are passed: see what each makes of them."
SHAPES = "The arrays have shapes alone, so that nothing is computed: write numbers to compare strategies."
NESTED = "Two vmaps are two loops, one inside the other."
NOT_RUN = "Not run: at this size it takes more than a moment."

_strategies = component.declare(Path(__file__).parent, "strategies")


def show(scenario: Scenario, view: View) -> None:
    """The function's code; then a line for each strategy, and the one in focus in full.

    The strategies run when a visitor who sees them pauses: they cost more than the rest of the page.
    """
    filled = scenario.batched and scenario.has_numbers and requests.is_filled()
    data = {
        "function": scenario.function,
        "story": scenario.entry.story,
        "code": scenario.entry.source,
        "confirmed": requests.confirmed(),
        "batched": scenario.batched and scenario.has_numbers,
        "told": _told(scenario),
        "filled": filled,
        "strategies": _lines(scenario) if filled else [],
        "focus": _focus(scenario, view) if filled else None,
    }
    _strategies(key=KEY, data=data, on_requests_change=partial(requests.take, KEY))


def _told(scenario: Scenario) -> str:
    if not scenario.batched:
        return SINGLE
    if not scenario.has_numbers:
        return SHAPES
    if not outcome.explanation(scenario).ok:
        return UNMOVED
    if scenario.inner is not None:
        return f"{REFERENCE} {NESTED}"
    return f"{REFERENCE} {MOVED}" if outcome.is_moved(scenario) else REFERENCE


def _lines(scenario: Scenario) -> list[dict[str, Any]]:
    return [_line(name, _run(scenario, name)) for name in scenario.strategies]


def _line(name: str, run: outcome.Run | None) -> dict[str, Any]:
    shown = {"name": name, "label": STRATEGY_LABELS[name], "slow": run is None}
    if run is None:
        return shown | {"gives": "", "says": "waits for a click"}
    if run.result is None:
        return shown | {"gives": "", "says": "fails"}
    return shown | {"gives": f"{run.result.dtype} {run.result.shape}", "says": _agreement(run)}


def _agreement(run: outcome.Run) -> str:
    if run.agrees is None:
        return "nothing to compare with: the call fails"
    return "agrees" if run.agrees else "differs"


def _focus(scenario: Scenario, view: View) -> dict[str, str]:
    run = _run(scenario, view.strategy)
    code = export.source(scenario, view.strategy).removeprefix(scenario.entry.source).strip()
    return {"name": view.strategy, "code": code, "numbers": _numbers(run)}


def _numbers(run: outcome.Run | None) -> str:
    if run is None:
        return NOT_RUN
    if run.result is None:
        return run.error or ""
    return np.array2string(run.result, threshold=400, precision=6, suppress_small=True)


def _run(scenario: Scenario, name: str) -> outcome.Run | None:
    """The strategy's run, or None where it is slow and was not asked for."""
    if outcome.is_slow(scenario, name) and (name, outcome.shapes(scenario)) not in requests.asked():
        return None
    return evaluator.run(scenario, name)

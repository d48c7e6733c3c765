"""What every strategy makes of the scenario: result, shape, dtype, whether it agrees, and its source as it runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from vmapdemo import export, outcome
from vmapdemo.gallery import catalogue as gallery
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import live, state, texts

FILLED = "filled"
HEADING = texts.heading("Results by strategy")
SINGLE = "The function is called once, so there is no batch to compare strategies on."
COLUMNS = ("strategy", "shape", "dtype", "against the reference")
REFERENCE = (
    "The reference slices every argument along its axis, calls the function on each example and stacks the results."
)
MOVED = "The strategies written by hand know axis 0 alone: the batch was moved there for them, and back."
UNMOVED = "The strategies written by hand ran on the arrays as they are passed: see what each makes of them."

_fill = st.components.v2.component(
    "fill",
    html='<h3>Results by strategy</h3><p role="status">The strategies run when you come here.</p>',
    css="""
h3, p { font-family: var(--st-font); color: var(--st-text-color); }
h3 { margin: 0.6rem 0 0.7rem; font-size: 1.15rem; font-weight: 600; }
p { margin: 0; font-size: 0.95rem; }
""",
    js=(Path(__file__).parent / "fill.js").read_text(encoding="utf-8"),
)


@st.fragment(key=live.STRATEGIES)
def show(drawn: int) -> None:
    """A line for each strategy, and the one in focus in full.

    Filled in when somebody looks, since the strategies cost more than all that stands above them together.
    """
    scenario, view = live.current(drawn)
    token = _token(scenario)
    if not scenario.batched:
        _single(scenario)
    elif st.session_state.get(FILLED) != token:
        _fill(key="fill", data={"token": token}, on_asked_change=_fill_in)
    else:
        lines, focus = st.columns([1, 1.3], gap="medium")
        with lines:
            _lines(scenario)
        with focus:
            _focus(scenario, view)


def _token(scenario: Scenario) -> str:
    return link.encode(scenario, View())


@state.callback
def _fill_in() -> None:
    """Fill in for the scenario as it is now; the one that was asked about may be gone."""
    st.session_state[FILLED] = _token(state.current()[0])


def _lines(scenario: Scenario) -> None:
    runs = {name: _run(scenario, name) for name in scenario.entry.strategies}
    lines = [_line(name, run) for name, run in runs.items()]
    texts.show("strategies", HEADING, texts.table(COLUMNS, lines), texts.lines(_caption(scenario)))
    with st.container(horizontal=True):
        for name in (name for name, run in runs.items() if run is None):
            label = f"Run {gallery.STRATEGY_LABELS[name]}"
            st.button(label, key=f"run_{name}", on_click=_ask_for, args=(scenario, name))


def _single(scenario: Scenario) -> None:
    texts.show("single", HEADING, texts.lines(SINGLE))
    st.code(export.source(scenario), language="python")


def _caption(scenario: Scenario) -> str:
    if not outcome.explanation(scenario).ok:
        return UNMOVED
    return f"{REFERENCE} {MOVED}" if outcome.is_moved(scenario) else REFERENCE


def _focus(scenario: Scenario, view: View) -> None:
    key = state.key("strategy", view.strategy)
    st.segmented_control(
        "Strategy in focus",
        scenario.entry.strategies,
        format_func=gallery.STRATEGY_LABELS.__getitem__,
        key=key,
        required=True,
        on_change=_change_focus,
        args=(key,),
    )
    st.code(export.source(scenario, view.strategy), language="python", wrap_lines=True)
    run = _run(scenario, view.strategy)
    st.code(_numbers(run), language=None, wrap_lines=run is None or run.result is None)


def _numbers(run: outcome.Run | None) -> str:
    if run is None:
        return "Not run: at this size it takes more than a moment."
    if run.result is None:
        return run.error or ""
    return np.array2string(run.result, threshold=400, precision=6, suppress_small=True)


@state.chooser
def _change_focus(strategy: str) -> None:
    state.attempt("link", lambda scenario, view: (scenario, replace(view, strategy=strategy)))


def _run(scenario: Scenario, name: str) -> outcome.Run | None:
    """The strategy's run, or None where it is slow and was not asked for."""
    if outcome.is_slow(scenario, name) and (name, outcome.shapes(scenario)) not in _asked():
        return None
    return outcome.run(scenario, name)


def _asked() -> list[tuple[str, object]]:
    """The slow strategies that the visitor asked for, with the shapes that they were asked for at."""
    asked: list[tuple[str, object]] = st.session_state.setdefault("asked", [])
    return asked


@state.callback
def _ask_for(scenario: Scenario, name: str) -> None:
    _asked().append((name, outcome.shapes(scenario)))


def _line(name: str, run: outcome.Run | None) -> tuple[str, ...]:
    label = gallery.STRATEGY_LABELS[name]
    if run is None:
        return (label, "", "", "waits for a click")
    if run.result is None:
        return (label, "", "", f"fails: {run.error}")
    return (label, str(run.result.shape), str(run.result.dtype), _agreement(run))


def _agreement(run: outcome.Run) -> str:
    if run.agrees is None:
        return "there is no reference: the call fails"
    return "agrees" if run.agrees else "differs"

"""The view Explore: the call, its axes, the arrays and the verdict; editors beside them, details below."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vmapdemo import export
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import live, state
from vmapdemo.views.explore import arrays, axes, editors, results, verdict


def show(scenario: Scenario, view: View) -> None:
    """What is seen without scrolling comes first."""
    main, panel = _columns(view)
    with main:
        st.code(export.call(scenario, view.strategy), language="python", wrap_lines=True)
        axes.show(scenario)
        _outcome(state.layout())
    with panel:
        editors.show(state.layout())
    results.show(state.layout())


@st.fragment(key=live.OUTCOME)
def _outcome(drawn: int) -> None:
    """The arrays and the verdict, which is drawn before anything has run."""
    scenario, view = live.current(drawn)
    state.write_address()
    drawing = st.container()
    beside_verdict = verdict.show(scenario)
    with drawing:
        arrays.show(scenario, view)
    with beside_verdict:
        verdict.show_values(scenario)


def _columns(view: View) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The page's main part, and the place of the editors: beside it, or folded below it where the type is large."""
    if view.large:
        return st.container(), st.expander("Edit the arrays")
    main, panel = st.columns([2.6, 1], gap="medium")
    return main, panel

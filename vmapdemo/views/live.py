"""The parts of the page that follow the arguments' values: after an edit of a cell they alone are drawn anew.

All else on Explore depends on shapes and dtypes, and takes most of the server's time for a run. The editors are a part
too, which is drawn when one of their panels opens, and not after an edit: the browser shows it already.
"""

import streamlit as st

from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state

PRESET, EDITORS, OUTCOME, STRATEGIES = "preset", "editors", "outcome", "strategies"


def current(drawn: int) -> tuple[Scenario, View]:
    """The state, for a part of the page that was drawn as layout ``drawn``; the whole page is drawn for any other."""
    if state.layout() != drawn:
        st.rerun()
    return state.current()


def redraw(drawn: int) -> None:
    """At the end of a callback: have the parts drawn alone, if the page stands otherwise as it was drawn."""
    if state.layout() == drawn:
        st.rerun([PRESET, OUTCOME, STRATEGIES])

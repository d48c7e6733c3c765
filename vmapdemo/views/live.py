"""The parts of the page that follow the call: after a change of it they alone are drawn anew.

The rest of Explore (the page's name, its views, the menu) stays as it is and would take most of the server's time. On
the other views the whole page follows the call.
"""

import streamlit as st

from vmapdemo.evaluator import evaluator
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state

PRESET, STRIP, STAGE = "preset", "strip", "stage"
DRAWN, NAMED = "drawn", "named"
"""The link that the whole page was drawn for, with the sentence above it about a link that could not be read; and the
preset that the list of them shows."""


def begin() -> tuple[Scenario, View]:
    """The state that the whole page is now drawn for."""
    st.session_state[DRAWN] = st.session_state[state.LINK], state.notice("link")
    return _prepared()


def current() -> tuple[Scenario, View]:
    """The state, for a part of the page that is drawn alone; the whole page is drawn if it does not fit the state."""
    if not _fits():
        st.rerun()
    return _prepared()


def _prepared() -> tuple[Scenario, View]:
    """The state, once a large scenario has been explained in the process for that."""
    scenario, view = state.current()
    evaluator.judge(scenario)
    return scenario, view


def redraw() -> None:
    """At the end of a callback: draw these parts alone, if that is enough."""
    if _fits() and state.current()[1].page == "explore":
        # Streamlit refuses to draw a part that was never drawn: an embedded page has no list of presets.
        lists = [] if st.context.is_embedded or _names_the_preset() else [PRESET]
        st.rerun([*lists, STRIP, STAGE])


def named(preset: str | None) -> None:
    """Say which preset the list of them now shows, which most edits leave as it is."""
    st.session_state[NAMED] = preset


def _names_the_preset() -> bool:
    return bool(st.session_state.get(NAMED) == state.current()[1].preset)


def _fits() -> bool:
    (drawn, said), now = st.session_state[DRAWN], st.session_state[state.LINK]
    (_, before), (_, view) = link.decode(drawn), link.decode(now)
    same_page = (view.page, view.large, state.notice("link")) == (before.page, before.large, said)
    return same_page and (view.page == "explore" or drawn == now)

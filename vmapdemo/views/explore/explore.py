"""The view Explore: the arrays, the function and its strategies; tables folded below."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vmapdemo.evaluator import evaluator
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import live
from vmapdemo.views.explore import arrays, details, others, strategies


def show(_scenario: Scenario, _view: View) -> None:
    """All of it follows the call, so that all of it is one part."""
    _stage()


@st.fragment(key=live.STAGE)
def _stage() -> None:
    """The arrays; and what stands beside and below them, unless the page is a part of somebody else's."""
    scenario, view = live.current()
    evaluator.prepare(scenario)
    picture, side = _columns(view)
    with picture:
        arrays.show(scenario, view)
    if not st.context.is_embedded:
        with side:
            strategies.show(scenario, view)
        details.show(scenario)
        others.show(scenario)


def _columns(view: View) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The place of the arrays, and that of the function: beside them, or below them if they need the whole width."""
    if view.large or st.context.is_embedded:
        return st.container(), st.container()
    picture, side = st.columns([2.7, 1], gap="medium")
    return picture, side

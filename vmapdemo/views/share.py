"""Copying the link, and the scenario as a file to keep."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from vmapdemo import export, outcome
from vmapdemo.evaluator import evaluator
from vmapdemo.figures.drawing import svg
from vmapdemo.figures.linked import picture
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component

LONG_LINK = 2000
SCRIPT, NOTEBOOK, PICTURE = "script", "notebook", "picture"

_share = component.declare(Path(__file__).parent, "share")


def button(key: str = "share", label: str = "Share", query: str | None = None) -> None:
    """Copies a link: the address, which always holds the state, or another query of this page."""
    _share(key=key, data={"label": label, "query": query, "long": LONG_LINK})


def downloads(read: Callable[[], Scenario]) -> None:
    """What is on show as a script, as a notebook and as a picture, which are written when a button is pressed.

    Streamlit writes a download outside of any run, where there is no session: ``read`` has to do without one. It is
    asked then, and not now, since an edit on Explore does not draw the menu anew.
    """
    st.download_button(
        "Python script",
        lambda: export.script(read()),
        "vmap_scenario.py",
        "text/x-python",
        key=SCRIPT,
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Jupyter notebook",
        lambda: export.notebook(read()),
        "vmap_scenario.ipynb",
        "application/x-ipynb+json",
        key=NOTEBOOK,
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Picture (SVG)",
        lambda: _picture(read()),
        "vmap_scenario.svg",
        "image/svg+xml",
        key=PICTURE,
        on_click="ignore",
        width="stretch",
    )


def _picture(scenario: Scenario) -> str:
    """The arrays as Explore draws them, with vmap's result."""
    evaluator.prepare(scenario)
    found = outcome.explanation(scenario)
    result = outcome.result(scenario) if found.ok and scenario.has_numbers else None
    return svg(picture(scenario, found, result, None))

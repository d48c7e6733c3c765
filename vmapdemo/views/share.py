"""Copying the link, and the scenario as a file to keep."""

from pathlib import Path

import streamlit as st

from vmapdemo import export
from vmapdemo.views import component, state

LONG_LINK = 2000
SCRIPT, NOTEBOOK = "script", "notebook"

_share = component.declare(Path(__file__).parent, "share")


def button(key: str = "share", label: str = "Share", query: str | None = None) -> None:
    """Copies a link: the address, which always holds the state, or another query of this page."""
    _share(key=key, data={"label": label, "query": query, "long": LONG_LINK})


def downloads() -> None:
    """The scenario as a script and as a notebook, which are written when a button is pressed.

    By then there is no session to read the state from: Streamlit writes a download outside of any run.
    """
    scenario, _ = state.current()
    st.download_button(
        "Python script",
        lambda: export.script(scenario),
        "vmap_scenario.py",
        "text/x-python",
        key=SCRIPT,
        on_click="ignore",
    )
    st.download_button(
        "Jupyter notebook",
        lambda: export.notebook(scenario),
        "vmap_scenario.ipynb",
        "application/x-ipynb+json",
        key=NOTEBOOK,
        on_click="ignore",
    )

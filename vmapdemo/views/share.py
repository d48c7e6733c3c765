"""Copying the link, and the scenario as a file to keep."""

from pathlib import Path

import streamlit as st

from vmapdemo import export
from vmapdemo.views import component, state

LONG_LINK = 2000

_share = component.declare(Path(__file__).parent, "share")


def button(key: str = "share", label: str = "Share", query: str | None = None) -> None:
    """Copies a link: the address, which always holds the state, or another query of this page."""
    _share(key=key, data={"label": label, "query": query, "long": LONG_LINK})


def downloads() -> None:
    """The scenario as it is when the button is pressed, as a script and as a notebook."""
    st.download_button(
        "Python script",
        lambda: export.script(state.current()[0]),
        "vmap_scenario.py",
        "text/x-python",
        key="script",
        on_click="ignore",
    )
    st.download_button(
        "Jupyter notebook",
        lambda: export.notebook(state.current()[0]),
        "vmap_scenario.ipynb",
        "application/x-ipynb+json",
        key="notebook",
        on_click="ignore",
    )

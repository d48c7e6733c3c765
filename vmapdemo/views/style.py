"""The few rules of layout that Streamlit's theme has no setting for."""

from pathlib import Path

import streamlit as st

from vmapdemo.scenario.link import View

SHEET = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
LARGE = ":root { font-size: 22px; } .st-key-header { zoom: 0.72; }"


def show(view: View) -> None:
    """Write the style sheet; large type scales everything, since Streamlit sizes in rem."""
    st.html(f"<style>{SHEET}{LARGE if view.large else ''}</style>")

"""A page with two buttons whose callbacks take long enough to be met by the next message."""

import time

import streamlit as st

from vmapdemo.views import state

CALLBACK_S = 0.3
BUTTONS = ("left", "right")


@state.callback
def press() -> None:
    """Count, with a yield point of Streamlit's on both sides of the work."""
    pressed = st.session_state.get("pressed", 0)
    time.sleep(CALLBACK_S)
    st.session_state["pressed"] = pressed + 1


for key in BUTTONS:
    st.button(key, key=key, on_click=press)
st.text(f"pressed {st.session_state.get('pressed', 0)}")

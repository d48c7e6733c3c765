"""The yardstick of ``load`` and ``cpu``: a page with the elements of Explore and nothing behind them."""

import streamlit as st

ROWS, COLUMNS = (int(st.query_params.get(name, default)) for name, default in (("rows", "4"), ("columns", "5")))
PARTS = ("call", "strategies", "shapes")
TABLES = [
    {"name": name, "shape": [ROWS, columns], "cells": ["0"] * (ROWS * columns)}
    for name, columns in (("x_batch", COLUMNS), ("y_batch", 3), ("result", COLUMNS - 2))
]

_part = st.components.v2.component("empty", html="<p></p>", js="export default function () {\n}\n")


@st.fragment(key="stage")
def _stage() -> None:
    """The drawn parts, each with about as much data as on the real page."""
    for key in PARTS:
        _part(key=key, data={"text": "f(x)" * 200})
    _part(key="arrays", data={"tables": TABLES}, on_requests_change=lambda: None)


st.set_page_config(layout="wide")
st.html("<style></style>")
with st.container(horizontal=True):
    st.title("Empty")
    st.container(key="preset").selectbox("preset", ["a", "b"], key="chosen_preset")
    st.container(key="view").segmented_control("view", ["a", "b"], key="chosen_view", default="a")
    _part(key="share", data={})
    st.popover("menu", key="menu").button("large")
_stage()

"""The yardstick of ``load``: a page with the widgets of Explore and nothing behind them."""

import numpy as np
import pandas as pd
import streamlit as st

ROWS, COLUMNS = (int(st.query_params.get(name, default)) for name, default in (("rows", "4"), ("columns", "5")))

st.title("Empty")
st.container(key="preset").selectbox("preset", ["a", "b"], key="chosen_preset")
st.container(key="view").segmented_control("view", ["a", "b"], key="chosen_view", default="a")
st.toggle("large", key="large")
st.button("share", key="share")
st.popover("save", key="save", on_change="rerun")
st.code("f(x)")
for name in ("in_axes", "out_axes"):
    st.container(key=name).text_input(name, key=f"typed_{name}")
for name in ("axis_x", "axis_y", "axis_result"):
    st.selectbox(name, ["a", "b"], key=name)
st.checkbox("batched", key="batched")
for name, columns in (("x_batch", COLUMNS), ("y_batch", 3)):
    st.checkbox(".T", key=f"transposed_{name}")
    frame = pd.DataFrame(np.zeros((ROWS, columns)), columns=[str(column) for column in range(columns)])
    st.data_editor(frame, key=f"{name}_editor")
    st.popover("tools", key=f"tools_{name}", on_change="rerun")
st.button("reset", key="reset")
st.segmented_control("strategy", ["a", "b"], key="strategy", default="a")
for _ in range(2):
    st.code("f(x)")

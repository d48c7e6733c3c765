"""The app as it would be without its lifespan: nothing is warm, nothing is taken out of the garbage collector."""

from pathlib import Path

import streamlit as st

import vmapdemo.views

app = st.App(Path(vmapdemo.views.__file__).parent / "main.py")

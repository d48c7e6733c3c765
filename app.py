"""Entry: ``streamlit run app.py``, or ``uvicorn app:app``."""

from pathlib import Path

import streamlit as st

import vmapdemo.views
from vmapdemo.views import server

app = st.App(
    Path(vmapdemo.views.__file__).parent / "main.py",
    lifespan=server.lifespan,
    on_script_error=server.on_script_error,
)

"""Entry of the command ``vmapdemo``, with its settings beside it in ``.streamlit``."""

import streamlit as st

from vmapdemo.views import server

app = st.App(**server.APP)

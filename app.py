"""Entry: ``streamlit run app.py``, or ``uvicorn app:app``; the installed command has ``vmapdemo/views/app.py``."""

import streamlit as st

from vmapdemo.views import server

# Streamlit reads this line, not the module: an App that is imported would be taken for a page.
app = st.App(**server.APP)

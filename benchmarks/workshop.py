"""The app with rooms on two lessons, for tests and benchmarks: ``streamlit run benchmarks/workshop.py``."""

import streamlit as st

from tests.room.course import COURSE
from vmapdemo.views import server

# The first route that fits is taken, and the app has rooms of its own, on the lessons of Learn. Streamlit reads this
# line, not the module: an App that is imported would be taken for a page.
app = st.App(**server.APP | {"routes": [*server.rooms(lambda: COURSE), *server.APP["routes"]]})

"""The page, from top to bottom."""

import streamlit as st

from vmapdemo.views import header, state, style
from vmapdemo.views.explore import explore
from vmapdemo.views.time import jobs, timing
from vmapdemo.views.trace import tracing

PAGES = {"explore": explore.show, "trace": tracing.show, "time": timing.show}


def show() -> None:
    """Draw the page for whoever visits: read the address, draw the view that it asks for, write the address."""
    st.set_page_config(page_title="vmapdemo", layout="wide")
    state.open_link()
    state.write_address()
    scenario, view = state.current()
    style.show(view)
    header.show(scenario, view)
    jobs.elsewhere(view)
    PAGES[view.page](scenario, view)


if __name__ == "__main__":
    show()

"""The page, from top to bottom."""

import streamlit as st

from vmapdemo.views import header, lessons, live, reconnection, state, style
from vmapdemo.views.explore import explore
from vmapdemo.views.gallery import gallery
from vmapdemo.views.learn import learn
from vmapdemo.views.strip import strip
from vmapdemo.views.time import jobs, timing
from vmapdemo.views.trace import tracing

PAGES = {
    "explore": explore.show,
    "trace": tracing.show,
    "time": timing.show,
    "gallery": gallery.show,
    "learn": learn.show,
}


def show() -> None:
    """Draw the page for whoever visits: read the address on the first run, draw the view that it asks for."""
    st.set_page_config(page_title="vmapdemo", layout="wide")
    state.open_link(lessons.begun)
    scenario, view = live.begin()
    style.show(view)
    reconnection.watch()
    header.show(view)
    with st.container():  # keeps the place of what follows, which would be drawn anew if it moved
        jobs.elsewhere(view)
    strip.show()
    PAGES[view.page](scenario, view)


if __name__ == "__main__":
    show()

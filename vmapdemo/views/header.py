"""The top of every page: which preset, which view, large type, and sharing."""

from dataclasses import replace

import streamlit as st

from vmapdemo import link, presets
from vmapdemo.link import PAGES, View
from vmapdemo.scenario import Scenario
from vmapdemo.views import share, state, texts

PRESET_WIDTH = 320
PAGE_LABELS = {"explore": "Explore", "trace": "Trace", "time": "Time"}


def show(scenario: Scenario, view: View) -> None:
    """Name, presets, views, sharing; and the sentence about a link that could not be read."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("vmapdemo", anchor=False, width="content")
        _presets(view)
        _pages(view)
        state.show("large", view.large)
        st.toggle("Large type", key="large", on_change=_change_large)
        shared = share.buttons(scenario)
    if shared:
        share.copy(scenario, view)
    sentence = state.notice("link")
    if sentence:
        texts.show("notice_link", texts.lines("That could not be opened.", sentence, kind="caution"))


def _presets(view: View) -> None:
    state.show("preset", view.preset)
    st.selectbox(
        "Preset",
        list(presets.PRESETS),
        format_func=lambda name: presets.PRESETS[name].label,
        key="preset",
        index=None,
        placeholder="Edited",
        width=PRESET_WIDTH,
        label_visibility="collapsed",
        on_change=_change_preset,
    )


@state.callback
def _change_preset() -> None:
    name = st.session_state["preset"]
    if name is not None:
        state.attempt("link", lambda _, view: link.of_preset(name, page=view.page, large=view.large))


def _pages(view: View) -> None:
    state.show("view", view.page)
    st.segmented_control(
        "View",
        PAGES,
        format_func=PAGE_LABELS.__getitem__,
        key="view",
        required=True,
        label_visibility="collapsed",
        on_change=_change_page,
    )


@state.callback
def _change_page() -> None:
    page = st.session_state["view"]
    state.attempt("link", lambda scenario, view: (scenario, replace(view, page=page or view.page)))


@state.callback
def _change_large() -> None:
    large = bool(st.session_state["large"])
    state.attempt("link", lambda scenario, view: (scenario, replace(view, large=large)))

"""The top of every page: which preset, which view, large type, and sharing."""

from dataclasses import replace

import streamlit as st

from vmapdemo.scenario import link, presets
from vmapdemo.scenario.link import PAGES, View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import live, share, state, texts

PRESET_WIDTH = 320
PAGE_LABELS = {"explore": "Explore", "trace": "Trace", "time": "Time"}


def show(scenario: Scenario, view: View) -> None:
    """Name, presets, views, sharing; and the sentence about a link that could not be read."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("vmapdemo", anchor=False, width="content")
        with st.container(key="preset", width=PRESET_WIDTH):
            _presets(state.layout())
        _pages(view)
        large = state.key("large", view.large)
        st.toggle("Large type", key=large, on_change=_change_large, args=(large,))
        shared = share.buttons(scenario)
    if shared:
        share.copy(scenario, view)
    sentence = state.notice("link")
    if sentence:
        texts.show("notice_link", texts.lines("That could not be opened.", sentence, kind="caution"))


@st.fragment(key=live.PRESET)
def _presets(drawn: int) -> None:
    key = state.key("chosen_preset", live.current(drawn)[1].preset)
    st.selectbox(
        "Preset",
        list(presets.PRESETS),
        format_func=lambda name: presets.PRESETS[name].label,
        key=key,
        index=None,
        placeholder="Edited",
        label_visibility="collapsed",
        on_change=_change_preset,
        args=(key,),
    )


@state.chooser
def _change_preset(name: str) -> None:
    state.attempt("link", lambda _, view: link.of_preset(name, page=view.page, large=view.large))


def _pages(view: View) -> None:
    key = state.key("chosen_view", view.page)
    st.container(key="view", width="content").segmented_control(
        "View",
        PAGES,
        format_func=PAGE_LABELS.__getitem__,
        key=key,
        required=True,
        label_visibility="collapsed",
        on_change=_change_page,
        args=(key,),
    )


@state.chooser
def _change_page(page: str) -> None:
    state.attempt("link", lambda scenario, view: (scenario, replace(view, page=page)))


@state.chooser
def _change_large(large: bool) -> None:
    state.attempt("link", lambda scenario, view: (scenario, replace(view, large=large)))

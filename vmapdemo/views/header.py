"""The top of every page: its name, which example, which view, sharing, and a menu."""

from dataclasses import replace

import streamlit as st

from vmapdemo.scenario import link, presets
from vmapdemo.scenario.link import PAGES, View
from vmapdemo.views import lessons, live, share, state, texts

CHOSEN_PRESET, CHOSEN_VIEW, LARGE = "chosen_preset", "chosen_view", "large"
"""The keys of the widgets, those of the two lists without their versions."""
PRESET_WIDTH = 330
SHOWING = {"gallery": "explore", "learn": "explore"}
"""The view that an example opens on, where it is not the one from which it is chosen."""
PAGE_LABELS = {"explore": "Explore", "trace": "Trace", "time": "Time", "gallery": "Gallery", "learn": "Learn"}


def show(view: View) -> None:
    """One line; and the sentence about a link that could not be read. A page in somebody else's has no header."""
    if not st.context.is_embedded:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="header"):
            st.title("vmapdemo", anchor=False, width="content")
            with st.container(key="preset", width=PRESET_WIDTH):
                _presets()
            _pages(view)
            share.button()
            _menu(view)
    sentence = state.notice("link")
    if sentence:
        texts.show("notice_link", texts.lines("That could not be opened.", sentence, kind="caution"))


@st.fragment(key=live.PRESET)
def _presets() -> None:
    view = live.current()[1]
    # A lesson's call is no example that was chosen, and the name of one may tell the answer.
    is_lesson = view.page == "learn"
    preset = None if is_lesson else view.preset
    key = state.key(CHOSEN_PRESET, preset)
    st.selectbox(
        "Example",
        list(presets.PRESETS),
        format_func=lambda name: presets.PRESETS[name].title,
        key=key,
        index=None,
        placeholder="Example" if is_lesson else "Example: edited",
        label_visibility="collapsed",
        on_change=_change_preset,
        args=(key,),
    )
    live.named(preset)


@state.chooser
def _change_preset(name: str) -> None:
    """On the view that is open, if that shows one example."""
    page = state.current()[1].page
    state.attempt(
        "link",
        lambda _, view: link.of_preset(name, page=SHOWING.get(page, page), large=view.large, progress=view.progress),
    )
    live.redraw()


def _pages(view: View) -> None:
    key = state.key(CHOSEN_VIEW, view.page)
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


def _menu(view: View) -> None:
    """Drawn whether it is open or not: the server is not told, so that closing it cannot overtake what was pressed."""
    with st.popover("Menu", key="menu"):
        _large(view)
        read = state.reader()
        share.downloads(lambda: lessons.on_show(*read()))


def _large(view: View) -> None:
    """A button that says what it makes of the page."""
    label = "Normal type" if view.large else "Large type"
    st.button(label, key=LARGE, width="stretch", on_click=_change_large, args=(not view.large,))


@state.chooser
def _change_page(page: str) -> None:
    state.look(replace(state.current()[1], page=page))


@state.callback
def _change_large(large: bool) -> None:
    state.look(replace(state.current()[1], large=large))

"""What a visitor has set: one link's text in the session, and the address bar that shows it.

The text is kept instead of the records, because classes kept in a session go stale on a hot reload. A widget never
holds the truth: before it is drawn it is given the scenario's value, and its callback makes a new scenario.

A browser sends the values of all its widgets with each message, also of one whose new value is still on its way to it.
So a widget that is given another value from here becomes another widget, with another version in its key, and the late
value is known to come from the one that is gone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

from vmapdemo.scenario import link, presets
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.link import LinkError, View
from vmapdemo.scenario.scenario import Scenario

Parameters = ParamSpec("Parameters")

LINK, ORIGIN, NOTICES, DRAFTS = "link", "origin", "notices", "drafts"
VERSIONS, GONE = "versions", "gone"
"""By a widget's name: its version and options, and the key and last value of the one before it."""
LAYOUT, COPIES = "layout", "copies"
"""The number of the page's layout, which is all that does not follow the arguments' values (`live` draws what does);
and whether some of it holds values all the same."""
BASE, VERSION = "editor_base", "editor_version"
"""The link that the editors were drawn from, and its number: pending edits apply by position to exactly this base."""


def open_link() -> None:
    """Take the state from the address on the first run and when the visitor goes back or forward.

    Only on the first run does a link that says so start a measurement: going back is no wish for another.
    """
    is_first_run = LINK not in st.session_state
    if not is_first_run and not _is_history_navigation():
        return
    try:
        scenario, view = link.decode(_address())
    except LinkError as error:
        change(*link.of_preset(presets.DEFAULT.name))
        refuse("link", f"{error} This is the preset vmap instead.")
        return
    change(scenario, view if is_first_run else replace(view, run=None))


def current() -> tuple[Scenario, View]:
    """The visitor's scenario and view."""
    return link.decode(st.session_state[LINK])


def change(scenario: Scenario, view: View | None = None, *, by_editor: bool = False) -> None:
    """Make this the visitor's state; sentences about earlier input are gone.

    An editor that made the change itself keeps its pending edits; every other change of an argument gives the editors
    a new version, or their pending edits would hide it. A strategy that the function lacks gives way to vmap.
    """
    view = view or current()[1]
    if view.strategy not in scenario.entry.strategies:
        view = replace(view, strategy="vmap")
    keeps_editors = by_editor or (LINK in st.session_state and current()[0].arguments == scenario.arguments)
    view = replace(view, preset=presets.name_of(scenario, view.strategy))
    text = link.encode(scenario, view)
    if not by_editor or _says_or_copies():
        _renew_layout()
    if view.preset is not None:
        st.session_state[ORIGIN] = view.preset
    st.session_state[NOTICES] = {}
    st.session_state[DRAFTS] = {}
    if not keeps_editors:
        _renew_editors(text)
    # Last, so that a callback that is interrupted before has changed nothing and can be repeated.
    st.session_state[LINK] = text


def callback(make_change: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """A widget's callback that is carried out whole.

    Streamlit may interrupt a callback, as it may any script, when the next message comes; what the visitor did would
    be lost. The interruption is taken once, the callback repeated, and the interruption passed on: the next message
    brings its own wishes alone, also without fast reruns (which stop the callback for good, so that they are off).
    """

    @wraps(make_change)
    def whole(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            make_change(*args, **kwargs)
        except RerunException:
            make_change(*args, **kwargs)
            raise

    return whole


def chooser(
    take: Callable[Concatenate[Any, Parameters], None],
) -> Callable[Concatenate[str, Parameters], None]:
    """The callback of a widget with a key of ``key``, its first argument; ``take`` is given the widget's value instead.

    What a widget that is gone repeats is no wish. Streamlit forgets its value and would call that a change. Nor is it
    one that nothing is chosen: a list of segments that comes back says so before it knows its value.
    """

    @callback
    @wraps(take)
    def choose(key: str, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        name, value = key.rpartition("-v")[0], st.session_state[key]
        if value is None:
            return
        if key != _versioned(name):
            gone_key, gone_value = st.session_state[GONE][name]
            if key != gone_key or value == gone_value:
                return
        take(value, *args, **kwargs)
        if key != _versioned(name):
            st.session_state[GONE][name] = key, value

    return choose


@callback
def apply(scenario: Scenario) -> None:
    """The callback of a button that makes a scenario the visitor's own."""
    change(scenario)


def attempt(place: str, make: Callable[[Scenario, View], tuple[Scenario, View]], *, by_editor: bool = False) -> None:
    """Change the state by a function of it; where that raises InputError the state stays, and ``place`` says why."""
    try:
        change(*make(*current()), by_editor=by_editor)
    except InputError as error:
        refuse(place, str(error))
        renew_editors()


def refuse(place: str, sentence: str, draft: str | None = None) -> None:
    """Say at ``place`` why an input was not taken; the state stays, and a text that was typed stays in its box."""
    _renew_layout()
    st.session_state[NOTICES] = {place: sentence}
    st.session_state[DRAFTS] = {} if draft is None else {place: draft}


def leave(place: str, text: str) -> None:
    """Leave a text in its box as it was typed, until the state changes."""
    _renew_layout()
    st.session_state[DRAFTS] = {place: text}


def clear_notices() -> None:
    """Take back the sentences about earlier input, after input that was taken and left the state as it is."""
    _renew_layout()
    st.session_state[NOTICES] = {}


def notice(place: str) -> str | None:
    """The sentence to show at this place, if there is one."""
    sentence: str | None = st.session_state[NOTICES].get(place)
    return sentence


def draft(place: str) -> str | None:
    """The text that stays in the box at this place as it was typed, if there is one."""
    text: str | None = st.session_state[DRAFTS].get(place)
    return text


def renew_editors() -> None:
    """Throw away what is pending in the editors: they show the state again."""
    _renew_editors(st.session_state[LINK])


def layout() -> int:
    """The number of the page's layout. An edit of a value leaves it; every other change gives another."""
    number: int = st.session_state[LAYOUT]
    return number


def copies_values(*, copies: bool) -> None:
    """Whether the page holds values in places that only a run of the whole page renews."""
    st.session_state[COPIES] = copies


def _says_or_copies() -> bool:
    return any(st.session_state.get(name) for name in (NOTICES, DRAFTS, COPIES))


def _renew_layout() -> None:
    st.session_state[LAYOUT] = st.session_state.get(LAYOUT, 0) + 1


def _renew_editors(base: str) -> None:
    st.session_state[VERSION] = st.session_state.get(VERSION, 0) + 1
    st.session_state[BASE] = base


def editor_base() -> Scenario:
    """The scenario that the editors were drawn from."""
    return link.decode(st.session_state[BASE])[0]


def origin() -> str:
    """The preset that ``reset`` goes back to: the last one that was open."""
    name: str = st.session_state.get(ORIGIN, presets.DEFAULT.name)
    return name


def key(name: str, value: object, options: Sequence[str] = ()) -> str:
    """The key of the widget of this name, which holds the value: another key where value or options are others.

    While both stay, so does the key, and with it the focus and what is being typed.
    """
    versions: dict[str, tuple[int, Sequence[str]]] = st.session_state.setdefault(VERSIONS, {})
    version, drawn = versions.setdefault(name, (0, options))
    held = st.session_state.get(_versioned(name), value)
    if drawn != options or held != value:
        st.session_state.setdefault(GONE, {})[name] = _versioned(name), held
        versions[name] = version + 1, options
    found = _versioned(name)
    if found not in st.session_state:
        st.session_state[found] = value
    return found


def _versioned(name: str) -> str:
    return f"{name}-v{st.session_state[VERSIONS][name][0]}"


def write_address() -> None:
    """Put the current link into the address bar, as a new step of the browser's history."""
    if _address() != st.session_state[LINK]:
        st.query_params.from_dict(dict(parse_qsl(st.session_state[LINK], keep_blank_values=True)))


def _address() -> str:
    """The query of the address as text; a name that stands twice stands twice here too."""
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return urlencode(pairs)


def _is_history_navigation() -> bool:
    """Whether this run comes from Back or Forward. Streamlit knows it, but has no public name for it yet."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))

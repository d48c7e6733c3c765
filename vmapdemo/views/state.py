"""What a visitor has set: one link's text in the session.

The text is kept instead of the records, because classes kept in a session go stale on a hot reload. The address bar is
written by the browser's part of the strip (``strip.js``), which is told the text and the step of the history.

A widget of Streamlit never holds the truth: before it is drawn it is given the state's value, and its callback changes
the state. A browser sends the values of all its widgets with each message, also of one whose new value is still on its
way to it. So a widget that is given a different value from here becomes a different widget, with a new version in its
key, and the late value is known to come from the one that is gone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

import streamlit as st

from vmapdemo.scenario import link, presets
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.link import LinkError, View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views.streamlit_internals import RerunException, is_history_navigation

Parameters = ParamSpec("Parameters")

LINK, HELD, ORIGIN, NOTICES = "link", "held", "origin", "notices"
VERSIONS, GONE = "versions", "gone"
"""By a widget's name: its version and options, and the key and last value of the one before it."""
STEP, EDITED_S, GROUND, TRIED = "step", "edited_s", "ground", "tried"
"""The step of the history that the link is; when a cell was edited last; how often the arguments were replaced as a
whole, since when a position says nothing about a cell that stood there before; and whether anything was tried yet."""

BURST_S = 1.0
"""Edits that follow each other within this time are one step of the history."""

MOST_NOTICES = 64
"""Those before are forgotten: each is sent with each run."""

UNREADABLE = "This is the preset vmap instead."


def open_link(start: Callable[[View], Scenario | None]) -> None:
    """Take the state from the address on the first run, and when the visitor goes back or forward.

    Only on the first run does a link that says so start a measurement: going back is no wish for another.
    ``start``: the call of a view whose link names none, if it has one of its own.
    """
    if LINK not in st.session_state:
        _open(_address(), start, lambda view: view)
    elif is_history_navigation():
        _open(_address(), start, lambda view: replace(view, run=None))


def _open(query: str, start: Callable[[View], Scenario | None], seen: Callable[[View], View]) -> None:
    try:
        scenario, view = link.decode(query)
    except LinkError as error:
        change(*link.of_preset(presets.DEFAULT.name))
        refuse("link", f"{error} {UNREADABLE}")
        return
    names_call = any(name in st.query_params for name in ("function", "preset"))
    change(scenario if names_call else start(view) or scenario, seen(view))


def current() -> tuple[Scenario, View]:
    """The visitor's scenario and view."""
    return link.decode(st.session_state[LINK])


def reader() -> Callable[[], tuple[Scenario, View]]:
    """Reads the visitor's scenario and view as they are when it is called, also outside of any run."""
    held: dict[str, str] = st.session_state[HELD]
    return lambda: link.decode(held[LINK])


def change(scenario: Scenario, view: View | None = None, *, is_step: bool = True) -> None:
    """Make this the visitor's state, whatever it was; sentences about earlier input are gone.

    ``is_step``: whether the browser can go back to the state before.
    """
    st.session_state[GROUND] = st.session_state.get(GROUND, 0) + 1
    st.session_state[NOTICES] = {}
    _set(scenario, view or current()[1], is_step=is_step)


def amend(scenario: Scenario, view: View, place: str, *, is_edit: bool = False) -> None:
    """Make this the visitor's state after a change of it at one place.

    A sentence that stood there is gone, and one about a link that could not be read.
    """
    clear(place)
    clear("link")
    now_s = time.monotonic()
    is_burst = is_edit and now_s - st.session_state.get(EDITED_S, -BURST_S) < BURST_S
    st.session_state[EDITED_S] = now_s if is_edit else -BURST_S
    _set(scenario, view, is_step=not is_burst)


def _set(scenario: Scenario, view: View, *, is_step: bool = True) -> None:
    """A strategy that the function lacks gives way to vmap."""
    if view.strategy not in scenario.strategies:
        view = replace(view, strategy="vmap")
    view = replace(view, preset=presets.name_of(scenario, view.strategy))
    if view.preset is not None:
        st.session_state[ORIGIN] = view.preset
    text = link.encode(scenario, view)
    if text != st.session_state.get(LINK):
        st.session_state[STEP] = st.session_state.get(STEP, 0) + is_step
    # Last, so that a callback that is interrupted before has changed nothing and can be repeated.
    st.session_state[LINK] = text
    st.session_state.setdefault(HELD, {})[LINK] = text


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


def attempt(place: str, make: Callable[[Scenario, View], tuple[Scenario, View]]) -> None:
    """Change the state by a function of it; if that raises InputError, the state stays, and ``place`` says why."""
    try:
        change(*make(*current()))
    except InputError as error:
        refuse(place, str(error))


def look(view: View) -> None:
    """Look at something else of the same scenario."""
    _set(current()[0], view)


def refuse(place: str, sentence: str, text: str | None = None) -> None:
    """Say at ``place`` why an input was not taken; the state stays, and what was typed stays where it was typed."""
    st.session_state[NOTICES] = dict([*notices().items(), (place, (sentence, text))][-MOST_NOTICES:])


def leave(place: str, text: str) -> None:
    """Leave a text that was taken as it was typed, until something else changes what it says."""
    st.session_state[NOTICES][place] = None, text


def clear(place: str) -> None:
    """Take back the sentence at this place, after input that was taken there; with an array's those at its cells."""
    kept = {at: said for at, said in notices().items() if at != place and not at.startswith(f"{place}[")}
    st.session_state[NOTICES] = kept


def notices() -> dict[str, tuple[str | None, str | None]]:
    """By place: the sentence about input that was not taken, if it was not, and the text as it was typed."""
    found: dict[str, tuple[str | None, str | None]] = st.session_state[NOTICES]
    return found


def notice(place: str) -> str | None:
    """The sentence to show at this place, if there is one."""
    return notices().get(place, (None, None))[0]


def origin() -> str:
    """The preset that ``reset`` goes back to: the last one that was open."""
    name: str = st.session_state.get(ORIGIN, presets.DEFAULT.name)
    return name


def ground() -> int:
    """How often the arguments were replaced as a whole."""
    number: int = st.session_state[GROUND]
    return number


def address() -> dict[str, Any]:
    """What the address bar is to hold, and which step of the history that is."""
    return {"query": st.session_state[LINK], "step": st.session_state[STEP]}


def key(name: str, value: object, options: Sequence[str] = ()) -> str:
    """The key of the widget of this name, which holds the value: a new key if value or options are not as before.

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


def _address() -> str:
    """The query of the address as text; a name that stands twice stands twice here too."""
    pairs = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return urlencode(pairs)

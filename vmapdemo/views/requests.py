"""Requests from the drawn parts of the page: numbered, taken in order, and each once.

A browser sends a request again, with all those after it, until the server has confirmed its number: Streamlit passes on
only the last of several messages that wait. Numbers count for one drawing in one browser tab, its client.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from vmapdemo import outcome
from vmapdemo.scenario import commands, link, presets
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.commands import Command, CommandError
from vmapdemo.scenario.link import View
from vmapdemo.views import lessons, live, state

CONFIRMED, ASKED, FILLED, EXPECTED = "confirmed", "asked", "filled", "expected"
MOST_CLIENTS = 8
MOST_REQUESTS = 500
MOST_NUMBERED = 2**53
"""A browser counts no further exactly."""
MOVED = "The arrays have changed meanwhile: this was not done."


def confirmed() -> dict[str, int]:
    """By client, the number of the last request that was taken."""
    found: dict[str, int] = st.session_state.setdefault(CONFIRMED, {})
    return found


def asked() -> set[tuple[str, object]]:
    """The slow strategies that the visitor asked for, with the shapes that they were asked for at."""
    found: set[tuple[str, object]] = st.session_state.setdefault(ASKED, set())
    return found


def is_filled() -> bool:
    """Whether the visitor has come to the strategies of the scenario as it is."""
    return bool(st.session_state.get(FILLED) == _token())


def is_expected() -> bool:
    """Whether the visitor wants to know what others would expect of the scenario as it is."""
    return bool(st.session_state.get(EXPECTED) == _token())


@state.callback
def _take_all(key: str) -> None:
    # A message that comes late speaks for a part that is gone, which has no value.
    drawn = st.session_state.get(key)
    sent = None if drawn is None else drawn["requests"]
    if not isinstance(sent, Mapping) or not isinstance(sent.get("client"), str):
        return
    client, requests = sent["client"][:64], sent.get("requests")
    for request in requests[:MOST_REQUESTS] if isinstance(requests, list) else []:
        number = request.get("number") if isinstance(request, Mapping) else None
        if type(number) is int and confirmed().get(client, 0) < number <= MOST_NUMBERED:
            _take(request)
            # After it, so that one that is interrupted is taken again.
            confirmed().pop(client, None)
            confirmed()[client] = number
    for forgotten in list(confirmed())[:-MOST_CLIENTS]:
        del confirmed()[forgotten]


def take(key: str) -> None:
    """The callback of a drawn part with this key: do what was asked for, and draw what follows."""
    _take_all(key)
    live.redraw()


def _take(request: Mapping[str, Any]) -> None:
    """One request. What no page sends is dropped without a word: nobody has typed it."""
    kind = request.get("kind")
    if isinstance(kind, str) and kind in _OF_THE_VIEW:
        _OF_THE_VIEW[kind](request)
        return
    try:
        command = commands.read(request)
    except CommandError:
        return
    st.session_state[state.TRIED] = True
    if "ground" in request and not _is_of_these_arrays(request["ground"]):
        state.refuse(command.place, MOVED)
        return
    _carry_out(command)


def _is_of_these_arrays(ground: object) -> bool:
    """Whether a request is about arrays that are still there.

    One of a higher number was drawn by another process, before the page came to this one with its arrays as they were.
    """
    return isinstance(ground, int) and ground >= state.ground()


def _carry_out(command: Command) -> None:
    scenario, view = state.current()
    try:
        changed = command.make(scenario)
    except CommandError:
        return
    except InputError as error:
        state.refuse(command.place, str(error), command.text)
        return
    if command.kind in commands.REPLACING:
        state.change(changed, view)
        return
    state.amend(changed, view, command.place, is_edit=command.kind in commands.BURSTS)
    if command.kind == "typed" and command.text is not None:
        state.leave(command.place, command.text)


def _reset(_: Mapping[str, Any]) -> None:
    view = state.current()[1]
    start = lessons.start(view)
    if start is not None:
        state.change(start, view)
        return
    state.change(*link.of_preset(state.origin(), page=view.page, large=view.large, progress=view.progress))


def _focus(request: Mapping[str, Any]) -> None:
    scenario, view = state.current()
    if request.get("strategy") in scenario.strategies:
        state.look(replace(view, strategy=request["strategy"]))


def _fill(_: Mapping[str, Any]) -> None:
    st.session_state[FILLED] = _token()


def _expect(_: Mapping[str, Any]) -> None:
    st.session_state[EXPECTED] = _token()


def _open(request: Mapping[str, Any]) -> None:
    name = request.get("preset")
    if isinstance(name, str) and name in presets.PRESETS:
        state.attempt("link", lambda _, view: link.of_preset(name, large=view.large, progress=view.progress))


def _run(request: Mapping[str, Any]) -> None:
    scenario, _view = state.current()
    if request.get("strategy") in scenario.strategies:
        asked().add((request["strategy"], outcome.shapes(scenario)))


def _token() -> str:
    return link.encode(state.current()[0], View())


_OF_THE_VIEW = {
    "reset": _reset,
    "focus": _focus,
    "fill": _fill,
    "expect": _expect,
    "run": _run,
    "open": _open,
    **lessons.REQUESTS,
}

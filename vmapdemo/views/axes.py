"""in_axes and out_axes, typed as in Python and picked from lists; both always say the same."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from vmapdemo import outcome
from vmapdemo.argument import InputError
from vmapdemo.scenario import CUSTOM, Axes, Scenario, in_axis, out_axis, read_axes, with_in_axis
from vmapdemo.views import state, texts

TEXT_WIDTH, WIDE_TEXT_WIDTH, PICKER_WIDTH = 110, 150, 140


def show(scenario: Scenario) -> None:
    """One row: in_axes as text, an axis for each argument, out_axes as text, the axis of the result."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _typed(scenario, "in_axes")
        for index in range(len(scenario.arguments)):
            _picked(scenario, index)
        _typed(scenario, "out_axes")
        _picked_out(scenario)
        state.show("batched", scenario.batched)
        st.checkbox(
            "vmap", key="batched", help="Off: the function is called once, on the whole arrays.", on_change=_batch
        )
    for place in ("in_axes", "out_axes"):
        sentence = state.notice(place)
        if sentence:
            texts.show(f"notice_{place}", texts.lines(f"{place} is not changed.", sentence, kind="caution"))


def _typed(scenario: Scenario, place: str) -> None:
    state.show(place, state.draft(place) or repr(getattr(scenario, place)))
    wide = place == "in_axes" and len(scenario.arguments) > 2
    width = WIDE_TEXT_WIDTH if wide else TEXT_WIDTH
    st.text_input(place, key=place, max_chars=200, width=width, on_change=_take_text, args=(place,))


@state.callback
def _take_text(place: str) -> None:
    text = st.session_state[place]
    try:
        axes = read_axes(text)
    except InputError as error:
        state.refuse(place, str(error), draft=text[:200])
        return
    state.attempt(place, lambda scenario, view: (_with_axes(scenario, place, axes), view))


def _with_axes(scenario: Scenario, place: str, axes: Axes) -> Scenario:
    """Other axes batch the call; the same ones leave it as it is."""
    if repr(axes) == repr(getattr(scenario, place)):
        return scenario
    return replace(scenario, **{place: axes}, batched=True)


def _picked(scenario: Scenario, index: int) -> None:
    argument = scenario.arguments[index]
    labels = {axis: f"axis {axis} ({size})" for axis, size in enumerate(argument.shape)} | {None: "None (shared)"}
    picker = Picker(f"axis_{argument.name}", argument.expression, labels, partial(_with_in_axis, name=argument.name))
    _picker(picker, in_axis(scenario, index))


def _picked_out(scenario: Scenario) -> None:
    output = outcome.explanation(scenario).output
    sizes = [f" ({size})" for size in output[0].shape] if output else ["", ""]
    labels = {axis: f"axis {axis}{size}" for axis, size in enumerate(sizes)} | {None: "None"}
    _picker(Picker("axis_result", "result", labels, _with_out_axis), out_axis(scenario, len(sizes)))


@dataclass(frozen=True, slots=True)
class Picker:
    """A list to pick an axis from: key, label, what each axis is called, and the scenario that a choice makes."""

    key: str
    label: str
    axes: dict[int | None, str]
    choose: Callable[..., Scenario]


def _picker(picker: Picker, chosen: int | str | None) -> None:
    """Draw the list. Streamlit tells options apart by their text, so other texts need another key."""
    options = [*picker.axes.values(), *([CUSTOM] if chosen == CUSTOM else [])]
    key = f"{picker.key}_{zlib.crc32(repr(options).encode()):x}"
    st.session_state[picker.key] = key
    state.show(key, CUSTOM if isinstance(chosen, str) else picker.axes[chosen])
    st.selectbox(picker.label, options, key=key, width=PICKER_WIDTH, on_change=_take_choice, args=(picker, key))


@state.callback
def _take_choice(picker: Picker, key: str) -> None:
    """Take the choice, unless the list is gone: a browser that is behind sends its value once more."""
    chosen = [axis for axis, text in picker.axes.items() if text == st.session_state[key]]
    if chosen and st.session_state[picker.key] == key:
        state.attempt("in_axes", lambda scenario, view: (picker.choose(scenario, axis=chosen[0]), view))


def _with_in_axis(scenario: Scenario, name: str, axis: int | None) -> Scenario:
    """The same where another function has come meanwhile, which has no such argument."""
    names = scenario.entry.argument_names
    if name not in names or in_axis(scenario, names.index(name)) == axis:
        return scenario
    return with_in_axis(scenario, names.index(name), axis)


def _with_out_axis(scenario: Scenario, axis: int | None) -> Scenario:
    return _with_axes(scenario, "out_axes", axis)


@state.callback
def _batch() -> None:
    batched = bool(st.session_state["batched"])
    state.attempt("in_axes", lambda scenario, view: (replace(scenario, batched=batched), view))

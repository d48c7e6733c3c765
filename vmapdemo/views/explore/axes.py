"""in_axes and out_axes, typed as in Python and picked from lists; both always say the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from vmapdemo import outcome
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.scenario import CUSTOM, Axes, Scenario, in_axis, out_axis, read_axes, with_in_axis
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
        _switch(scenario)
    for place in ("in_axes", "out_axes"):
        sentence = state.notice(place)
        if sentence:
            texts.show(f"notice_{place}", texts.lines(f"{place} is not changed.", sentence, kind="caution"))


def _typed(scenario: Scenario, place: str) -> None:
    key = state.key(f"typed_{place}", state.draft(place) or repr(getattr(scenario, place)))
    wide = place == "in_axes" and len(scenario.arguments) > 2
    box = st.container(key=place, width=WIDE_TEXT_WIDTH if wide else TEXT_WIDTH)
    box.text_input(place, key=key, max_chars=200, on_change=_take_text, args=(key, place))


@state.chooser
def _take_text(text: str, place: str) -> None:
    try:
        axes = read_axes(text)
    except InputError as error:
        state.refuse(place, str(error), draft=text[:200])
        return
    state.attempt(place, lambda scenario, view: (_with_axes(scenario, place, axes), view))
    state.leave(place, text.strip())


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
    """A list to pick an axis from: name, label, what each axis is called, and the scenario that a choice makes."""

    name: str
    label: str
    axes: dict[int | None, str]
    choose: Callable[..., Scenario]


def _picker(picker: Picker, chosen: int | str | None) -> None:
    """Draw the list. Streamlit tells options apart by their text, so other texts need another key."""
    options = [*picker.axes.values(), *([CUSTOM] if chosen == CUSTOM else [])]
    key = state.key(picker.name, CUSTOM if isinstance(chosen, str) else picker.axes[chosen], options)
    st.selectbox(picker.label, options, key=key, width=PICKER_WIDTH, on_change=_take_choice, args=(key, picker))


@state.chooser
def _take_choice(choice: str, picker: Picker) -> None:
    chosen = [axis for axis, text in picker.axes.items() if text == choice]
    if chosen:
        state.attempt("in_axes", lambda scenario, view: (picker.choose(scenario, axis=chosen[0]), view))


def _with_in_axis(scenario: Scenario, name: str, axis: int | None) -> Scenario:
    """The same where another function has come meanwhile, which has no such argument."""
    names = scenario.entry.argument_names
    if name not in names or in_axis(scenario, names.index(name)) == axis:
        return scenario
    return with_in_axis(scenario, names.index(name), axis)


def _with_out_axis(scenario: Scenario, axis: int | None) -> Scenario:
    return _with_axes(scenario, "out_axes", axis)


def _switch(scenario: Scenario) -> None:
    key = state.key("batched", scenario.batched)
    st.checkbox(
        "vmap", key=key, help="Off: the function is called once, on the whole arrays.", on_change=_batch, args=(key,)
    )


@state.chooser
def _batch(batched: bool) -> None:
    state.attempt("in_axes", lambda scenario, view: (replace(scenario, batched=batched), view))

"""Editing the arguments: cells, rows and columns, dtype, ``.T``, pasted text."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from vmapdemo.scenario import editing, link
from vmapdemo.scenario.argument import DTYPES, MAX_TEXT, Argument, read_values
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import live, state, texts

RESIZINGS = {
    "add_row": ("+ row", 1, 0),
    "drop_row": ("- row", -1, 0),
    "add_column": ("+ col", 0, 1),
    "drop_column": ("- col", 0, -1),
}
TOOLS = "Rows and columns, dtype, and numbers to paste."
PASTE = "[[0, 1], [2, 3]] or rows from a spreadsheet"


@st.fragment(key=live.EDITORS)
def show(drawn: int) -> None:
    """One editor for each argument, and a button that goes back to the preset."""
    for argument in live.current(drawn)[0].arguments:
        with st.container(key=argument.name, gap="xsmall"):
            _editor(argument)
    st.button("Reset", key="reset", icon=":material/restart_alt:", on_click=_reset, help="Back to the last preset.")


def _editor(argument: Argument) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _tools(argument)
        key = state.key(f"transposed_{argument.name}", argument.transposed)
        st.checkbox("pass .T", key=key, on_change=_change_passed, args=(key, argument.name))
    if argument.stored.ndim <= 2:
        _cells(argument)
    else:
        st.text("Three axes are changed by pasting.")
    sentence = state.notice(argument.name)
    if sentence:
        texts.show(f"notice_{argument.name}", texts.lines(f"{argument.name} is not changed.", sentence, kind="caution"))


def _cells(argument: Argument) -> None:
    """The grid. Its base is frozen for as long as the editor has its version, since pending edits apply by position.

    Columns are floats, also for int32: an int column would make 1 of 1.5 without a word.
    """
    cells = editing.grid(state.editor_base().argument(argument.name))
    frame = pd.DataFrame(cells.astype("float64"), columns=[str(column) for column in range(cells.shape[1])])
    st.data_editor(
        frame,
        key=_key(argument.name),
        num_rows="fixed",
        width="stretch",
        height=min(38 + 35 * len(frame), 248),
        on_change=_edit_cells,
        args=(argument.name, _key(argument.name), state.layout()),
    )


def _key(name: str) -> str:
    return f"{name}_editor_{st.session_state[state.VERSION]}"


def _tools(argument: Argument) -> None:
    """Shape, dtype and pasting, in a popover that is filled only while it is open: most reruns are edits of cells."""
    label = f"{argument.name} {argument.stored.shape} {argument.dtype}"
    tools = st.popover(label, key=f"tools_{argument.name}", icon=":material/tune:", on_change="rerun", help=TOOLS)
    if tools.open:
        with tools:
            if argument.stored.ndim <= 2:
                _sizes(argument)
            _dtype(argument)
            key = f"paste_{argument.name}"
            st.text_area("Numbers", key=key, placeholder=PASTE, max_chars=MAX_TEXT)
            st.button("Use these numbers", key=f"use_{key}", on_click=_paste, args=(argument.name,))


def _sizes(argument: Argument) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for name, (label, rows, columns) in RESIZINGS.items():
            st.button(label, key=f"{argument.name}_{name}", on_click=_resize, args=(argument.name, rows, columns))


def _dtype(argument: Argument) -> None:
    key = state.key(f"dtype_{argument.name}", argument.dtype)
    st.selectbox("dtype", DTYPES, key=key, on_change=_change_dtype, args=(key, argument.name))


def _take(name: str, make: Callable[[Argument], Argument], *, by_editor: bool = False) -> None:
    """Change one argument by ``make``, a function of it; say beside it why where that cannot be done.

    A browser that is behind may speak of an argument of another function: that one is gone, and nothing changes.
    """

    def changed(scenario: Scenario) -> Scenario:
        known = name in scenario.entry.argument_names
        return scenario.with_argument(make(scenario.argument(name))) if known else scenario

    state.attempt(name, lambda scenario, view: (changed(scenario), view), by_editor=by_editor)


def _edit_cells(name: str, key: str, drawn: int) -> None:
    _take_cells(name, key)
    live.redraw(drawn)


@state.callback
def _take_cells(name: str, key: str) -> None:
    if key != _key(name):
        return  # The grid is gone: its edits are about cells that stand no more.
    base, pending = state.editor_base().argument(name), st.session_state[key]
    if pending["added_rows"] or pending["deleted_rows"]:
        state.refuse(name, "Rows are added and removed by the buttons below the cells.")
        state.renew_editors()
        return
    edited = pending["edited_rows"]
    _take(name, lambda argument: replace(argument, values=editing.with_cells(base, edited).values), by_editor=True)


@state.callback
def _resize(name: str, rows: int, columns: int) -> None:
    _take(name, lambda argument: editing.resized(argument, rows, columns))


@state.callback
def _paste(name: str) -> None:
    text = st.session_state[f"paste_{name}"]
    _take(name, lambda argument: replace(argument, values=read_values(text)))


@state.chooser
def _change_dtype(dtype: str, name: str) -> None:
    _take(name, lambda argument: replace(argument, dtype=dtype))


@state.chooser
def _change_passed(transposed: bool, name: str) -> None:
    _take(name, lambda argument: replace(argument, transposed=transposed))


@state.callback
def _reset() -> None:
    view = state.current()[1]
    state.change(*link.of_preset(state.origin(), page=view.page, large=view.large))

"""Keeping a measured run in the session, holding the next one against it, and taking it away as a file or a link."""

import json
from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from vmapdemo import export
from vmapdemo.figures.compiling import compile_lines
from vmapdemo.figures.sweep import sweep_lines
from vmapdemo.figures.timing import best_times
from vmapdemo.peers import catalogue
from vmapdemo.scenario import link
from vmapdemo.timing.results.changes import Change, comparison_changes, differences, sweep_changes
from vmapdemo.timing.results.records import SAME, Labels
from vmapdemo.timing.results.sweep import VARIED
from vmapdemo.timing.results.text import format_ratio
from vmapdemo.timing.service.saved import Saved, SavedKind
from vmapdemo.views import share, state, texts
from vmapdemo.views.time import charts

KINDS: dict[SavedKind, str] = {"comparison": "One call", "sweep": "Sweep"}
BUTTONS = ("keep", "forget", "visit", "csv", "json")
"""What the keys of its buttons begin with, before the kind."""
COLUMNS = ("strategy", "before", "after", "after / before", "")
AT_DIFFERENT_TIMES = (
    f"Measured at different times: a ratio within {SAME - 1:.0%} of 1 is no difference, and one with a question mark is"
    " not confirmed."
)


def show(kind: SavedKind, measured: Saved | None) -> None:
    """What can be done with the run that was measured, and the one that was kept; nothing where there is neither."""
    kept = kept_run(kind)
    if measured is None and kept is None:
        return
    with st.container(key=f"keeping_{kind}"):
        if measured is not None:
            _take_away(kind, measured)
        if kept is not None:
            _kept(kind, kept, measured)


def keep(saved: Saved) -> None:
    """Make this the run that the next ones of its kind are held against. As text: records go stale on a hot reload."""
    st.session_state[_key(saved.kind)] = saved.to_json()


def kept_run(kind: SavedKind) -> Saved | None:
    """The run of that kind that was kept."""
    text: str | None = st.session_state.get(_key(kind))
    return None if text is None else Saved.from_json(text)


def _key(kind: SavedKind) -> str:
    return f"kept_{kind}"


@state.callback
def _keep(saved: Saved) -> None:
    keep(saved)


@state.callback
def _forget(kind: SavedKind) -> None:
    # A second press may come before the page has lost the button.
    st.session_state.pop(_key(kind), None)


def _take_away(kind: SavedKind, measured: Saved) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{KINDS[kind]}**", width=80)
        st.button("Keep for comparison", key=f"keep_{kind}", on_click=_keep, args=(measured,))
        _download(kind, "csv", "text/csv", measured.to_csv)
        _download(kind, "json", "application/json", measured.to_json)
        share.button(f"link_{kind}", "Copy the link that measures this", measured.link)


def _download(kind: SavedKind, suffix: str, mime: str, text: Callable[[], str]) -> None:
    name, key = f"vmap_{kind}.{suffix}", f"{suffix}_{kind}"
    st.download_button(suffix.upper(), text, name, mime, key=key, on_click="ignore")


def _kept(kind: SavedKind, kept: Saved, measured: Saved | None) -> None:
    scenario, _ = link.decode(kept.link)
    texts.show(f"kept_{kind}_about", *_told(kept, measured))
    with st.container(horizontal=True):
        st.button("Forget it", key=f"forget_{kind}", on_click=_forget, args=(kind,))
        if scenario != state.current()[0]:
            st.button("Go to its scenario", key=f"visit_{kind}", on_click=state.apply, args=(scenario,))
    columns = st.columns([1.4, 1]) if kept.kind == "sweep" else [st.container()]
    for column, (key, figure) in zip(columns, _figures(kept).items(), strict=True):
        charts.show(figure, key, column)


def rehearse(kept: Saved, measured: Saved | None = None) -> None:
    """Draw all that the page draws of a kept run, and write all that it writes, without showing it.

    Held against itself, and against what was measured. Raises whatever the page would meet.
    """
    labels = _labels(kept)
    told = [*_told(kept, None), *_told(kept, measured), _change_table(kept.under(labels), kept.under(labels))]
    json.dumps(told, allow_nan=False).encode()
    for figure in _figures(kept).values():
        figure.to_json().encode()
    kept.to_csv().encode()
    if Saved.from_json(kept.to_json()) != kept:
        raise ValueError("it would be read back as something else.")


def _figures(kept: Saved) -> dict[str, go.Figure]:
    """The charts of a kept run, by their keys on the page."""
    kept = kept.under(_labels(kept))
    if kept.sweep is not None:
        return {"kept_sweep_chart": sweep_lines(kept.sweep), "kept_compile_chart": compile_lines(kept.sweep)}
    found = kept.comparison
    assert found is not None  # it is one of the two
    return {"kept_comparison_chart": best_times(found.timings, found.conditions, found.baseline)}


def _labels(kept: Saved) -> Labels:
    return catalogue.labels(link.decode(kept.link)[0].function)


def _told(kept: Saved, measured: Saved | None) -> list[texts.Block]:
    """What was kept, and what has changed since."""
    call = export.call(link.decode(kept.link)[0])
    about = texts.lines("Kept", f"`{call}`", f"{kept.conditions}.", kind="good")
    return [about, *_change_blocks(kept, measured)]


def _change_blocks(kept: Saved, measured: Saved | None) -> list[texts.Block]:
    if measured is None or measured == kept:
        return [texts.lines("Measure again to see what has changed.")]
    labels = _labels(kept)
    table = _change_table(kept.under(labels), measured.under(labels))
    if table is None:
        return [texts.lines("The two runs have nothing in common that could be compared.")]
    others = differences(kept.conditions, measured.conditions)
    if link.decode(kept.link)[0] != link.decode(measured.link)[0]:
        others = ("The scenario differs.", *others)
    blocks = [texts.heading("Before and after"), table, texts.lines(AT_DIFFERENT_TIMES)]
    return [*blocks, texts.lines("Something else differs too", *others, kind="caution")] if others else blocks


def _change_table(before: Saved, after: Saved) -> texts.Block | None:
    """What has changed from one to the other; None if nothing was measured in both."""
    if before.comparison is not None and after.comparison is not None:
        return _comparison_table(comparison_changes(before.comparison.timings, after.comparison.timings))
    if before.sweep is not None and after.sweep is not None:
        return _sweep_table(sweep_changes(before.sweep, after.sweep), VARIED[after.sweep.vary])
    return None


def _comparison_table(changes: tuple[Change, ...]) -> texts.Block | None:
    return texts.table(COLUMNS, [change.cells for change in changes], numbers=True) if changes else None


def _sweep_table(changes: tuple[Change, ...], varied: str) -> texts.Block | None:
    """After over before: a line for each size, a column for each strategy."""
    names = list(dict.fromkeys(change.name for change in changes))
    ratios = {(change.name, change.size): _ratio(change) for change in changes}
    sizes = sorted({change.size for change in changes if change.size is not None})
    rows = [(f"{size:,}", *(ratios.get((name, size), "") for name in names)) for size in sizes]
    return texts.table((varied, *names), rows, numbers=True) if rows else None


def _ratio(change: Change) -> str:
    return format_ratio(change.ratio) + ("" if change.confirmed else "?")

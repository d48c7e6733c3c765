"""The part of the view Time that varies the batch size or the length, and draws what each strategy costs."""

from typing import cast

import streamlit as st

from vmapdemo import export
from vmapdemo.figures.compiling import compile_lines
from vmapdemo.figures.sweep import sweep_lines
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.peers import catalogue
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.results.records import Labels
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.results.sweep_remarks import remarks
from vmapdemo.timing.service import cases
from vmapdemo.timing.service.job import JobState, Kind
from vmapdemo.views import texts
from vmapdemo.views.time import charts, jobs

VARY, SPREAD = "vary", "spread"
CHOICES: dict[str, str] = {"batch": "Batch size", "length": "Length"}
HEADING = texts.heading("How does that change with the size?")
PLAN = (
    "Runs the strategies at one size after the other, with everything else held, and predicts what would take too long:"
    " about 20 s."
)
LEGEND = (
    "Open marks are not confirmed. Dashed lines are predictions: what would have taken more than 1.5 s, or than was"
    " left of the 20 s, was left out."
)


def show(scenario: Scenario, view: View, why_not: str) -> None:
    """The choice, the button, and the sweep that is running or has ended."""
    texts.show("sweep_heading", HEADING, texts.lines(PLAN))
    st.session_state.setdefault(VARY, "batch")
    _buttons(scenario, view, why_not)
    jobs.notice(jobs.SWEEP)
    if jobs.SWEEP.is_running:
        jobs.running(jobs.SWEEP, _meanwhile)
    else:
        _ended(scenario)


def _buttons(scenario: Scenario, view: View, why_not: str) -> None:
    vary = st.session_state[VARY]
    if not why_not and vary == "length" and not cases.has_length(scenario):
        why_not = cases.NO_LENGTH
        texts.show("no_length", texts.lines(why_not, kind="caution"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "What varies",
            list(CHOICES),
            format_func=CHOICES.__getitem__,
            key=VARY,
            required=True,
            label_visibility="collapsed",
            width="content",
        )
        jobs.button("Sweep", cast(Kind, vary), scenario, view, why_not)
        st.toggle("Median and spread", key=SPREAD)


def _meanwhile(now: JobState) -> None:
    if now.sweep is not None and now.sweep.points:
        _charts(now.sweep.under(STRATEGY_LABELS))


def _ended(scenario: Scenario) -> None:
    job = jobs.SWEEP.current
    found = None if job is None else job.state.sweep
    if job is not None:
        jobs.ended(jobs.SWEEP, job)
    if job is None or found is None or not found.points:
        return
    measured = link.decode(job.request.link)[0]
    if measured != scenario:
        text = f"Measured before the scenario changed, for `{export.call(measured)}`."
        texts.show("sweep_stale", texts.lines(text, kind="caution"))
    _found(found, catalogue.labels(measured.function))


def _found(found: Sweep, labels: Labels) -> None:
    """The answer, the charts, and what else there is to say."""
    shown = found.under(labels)
    first, *others = remarks(found, labels)
    texts.show("sweep_headline", texts.lines(first, kind="answer"))
    _charts(shown)
    rejected = (f"`{one.name}`: {one.sentence}" for one in shown.rejected)
    texts.show("sweep_remarks", texts.lines(*others, *rejected), texts.lines(LEGEND, f"{found.conditions}."))


def _charts(shown: Sweep) -> None:
    times, once = st.columns([1.4, 1])
    spread = bool(st.session_state.get(SPREAD))
    charts.show(sweep_lines(shown, spread=spread), "sweep_chart", times)
    charts.show(compile_lines(shown), "compile_chart", once)

"""The view Time: how long one call takes, why, how that changes with the size, and what to keep of it.

Each section says first what it will do and how long that takes, and then its answer, before the figures.
"""

from dataclasses import replace
from typing import cast

import streamlit as st

from vmapdemo import export, outcome
from vmapdemo.figures import timing as figures
from vmapdemo.peers import catalogue
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Timing
from vmapdemo.timing.results.remarks import confidence, headline
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.service.job import Kind
from vmapdemo.views import state, texts
from vmapdemo.views.time import charts, jobs, keeping, opening, sweep, why

HEADING = texts.heading("How long does one call take?")
PLAN = "Runs {} strategies in turns, in a process that does nothing else, and takes the best time of each: about 5 s."
KEEPING = texts.heading("Keep, compare, export")
TIMEIT = (
    "As %timeit prints it: the mean, which grows with whatever else the machine does. Compare the best times above."
)
PEERS = "Other ways in JAX, and NumPy; SciPy and torch where they are installed. Each is checked before it is timed."
LIE = "The last column is no run time: it is what a benchmark shows that does not wait until the result is there."
MOVED = "The strategies written by hand know axis 0 alone: moving the batch there is in their time."


def show(scenario: Scenario, view: View) -> None:
    """The sections, one below the other."""
    why_not = _why_not(scenario)
    _run_as_linked(scenario, view, why_not)
    if why_not:
        texts.show("nothing_to_measure", texts.lines("There is nothing to measure.", why_not, kind="caution"))
    else:
        jobs.pool().prestart()
    _measuring(scenario, view, why_not)
    why.show(scenario, view, why_not)
    sweep.show(scenario, view, why_not)
    texts.show("keep_heading", KEEPING)
    for kind in keeping.KINDS:
        keeping.show(kind, jobs.measured(kind))
    opening.show()


def _why_not(scenario: Scenario) -> str:
    if not scenario.batched:
        return "The function is called once: batch the call with vmap first."
    if not scenario.has_numbers:
        return "The arrays have shapes alone: write numbers in Explore first."
    if not outcome.explanation(scenario).ok:
        return "The call fails. Explore says why, and what to write instead."
    return ""


def _run_as_linked(scenario: Scenario, view: View, why_not: str) -> None:
    """Start what the link asks for, once: the address then names the scenario alone, so that a reload is no wish."""
    if view.run is not None:
        _start_as_linked(cast(Kind, view.run), scenario, replace(view, run=None), why_not)
        st.rerun()


@state.callback
def _start_as_linked(kind: Kind, scenario: Scenario, view: View, why_not: str) -> None:
    state.change(scenario, view, is_step=False)  # going back to it would be no wish either
    if kind in sweep.CHOICES:
        st.session_state[sweep.VARY] = kind
    if not why_not:
        jobs.start(kind, scenario, view)


def _measuring(scenario: Scenario, view: View, why_not: str) -> None:
    texts.show("measure_heading", HEADING, texts.lines(PLAN.format(len(scenario.strategies))))
    with st.container(horizontal=True, vertical_alignment="center"):
        jobs.button("Measure", "compare", scenario, view, why_not)
        st.toggle("Also without block_until_ready", key=jobs.UNWAITED)
        if catalogue.available(scenario.function) and not outcome.is_moved(scenario):
            st.toggle("More formulations", key=jobs.PEERS, help=PEERS)
    jobs.notice(jobs.COMPARISON)
    if jobs.COMPARISON.is_running:
        jobs.running(jobs.COMPARISON)
    else:
        _ended(scenario)


def _ended(scenario: Scenario) -> None:
    job = jobs.COMPARISON.current
    if job is None:
        return
    jobs.ended(jobs.COMPARISON, job)
    if job.state.comparison is not None:
        _comparison(job.state.comparison, link.decode(job.request.link)[0], scenario)


def _comparison(found: Comparison, measured: Scenario, scenario: Scenario) -> None:
    """The answer, the chart, how sure it is; everything else is folded."""
    if measured != scenario:
        stale = f"Measured before the scenario changed, for `{export.call(measured)}`."
        texts.show("stale", texts.lines(stale, kind="caution"))
    labels = catalogue.labels(measured.function)
    shown = found.under(labels)
    said = headline(found.timings, found.baseline, labels)
    texts.show("headline", texts.lines(*said, kind="answer"))
    best = figures.best_times(shown.timings, shown.conditions, shown.baseline)
    charts.show(best, "best_times")
    rejected = (f"`{one.name}`: {one.sentence}" for one in shown.rejected)
    sure = confidence(shown.timings, shown.conditions)
    moved = [MOVED] if outcome.is_moved(measured) else []
    texts.show("conditions", texts.lines(*sure, f"{found.conditions}.", *moved, *rejected))
    _lie(shown.timings)
    with st.expander("First calls, compiling, and what %timeit prints", key="more_figures"):
        charts.show(figures.cold_costs(shown.timings), "cold_costs")
        width = max((len(timing.name) for timing in shown.timings), default=0)
        lines = (f"{name:{width}}  {line}" for name, line in shown.timeit_lines().items())
        st.code("\n".join(lines), language=None, wrap_lines=True)
        texts.show("timeit", texts.lines(TIMEIT))


def _lie(timings: tuple[Timing, ...]) -> None:
    """The figures that do not wait beside those that do."""
    rows = [
        (one.name, format_seconds(one.best_s), format_seconds(one.unwaited_s))
        for one in timings
        if one.unwaited_s is not None
    ]
    if rows:
        table = texts.table(("strategy", "best time", "without block_until_ready"), rows, numbers=True)
        texts.show("lie", table, texts.lines(LIE))

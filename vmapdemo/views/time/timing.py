"""The view Time: measure the strategies on the scenario, in a process of their own, and say what the figures mean."""

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
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.service.job import Kind
from vmapdemo.timing.service.saved import Saved
from vmapdemo.views import state, texts
from vmapdemo.views.time import jobs, keeping, opening, sweep, why

CHART = {"displayModeBar": False}
TIMEIT = (
    "As %timeit prints it: the mean, which grows with whatever else the machine does. Compare the best times above."
)
PEERS = "Other ways in JAX, and NumPy; SciPy and torch where they are installed. Each is checked before it is timed."
LIE = "The last column is no run time: it is what a benchmark shows that does not wait until the result is there."


def show(scenario: Scenario, view: View) -> None:
    """The call, then measuring it as it is, then over sizes; and what was measured elsewhere."""
    why_not = _why_not(scenario)
    _run_as_linked(scenario, view, why_not)
    if why_not:
        texts.show("nothing_to_measure", texts.lines("There is nothing to measure.", why_not, kind="caution"))
    else:
        jobs.pool().prestart()
    _buttons(scenario, view, why_not)
    jobs.notice(jobs.COMPARISON)
    if jobs.COMPARISON.is_running:
        jobs.running(jobs.COMPARISON)
    else:
        _ended(scenario)
    why.show(scenario, view, why_not)
    sweep.show(scenario, view, why_not)
    opening.show()


def _why_not(scenario: Scenario) -> str:
    if not scenario.batched:
        return "The function is called once: batch the call with vmap first."
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


def _buttons(scenario: Scenario, view: View, why_not: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure",
            key="measure",
            type="primary",
            disabled=bool(why_not) or jobs.is_busy(),
            on_click=jobs.start,
            args=("compare", scenario, view),
        )
        st.toggle("Also without block_until_ready", key=jobs.UNWAITED)
        if catalogue.available(scenario.function) and not outcome.is_moved(scenario):
            st.toggle("More formulations", key=jobs.PEERS, help=PEERS)


def _ended(scenario: Scenario) -> None:
    job = jobs.COMPARISON.current
    if job is not None:
        jobs.ended(jobs.COMPARISON, job)
    found = None if job is None else job.state.comparison
    if job is not None and found is not None:
        _comparison(found, link.decode(job.request.link)[0], scenario)
        keeping.show("comparison", Saved(job.request.link, comparison=found))
    else:
        keeping.show("comparison", None)


def _comparison(found: Comparison, measured: Scenario, scenario: Scenario) -> None:
    if measured != scenario:
        texts.show(
            "stale",
            texts.lines(f"Measured before the scenario changed, for `{export.call(measured)}`.", kind="caution"),
        )
    if outcome.is_moved(measured):
        texts.show(
            "moved",
            texts.lines("The strategies written by hand know axis 0 alone: moving the batch there is in their time."),
        )
    best = figures.best_times(found.timings, found.conditions, found.baseline)
    st.plotly_chart(best, key="best_times", config=CHART)
    costs, words = st.columns(2)
    costs.plotly_chart(figures.cold_costs(found.timings), key="cold_costs", config=CHART)
    with words:
        texts.show("remarks", texts.lines(*found.remarks, *(f"`{one.name}`: {one.sentence}" for one in found.rejected)))
    st.code(
        "\n".join(f"{name:8} {line}" for name, line in found.timeit_lines().items()), language=None, wrap_lines=True
    )
    _lie(found)
    texts.show("conditions", texts.lines(TIMEIT, f"{found.conditions}."))


def _lie(found: Comparison) -> None:
    """The figures that do not wait beside those that do."""
    rows = [
        (one.name, format_seconds(one.best_s), format_seconds(one.unwaited_s))
        for one in found.timings
        if one.unwaited_s is not None
    ]
    if rows:
        texts.show("lie", texts.table(("strategy", "best time", "without block_until_ready"), rows), texts.lines(LIE))

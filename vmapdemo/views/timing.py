"""The view Time: measure the strategies on the scenario, in a process of their own, and say what the figures mean."""

from functools import cache

import streamlit as st

from vmapdemo import export, link, outcome
from vmapdemo.figures import timing as figures
from vmapdemo.link import View
from vmapdemo.scenario import Scenario
from vmapdemo.timing.job import Job, JobState
from vmapdemo.timing.pool import Pool, QueueFullError
from vmapdemo.timing.report import Comparison
from vmapdemo.views import state, texts

JOB = "job"
LOOK_EVERY_S = 0.4
CHART = {"displayModeBar": False}
TIMEIT = (
    "As %timeit prints it: the mean, which grows with whatever else the machine does. Compare the best times above."
)


@cache
def pool() -> Pool:
    """The measuring processes of this server, shared by all its visitors."""
    return Pool()


def show(scenario: Scenario, view: View) -> None:
    """The call, the button, and the measurement that is running or done."""
    st.code(export.call(scenario), language="python", wrap_lines=True)
    job: Job | None = st.session_state.get(JOB)
    busy = job is not None and not job.state.ended
    why_not = _why_not(scenario)
    if why_not:
        texts.show("nothing_to_measure", texts.lines("There is nothing to measure.", why_not, kind="caution"))
    else:
        pool().prestart()
    st.button(
        "Measure", key="measure", type="primary", disabled=bool(why_not) or busy, on_click=_start, args=(scenario, view)
    )
    sentence = state.notice("measure")
    if sentence:
        texts.show("notice_measure", texts.lines("Nothing is measured.", sentence, kind="caution"))
    if job is not None:
        _running() if busy else _ended(job, scenario)


def _why_not(scenario: Scenario) -> str:
    if not scenario.batched:
        return "The function is called once: batch the call with vmap first."
    if not outcome.explanation(scenario).ok:
        return "The call fails. Explore says why, and what to write instead."
    return ""


@state.callback
def _start(scenario: Scenario, view: View) -> None:
    try:
        st.session_state[JOB] = pool().submit(link.encode(scenario, view))
    except QueueFullError as error:
        state.refuse("measure", str(error))


@st.fragment(run_every=LOOK_EVERY_S)
def _running() -> None:
    """Progress, or the place in the queue. The page is drawn anew once there is a result."""
    job: Job = st.session_state[JOB]
    job.touch()
    now = job.state
    if now.ended:
        st.rerun()
    st.progress(now.fraction, text=_progress(job, now))
    if now.sentence:
        texts.show("measuring", texts.lines(now.sentence))
    st.button("Cancel", key="cancel", on_click=job.cancel)


def _progress(job: Job, now: JobState) -> str:
    position = job.position
    if now.status == "queued" and position is not None:
        return f"Waiting for {position + 1} {'measurement' if position == 0 else 'measurements'} of other visitors."
    return now.text or "Starting a process that does nothing else."


def _ended(job: Job, scenario: Scenario) -> None:
    now = job.state
    if now.sentence:
        texts.show("why_ended", texts.lines(now.sentence, kind="plain" if now.comparison else "caution"))
    if now.status == "cancelled" and not now.sentence:
        texts.show("cancelled", texts.lines("The measurement was cancelled.", kind="caution"))
    if now.comparison is not None:
        _comparison(now.comparison, link.decode(job.link)[0], scenario)


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
    times, ratios = st.columns(2)
    times.plotly_chart(figures.best_times(found), key="best_times", config=CHART)
    ratios.plotly_chart(figures.speedups(found), key="speedups", config=CHART)
    costs, words = st.columns(2)
    costs.plotly_chart(figures.cold_costs(found), key="cold_costs", config=CHART)
    with words:
        texts.show("remarks", texts.lines(*found.remarks, *(f"`{one.name}`: {one.sentence}" for one in found.rejected)))
    st.code(
        "\n".join(f"{name:8} {line}" for name, line in found.timeit_lines().items()), language=None, wrap_lines=True
    )
    texts.show("conditions", texts.lines(TIMEIT, f"{found.conditions}."))

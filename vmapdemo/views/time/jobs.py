"""A visitor's measurements on the page: asked for, waited for, ended. All visitors share one pool and its queue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import streamlit as st

from vmapdemo.hosting.address import origin
from vmapdemo.hosting.bucket import Allowance, Buckets
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.service.job import Job, JobState, Kind, Request
from vmapdemo.timing.service.pool import Pool, QueueFullError
from vmapdemo.timing.service.saved import Saved, SavedKind
from vmapdemo.timing.service.slots import shared_folder
from vmapdemo.timing.sweeping.task import BUDGET_S
from vmapdemo.views import state, texts
from vmapdemo.views.streamlit_internals import presence

LOOK_EVERY_S = 0.4
ELSEWHERE_EVERY_S = 2.0
"""How often the other views look: seldom, as there is less to see, but well before a job counts as abandoned."""
ELSEWHERE = "elsewhere"
JOBS = "jobs"
"""The visitor's last job in each place, in a dict of ours: putting one there cannot be interrupted."""
UNWAITED = "unwaited"
PEERS = "peers"
MEASUREMENTS = Allowance(rate_per_s=0.2, burst=60.0)
"""From one address, which may be a whole class."""
TOO_OFTEN = "So much was measured from your address that others should have their turn. Try again in a minute."
BUDGETS_S: dict[Kind, float] = {"compare": 4.0, "batch": BUDGET_S, "length": BUDGET_S, "why": 8.0}


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page a kind of measurement lives: the keys of what it draws, its button's being its job's too."""

    button: str
    cancel: str
    cancelled: str

    @property
    def current(self) -> Job | None:
        """The visitor's last job of this kind."""
        return _jobs().get(self.button)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.current is not None and not self.current.state.ended


COMPARISON = Place("measure", "cancel", "The measurement was cancelled.")
SWEEP = Place("sweep", "cancel_sweep", "The sweep was cancelled. What was measured stays.")
WHY = Place("why", "cancel_why", "It was cancelled.")
PLACES: dict[Kind, Place] = {"compare": COMPARISON, "batch": SWEEP, "length": SWEEP, "why": WHY}


_asked_from = Buckets(MEASUREMENTS)


@cache
def pool() -> Pool:
    """The measuring processes of this server, shared by all its visitors, and the machine by all its servers."""
    return Pool(slots=shared_folder())


def _jobs() -> dict[str, Job]:
    jobs: dict[str, Job] = st.session_state.setdefault(JOBS, {})
    return jobs


def is_busy() -> bool:
    """Whether something of the visitor's is being measured: one thing at a time."""
    return any(not job.state.ended for job in _jobs().values())


@state.callback
def start(kind: Kind, scenario: Scenario, view: View) -> None:
    """Ask for a measurement of the scenario, unless there is one; where none is taken, the page says why.

    It goes on as long as the page is connected, whatever is looked at there, and also where the tab is hidden.

    Nothing of Streamlit's stands between the pool and the session's dict: asked once more after an interruption, it
    finds the job there.
    """
    place, jobs = PLACES[kind], _jobs()
    if is_busy():
        return
    text = link.encode(scenario, replace(view, run=kind))
    shows_lie, with_peers = (bool(st.session_state.get(key)) for key in (UNWAITED, PEERS))
    request = Request(text, BUDGETS_S[kind], kind, shows_lie, with_peers)
    try:
        if not _asked_from.take(origin(st.context.ip_address)):
            raise QueueFullError(TOO_OFTEN)
        jobs[place.button] = pool().submit(request, presence())
    except QueueFullError as error:
        state.refuse(place.button, str(error))


def measured(kind: SavedKind) -> Saved | None:
    """The visitor's last measurement of this kind, if it has ended and found something."""
    job = (COMPARISON if kind == "comparison" else SWEEP).current
    if job is None or not job.state.ended:
        return None
    comparison, sweep = job.state.comparison, job.state.sweep
    if kind == "comparison":
        return None if comparison is None else Saved(job.request.link, comparison=comparison)
    return None if sweep is None or not sweep.points else Saved(job.request.link, sweep=sweep)


def button(label: str, kind: Kind, scenario: Scenario, view: View, why_not: str, *, is_first: bool = True) -> None:
    """The button that asks for a measurement; it can be pressed if there is one to make and nothing is measured yet."""
    st.button(
        label,
        key=PLACES[kind].button,
        type="primary" if is_first else "secondary",
        disabled=bool(why_not) or is_busy(),
        on_click=start,
        args=(kind, scenario, view),
    )


def notice(place: Place) -> None:
    """Why the last wish was not taken, if it was not."""
    sentence = state.notice(place.button)
    if sentence:
        texts.show(f"notice_{place.button}", texts.lines("Nothing is measured.", sentence, kind="caution"))


@st.fragment(run_every=LOOK_EVERY_S)
def running(place: Place, draw: Callable[[JobState], None] = lambda now: None) -> None:
    """Progress, or the place in the queue, and what `draw` makes of it. Once it has ended the page is drawn anew."""
    job = place.current
    if job is None:
        return
    job.touch()
    now = job.state
    if now.ended:
        st.rerun()
    st.progress(now.fraction, text=_progress(job, now))
    if now.sentence:
        texts.show(f"{place.button}_meanwhile", texts.lines(now.sentence))
    st.button("Cancel", key=place.cancel, on_click=job.cancel)
    draw(now)


def elsewhere(view: View) -> None:
    """On the other views: how far the visitor's measurement is. That somebody looks at it keeps it going."""
    if view.page != "time" and is_busy():
        _running_elsewhere()


@st.fragment(run_every=ELSEWHERE_EVERY_S)
def _running_elsewhere() -> None:
    job = next((job for job in _jobs().values() if not job.state.ended), None)
    if job is None:
        st.rerun()
    job.touch()
    now = job.state
    with st.container(key=ELSEWHERE):
        st.progress(now.fraction, text=f"Measuring for the view Time: {_progress(job, now)}")


def ended(place: Place, job: Job) -> None:
    """What the visitor should know of a job that has ended, apart from its figures."""
    now = job.state
    if now.sentence:
        block = texts.lines(now.sentence, kind="plain" if now.status == "done" else "caution")
        texts.show(f"{place.button}_why_ended", block)
    if now.status == "cancelled" and not now.sentence:
        texts.show(f"{place.button}_cancelled", texts.lines(place.cancelled, kind="caution"))


def _progress(job: Job, now: JobState) -> str:
    position = job.position
    if now.status == "queued" and position is not None:
        return f"Waiting for {position + 1} {'measurement' if position == 0 else 'measurements'} of other visitors."
    return now.text or "Starting a process that does nothing else."

"""What is asked for and touched, with a session that Streamlit may interrupt whenever it is read or written."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException

from vmapdemo.hosting.bucket import Allowance, Buckets
from vmapdemo.scenario import presets
from vmapdemo.scenario.link import View
from vmapdemo.timing.service.job import Job, JobState, Presence, Request
from vmapdemo.timing.service.pool import Pool
from vmapdemo.views.time import jobs, keeping

SCENARIO, VIEW = presets.DEFAULT.scenario, View("time")


class Session(dict[str, Any]):
    """A session that is interrupted once, at the access of that number."""

    def __init__(self, interrupted_at: int) -> None:
        super().__init__()
        self.left = interrupted_at

    def _yield(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise RerunException(RerunData())

    def __getitem__(self, key: str) -> Any:
        self._yield()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._yield()
        super().__setitem__(key, value)

    def get(self, key: str, default: Any = None) -> Any:
        self._yield()
        return super().get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._yield()
        return super().setdefault(key, default)


def job_of(request: Request, now: JobState | None = None) -> Job:
    job = Job(request, lambda: 0.0, lambda job: 0, lambda job: None)
    job._state = now or JobState()
    return job


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """The requests that reach the pool, which measures nothing."""
    requests: list[Request] = []

    def submit(self: Pool, request: Request, is_owner_here: Presence) -> Job:
        requests.append(request)
        return job_of(request)

    monkeypatch.setattr(Pool, "submit", submit)
    return requests


@pytest.mark.parametrize("interrupted_at", range(1, 13))
def test_one_press_asks_once_wherever_it_is_interrupted(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch, interrupted_at: int
) -> None:
    session = Session(interrupted_at)
    monkeypatch.setattr(st, "session_state", session)
    with suppress(RerunException):
        jobs.start("compare", SCENARIO, VIEW)
    session.left = 0
    assert [request.kind for request in asked] == ["compare"]
    assert jobs.is_busy()
    assert jobs.COMPARISON.current is not None


def test_a_second_wish_is_not_taken_while_the_first_is_measured(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    jobs.start("compare", SCENARIO, VIEW)
    jobs.start("batch", SCENARIO, VIEW)
    assert [request.kind for request in asked] == ["compare"]


def test_forgetting_twice_is_forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"kept_sweep": "{}"})
    keeping._forget("sweep")
    keeping._forget("sweep")
    assert st.session_state == {}


def test_an_address_that_measures_all_the_time_has_to_wait(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_asked_from", Buckets(Allowance(rate_per_s=0, burst=2)))
    for _ in range(3):
        monkeypatch.setattr(st, "session_state", {jobs.state.NOTICES: {}})
        jobs.start("compare", SCENARIO, VIEW)
    assert len(asked) == 2
    assert jobs.state.notice("measure") == jobs.TOO_OFTEN

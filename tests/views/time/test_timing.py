from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from tests.timing.made_up import notebook, timing
from tests.timing.made_up_sweep import batches, lengths
from tests.views.driving import data, keys, link_of, opened, ran, scenario, texts, view, widget, widget_id
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.timing.programs.hlo import read_program
from vmapdemo.timing.programs.inspection import inspect_program
from vmapdemo.timing.results.sweep_remarks import remarks
from vmapdemo.timing.service.job import Job, JobState, Presence, Request
from vmapdemo.timing.service.pool import Pool
from vmapdemo.timing.service.saved import Saved
from vmapdemo.timing.why import Why
from vmapdemo.views.time import jobs, keeping, opening

CALL = link.encode(PRESETS["vmap"].scenario, View("time", run="batch"))
CHARTS = {"sweep_chart", "compile_chart"}


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Measures nothing: what was asked for stays in the queue."""
    asked: list[Request] = []

    def submit(self: Pool, request: Request, is_owner_here: Presence) -> Job:
        asked.append(request)
        return _job(JobState(), request)

    monkeypatch.setattr(Pool, "submit", submit)
    monkeypatch.setattr(Pool, "prestart", lambda self: None)
    return asked


def _job(now: JobState, request: Request | None = None) -> Job:
    job = Job(request or Request(CALL, 20.0, "batch"), lambda: 0.0, lambda job: 0, lambda job: None)
    job._state = now
    return job


def put(page: AppTest, place: jobs.Place, now: JobState) -> None:
    """Give the visitor a job in that state, in place of the one there."""
    page.session_state[jobs.JOBS] = {place.button: _job(now)}


def with_job(place: jobs.Place, now: JobState, query: str = "view=time") -> AppTest:
    page = opened(query)
    put(page, place, now)
    return ran(page)


def test_a_call_that_fails_or_is_not_batched_has_nothing_to_measure() -> None:
    for preset, words in {"mismatch": "The call fails", "two-taps": "The call fails", "single": "called once"}.items():
        page = opened(f"preset={preset}&view=time")
        assert words in texts(page, "nothing_to_measure")
        assert page.button("measure").disabled
        assert page.button("sweep").disabled


def test_the_views_share_one_state() -> None:
    page = opened("preset=axes-1-1")
    before = link_of(page)
    widget(page, "chosen_view").set_value("time")
    ran(page)
    assert view(page).page == "time"
    assert "measure" in keys(page)
    assert "typed_in_axes-v0" not in keys(page)
    widget(page, "chosen_view").set_value("explore")
    ran(page)
    assert link_of(page) == before


def test_a_preset_chosen_in_the_view_time_stays_in_it() -> None:
    page = opened("view=time&large=1")
    widget(page, "chosen_preset").select("distinct-rows")
    ran(page)
    assert (view(page).page, view(page).preset, view(page).large) == ("time", "distinct-rows", True)


def test_each_button_asks_for_its_own_measurement(pool: list[Request]) -> None:
    page = opened("view=time")
    page.toggle("unwaited").set_value(True)
    page.button("measure").click()
    ran(page)
    assert (pool[0].kind, pool[0].budget_s, pool[0].shows_lie) == ("compare", 4.0, True)
    assert link.decode(pool[0].link) == (scenario(page), replace(view(page), run="compare"))
    assert page.button("sweep").disabled


@pytest.mark.parametrize("vary", ["batch", "length"])
def test_the_choice_decides_what_is_swept(pool: list[Request], vary: str) -> None:
    page = opened("view=time")
    page.button_group("vary").set_value(vary)
    ran(page)
    page.button("sweep").click()
    ran(page)
    assert [(one.kind, one.budget_s, one.shows_lie) for one in pool] == [(vary, 20.0, False)]
    assert page.button("measure").disabled
    assert "cancel_sweep" in keys(page)


@pytest.mark.parametrize("page_name", ["explore", "trace"])
def test_the_other_views_keep_a_measurement_alive_and_say_how_far_it_is(page_name: str) -> None:
    seconds = [0.0]
    job = Job(Request(CALL, 20.0, "batch"), lambda: seconds[0], lambda job: None, lambda job: None)
    job._state = JobState("measuring", 0.4, "Batch size 64: measuring")
    page = opened(f"view={page_name}")
    assert not page.get("progress")
    page.session_state[jobs.JOBS] = {jobs.SWEEP.button: job}
    seconds[0] = 14.0
    ran(page)
    assert job.idle_s == 0.0
    (shown,) = page.get("progress")
    assert shown.proto.text == "Measuring for the view Time: Batch size 64: measuring"
    job._state = JobState("done", 1.0)
    assert not ran(page).get("progress")


def test_a_sweep_is_drawn_while_it_is_measured() -> None:
    growing = replace(batches(), points=batches().points[:5], complete=False)
    page = with_job(jobs.SWEEP, JobState("measuring", 0.4, "Batch size 64: measuring; about 9 s left", sweep=growing))
    assert keys(page) >= {*CHARTS, "cancel_sweep"}
    assert page.button("sweep").disabled
    assert page.button("measure").disabled


def test_before_its_first_point_a_sweep_has_no_chart() -> None:
    page = with_job(jobs.SWEEP, JobState("measuring", 0.1, sweep=replace(batches(), points=())))
    assert not keys(page) & CHARTS


@pytest.mark.parametrize("sweep", [batches(), lengths()])
def test_a_finished_sweep_has_charts_remarks_and_conditions(sweep: Any) -> None:
    page = with_job(jobs.SWEEP, JobState("done", 1.0, sweep=sweep))
    assert keys(page) >= CHARTS
    first, *others = remarks(sweep, STRATEGY_LABELS)
    assert first in texts(page, "sweep_headline")
    assert all(sentence in texts(page, "sweep_remarks") for sentence in others)
    assert str(sweep.conditions) in texts(page, "sweep_remarks")
    assert "keep_sweep" in keys(page)
    assert not page.button("sweep").disabled


def test_a_cancelled_sweep_keeps_its_charts_and_says_so() -> None:
    page = with_job(jobs.SWEEP, JobState("cancelled", sweep=replace(batches(), complete=False)))
    assert "What was measured stays." in texts(page, "sweep_cancelled")
    assert keys(page) >= CHARTS


def test_a_sweep_that_failed_says_why() -> None:
    page = with_job(jobs.SWEEP, JobState("failed", sentence="jax.vmap takes no other length here."))
    assert "takes no other length" in texts(page, "sweep_why_ended")
    assert not keys(page) & CHARTS


def test_a_sweep_of_another_scenario_says_that_it_is_stale() -> None:
    page = with_job(jobs.SWEEP, JobState("done", sweep=batches()), "preset=distinct-rows&view=time")
    assert "Measured before the scenario changed" in texts(page, "sweep_stale")


def test_the_figures_without_waiting_stand_beside_the_honest_ones() -> None:
    found = notebook()
    lying = replace(found, timings=(*found.timings[:-1], replace(found.timings[-1], unwaited_s=2e-6)))
    page = with_job(jobs.COMPARISON, JobState("done", comparison=lying))
    assert "jit of vmap 8 µs 2 µs" in texts(page, "lie")
    assert "no run time" in texts(page, "lie")
    assert "lie" not in keys(with_job(jobs.COMPARISON, JobState("done", comparison=found)))


def test_a_kept_measurement_is_held_against_the_next_one() -> None:
    page = with_job(jobs.COMPARISON, JobState("done", comparison=notebook()))
    page.button("keep_comparison").click()
    ran(page)
    assert "Measure again to see what has changed." in texts(page, "kept_comparison_about")
    slower = replace(notebook().timings[0], best_s=2 * notebook().timings[0].best_s)
    put(page, jobs.COMPARISON, JobState("done", comparison=replace(notebook(), timings=(slower,))))
    ran(page)
    assert "Python loop 3.2 ms 6.4 ms 2 takes 2 times as long" in texts(page, "kept_comparison_about")
    page.button("forget_comparison").click()
    ran(page)
    assert "kept_comparison_about" not in keys(page)


def test_a_kept_sweep_is_held_against_the_next_one_size_by_size() -> None:
    page = with_job(jobs.SWEEP, JobState("done", sweep=batches()))
    page.button("keep_sweep").click()
    ran(page)
    other = tuple(point for point in batches().points if point.name != "copy")
    put(page, jobs.SWEEP, JobState("done", sweep=replace(batches(), points=other)))
    ran(page)
    assert "batch size empty call Python loop jit of vmap 1 1 1 1 4 1 1 1" in texts(page, "kept_sweep_about")


def test_another_scenario_of_a_kept_measurement_is_a_click_away() -> None:
    page = with_job(jobs.SWEEP, JobState("done", sweep=batches()), "preset=distinct-rows&view=time")
    page.button("keep_sweep").click()
    ran(page)
    page.button("visit_sweep").click()
    ran(page)
    assert scenario(page) == PRESETS["vmap"].scenario


@pytest.mark.parametrize("run", ["compare", "batch", "length"])
def test_a_link_that_asks_for_it_measures_once(pool: list[Request], run: str) -> None:
    page = opened(f"preset=shared-kernel&view=time&run={run}")
    assert [one.kind for one in pool] == [run]
    assert scenario(page) == PRESETS["shared-kernel"].scenario
    assert view(page).run is None
    assert "run=" not in data(page, "call")["address"]["query"]
    ran(page)
    assert len(pool) == 1
    if run == "length":
        assert page.button_group("vary").value == "length"


def test_a_link_that_asks_for_what_cannot_be_measured_measures_nothing(pool: list[Request]) -> None:
    page = opened("preset=mismatch&view=time&run=compare")
    assert pool == []
    assert "The call fails" in texts(page, "nothing_to_measure")


@pytest.mark.parametrize("saved", [Saved(CALL, comparison=notebook()), Saved(CALL, sweep=batches())])
def test_a_file_is_read_as_what_it_was_saved_as(saved: Saved) -> None:
    assert opening.read(saved.to_json().encode()) == saved


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is not JSON"),
        (b"\xff\xfe", "The file is not text."),
        (b"[" * 1_000_001, "The file has 1,000,001 bytes; at most 1,000,000 are read."),
        (b'{"version": 1}', "lacks the field 'link'"),
        (notebook().to_json().encode(), "Saved has no field"),
    ],
)
def test_any_other_file_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        opening.read(content)


HOSTILE: dict[str, tuple[str, str]] = {
    "no sizes": ('"sizes": [1, 4, 16, 64]', '"sizes": []'),
    "a time that nothing takes": ('"median_s": 1.1e-06', '"median_s": 5e-324'),
    "a quartile that nothing takes": ('"upper_quartile_s": 1.3e-06', '"upper_quartile_s": 5e-324'),
    "more runs than anybody counts": ('"runs": 52', f'"runs": {10**29}'),
    "compile times at one size alone": ('"size": 4, "trace_s"', '"size": 1, "trace_s"'),
}


@pytest.mark.parametrize("changed", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_the_page_cannot_draw_is_refused_and_the_kept_run_stays(changed: tuple[str, str]) -> None:
    good = Saved(CALL, sweep=lengths()).to_json()
    assert changed[0] in good
    page = opened("view=time")
    _open(page, good)
    assert "kept_sweep_about" in keys(page)
    _open(page, good.replace(*changed))
    assert "This is no measurement that this version can read" in texts(page, "notice_open_file")
    assert "kept_sweep_about" in keys(page)
    assert page.session_state["kept_sweep"] == good


def test_figures_that_break_the_drawing_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("view=time")
    monkeypatch.setattr(keeping, "sweep_lines", lambda sweep: 1 / 0)
    _open(page, Saved(CALL, sweep=batches()).to_json())
    assert "Its figures cannot be drawn." in texts(page, "notice_open_file")
    assert "kept_sweep_about" not in keys(page)


def test_strategies_that_the_page_would_call_the_same_are_refused() -> None:
    page = opened("view=time")
    twice = tuple(timing(name, 1e-3) for name in ("loop", "Python loop"))
    _open(page, Saved(CALL, comparison=replace(notebook(), timings=twice)).to_json())
    assert "Its figures cannot be drawn." in texts(page, "notice_open_file")
    assert "kept_comparison_about" not in keys(page)


def test_a_file_that_has_not_arrived_is_asked_for_again() -> None:
    page = opened("view=time")
    missing = WidgetState(id=widget_id(page, opening.FILE))
    missing.file_uploader_state_value.uploaded_file_info.add(file_id="gone", name="saved.json", size=9)
    ran(page, missing)
    assert "The file has not arrived here: choose it again." in texts(page, "notice_open_file")


def _open(page: AppTest, text: str) -> None:
    page.file_uploader(opening.FILE).set_value([("saved.json", text.encode(), "application/json")])
    ran(page)


def _known() -> Why:
    program = read_program(inspect_program(jnp.sin, (jnp.ones(3),)))
    assert program is not None
    return Why(notebook(), {"vmap": program, "jit": program}, {"loop": 3.1e-3}, prices_confirmed=True)


def test_why_is_asked_for_in_the_pool(pool: list[Request]) -> None:
    page = opened("view=time")
    page.button("why").click()
    ran(page)
    assert [(request.kind, request.budget_s) for request in pool] == [("why", 8.0)]


def test_what_is_known_of_the_times_stands_in_a_table_with_the_programs_below() -> None:
    page = with_job(jobs.WHY, JobState("done", 1.0, why=_known()))
    said = texts(page, "why_table")
    for words in ("predicted", "3.1 ms", "57", "instructions"):
        assert words in said
    assert "sine" in texts(page, "why_program")


def test_more_formulations_are_measured_where_the_batch_is_on_axis_0(pool: list[Request]) -> None:
    page = opened("view=time")
    page.toggle(jobs.PEERS).set_value(True)
    ran(page)
    page.button("measure").click()
    ran(page)
    assert [(request.kind, request.with_peers) for request in pool] == [("compare", True)]
    assert jobs.PEERS not in keys(opened("preset=axes-1-1&view=time"))


def test_before_measuring_it_says_how_many_strategies_and_how_long() -> None:
    assert "Runs 5 strategies in turns" in texts(opened("view=time"), "measure_heading")
    assert "Runs 3 strategies in turns" in texts(opened("preset=cond&view=time"), "measure_heading")
    assert "about 5 s" in texts(opened("view=time"), "measure_heading")


def test_the_answer_comes_first_then_the_chart_then_why() -> None:
    page = with_job(jobs.COMPARISON, JobState("done", comparison=notebook()))
    assert "jit of vmap is fastest: 8 µs a call, 400 times as fast as Python loop." in texts(page, "headline")
    drawn = [key for element in page.main if (key := getattr(element, "key", None))]
    places = [drawn.index(key) for key in ("measure", "headline", "best_times", "why_heading", "remarks", "why")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("place", "now"),
    [
        (jobs.COMPARISON, JobState("done", comparison=notebook())),
        (jobs.SWEEP, JobState("done", sweep=lengths())),
        (jobs.WHY, JobState("done", why=_known())),
    ],
)
def test_a_strategy_has_one_name_on_the_page(place: jobs.Place, now: JobState) -> None:
    page = with_job(place, now)
    shown = " ".join(element.proto.json for element in page.get("bidi_component"))
    shown += " ".join(element.proto.spec for element in page.get("plotly_chart"))
    shown += " ".join(element.value for element in page.code)
    assert [name for name in ("mathy", "shifted", '"loop"', '"jit"') if name in shown] == []

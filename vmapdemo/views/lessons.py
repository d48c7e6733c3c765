"""The lessons of this server, and what a visitor asks for: to open one, to answer, to have an exercise checked."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from vmapdemo.hosting import settings
from vmapdemo.lessons.course import course, lesson
from vmapdemo.lessons.faults import CourseError
from vmapdemo.lessons.judging import Judged, judge
from vmapdemo.lessons.questions import LETTERS
from vmapdemo.lessons.records import Lesson
from vmapdemo.lessons.words import ENGLISH, Words, words
from vmapdemo.lessons.writing import Written
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.link import View
from vmapdemo.scenario.progress import PARTS, UNKNOWN, Progress
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state

CHECKED = "checked"
"""What was checked last, the lesson and the call, and what was said of it."""


@cache
def folder() -> Path:
    """Where the lessons are: the setting of the server, or our own."""
    return settings.read().lessons or ENGLISH


def written() -> Mapping[str, Written]:
    """The lessons by name, in their order. CourseError where they cannot be shown."""
    return course(folder())


def said() -> Words:
    """The words around them."""
    return words(folder())


def opened(progress: Progress) -> Written | None:
    """The lesson that is open, if there is one of that name."""
    return None if progress.lesson is None else written().get(progress.lesson)


def made(lesson_written: Written) -> Lesson:
    """The lesson with its answers."""
    return lesson(lesson_written, said())


def begun(view: View) -> Scenario | None:
    """Where the exercise of the lesson that is open begins, whichever part is open; None where there is no lesson."""
    now = _shown(view)
    return None if now is None else now.task.start


def start(view: View) -> Scenario | None:
    """Where the exercise that is open begins; None where none is open."""
    return begun(view) if view.progress.part == "try" else None


def is_changed(scenario: Scenario, view: View) -> bool:
    """Whether the call is not the one that Reset goes back to: where the exercise begins, or an example."""
    beginning = start(view)
    return view.preset is None if beginning is None else scenario != beginning


def on_show(scenario: Scenario, view: View) -> Scenario:
    """The call that is on the page: that of the question that is open, else the visitor's own."""
    now = _shown(view)
    if now is None or view.progress.part == "try":
        return scenario
    return (now.twin if view.progress.part == "again" else now.question).scenario


def _shown(view: View) -> Written | None:
    """The lesson on the page; None too where the lessons are faulty, of which Learn tells."""
    try:
        return opened(view.progress) if view.page == "learn" else None
    except CourseError:
        return None


def checked(name: str, scenario: Scenario) -> Judged | None:
    """What was said of this call when it was checked, if it is as it was then."""
    at, judged = st.session_state.get(CHECKED, (None, None))
    found: Judged | None = judged if at == (name, scenario) else None
    return found


def _open(request: Mapping[str, Any]) -> None:
    """Another lesson, another part of it, or the list of all."""
    view = state.current()[1]
    name, part = request.get("lesson"), request.get("part", PARTS[0])
    if part not in PARTS or not (name is None or (isinstance(name, str) and name in written())):
        return
    seen = replace(view, page="learn", progress=replace(view.progress, lesson=name, part=part))
    if name is None or name == view.progress.lesson:
        state.look(seen)
    else:
        state.change(written()[name].task.start, seen)


def _answer(request: Mapping[str, Any]) -> None:
    """An answer to the question that is open, once: it is what the reveal is shown against."""
    view = state.current()[1]
    now, letter = opened(view.progress), request.get("letter")
    if now is None or view.progress.part == "try" or not isinstance(letter, str):
        return
    question = made(now).question if view.progress.part == "question" else made(now).twin
    if letter != UNKNOWN and letter.upper() not in LETTERS[: len(question.options)]:
        return
    given = view.progress.answered(now.name)
    if given.of(view.progress.part) is None:
        state.look(
            replace(view, progress=view.progress.with_answer(given.with_answer(view.progress.part, letter.lower())))
        )


def _forget(_: Mapping[str, Any]) -> None:
    """Answer the open question anew."""
    view = state.current()[1]
    if view.progress.lesson is None or view.progress.part == "try":
        return
    given = view.progress.answered(view.progress.lesson).with_answer(view.progress.part, None)
    state.look(replace(view, progress=view.progress.with_answer(given)))


def _check(_: Mapping[str, Any]) -> None:
    """Whether the exercise that is open is done."""
    scenario, view = state.current()
    now = opened(view.progress)
    if now is None or view.progress.part != "try":
        return
    try:
        judged = judge(now.task, scenario, said())
    except InputError as error:
        judged = Judged(False, str(error))
    st.session_state[CHECKED] = (now.name, scenario), judged
    if judged.done:
        state.look(replace(view, progress=view.progress.with_done(now.name)))


REQUESTS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "lesson": _open,
    "answer": _answer,
    "forget": _forget,
    "check": _check,
}
"""By the kind of a request."""

"""The view Learn: the list of lessons, or one of them. A result is sent to a browser only after an answer."""

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from vmapdemo.evaluator import evaluator
from vmapdemo.lessons.faults import CourseError
from vmapdemo.lessons.writing import Written
from vmapdemo.scenario import presets
from vmapdemo.scenario.link import View
from vmapdemo.scenario.progress import PARTS, UNKNOWN, Answered, Progress
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, lessons, requests, state, texts
from vmapdemo.views.explore import arrays
from vmapdemo.views.learn import reveal

KEY = "learn"

_learn = component.declare(Path(__file__).parent, "learn", grids=True)


def show(scenario: Scenario, view: View) -> None:
    """The lesson that is open, with the live arrays below an exercise; or the list of all."""
    try:
        now = lessons.opened(view.progress)
        data = _course(view.progress) if now is None else _lesson(now, scenario, view.progress)
    except CourseError as error:
        texts.show("faults", texts.lines("These lessons cannot be shown.", *map(str, error.faults), kind="bad"))
        return
    start = lessons.start(view)
    if start is not None and start.function != scenario.function:
        # A link to an exercise may leave out where it begins.
        state.change(start, view, is_step=False)
        st.rerun()
    _learn(key=KEY, data=data | _of_page(view), on_requests_change=partial(requests.take, KEY))
    if start is not None:
        evaluator.prepare(scenario)
        arrays.show(scenario, view)


def _of_page(view: View) -> dict[str, Any]:
    return {"large": view.large, "confirmed": requests.confirmed(), "said": lessons.said().page}


def _course(progress: Progress) -> dict[str, Any]:
    """Every lesson in a line, with how far somebody is in it."""
    return {
        "lessons": [_line(now, progress) for now in lessons.written().values()],
        "sentence": lessons.said().page["missing"] if progress.lesson is not None else "",
    }


def _line(now: Written, progress: Progress) -> dict[str, Any]:
    return {
        "name": now.name,
        "title": now.title,
        "in_hour": now.in_hour,
        "steps": _steps(now, progress),
    }


def _steps(now: Written, progress: Progress) -> list[dict[str, str]]:
    given = progress.answered(now.name)
    states = {
        "question": _state(now, given, "question"),
        "try": "done" if now.name in progress.done else "",
        "again": _state(now, given, "again"),
    }
    return [{"part": part, "label": lessons.said().page[part], "state": states[part]} for part in PARTS]


def _state(now: Written, given: Answered, part: str) -> str:
    """``right``, ``wrong`` or ``unknown``; nothing where no answer was given yet, so that none has to be found."""
    letter = given.of(part)
    if letter is None or letter == UNKNOWN:
        return "" if letter is None else "unknown"
    made = lessons.made(now)
    question = made.twin if part == "again" else made.question
    return "right" if question.right.letter == letter.upper() else "wrong"


def _lesson(now: Written, scenario: Scenario, progress: Progress) -> dict[str, Any]:
    names = list(lessons.written())
    place = names.index(now.name)
    shown = {
        "lesson": now.name,
        "title": now.title,
        "number": place + 1,
        "count": len(names),
        "idea": now.idea,
        "part": progress.part,
        "steps": _steps(now, progress),
        "next": names[place + 1] if place + 1 < len(names) else None,
        "cells": [{"preset": cell, "title": presets.PRESETS[cell].title} for cell in now.cells],
    }
    if progress.part == "try":
        return shown | {"exercise": _exercise(now, scenario)}
    return shown | {"question": _question(now, progress)}


def _exercise(now: Written, scenario: Scenario) -> dict[str, Any]:
    judged = lessons.checked(now.name, scenario)
    said = None if judged is None else {"done": judged.done, "sentence": judged.sentence}
    return {"task": now.task.text, "hints": list(now.task.hints), "judged": said}


def _question(now: Written, progress: Progress) -> dict[str, Any]:
    """What is asked; which option is right, and why, only after an answer."""
    is_twin, made = progress.part == "again", lessons.made(now)
    asked, question = (now.twin, made.twin) if is_twin else (now.question, made.question)
    why = now.twin_why if is_twin else now.why
    letter = progress.answered(now.name).of(progress.part)
    return {
        "name": question.name,
        "data": question.data,
        "code": question.code,
        "prompt": question.prompt,
        "options": [{"letter": option.letter, "text": option.text} for option in question.options],
        "reveal": None if letter is None else reveal.of(asked, question, letter, why, lessons.said()),
    }

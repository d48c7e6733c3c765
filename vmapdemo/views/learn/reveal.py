"""What is shown after an answer: it beside what happens, where it departs, why, and what other ideas would expect."""

from typing import Any

from vmapdemo import outcome
from vmapdemo.figures.linked import picture
from vmapdemo.lessons.answers import Answer, Numbers, differing
from vmapdemo.lessons.questions import Asked, answers
from vmapdemo.lessons.records import Option, Question
from vmapdemo.lessons.words import Words
from vmapdemo.scenario.progress import UNKNOWN
from vmapdemo.views.explore import others


def of(asked: Asked, question: Question, letter: str, why: str, words: Words) -> dict[str, Any]:
    """All of it, as plain data. ``letter``: the answer that was given, or UNKNOWN."""
    found = answers(asked)
    right = question.right
    given = None if letter == UNKNOWN else _option(question, letter)
    return {
        "right": {"letter": right.letter, "text": right.text, "table": _table(found[None], found[None])},
        "given": None if given is None else _given(given, found, words),
        "why": why,
        "tables": _tables(asked),
        "link": question.link,
        "others": others.told(asked.scenario),
    }


def _option(question: Question, letter: str) -> Option | None:
    return next((option for option in question.options if option.letter == letter.upper()), None)


def _given(option: Option, found: dict[str | None, Answer], words: Words) -> dict[str, Any]:
    return {
        "letter": option.letter,
        "text": option.text,
        "right": option.is_right,
        "reply": option.reply,
        "idea": "" if option.idea is None else words.ideas[option.idea].label,
        "table": _table(found[option.idea], found[None]),
    }


def _table(answer: Answer, right: Answer) -> dict[str, Any] | None:
    """A result as a table, with the cells that differ from the right one; None for any other answer."""
    if not isinstance(answer, Numbers):
        return None
    # Where the shapes differ already, no cell has a counterpart to differ from.
    departs = differing(answer, right) if isinstance(right, Numbers) and right.shape == answer.shape else ()
    return {
        "shape": list(answer.shape),
        "cells": list(answer.cells),
        "departs": [",".join(map(str, index)) for index in departs],
    }


def _tables(asked: Asked) -> list[dict[str, Any]]:
    """The arrays and the result as they are drawn elsewhere."""
    scenario = asked.scenario
    found = outcome.explanation(scenario)
    result = outcome.result(scenario) if found.ok else None
    drawn: list[dict[str, Any]] = picture(scenario, found, result, None)["tables"]
    return drawn

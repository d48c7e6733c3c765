"""A question about a call, whose answers are found: the right one by vmap itself, the others by wrong ideas."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import jax

from vmapdemo import export, outcome
from vmapdemo.compiled import using_programs
from vmapdemo.lessons.answers import Answer, Count, Numbers, Ran, RefusalError, Refused, Shape, numbers
from vmapdemo.lessons.call_code import data_code
from vmapdemo.lessons.calls import Call, call_of, inside, rounds, walk
from vmapdemo.lessons.ideas.catalogue import IDEAS
from vmapdemo.lessons.records import Option, Question
from vmapdemo.lessons.words import Words
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario

KINDS = ("result", "shape", "inside", "fault", "runs")
"""What a question asks for: the result, its shape, the shape that the function sees of its first argument, which
argument is at fault, or how often Python runs the function."""
LETTERS = "ABCDEF"


A = TypeVar("A")


class QuestionError(ValueError):
    """A question that does not tell its ideas apart; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before its answers are found. ``asks`` is one of KINDS, ``ideas`` the wrong ones that answer it."""

    name: str
    scenario: Scenario
    asks: str
    prompt: str
    ideas: tuple[str, ...]


def question(asked: Asked, words: Words) -> Question:
    """The question with its answers in an order that is always the same. QuestionError where two of them are equal."""
    given = answers(asked)
    _check(asked, given, words)
    order: list[str | None] = list(given)
    random.Random(asked.name).shuffle(order)
    function = asked.scenario.function
    options = (
        Option(
            letter, words.answer(given[idea], function), idea, words.reply(idea, function), *words.told(idea, function)
        )
        for letter, idea in zip(LETTERS, order, strict=False)
    )
    return Question(
        name=asked.name,
        data=data_code(asked.scenario),
        code=f"{asked.scenario.entry.source}\n\n{export.call(asked.scenario)}",
        prompt=asked.prompt,
        options=tuple(options),
        link=link.encode(asked.scenario, View()),
    )


def _option(letter: str, text: str, idea: str | None, function: str, words: Words) -> Option:
    label, ask = words.told(idea, function)
    return Option(letter, text, idea, words.reply(idea, function), label, ask)


def answers(asked: Asked) -> dict[str | None, Answer]:
    """By idea, what its holder answers; under None what is true. QuestionError where an idea says nothing."""
    found: dict[str | None, Answer] = {None: truth(asked.scenario, asked.asks)}
    for name in asked.ideas:
        answer = expected(name, asked.scenario, asked.asks)
        if answer is None:
            raise QuestionError(f"The idea {name} says nothing about this call.")
        found[name] = answer
    return found


@using_programs
def expected(name: str, scenario: Scenario, asks: str) -> Answer | None:
    """What somebody with this wrong idea answers, or None where the idea says nothing about the call."""
    idea, call = IDEAS[name], call_of(scenario)
    if call is None or asks not in idea.asks:
        return None
    believed = idea.model(call)
    return _measured(believed, asks) if isinstance(believed, Call) else _as_asked(believed, asks)


def expectations(scenario: Scenario) -> Mapping[str, Answer]:
    """By idea, what its holder expects for a result of this call, of all ideas that expect something else than it."""
    right = truth(scenario, "result")
    found = ((name, expected(name, scenario, "result")) for name in IDEAS)
    return {name: answer for name, answer in found if answer is not None and answer != right}


@using_programs
def truth(scenario: Scenario, asks: str) -> Answer:
    """What vmap makes of the call."""
    found = outcome.explanation(scenario)
    if not found.ok:
        return Refused(_reason(scenario), _blamed(scenario) if asks == "fault" else "")
    if asks == "runs":
        return Count(len(seen(scenario)))
    if asks == "inside":
        return Shape(seen(scenario)[0][0])
    return _as_asked(numbers(outcome.result(scenario)), asks)


def _measured(call: Call, asks: str) -> Answer:
    """What somebody finds who walks through the call."""
    try:
        if asks == "inside":
            return Shape(inside(call)[0])
        if asks == "runs":
            return Count(rounds(call))
        return _as_asked(numbers(walk(call)), asks)
    except RefusalError as error:
        return Refused(str(error))


def _as_asked(answer: A, asks: str) -> A | Shape | Ran:
    """A result as the answer to what is asked."""
    if isinstance(answer, Numbers) and asks == "shape":
        return Shape(answer.shape)
    return Ran(answer.shape) if isinstance(answer, Numbers) and asks == "fault" else answer


def seen(scenario: Scenario) -> list[tuple[tuple[int, ...], ...]]:
    """The shapes that the function is given, each time that Python calls it in a vmap."""
    shapes: list[tuple[tuple[int, ...], ...]] = []

    def spied(*arguments: Any, **keywords: Any) -> Any:
        shapes.append(tuple(leaf.shape for leaf in jax.tree.leaves((arguments, keywords))))
        return scenario.entry.function(*arguments, **keywords)

    form, inner = scenario.form, scenario.inner
    target = spied if inner is None else jax.vmap(spied, inner.in_axes, inner.out_axes, **form.inner_options)
    arguments, keywords = form.called([argument.passed for argument in scenario.arguments])
    jax.vmap(target, *form.axes, **form.options)(*arguments, **keywords)
    return shapes


def _reason(scenario: Scenario) -> str:
    """Why a call is refused, in the words of somebody who walks through it."""
    call = call_of(scenario)
    try:
        if call is not None:
            walk(call)
    except RefusalError as error:
        return str(error)
    return "axes"


def _blamed(scenario: Scenario) -> str:
    """The argument that the first fix gives another axis; without such a fix, the one that stands out."""
    found = outcome.explanation(scenario)
    after = next(filter(None, map(scenario.after, found.fixes)), None)
    rows = zip(scenario.arguments, found.arguments, strict=True)
    if after is not None:
        mended = outcome.mapped_axes(after)
        changed = [argument.name for (argument, row), axis in zip(rows, mended, strict=True) if row.axis != axis]
        return changed[0] if changed else ""
    return next((argument.name for argument, row in rows if row.offends), "")


def _check(asked: Asked, given: Mapping[str | None, Answer], words: Words) -> None:
    """Every answer has to read differently from every other."""
    holders: dict[str, str | None] = {}
    for idea, answer in given.items():
        text = words.answer(answer, asked.scenario.function)
        if text in holders:
            other = holders[text]
            same = f"the idea {other}" if other else "the truth"
            raise QuestionError(f"The idea {idea} cannot be told from {same} on this data: both give {text!r}.")
        holders[text] = idea

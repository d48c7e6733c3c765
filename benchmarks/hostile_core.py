"""Hostile input without a server: each is taken, or refused with one sentence, and nothing else comes of it."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import jax

from benchmarks import hostile_input
from benchmarks.hostile_input import Chance
from vmapdemo import export, outcome
from vmapdemo.figures.linked import picture
from vmapdemo.scenario import commands, link
from vmapdemo.scenario.argument import Argument, InputError, read_values
from vmapdemo.scenario.editing import read_cell
from vmapdemo.scenario.link import LinkError, View
from vmapdemo.scenario.presets import DEFAULT
from vmapdemo.scenario.scenario import Scenario, read_axes
from vmapdemo.views.time import keeping, opening

LONGEST_SENTENCE = 600
FORGET_EVERY = 2000
"""Programs of many shapes would fill the memory."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """How an input is drawn, and what takes it: it raises `refusal`, one sentence, or gives a scenario, if any."""

    draw: Callable[[Chance], Any]
    take: Callable[[Any], Scenario | None]
    refusal: type[ValueError] = InputError


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that broke something: its entrance and number, with which it can be drawn again."""

    entrance: str
    number: int
    shown: str
    error: str

    def __str__(self) -> str:
        return f"{self.entrance} {self.number}: {self.error}\n    {self.shown}"


@dataclass(slots=True)
class Tried:
    """What came of the inputs at one entrance."""

    entrance: str
    counts: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: int = 0
    failures: list[Failure] = field(default_factory=list)

    def __str__(self) -> str:
        taken, refused = self.counts["taken"], self.counts["refused"]
        slowest = f"slowest {1e3 * self.slowest_s:,.0f} ms (number {self.slowest})"
        return f"{self.entrance:24} {taken:7,} taken {refused:7,} refused {len(self.failures):4} failed; {slowest}"


def drawn(entrance: str, seed: int, number: int) -> Any:
    """One input of that entrance: always the same one."""
    return ENTRANCES[entrance].draw(Random(f"{seed} {entrance} {number}"))


def tried(entrance: str, seed: int, count: int) -> Tried:
    """So many inputs at one entrance."""
    found = Tried(entrance)
    for number in range(count):
        given = drawn(entrance, seed, number)
        start = time.perf_counter()
        try:
            found.counts[_outcome(ENTRANCES[entrance], given)] += 1
        except Exception as error:  # whatever it is, it is what is looked for
            found.failures.append(Failure(entrance, number, f"{given!a:.400}", f"{type(error).__name__}: {error}"))
        spent_s = time.perf_counter() - start
        if spent_s > found.slowest_s:
            found.slowest_s, found.slowest = spent_s, number
        if number % FORGET_EVERY == FORGET_EVERY - 1:
            jax.clear_caches()
    return found


def all_tried(seed: int, count: int) -> Iterator[Tried]:
    """About so many inputs in all, the same number at each entrance."""
    each = -(-count // len(ENTRANCES))
    return (tried(entrance, seed, each) for entrance in ENTRANCES)


def _outcome(entrance: Entrance, given: Any) -> str:
    try:
        scenario = entrance.take(given)
    except entrance.refusal as error:
        require_sentence(str(error))
        return "refused"
    if scenario is not None:
        require_drawn(scenario)
    return "taken"


def require_sentence(sentence: str) -> None:
    """AssertionError for what is no single line that can be read, or too long to be."""
    assert sentence, "there is no sentence"
    assert len(sentence) <= LONGEST_SENTENCE, f"the sentence has {len(sentence):,} characters"
    assert sentence.isprintable(), f"the sentence is not printable: {sentence!a:.200}"


def require_drawn(scenario: Scenario) -> None:
    """AssertionError, or whatever is raised, for a scenario that has no link, or cannot be explained and drawn."""
    again, _ = link.decode(link.encode(scenario, View()))
    assert again == scenario, "its link is another scenario's"
    found = outcome.explanation(scenario)
    told = [found.headline, found.reason, *found.advice, export.call(scenario)]
    json.dumps([*told, picture(scenario, found, None, None)], allow_nan=False).encode()
    "".join(told).encode()


def _axes(text: str) -> Scenario:
    first = DEFAULT.scenario
    return Scenario(first.function, first.arguments, read_axes(text), first.out_axes)


def _out_axes(text: str) -> Scenario:
    first = DEFAULT.scenario
    return Scenario(first.function, first.arguments, first.in_axes, read_axes(text))


def _pasted(text: str) -> Scenario:
    return DEFAULT.scenario.with_argument(Argument("x_batch", read_values(text)))


def _cell(text: str) -> None:
    Argument("x_batch", read_cell(text))


def _command(data: Any) -> Scenario:
    return commands.read(data).make(DEFAULT.scenario)


def _comparison(content: bytes) -> None:
    keeping.rehearse(opening.read(content), hostile_input.COMPARISON)


def _sweep(content: bytes) -> None:
    keeping.rehearse(opening.read(content), hostile_input.SWEEPS[0])


ENTRANCES = {
    "links": Entrance(hostile_input.query, lambda query: link.decode(query)[0], LinkError),
    "typed in_axes": Entrance(hostile_input.axes, _axes),
    "typed out_axes": Entrance(hostile_input.axes, _out_axes),
    "pasted numbers": Entrance(hostile_input.pasted, _pasted),
    "typed cells": Entrance(hostile_input.cell, _cell),
    "commands": Entrance(hostile_input.command, _command),
    "saved comparisons": Entrance(hostile_input.saved_comparison, _comparison, ValueError),
    "saved sweeps": Entrance(hostile_input.saved_sweep, _sweep, ValueError),
}

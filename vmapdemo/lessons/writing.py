"""What a file of a lesson says, read and checked, before any answer is found."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vmapdemo.lessons.changing import call, changed
from vmapdemo.lessons.conditions import CONDITIONS
from vmapdemo.lessons.faults import CourseError, Fault, Source
from vmapdemo.lessons.ideas.catalogue import IDEAS
from vmapdemo.lessons.questions import KINDS, LETTERS, Asked
from vmapdemo.lessons.task import Task
from vmapdemo.scenario import presets
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.scenario import Scenario

FILE = re.compile(r"\d\d-([a-z]+(-[a-z]+)*)\.toml")
MAX_BYTES = 50_000
ENTRIES = {"title": str, "idea": str, "why": str, "in_hour": bool, "teaches": list, "uses": list, "cells": list}
QUESTION = {"call": dict, "asks": str, "prompt": str, "ideas": list}
TWIN = QUESTION | {"why": str}
EXERCISE = {"task": str, "start": dict, "model": dict, "hints": list, "judged": dict, "passes": list, "fails": list}
OPTIONAL = {"in_hour", "teaches", "uses", "cells", "passes"}
WORDS = {str: "a text", bool: "true or false", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Written:
    """A lesson as it is written. ``cells``: the presets of the notebook's cells that belong to it.

    ``twin_why``: why the twin's answer is so. ``teaches`` and ``uses`` name what there is to know.
    """

    name: str
    title: str
    idea: str
    why: str
    in_hour: bool
    teaches: tuple[str, ...]
    uses: tuple[str, ...]
    cells: tuple[str, ...]
    question: Asked
    twin: Asked
    task: Task
    twin_why: str
    source: Source = field(repr=False)

    @property
    def calls(self) -> Mapping[tuple[str, str], Scenario]:
        """Every call that is shown or asked for, by its place in the file."""
        return {
            ("question", "call"): self.question.scenario,
            ("twin", "call"): self.twin.scenario,
            ("exercise", "start"): self.task.start,
            ("exercise", "model"): self.task.model,
        }


def read(path: Path) -> Written:
    """The lesson in a file; CourseError with all of its faults."""
    text = path.read_bytes()[:MAX_BYTES].decode(errors="replace")
    source = Source(path, text)
    name = FILE.fullmatch(path.name)
    if name is None:
        raise CourseError([source.fault("A file of a lesson is named 01-name.toml: two digits and small letters.")])
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError([_unreadable(source, error)]) from error
    return _Reader(source).lesson(name[1], data)


def _unreadable(source: Source, error: tomllib.TOMLDecodeError) -> Fault:
    message = str(error)
    line = re.search(r"line (\d+)", message)
    number = int(line[1]) if line else source.text.count("\n") + 1
    return Fault(source.path.name, number, f"This is no TOML. {message}.")


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._faults: list[Fault] = []

    def lesson(self, name: str, data: Mapping[str, Any]) -> Written:
        """All of it; CourseError if anything is wrong."""
        tables = {"question": QUESTION, "twin": TWIN, "exercise": EXERCISE}
        self._check(data, ENTRIES | dict.fromkeys(tables, dict), (), OPTIONAL)
        for table, entries in tables.items():
            optional = {"asks", "prompt", "ideas"} if table == "twin" else OPTIONAL
            if isinstance(data.get(table), dict):
                self._check(data[table], entries, (table,), optional)
        self._done()
        question = self._asked(name, data["question"], ("question", "call"))
        twin = self._asked(f"{name}-twin", data["question"] | data["twin"], ("twin", "call"))
        task = self._task(data["exercise"])
        for cell in data.get("cells", []):
            if cell not in presets.PRESETS:
                self._fault(f"There is no preset {cell!r}.", "cells")
        self._done()
        assert question is not None  # else there are faults
        assert twin is not None
        assert task is not None
        return Written(
            name=name,
            title=data["title"].strip(),
            idea=data["idea"].strip(),
            why=data["why"].strip(),
            in_hour=data.get("in_hour", False),
            teaches=tuple(data.get("teaches", ())),
            uses=tuple(data.get("uses", ())),
            cells=tuple(data.get("cells", ())),
            question=question,
            twin=twin,
            task=task,
            twin_why=data["twin"]["why"].strip(),
            source=self._source,
        )

    def _asked(self, name: str, data: Mapping[str, Any], place: tuple[str, str]) -> Asked | None:
        table = place[0]
        if data["asks"] not in KINDS:
            self._fault(f"A question asks for one of {', '.join(KINDS)}, not {data['asks']!r}.", table, "asks")
        if not 2 <= len(data["ideas"]) < len(LETTERS):
            self._fault(f"A question has from two to {len(LETTERS) - 1} wrong ideas.", table, "ideas")
        for idea in data["ideas"]:
            if idea not in IDEAS:
                self._fault(f"There is no idea {idea!r}{_resembling(idea, IDEAS)}.", table, "ideas")
        scenario = self._call(data["call"], place)
        if scenario is None:
            return None
        return Asked(name, scenario, data["asks"], data["prompt"].strip(), tuple(data["ideas"]))

    def _task(self, data: Mapping[str, Any]) -> Task | None:
        start = self._call(data["start"], ("exercise", "start"))
        if start is None:
            return None
        for condition in data["judged"]:
            if condition not in CONDITIONS:
                sentence = f"There is no condition {condition!r}{_resembling(condition, CONDITIONS)}."
                self._fault(sentence, "exercise", "judged", condition)
        if not data["judged"] or not data["fails"] or not data["hints"]:
            self._fault("An exercise has hints, a condition to be judged by, and a call that fails.", "exercise")
        model = self._changed(start, data["model"], "model")
        passes, fails = (
            [self._changed(start, one, entry) for one in data.get(entry, [])] for entry in ("passes", "fails")
        )
        if model is None or None in passes or None in fails:
            return None
        calls = [tuple(filter(None, given)) for given in (passes, fails)]
        return Task(data["task"].strip(), start, model, tuple(data["hints"]), dict(data["judged"]), *calls)

    def _call(self, data: Any, place: tuple[str, ...]) -> Scenario | None:
        try:
            return call(data)
        except InputError as error:
            self._fault(str(error).removeprefix("This link cannot be read. "), *place)
            return None

    def _changed(self, start: Scenario, data: Mapping[str, Any], entry: str) -> Scenario | None:
        try:
            return changed(start, data)
        except InputError as error:
            self._fault(str(error).removeprefix("This link cannot be read. "), "exercise", entry)
            return None

    def _check(
        self, data: Mapping[str, Any], entries: Mapping[str, type], at: tuple[str, ...], optional: set[str]
    ) -> None:
        """Every entry is known, is there, and is of its kind."""
        for name in data.keys() - entries.keys():
            self._fault(f"{name!r} is nothing that a lesson has{_resembling(name, entries)}.", *at, name)
        for name, kind in entries.items():
            if name not in data and name not in optional:
                self._fault(f"There is no {name!r}: {WORDS[kind]} is missing.", *at, name)
            elif name in data and not isinstance(data[name], kind) and not (kind is dict and _is_call(name, data)):
                self._fault(f"{name!r} has to be {WORDS[kind]}.", *at, name)

    def _fault(self, sentence: str, *names: str) -> None:
        self._faults.append(self._source.fault(sentence, *names))

    def _done(self) -> None:
        if self._faults:
            raise CourseError(self._faults)


def _is_call(name: str, data: Mapping[str, Any]) -> bool:
    return name in ("call", "start") and isinstance(data[name], str)


def _resembling(name: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(name)[:40], list(known), n=1)
    return f"; {close[0]!r} is meant, perhaps" if close else ""

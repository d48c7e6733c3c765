"""A folder of lessons as a course: in the order of its files, each with its answers once somebody asks for them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from vmapdemo import export, outcome
from vmapdemo.lessons.faults import CourseError, Fault
from vmapdemo.lessons.judging import judge
from vmapdemo.lessons.questions import QuestionError, question
from vmapdemo.lessons.records import Exercise, Lesson, Question
from vmapdemo.lessons.words import ENGLISH, IDEAS, OTHERS, PAGE, Words, words
from vmapdemo.lessons.writing import Written, read
from vmapdemo.scenario import link
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Axes, Scenario

NOT_LESSONS = (IDEAS, OTHERS, PAGE)


@lru_cache(maxsize=8)
def course(folder: Path = ENGLISH) -> Mapping[str, Written]:
    """The lessons by name, in order, as they are written. CourseError with every fault that reading finds."""
    found: list[Written] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name not in NOT_LESSONS:
            try:
                found.append(read(path))
            except CourseError as error:
                faults += error.faults
    if not found and not faults:
        faults.append(Fault(folder.name, 1, "There is no lesson in this folder: a file such as 01-name.toml."))
    faults += _unknown_words(folder, found) + list(_untaught(found)) + list(_twice(found))
    if faults:
        raise CourseError(faults)
    return {written.name: written for written in found}


def lessons(folder: Path = ENGLISH) -> tuple[Lesson, ...]:
    """All of them, with their answers. CourseError with every question that does not tell its ideas apart."""
    found: list[Lesson] = []
    faults: list[Fault] = []
    for written in course(folder).values():
        try:
            found.append(lesson(written, words(folder)))
        except CourseError as error:
            faults += error.faults
    if faults:
        raise CourseError(faults)
    return tuple(found)


def lesson(written: Written, words: Words) -> Lesson:
    """A lesson with its answers. CourseError where a question does not tell its ideas apart."""
    return _lesson(written.source.path, written.source.text, written, words)


def check(folder: Path) -> tuple[Fault, ...]:
    """Everything that is wrong with a folder, its exercises tried out as well."""
    try:
        lessons(folder)
    except CourseError as error:
        return error.faults
    return tuple(fault for written in course(folder).values() for fault in _untrue(written, words(folder)))


_made: dict[tuple[Path, str], Lesson] = {}


def _lesson(path: Path, text: str, written: Written, words: Words) -> Lesson:
    if (path, text) not in _made:
        _made[path, text] = Lesson(
            name=written.name,
            title=written.title,
            idea=written.idea,
            question=_question(written, "question", words),
            why=written.why,
            exercise=Exercise(written.task.text, link.encode(written.task.start, View()), written.task.hints),
            twin=_question(written, "twin", words),
            in_hour=written.in_hour,
        )
    return _made[path, text]


def _question(written: Written, which: str, words: Words) -> Question:
    try:
        return question(written.question if which == "question" else written.twin, words)
    except QuestionError as error:
        raise CourseError([written.source.fault(str(error), which, "call")]) from error


def needs(scenario: Scenario) -> Iterator[str]:
    """What somebody has to know to read a call, beyond that vmap walks along axis 0 of all arguments."""
    axes = [*_flat(scenario.in_axes), *(_flat(scenario.inner.in_axes) if scenario.inner else [])]
    numbers = [axis for axis in [*axes, scenario.out_axes] if type(axis) is int]
    if any(axis not in (0, None) for axis in axes):
        yield "in_axes"
    if scenario.out_axes != 0:
        yield "out_axes"
    if None in axes:
        yield "shared"
    if any(number < 0 for number in numbers):
        yield "negative"
    if scenario.inner is not None:
        yield "nested"
    if scenario.keywords:
        yield "keywords"
    if any(argument.is_key for argument in scenario.arguments):
        yield "keys"
    if any(argument.entry_key for argument in scenario.arguments):
        yield "trees"


def _flat(axes: Axes) -> list[Any]:
    if isinstance(axes, dict):
        axes = list(axes.values())
    return [leaf for entry in axes for leaf in _flat(entry)] if isinstance(axes, (list, tuple)) else [axes]


def _untaught(course: list[Written]) -> Iterator[Fault]:
    """Where a lesson needs what neither it nor one before it teaches."""
    taught: set[str] = set()
    for written in course:
        taught |= set(written.teaches)
        for place, scenario in written.calls.items():
            for name in needs(scenario):
                if name not in taught:
                    yield written.source.fault(f"This call needs {name!r}, which no lesson up to here teaches.", *place)
        for name in written.uses:
            if name not in taught:
                yield written.source.fault(f"No lesson up to here teaches {name!r}.", "uses")


def _twice(course: list[Written]) -> Iterator[Fault]:
    seen: set[str] = set()
    for written in course:
        if written.name in seen:
            yield written.source.fault(f"There are two lessons of the name {written.name!r}.")
        seen.add(written.name)


def _unknown_words(folder: Path, course: list[Written]) -> list[Fault]:
    """Ideas that the words of this language do not name."""
    known = words(folder).ideas
    return [
        written.source.fault(f"Nothing is told of the idea {idea!r} in {IDEAS}.", which, "ideas")
        for written in course
        for which, asked in (("question", written.question), ("twin", written.twin))
        for idea in asked.ideas
        if idea not in known
    ]


def _untrue(written: Written, words: Words) -> Iterator[Fault]:
    """Whether the start and the failing calls fail, and the model and its other spellings pass."""
    task, place = written.task, ("exercise", "judged")
    try:
        judged = judge(task, task.start, words)
        if judged.done:
            yield written.source.fault("The exercise is done before anything is changed.", *place)
        for entry in ({"model": (task.model, *spellings(task.model))} | {"passes": task.passes}).items():
            for scenario in entry[1]:
                judged = judge(task, scenario, words)
                if not judged.done:
                    sentence = f"{export.call(scenario)} should pass. It is told: {judged.sentence}"
                    yield written.source.fault(sentence, "exercise", entry[0])
        for scenario in task.fails:
            if judge(task, scenario, words).done:
                yield written.source.fault(f"{export.call(scenario)} passes, and should fail.", "exercise", "fails")
    except InputError as error:
        yield written.source.fault(str(error), *place)


def spellings(scenario: Scenario) -> Iterator[Scenario]:
    """The same call written differently: negative axes, a list for a tuple, one number where all are the same."""
    found = outcome.explanation(scenario)
    if not found.ok or scenario.inner is not None or any(argument.entry_key for argument in scenario.arguments):
        return
    count = len(scenario.positional)
    axes = outcome.mapped_axes(scenario)[:count]
    ndim = [len(argument.shape) for argument in scenario.arguments][:count]
    yield replace(scenario, in_axes=tuple(axes))
    yield replace(scenario, in_axes=list(axes))
    yield replace(
        scenario, in_axes=tuple(None if axis is None else axis % n - n for axis, n in zip(axes, ndim, strict=True))
    )
    if len(set(axes)) == 1:
        yield replace(scenario, in_axes=axes[0])
    if type(scenario.out_axes) is int and found.output:
        yield replace(scenario, out_axes=scenario.out_axes % len(found.output[0].shape) - len(found.output[0].shape))

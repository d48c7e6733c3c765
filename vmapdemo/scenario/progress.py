"""How far somebody is in the lessons, short enough to stand in a link: nothing is kept anywhere else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vmapdemo.scenario.argument import InputError

PARTS = ("question", "try", "again")
UNKNOWN = "x"
"""In the place of a letter: somebody does not know the answer."""
MOST = 60
_NAME = "[a-z]{1,20}(?:-[a-z]{1,20}){0,4}"
_ANSWERS = re.compile(rf"({_NAME})((?:\.[a-fx-]){{1,2}})")


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered in a lesson: a letter for its question and one for the twin, UNKNOWN, or None."""

    lesson: str
    question: str | None = None
    twin: str | None = None

    def of(self, part: str) -> str | None:
        """The answer in that part of the lesson."""
        return self.twin if part == "again" else self.question

    def with_answer(self, part: str, letter: str | None) -> "Answered":
        """With this answer in that part, None for no answer."""
        return replace(self, twin=letter) if part == "again" else replace(self, question=letter)


@dataclass(frozen=True, slots=True)
class Progress:
    """The lesson that is open, or None for the list of all; which part of it; answers; and exercises that are done."""

    lesson: str | None = None
    part: str = "question"
    answers: tuple[Answered, ...] = ()
    done: tuple[str, ...] = ()

    def answered(self, lesson: str) -> Answered:
        """What was answered in that lesson."""
        return next((one for one in self.answers if one.lesson == lesson), Answered(lesson))

    def with_answer(self, given: Answered) -> "Progress":
        """With the answers of a lesson in place of those that it had."""
        others = tuple(one for one in self.answers if one.lesson != given.lesson)
        return Progress(self.lesson, self.part, (*others, given), self.done)

    def with_done(self, lesson: str) -> "Progress":
        """With the exercise of a lesson done."""
        return Progress(self.lesson, self.part, self.answers, tuple(dict.fromkeys((*self.done, lesson))))

    def fields(self) -> Iterator[tuple[str, str]]:
        """What a link says of it, and nothing where nobody has begun.

        >>> given = (Answered("loop", "b", "a"), Answered("inside", "x"))
        >>> dict(Progress("inside", "try", given, ("loop",)).fields())
        {'lesson': 'inside', 'part': 'try', 'answers': 'loop.b.a_inside.x', 'done': 'loop'}
        """
        if self.lesson is not None:
            yield "lesson", self.lesson
        if self.part != "question":
            yield "part", self.part
        if self.answers:
            yield "answers", "_".join(map(_answer_text, self.answers))
        if self.done:
            yield "done", "_".join(self.done)


NOT_BEGUN = Progress()


def read_progress(fields: Mapping[str, str]) -> Progress:
    """Reads what ``fields`` says back. InputError, in one sentence, for what it never says."""
    answers = tuple(map(_read_answer, _parts(fields.get("answers", ""))))
    done = tuple(map(_read_name, _parts(fields.get("done", ""))))
    if fields.get("part", "question") not in PARTS:
        raise InputError(f"A lesson has the parts {', '.join(PARTS)}, not {fields['part']!r:.40}.")
    lesson = _read_name(fields["lesson"]) if "lesson" in fields else None
    return Progress(lesson, fields.get("part", "question"), answers, done)


NAMES = ("lesson", "part", "answers", "done")
"""What a link calls them."""


def _answer_text(given: Answered) -> str:
    twin = "" if given.twin is None else f".{given.twin}"
    return f"{given.lesson}.{given.question or '-'}{twin}"


def _parts(text: str) -> list[str]:
    parts = text.split("_")
    if len(parts) > MOST:
        raise InputError(f"There are {len(parts):,} lessons in this link; at most {MOST} are read.")
    return parts if text else []


def _read_answer(text: str) -> Answered:
    found = _ANSWERS.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r:.40} is no answer to a lesson.")
    letters = [letter if letter != "-" else None for letter in found[2][1:].split(".")]
    return Answered(found[1], *letters)


def _read_name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise InputError(f"{text!r:.40} is no name of a lesson.")
    return text

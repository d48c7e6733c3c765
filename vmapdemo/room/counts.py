"""Votes become counts: how many chose each option, and how many changed their minds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vmapdemo.lessons.records import Question
from vmapdemo.room.acts import Ballot

UNSURE = "?"
"""Stands among the letters for whoever does not know: an answer like any other, and never right."""
FEWEST = 3
"""Below so many votes no bars are shown: one could tell whose they are."""

Advice = Literal["hint", "talk", "bars"]
HINT_BELOW, SHOW_ABOVE = 0.35, 0.70
"""Talking helps most where a third to two thirds are right (Crouch and Mazur, Am. J. Phys. 69:970, 2001)."""


def letters(question: Question) -> tuple[str, ...]:
    """What can be answered: the letters of the options in their order, and that one does not know."""
    return (*(option.letter for option in question.options), UNSURE)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many chose each option, in the order of the options, also those that nobody chose."""

    people: Mapping[str, int]

    @classmethod
    def of(cls, question: Question, votes: Mapping[str, str]) -> "Counts":
        """Count votes, letters by token."""
        found = Counter(votes.values())
        return cls({letter: found[letter] for letter in letters(question)})

    @property
    def total(self) -> int:
        """How many voted."""
        return sum(self.people.values())

    @property
    def is_few(self) -> bool:
        """Whether there are too few to show bars."""
        return self.total < FEWEST

    def share_right(self, question: Question) -> float | None:
        """The part that is right, from 0 to 1; None if nobody voted."""
        return self.people[question.right.letter] / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Moves:
    """Of those who voted twice: how many were right and stayed so, and so on."""

    right_right: int
    wrong_right: int
    right_wrong: int
    wrong_wrong: int

    @classmethod
    def between(cls, question: Question, first: Mapping[str, str], second: Mapping[str, str]) -> "Moves":
        """From the votes of both rounds, letters by token."""
        right = question.right.letter
        twice = Counter((first[token] == right, second[token] == right) for token in first.keys() & second.keys())
        return cls(twice[True, True], twice[False, True], twice[True, False], twice[False, False])


@dataclass(frozen=True, slots=True)
class Result:
    """What is left of a lesson that the room is through with. ``lesson``: its place in the course."""

    lesson: int
    counts: Mapping[Ballot, Counts]
    moves: Moves | None


def advice(counts: Counts, question: Question) -> Advice | None:
    """What to do after the first vote; None where too few have voted to say."""
    share = counts.share_right(question)
    if share is None or counts.is_few:
        return None
    if share < HINT_BELOW:
        return "hint"
    return "bars" if share > SHOW_ABOVE else "talk"

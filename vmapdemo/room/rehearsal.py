"""Pretend voters, with whom a leader can try a session alone: ten who hold each idea, the right one too."""

import random

from vmapdemo.lessons.records import Question
from vmapdemo.room.acts import Ballot

HOLDERS = 10
"""Of each option."""
PERSUADED = 0.6
"""The part of those who are wrong that a talk brings round (Smith et al., Science 323:122, 2009, saw about as many)."""

PREFIX = "pretend."
"""Of their tokens: a dot is in no real one."""


def votes(question: Question, ballot: Ballot) -> dict[str, str]:
    """Letters by token: what they answer, always the same on the same question."""
    chance = random.Random(f"{question.name}.{ballot}")
    right = question.right.letter
    held = {
        f"{PREFIX}{option.letter}{number}": option.letter for option in question.options for number in range(HOLDERS)
    }
    if ballot is Ballot.FIRST:
        return held
    return {token: right if chance.random() < PERSUADED else letter for token, letter in held.items()}

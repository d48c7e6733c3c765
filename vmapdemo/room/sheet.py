"""What a leader takes along: the counts of all lessons as CSV, and nothing about any person."""

import csv
import io
from dataclasses import asdict
from itertools import chain

from vmapdemo.room.acts import Ballot
from vmapdemo.room.counts import UNSURE, Result
from vmapdemo.room.room import Room

HEADER = ("lesson", "question", "vote", "answer", "idea", "people")
MOVES = "first > second"


def csv_of(room: Room) -> str:
    """A line for each option of each vote, and one for each of the four moves; votes of too few people are left out."""
    written = io.StringIO()
    sheet = csv.writer(written, lineterminator="\n")
    sheet.writerow(HEADER)
    for result in chain(room.taken, [room.result]):
        sheet.writerows(_lines(room, result))
    return written.getvalue()


def _lines(room: Room, result: Result) -> list[tuple[str | int, ...]]:
    lesson, lines = room.course[result.lesson], list[tuple[str | int, ...]]()
    for ballot, counts in result.counts.items():
        question = lesson.twin if ballot is Ballot.TWIN else lesson.question
        ideas = {option.letter: option.idea or "right" for option in question.options} | {UNSURE: "does not know"}
        for letter, idea in ideas.items():
            lines.append((lesson.name, question.name, str(ballot), letter, idea, counts.people[letter]))
    for move, people in asdict(result.moves).items() if result.moves else ():
        lines.append((lesson.name, lesson.question.name, MOVES, move.replace("_", " > "), "", people))
    return lines

"""What the leader's page remembers of a room, from which it is opened again when the server has been started anew."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from vmapdemo.lessons.records import Lesson
from vmapdemo.room.acts import Ballot, Phase, RefusedError
from vmapdemo.room.counts import Counts, Moves, letters
from vmapdemo.room.room import Room

MOST = 1_000_000_000
"""No number of an act, a run or people is larger. Runs begin anywhere, so that no vote's name comes twice."""


def of(room: Room) -> dict[str, Any]:
    """The place in the course and what was counted there, as JSON has it: no vote of anybody."""
    return {
        "lesson": room.place,
        "phase": str(room.phase),
        "version": room.version,
        "run": room.run,
        "rehearsal": room.is_rehearsal,
        "counts": {str(ballot): dict(found.people) for ballot, found in room.counts.items()},
        "moves": asdict(room.moves) if room.moves else None,
    }


def room(course: tuple[Lesson, ...], memory: Any) -> Room:
    """The room that was remembered; RefusedError for what `of` cannot have made."""
    try:
        return _room(course, memory)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RefusedError("unreadable") from None


def _room(course: tuple[Lesson, ...], memory: Mapping[str, Any]) -> Room:
    place = _number(memory["lesson"], len(course) - 1)
    lesson = course[place]
    counts = {}
    for name, people in memory["counts"].items():
        ballot = Ballot(name)
        question = lesson.twin if ballot is Ballot.TWIN else lesson.question
        if people.keys() != set(letters(question)):
            raise ValueError("other options")
        counts[ballot] = Counts({letter: _number(people[letter]) for letter in letters(question)})
    moves = memory["moves"]
    room = Room(
        course,
        place,
        # What other pages have seen last may be one act further on, and their answers would not be drawn anew.
        version=_number(memory["version"]) + 1,
        run=_number(memory["run"]),
        counts=counts,
        moves=Moves(**{name: _number(people) for name, people in moves.items()}) if moves else None,
        is_rehearsal=bool(memory["rehearsal"]),
    )
    return room.at(Phase(memory["phase"]))


def _number(value: Any, most: int = MOST) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("no such number")
    return value

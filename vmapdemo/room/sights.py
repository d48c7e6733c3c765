"""What each page of a room is given to see, as JSON: what a page must not show is never sent to it.

Each is put together from nothing, so that only what is named here can get out.
"""

import math
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from vmapdemo.lessons.records import Question
from vmapdemo.room import memory, rehearsal
from vmapdemo.room.acts import OPENS, Ballot, Phase
from vmapdemo.room.counts import UNSURE, Counts, Result
from vmapdemo.room.room import SHOWS_ANSWER, SHOWS_BARS, Room

Sight = dict[str, Any]

_UNSURE: Sight = {"letter": UNSURE, "text": ""}
"""An option without a text of its own: each page has one for it."""


def participant(room: Room, token: str) -> Sight:
    """A person's phone: what all see, and the own vote and flag while they can change."""
    mine = {"mine": room.voted.get(token), "flag": room.flags.get(token)}
    return _seen_by_all(room) | _replies(room) | mine


def screen(room: Room, present: Collection[str]) -> Sight:
    """The projector, which needs no token and has no power: what all see, and how many have answered."""
    return _seen_by_all(room) | {"blank": room.is_blank} | _attendance(room, present)


def desk(room: Room, present: Collection[str]) -> Sight:
    """The leader's page: counts by idea while people vote, what they suggest, and what can be done next."""
    question = room.question
    live = {OPENS[room.phase]: room.so_far} if room.phase in OPENS else {}
    counts = {
        ballot: found for ballot, found in ({**room.counts, **live}).items() if question and _belongs(ballot, room)
    }
    flags = list(room.flags.values())
    return (
        _seen_by_all(room)
        | _attendance(room, present)
        | {
            "options": [
                {"letter": option.letter, "text": option.text, "idea": option.label or option.idea, "ask": option.ask}
                for option in (question.options if question else ())
            ]
            + [_UNSURE],
            "key": question.right.letter if question else None,
            "counts": {str(ballot): _bars(found, room) for ballot, found in counts.items()},
            "share": _share(room, counts),
            "advice": room.advice,
            "moves": asdict(room.result.moves) if room.result.moves and Ballot.SECOND in counts else None,
            "flags": {"stuck": flags.count("stuck"), "done": flags.count("done")},
            "steps": list(room.steps),
            "legal": sorted(room.legal),
            "lessons": [{"title": lesson.title, "hour": lesson.in_hour} for lesson in room.course],
            "taken": [_taken(room, result) for result in room.taken],
            "blank": room.is_blank,
            "memory": memory.of(room),
        }
    )


def _seen_by_all(room: Room) -> Sight:
    seen: Sight = {
        "version": room.version,
        "phase": str(room.phase),
        "run": room.run,
        "ballot": room.ballot,
        "rehearsal": room.is_rehearsal,
        "lesson": {"number": room.place + 1, "of": len(room.course), "title": room.lesson.title},
        "question": _question(room.question) if room.question else None,
    }
    if room.phase is Phase.HINT:
        seen["hint"] = room.lesson.idea
    if room.phase in SHOWS_BARS:
        shown = {ballot: found for ballot, found in room.counts.items() if _belongs(ballot, room)}
        seen["bars"] = {str(ballot): _bars(found, room) for ballot, found in shown.items()}
    if room.phase in SHOWS_ANSWER and room.question:
        seen |= {"right": room.question.right.letter, "why": room.lesson.why}
    if room.phase is Phase.TRY:
        seen["exercise"] = {"task": room.lesson.exercise.task, "link": room.lesson.exercise.link}
    return seen


def _question(question: Question) -> Sight:
    return {
        "name": question.name,
        "prompt": question.prompt,
        "data": question.data,
        "code": question.code,
        "options": [*({"letter": option.letter, "text": option.text} for option in question.options), _UNSURE],
    }


def _replies(room: Room) -> Sight:
    """What a person reads about the own answer, once the right one is told."""
    if room.phase is Phase.TRY:
        return {"hints": list(room.lesson.exercise.hints)}
    if room.phase not in SHOWS_ANSWER or room.question is None:
        return {}
    replies = {option.letter: option.reply for option in room.question.options}
    return {"replies": replies, "link": room.question.link}


def _attendance(room: Room, present: Collection[str]) -> Sight:
    """How many are here, and how many of them have voted: who has left since is neither."""
    pretended = rehearsal.HOLDERS * len(room.lesson.question.options) if room.is_rehearsal else 0
    answered = sum(token in present or token.startswith(rehearsal.PREFIX) for token in room.voted)
    return {"present": len(present) + pretended, "answered": answered}


def _belongs(ballot: Ballot, room: Room) -> bool:
    """Whether it is a vote on the question that is to be seen."""
    return room.question is not None and (ballot is Ballot.TWIN) == (room.question is room.lesson.twin)


def _bars(found: Counts, room: Room) -> Sight:
    """Counts by letter, or None where too few have voted for bars."""
    return {"total": found.total, "people": None if found.is_few and not room.shows_few else dict(found.people)}


def _share(room: Room, counts: dict[Ballot, Counts]) -> int | None:
    """The part that is right in the latest of these votes, in percent."""
    found = list(counts.values())[-1] if counts and room.question else None
    if found is None or room.question is None or (found.is_few and not room.shows_few):
        return None
    return _percent(found.share_right(room.question))


def _taken(room: Room, result: Result) -> Sight:
    lesson = room.course[result.lesson]
    questions = {Ballot.FIRST: lesson.question, Ballot.SECOND: lesson.question, Ballot.TWIN: lesson.twin}
    shares = {str(ballot): _percent(found.share_right(questions[ballot])) for ballot, found in result.counts.items()}
    return {"title": lesson.title, "shares": shares}


def _percent(share: float | None) -> int | None:
    return None if share is None else math.floor(100 * share + 0.5)

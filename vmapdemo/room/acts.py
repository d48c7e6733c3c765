"""What can be done in a room, by its leader and by the people in it, and in which order."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where a room is in its lesson."""

    LOBBY = "lobby"
    VOTE1 = "vote1"
    CLOSED = "closed"
    HINT = "hint"
    TALK = "talk"
    VOTE2 = "vote2"
    BARS = "bars"
    ANSWER = "answer"
    TWIN = "twin"
    TWIN_ANSWER = "twin-answer"
    TRY = "try"
    OVER = "over"


class Ballot(StrEnum):
    """The votes of a lesson: twice on its question, once on the twin."""

    FIRST = "first"
    SECOND = "second"
    TWIN = "twin"


OPENS = {Phase.VOTE1: Ballot.FIRST, Phase.VOTE2: Ballot.SECOND, Phase.TWIN: Ballot.TWIN}
"""The phases in which somebody can vote."""

NEXT_LESSON, LESSON, BACK, END = "next-lesson", "lesson", "back", "end"
REHEARSE, STOP_REHEARSING, SHOW_FEW, BLANK = "rehearse", "stop-rehearsing", "show-few", "blank"

STEPS: dict[Phase, tuple[str, ...]] = {
    Phase.LOBBY: (Phase.VOTE1,),
    Phase.VOTE1: (Phase.CLOSED,),
    Phase.CLOSED: (Phase.TALK, Phase.HINT, Phase.BARS),
    Phase.HINT: (Phase.VOTE2, Phase.TALK),
    Phase.TALK: (Phase.VOTE2, Phase.HINT),
    Phase.VOTE2: (Phase.BARS,),
    Phase.BARS: (Phase.ANSWER,),
    Phase.ANSWER: (Phase.TWIN, Phase.TRY),
    Phase.TWIN: (Phase.TWIN_ANSWER,),
    Phase.TWIN_ANSWER: (Phase.TRY, NEXT_LESSON),
    Phase.TRY: (NEXT_LESSON,),
    Phase.OVER: (),
}
"""Where the leader may go on to: a phase, or the next lesson. The first is the usual one."""


@dataclass(frozen=True, slots=True)
class Act:
    """The leader's: the name of a phase to go on to, or one of the names above. ``lesson``: which, for `LESSON`."""

    name: str
    lesson: int | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """A person's answer. ``ballot`` is the room's word for the vote it is meant for (`Room.ballot`)."""

    token: str
    ballot: str
    letter: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A person says of the exercise that it is done, or that there is no way on; None takes it back."""

    token: str
    run: int
    flag: str | None


FLAGS = ("stuck", "done")


class RefusedError(Exception):
    """Something cannot be done now, and nothing has changed; ``reason`` is a key of the texts' ``refused``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

"""A room as a frozen record: what is legal in it, and what it is after an act. It knows no clock and nobody's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from vmapdemo.lessons.records import Lesson, Question
from vmapdemo.room import rehearsal
from vmapdemo.room.acts import (
    BACK,
    BLANK,
    END,
    FLAGS,
    LESSON,
    NEXT_LESSON,
    OPENS,
    REHEARSE,
    SHOW_FEW,
    STEPS,
    STOP_REHEARSING,
    Act,
    Ballot,
    Flag,
    Phase,
    RefusedError,
    Vote,
)
from vmapdemo.room.counts import Advice, Counts, Moves, Result, advice, letters

Votes = Mapping[str, str]
"""Letters by token."""
EMPTY: Mapping[Any, Any] = MappingProxyType({})

SHOWS_BARS = (Phase.BARS, Phase.ANSWER, Phase.TWIN_ANSWER)
SHOWS_ANSWER = (Phase.ANSWER, Phase.TWIN_ANSWER)
_ON_TWIN = (Phase.TWIN, Phase.TWIN_ANSWER)
_WITHOUT_QUESTION = (Phase.LOBBY, Phase.TRY, Phase.OVER)

# Who voted what is kept for as long as it can still change, or be compared with the second vote, and no longer.
_KEEPS = {phase: {Ballot.FIRST} for phase in (Phase.VOTE1, Phase.CLOSED, Phase.HINT, Phase.TALK)} | {
    Phase.VOTE2: {Ballot.FIRST, Ballot.SECOND},
    Phase.TWIN: {Ballot.TWIN},
}


@dataclass(frozen=True, slots=True)
class Room:
    """A course, the place in it, and the votes and counts of the lesson.

    ``version`` grows with every act of the leader, ``run`` with every lesson that is begun. ``votes`` are letters by
    token, for as long as they can change; ``counts`` are those of the votes that are closed. ``path``: the phases of
    this lesson that lie behind. ``shows_few``: bars are shown although few have voted. ``taken``: lessons before this.
    """

    course: tuple[Lesson, ...]
    place: int = 0
    phase: Phase = Phase.LOBBY
    version: int = 1
    run: int = 0
    votes: Mapping[Ballot, Votes] = field(default_factory=dict)
    counts: Mapping[Ballot, Counts] = field(default_factory=dict)
    moves: Moves | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    path: tuple[Phase, ...] = ()
    shows_few: bool = False
    is_blank: bool = False
    is_rehearsal: bool = False
    taken: tuple[Result, ...] = ()

    @property
    def lesson(self) -> Lesson:
        """The lesson that the room is at."""
        return self.course[self.place]

    @property
    def question(self) -> Question | None:
        """The question that is to be seen, if there is one."""
        return None if self.phase in _WITHOUT_QUESTION else self._asked

    @property
    def _asked(self) -> Question:
        return self.lesson.twin if self.phase in _ON_TWIN else self.lesson.question

    @property
    def ballot(self) -> str | None:
        """The name of the vote that is open: no other of this room has it, not even the same question's later on."""
        return f"{self.run}.{OPENS[self.phase]}" if self.phase in OPENS else None

    @property
    def voted(self) -> Votes:
        """Letters by token in the vote that is open; nobody where none is."""
        return self.votes.get(OPENS[self.phase], EMPTY) if self.phase in OPENS else EMPTY

    @property
    def so_far(self) -> Counts:
        """The vote that is open, as it stands."""
        return Counts.of(self._asked, self.voted)

    @property
    def result(self) -> Result:
        """What has been counted in this lesson; where few have voted only if the leader shows it."""
        told = {ballot: found for ballot, found in self.counts.items() if self.shows_few or not found.is_few}
        return Result(self.place, told, self.moves if Ballot.SECOND in told else None)

    @property
    def advice(self) -> Advice | None:
        """What the first vote suggests to do, once it is closed."""
        found = self.counts.get(Ballot.FIRST)
        return advice(found, self.lesson.question) if found and self.phase is Phase.CLOSED else None

    @property
    def steps(self) -> tuple[str, ...]:
        """Where the leader may go on to, what is advised first."""
        possible = [step for step in STEPS[self.phase] if step != NEXT_LESSON or self.place + 1 < len(self.course)]
        if self.advice is not None:
            possible.sort(key=lambda step: step != self.advice)
        return tuple(possible)

    @property
    def legal(self) -> frozenset[str]:
        """The names of all acts that the leader may do."""
        if self.phase is Phase.OVER:
            return frozenset()
        others = {LESSON, BLANK, END}
        others |= {BACK} if self.path else set()
        others |= {STOP_REHEARSING} if self.is_rehearsal else {REHEARSE} if self.phase is Phase.LOBBY else set()
        others |= {SHOW_FEW} if self._hides_few else set()
        return frozenset(others.union(self.steps))

    @property
    def _hides_few(self) -> bool:
        shown = [*self.counts.values()]
        if self.phase in OPENS:
            shown.append(self.so_far)
        return not self.shows_few and any(found.total > 0 and found.is_few for found in shown)

    def after(self, act: Act | Vote | Flag) -> "Room":
        """The room after it. RefusedError where it is not legal now: then nothing has changed."""
        if isinstance(act, Vote):
            return self._voted(act)
        if isinstance(act, Flag):
            return self._flagged(act)
        if act.name not in self.legal:
            raise RefusedError("not-now")
        return replace(self._acted(act), version=self.version + 1)

    def at(self, phase: Phase) -> "Room":
        """The same room in that phase: votes that it has no use for are gone, and one that it opens is not counted."""
        votes = {ballot: cast for ballot, cast in self.votes.items() if ballot in _KEEPS.get(phase, ())}
        counts, moves = dict(self.counts), self.moves
        room = replace(self, phase=phase, is_blank=False, flags=self.flags if phase is Phase.TRY else EMPTY)
        if phase in OPENS:
            counts.pop(OPENS[phase], None)
            moves = moves if phase is Phase.TWIN else None
            pretended = rehearsal.votes(room._asked, OPENS[phase]) if room.is_rehearsal else EMPTY
            votes[OPENS[phase]] = {**pretended, **votes.get(OPENS[phase], EMPTY)}
        return replace(room, votes=votes, counts=counts, moves=moves)

    def _acted(self, act: Act) -> "Room":
        if act.name == LESSON:
            if act.lesson is None or not 0 <= act.lesson < len(self.course):
                raise RefusedError("no-lesson")
            return self._begun(act.lesson)
        if act.name == BACK:
            return replace(self, path=self.path[:-1]).at(self.path[-1])
        simple = {
            NEXT_LESSON: lambda: self._begun(self.place + 1),
            BLANK: lambda: replace(self, is_blank=not self.is_blank),
            SHOW_FEW: lambda: replace(self, shows_few=True),
            REHEARSE: lambda: self._emptied(is_rehearsal=True),
            STOP_REHEARSING: lambda: self._emptied(is_rehearsal=False),
            END: lambda: replace(self._emptied(is_rehearsal=False), phase=Phase.OVER),
        }
        if act.name in simple:
            return simple[act.name]()
        if self.phase is Phase.LOBBY:
            return replace(self._begun(self.place), path=(Phase.LOBBY,))
        return replace(self._closed(), path=(*self.path, self.phase)).at(Phase(act.name))

    def _closed(self) -> "Room":
        """The vote that is open, if one is, counted."""
        if self.phase not in OPENS:
            return self
        ballot = OPENS[self.phase]
        first, moves = self.votes.get(Ballot.FIRST, EMPTY), self.moves
        if ballot is Ballot.SECOND:
            # Without the first votes, which an earlier look at the bars or a restart has dropped, nothing is known.
            moves = Moves.between(self.lesson.question, first, self.voted) if first else None
        return replace(self, counts={**self.counts, ballot: self.so_far}, moves=moves)

    def _begun(self, place: int) -> "Room":
        """At the first vote of that lesson; what was counted in the one before is kept as a result."""
        result = self._closed().result
        taken = (*self.taken, result) if result.counts else self.taken
        fresh = replace(self, place=place, run=self.run + 1, taken=taken, votes=EMPTY, counts=EMPTY, moves=None)
        return replace(fresh, path=(), shows_few=False).at(Phase.VOTE1)

    def _emptied(self, *, is_rehearsal: bool) -> "Room":
        """In the lobby, without any vote or count."""
        return Room(self.course, version=self.version, run=self.run, is_rehearsal=is_rehearsal)

    def _voted(self, vote: Vote) -> "Room":
        if self.ballot is None:
            raise RefusedError("closed")
        if vote.ballot != self.ballot:
            raise RefusedError("other-vote")
        if vote.letter not in letters(self._asked):
            raise RefusedError("no-option")
        ballot = OPENS[self.phase]
        return replace(self, votes={**self.votes, ballot: {**self.voted, vote.token: vote.letter}})

    def _flagged(self, flag: Flag) -> "Room":
        if self.phase is not Phase.TRY or flag.run != self.run:
            raise RefusedError("no-exercise")
        if flag.flag is not None and flag.flag not in FLAGS:
            raise RefusedError("unreadable")
        others = {token: raised for token, raised in self.flags.items() if token != flag.token}
        return replace(self, flags=others if flag.flag is None else {**others, flag.token: flag.flag})

"""The rooms that are open, in the memory of this process alone: who leads them, who is there, and when they end.

For one thread, that of the server's event loop; nothing here waits.
"""

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from vmapdemo.lessons.records import Lesson
from vmapdemo.room import codes, memory
from vmapdemo.room.acts import Act, Flag, Phase, RefusedError, Vote
from vmapdemo.room.room import Room

MOST_ROOMS = 50
MOST_PEOPLE = 200
PRESENT_S = 20.0
"""Who has asked within this time is here: phones that sleep keep nobody waiting."""
AWAY_S = 600.0
"""Who has not asked for so long gives the place to somebody else, where there is none left."""
IDLE_S = 90 * 60.0
"""So long after the leader's last act a room ends by itself."""
OVER_S = 600.0
"""So long after its end a room still says so."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")

_log = logging.getLogger(__name__)


def is_token(text: str) -> bool:
    """Whether it can be a person's: nobody can guess it, and it is not long."""
    return _TOKEN.fullmatch(text) is not None


@dataclass(slots=True)
class Open:
    """A room that is open. ``seen``: when each person has asked last, in seconds of the clock."""

    room: Room
    key: bytes
    opened_s: float
    begun_s: float
    acted_s: float
    seen: dict[str, float] = field(default_factory=dict)

    def present(self, now_s: float) -> Collection[str]:
        """The tokens of those who are here."""
        return {token for token, asked_s in self.seen.items() if now_s - asked_s <= PRESENT_S}

    def is_past(self, now_s: float) -> bool:
        """Whether nobody needs it any more."""
        return now_s - self.acted_s > (OVER_S if self.room.phase is Phase.OVER else IDLE_S)


class Rooms:
    """All of them. ``course`` gives the lessons of a room that is opened; ``letter``: what its code begins with.

    What cannot be done raises RefusedError, and changes nothing.
    """

    def __init__(
        self,
        course: Callable[[], Sequence[Lesson]],
        letter: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._course, self._letter, self._clock = course, letter, clock
        self._open: dict[str, Open] = {}

    def prepare(self) -> None:
        """Have the course ready, which may take seconds the first time. For any thread."""
        self._course()

    def open(self, secret: str, remembered: Any = None, code: str | None = None) -> str:
        """Open the room that the secret leads, as it is remembered if it is; one that is open stays as it is.

        ``code``: what its leader knows it by, where it was open before. Returns the code.
        """
        if not codes.is_secret(secret):
            raise RefusedError("not-leader")
        own = codes.code_of(secret, self._letter)
        if code not in (None, own):
            raise RefusedError("elsewhere")
        self._forget_past()
        if own in self._open:
            self._led(own, secret)
            if self._open[own].room.phase is not Phase.OVER:
                return own
        elif len(self._open) >= MOST_ROOMS:
            raise RefusedError("no-rooms")
        course = tuple(self._course())
        room = memory.room(course, remembered) if remembered else Room(course, run=secrets.randbelow(memory.MOST // 2))
        now_s = self._clock()
        self._open[own] = Open(room, _key(secret), now_s, now_s, now_s)
        _log.info("A room was opened.")
        return own

    def act(self, code: str, secret: str, act: Act, version: int) -> Open:
        """The leader's act, if the leader's page has seen everything that was done before it."""
        led = self._led(code, secret)
        if version != led.room.version:
            raise RefusedError("not-seen")
        run = led.room.run
        led.room = led.room.after(act)
        led.acted_s = self._clock()
        if led.room.run != run:
            led.begun_s = led.acted_s
        if led.room.phase is Phase.OVER:
            led.seen.clear()
            _log.info("A room was ended.")
        return led

    def lead(self, code: str, secret: str) -> Open:
        """The room as its leader sees it."""
        return self._led(code, secret)

    def look(self, code: str) -> Open:
        """The room as anybody may see it."""
        return self._at(code)

    def join(self, code: str, token: str) -> Open:
        """The room for a person, who is here from now on."""
        joined = self._at(code)
        now_s = self._clock()
        if token not in joined.seen and len(joined.seen) >= MOST_PEOPLE:
            joined.seen = {other: asked_s for other, asked_s in joined.seen.items() if now_s - asked_s <= AWAY_S}
            if len(joined.seen) >= MOST_PEOPLE:
                raise RefusedError("full")
        joined.seen[token] = now_s
        return joined

    def take(self, code: str, told: Vote | Flag) -> Open:
        """A person's vote or flag."""
        joined = self.join(code, told.token)
        joined.room = joined.room.after(told)
        return joined

    def present(self, here: Open) -> Collection[str]:
        """The tokens of those who are in the room now."""
        return here.present(self._clock())

    def minutes(self, here: Open) -> dict[str, int]:
        """For how many whole minutes the room has been open, and its lesson."""
        now_s = self._clock()
        return {"session": int((now_s - here.opened_s) // 60), "lesson": int((now_s - here.begun_s) // 60)}

    def _at(self, code: str) -> Open:
        self._forget_past()
        if code not in self._open:
            raise RefusedError("no-room")
        return self._open[code]

    def _led(self, code: str, secret: str) -> Open:
        found = self._at(code)
        if not hmac.compare_digest(found.key, _key(secret)):
            raise RefusedError("not-leader")
        return found

    def _forget_past(self) -> None:
        now_s = self._clock()
        for code in [code for code, found in self._open.items() if found.is_past(now_s)]:
            del self._open[code]


def _key(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(b"room:" + secret.encode()).digest()

"""The code of a room: short enough to be read from a wall, and made from a secret that only its leader has."""

import hashlib
import re

ALPHABET = "BCDFGHJKMNPQRSTVWXYZ23456789"
"""Without 0 and O, 1, I and L, which look alike, and without vowels, so that no word comes out."""
LENGTH = 5

_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")
"""At least 128 bits, as the leader's page makes them."""


def is_secret(text: str) -> bool:
    """Whether nobody can guess it."""
    return _SECRET.fullmatch(text) is not None


def code_of(secret: str, letter: str = "") -> str:
    """The code of the room that this secret leads; it begins with the letter of its replica, if that has one.

    >>> code_of("a" * 22), code_of("a" * 22, "B")
    ('KX697', 'BKX69')
    """
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    symbols = letter
    while len(symbols) < LENGTH:
        number, position = divmod(number, len(ALPHABET))
        symbols += ALPHABET[position]
    return symbols


def read(text: str) -> str | None:
    """The code in what somebody typed, in whatever case and with whatever gaps; None if it is none.

    >>> read(" k7-pq2 "), read("OIL10")
    ('K7PQ2', None)
    """
    typed = re.sub(r"[\s-]", "", text[:20]).upper()
    return typed if _CODE.fullmatch(typed) else None

"""What the fields of a record may hold, as a part of their types: one table for all that is measured and read back.

A record calls ``check`` when it is made, so that nothing that is out of range gets any further, wherever it comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

SHORTEST_S, LONGEST_S = 1e-12, 86_400.0
"""A picosecond and a day: between them, and far from both, lies everything that is measured."""
MOST_COUNTED = 10**9
LONGEST_NAME, LONGEST_TEXT = 80, 1000


@dataclass(frozen=True, slots=True)
class Within:
    """Numbers from `least` to `most`, both included."""

    least: float
    most: float

    def complaint(self, value: object) -> str | None:
        """What the value must be, or None where it is that."""
        if isinstance(value, int | float) and self.least <= value <= self.most:
            return None
        return f"must be a number from {_number(self.least)} to {_number(self.most)}, got {shown(value)}."


@dataclass(frozen=True, slots=True)
class Printable:
    """Texts of one line, of 1 to `most` characters that can be seen."""

    most: int

    def complaint(self, value: object) -> str | None:
        """What the value must be, or None where it is that."""
        if not isinstance(value, str):
            return f"must be text, got {shown(value)}."
        if not 1 <= len(value) <= self.most:
            return f"must have 1 to {self.most:,} characters, got {len(value):,}."
        if not value.isprintable():
            hidden = next(character for character in value if not character.isprintable())
            return f"must have printable characters only, got {hidden!a}."
        return None


Seconds = Annotated[float, Within(SHORTEST_S, LONGEST_S)]
"""What something takes."""
Spent = Annotated[float, Within(0, LONGEST_S)]
"""What was spent, is granted or is expected, and what times differ by."""
Predicted = Annotated[float, Within(0, 1e9)]
"""What something would take: a prediction may be far off."""
Share = Annotated[float, Within(0, LONGEST_S / SHORTEST_S)]
"""A ratio of two times, less one."""
Amount = Annotated[float, Within(0, 1e18)]
"""What a program does, such as its floating point operations."""
Count = Annotated[int, Within(0, MOST_COUNTED)]
Number = Annotated[int, Within(1, MOST_COUNTED)]
"""A count of what is there at least once."""
Name = Annotated[str, Printable(LONGEST_NAME)]
Text = Annotated[str, Printable(LONGEST_TEXT)]

Range = Within | Printable


def check(record: Any) -> None:
    """ValueError, one sentence with the field's name and its range, where a field of a record is out of its range."""
    kind: Any = type(record)
    for name, ranges in ranges_of(kind).items():
        value = getattr(record, name)
        for entry in value if isinstance(value, tuple) else (value,):
            for allowed in ranges if entry is not None else ():
                complaint = allowed.complaint(entry)
                if complaint is not None:
                    raise ValueError(f"{name} {complaint}")


@cache
def ranges_of(record: Any) -> dict[str, tuple[Range, ...]]:
    """The ranges of a record's fields, by name, of those that have one: of a tuple's they are those of its entries."""
    kinds = get_type_hints(record, include_extras=True)
    found = {one.name: tuple(_ranges(kinds[one.name])) for one in fields(record)}
    return {name: ranges for name, ranges in found.items() if ranges}


def printable(text: str, most: int = LONGEST_TEXT) -> str:
    r"""Somebody else's text as a `Text`: in one line, and cut where it is too long.

    >>> printable("a\n  b\x1b[0m"), printable("abcdef", 5)
    ('a b?[0m', 'ab...')
    """
    line = "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 3]}..."


def _ranges(kind: Any) -> Iterator[Range]:
    if get_origin(kind) is Annotated:
        yield from (one for one in get_args(kind)[1:] if isinstance(one, Range))
    for inside in get_args(kind):
        yield from _ranges(inside)


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1 <= value < 1e15 or value == 0 else f"{value:g}"


def shown(value: object) -> str:
    """The value as a sentence names it, cut where it is long."""
    # A whole number may have more digits than Python writes.
    return "a number too large" if type(value) is int and value.bit_length() > 128 else f"{value!r:.40}"

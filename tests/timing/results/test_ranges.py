import dataclasses
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.ranges import Count, Name, Printable, Seconds, Text, check, printable, ranges_of
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.service.saved import Saved


@dataclass(frozen=True, slots=True)
class Record:
    seconds: Seconds = 1.0
    maybe: Count | None = None
    name: Name = "a"
    texts: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        check(self)


def test_what_is_within_the_ranges_makes_a_record() -> None:
    for seconds in (1e-12, 1, 86_400):
        Record(seconds, 0, "é" * 80, ("int32[4, 5]", "x" * 1000))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"seconds": 0.0}, "seconds must be a number from 1e-12 to 86,400, got 0.0."),
        ({"seconds": 86_401}, "seconds must be a number from 1e-12 to 86,400, got 86401."),
        ({"seconds": float("nan")}, "seconds must be a number from 1e-12 to 86,400, got nan."),
        ({"seconds": "1"}, "seconds must be a number from 1e-12 to 86,400, got '1'."),
        ({"maybe": -1}, "maybe must be a number from 0 to 1,000,000,000, got -1."),
        ({"maybe": 10**5000}, "maybe must be a number from 0 to 1,000,000,000, got a number too large."),
        ({"name": ""}, "name must have 1 to 80 characters, got 0."),
        ({"name": "a" * 81}, "name must have 1 to 80 characters, got 81."),
        ({"name": 3}, "name must be text, got 3."),
        ({"name": "a\x00"}, r"name must have printable characters only, got '\x00'."),
        ({"name": "\ud800"}, r"name must have printable characters only, got '\ud800'."),
        ({"name": "a\u202eb"}, r"name must have printable characters only, got '\u202e'."),
        ({"texts": ("a", "b\n")}, r"texts must have printable characters only, got '\n'."),
    ],
)
def test_what_is_not_is_refused_with_the_field_and_its_range(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole of it is compared)
        Record(**fields)
    assert str(caught.value) == sentence


def test_somebody_elses_text_is_made_one_that_is_within_the_range() -> None:
    for text in ("a\n\tb", "\x1b[0m", "\ud800", "x" * 5000, "a\u202e"):
        assert Printable(1000).complaint(printable(text)) is None


def records(kind: Any) -> set[Any]:
    """All records that a type holds, at any depth."""
    found = {kind} if dataclasses.is_dataclass(kind) else set()
    inside = get_type_hints(kind).values() if found else get_args(kind)
    return found.union(*map(records, inside))


def holds(kind: Any, *plain: type) -> bool:
    if get_origin(kind) in (Union, UnionType, tuple):
        return any(holds(inside, *plain) for inside in get_args(kind))
    return get_origin(kind) is not Literal and kind in plain


@pytest.mark.parametrize("record", sorted(records(Saved) | records(Comparison) | records(Sweep), key=str), ids=str)
def test_every_number_name_and_count_that_is_read_has_a_range(record: Any) -> None:
    bare = {name for name, kind in get_type_hints(record).items() if holds(kind, int, float, str)}
    assert bare == set(ranges_of(record))
    assert "__post_init__" in vars(record)

from dataclasses import dataclass
from typing import Literal

import pytest

from vmapdemo.timing.results.ranges import Name, check
from vmapdemo.timing.results.reading import of_version, read_record


@dataclass(frozen=True, slots=True)
class Inner:
    text: Name
    count: int = 0

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True)
class Outer:
    figure: float
    flag: bool
    choice: Literal["a", "b"]
    inner: tuple[Inner, ...]
    maybe: int | None = None


GOOD = {"figure": 1, "flag": True, "choice": "a", "inner": [{"text": "x"}]}


def test_fields_become_the_record_that_they_describe() -> None:
    assert read_record(Outer, GOOD) == Outer(1.0, True, "a", (Inner("x"),))
    assert read_record(Outer, {**GOOD, "maybe": 3}).maybe == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ([], r"Outer must be an object with fields, got \[\]."),
        ({**GOOD, "figure": "1"}, "figure must be a finite number, got '1'."),
        ({**GOOD, "figure": True}, "figure must be a finite number, got True."),
        ({**GOOD, "figure": float("inf")}, "figure must be a finite number, got inf."),
        ({**GOOD, "figure": 10**400}, "figure must be a finite number, got a number too large."),
        ({**GOOD, "flag": 1}, "flag must be true or false, got 1."),
        ({**GOOD, "choice": "c"}, "choice must be one of 'a', 'b', got 'c'."),
        ({**GOOD, "choice": []}, r"choice must be one of 'a', 'b', got \[\]."),
        ({**GOOD, "inner": "x"}, "inner must be a list, got 'x'."),
        ({**GOOD, "inner": [{"text": None}]}, "text must be text, got None."),
        ({**GOOD, "inner": [{"text": "x", "count": 1.5}]}, "count must be a whole number, got 1.5."),
        ({**GOOD, "extra": 1}, "Outer has no field 'extra'."),
        ({"figure": 1}, "Outer lacks the field 'flag'."),
        ({**GOOD, "inner": [{}] * 5001}, "inner has 5,001 entries; at most 5,000 are read."),
        ({**GOOD, "inner": [{"text": "x" * 81}]}, "text must have 1 to 80 characters, got 81."),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name_and_what_it_was(fields: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        read_record(Outer, fields)


def test_a_version_is_taken_off_and_checked() -> None:
    assert of_version({"version": 1, "a": 2}, 1) == {"a": 2}
    for wrong in ({"a": 2}, {"version": 2}, {"version": True}, {"version": "1"}, [1], None):
        with pytest.raises(ValueError, match=r"version|object"):
            of_version(wrong, 1)

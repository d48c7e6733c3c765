from pathlib import Path

import pytest

from tests import effort


def test_some_are_always_the_same_ones_in_their_order() -> None:
    few = effort.some(range(1000), 7)
    assert few == sorted(set(few))
    assert len(few) == (1000 if effort.LONG else 7)
    assert effort.some(range(1000), 7) == few
    assert effort.some("abc", 7) == ["a", "b", "c"]


def test_in_a_long_run_some_are_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "LONG", True)
    assert effort.some(range(1000), 7) == list(range(1000))


def test_what_is_named_by_its_place_is_there() -> None:
    tests = Path(effort.__file__).parent
    named = [*(tests.parent / name for name in effort.MEASURING), *(tests / name for name in effort.SLOW)]
    assert [place for place in named if not place.exists()] == []

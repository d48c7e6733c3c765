"""What docs/lessons.md says of a lesson is what a lesson is."""

import re
from pathlib import Path

from vmapdemo.lessons.conditions import CONDITIONS
from vmapdemo.lessons.course import check, course, needs
from vmapdemo.lessons.questions import KINDS
from vmapdemo.lessons.words import ENGLISH
from vmapdemo.lessons.writing import ENTRIES, EXERCISE, QUESTION

TEXT = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_its_example_is_a_lesson_without_a_fault(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    (tmp_path / "03-which-axis.toml").write_text(example, encoding="utf-8")
    (tmp_path / "01-loop.toml").write_bytes((ENGLISH / "01-loop.toml").read_bytes())
    assert check(tmp_path) == ()


def test_it_names_every_entry_every_kind_of_question_and_every_condition() -> None:
    for name in (*ENTRIES, *QUESTION, *EXERCISE):
        assert re.search(rf"^\[?(exercise\.)?{name}\b", TEXT, flags=re.MULTILINE), name
    assert all(f"`{kind}`" in TEXT for kind in KINDS)
    assert set(re.findall(r"^\| `(\w+) = ", TEXT, flags=re.MULTILINE)) == CONDITIONS.keys()


def test_it_names_all_that_a_call_can_need() -> None:
    needed = {name for written in course().values() for scenario in written.calls.values() for name in needs(scenario)}
    assert len(needed) == 8
    assert all(f"`{name}`" in TEXT for name in needed)

"""A folder of somebody's own lessons: what is wrong with it is said in a sentence, with the file and the line."""

import subprocess
import sys
from pathlib import Path

import pytest

from vmapdemo.lessons.course import check, course, lessons
from vmapdemo.lessons.faults import CourseError
from vmapdemo.lessons.words import ENGLISH, words

GOOD = (ENGLISH / "01-loop.toml").read_text(encoding="utf-8")
HIDDEN = (ENGLISH / "03-which-axis.toml").read_text(encoding="utf-8")


def _folder(tmp_path: Path, text: str, name: str = "01-loop.toml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _line(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


FAULTS = [
    ('title = "A loop', 'titel = "A loop', "titel", "'titel' is nothing that a lesson has; 'title' is meant, perhaps."),
    ("in_hour = true", 'in_hour = "yes"', "in_hour", "'in_hour' has to be true or false."),
    ('asks = "result"', 'asks = "outcome"', "asks", "A question asks for one of result, shape, inside, fault, runs"),
    ('"refuses-batch"]', '"refuses-batches"]', "ideas", "There is no idea 'refuses-batches'; 'refuses-batch' is meant"),
    (
        '"handed-over", "refuses-batch"]',
        '"added-up"]',
        "call =",
        "The idea added-up cannot be told from",
    ),
    ('"handed-over", "refuses-batch"]', '"lined-up"]', "call =", "The idea lined-up says nothing about this call."),
    (
        'function = "total", row = [[1, 2, 3], [4, 5, 6]] }\na',
        'function = "totals" }\na',
        "call =",
        "There is no function",
    ),
    ('task = "Change', 'task = ["Change', "task", "This is no TOML."),
    ("gives = ", "gibs = ", "gibs", "There is no condition 'gibs'; 'gives' is meant, perhaps."),
    ("gives = [10, 10, 10]", "gives = [6, 15]", "judged", "The exercise is done before anything is changed."),
    ("gives = [10, 10, 10]", "gives = [10, 10]", "model", "The result has shape (3,); it should have (2,)."),
    ('cells = ["loop"', 'cells = ["loops"', "cells", "There is no preset 'loops'."),
    ("fails = [{ row = [[1, 2, 7], [4, 5, 1]] }", "fails = [{ row = [[10], [10], [10]] }", "fails", "and should fail."),
    ('teaches = ["loop"]', 'uses = ["tools"]', "uses", "No lesson up to here teaches 'tools'."),
    ('keeps = "axes"', 'keeps = "calm"', "judged", "keeps is"),
]


@pytest.mark.parametrize(("old", "new", "at", "sentence"), FAULTS)
def test_a_fault_is_a_sentence_with_its_line(tmp_path: Path, old: str, new: str, at: str, sentence: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    found = check(_folder(tmp_path, text))
    assert sentence in found[0].sentence
    assert found[0].file == "01-loop.toml"
    if "TOML" not in sentence:
        assert found[0].line == _line(text, at)


def test_what_an_earlier_lesson_does_not_teach_is_a_fault(tmp_path: Path) -> None:
    text = HIDDEN.replace('teaches = ["in_axes"]', "").replace('uses = ["loop", "inside"]', "")
    found = check(_folder(tmp_path, text))
    assert "needs 'in_axes', which no lesson up to here teaches" in found[0].sentence


@pytest.mark.parametrize("shapes", ['{ row = "N b" }', '{ column = "n b" }', "{}"])
def test_hidden_data_that_cannot_be_made_is_a_fault(tmp_path: Path, shapes: str) -> None:
    text = HIDDEN.replace('{ row = "n b" }', shapes).replace('uses = ["loop", "inside"]', "")
    assert check(_folder(tmp_path, text))


def test_a_name_that_is_no_lessons_is_a_fault(tmp_path: Path) -> None:
    assert "named 01-name.toml" in check(_folder(tmp_path, GOOD, "loop.toml"))[0].sentence


def test_two_lessons_of_one_name_are_a_fault(tmp_path: Path) -> None:
    _folder(tmp_path, GOOD)
    assert "two lessons of the name 'loop'" in check(_folder(tmp_path, GOOD, "02-loop.toml"))[0].sentence


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="There is no lesson in this folder"):
        course(tmp_path)


def test_a_folder_has_words_of_its_own(tmp_path: Path) -> None:
    _folder(tmp_path, '[whole-batch]\nlabel = "das Ganze"\nholds = "A."\nreply = "B."\nask = "C?"\n', "ideas.toml")
    _folder(tmp_path, 'right = "Ja."\n', "words.toml")
    (made,) = lessons(_folder(tmp_path, GOOD))
    assert made.question.right.reply == "Ja."
    assert {"A. B."} <= {option.reply for option in made.question.options}
    assert words(tmp_path).ideas["handed-over"] == words().ideas["handed-over"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    folder = _folder(tmp_path, GOOD.replace('"result"', '"results"'))
    done = subprocess.run([sys.executable, "-m", "vmapdemo.lessons", str(folder)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("01-loop.toml, line 10: A question asks for one of")

"""A lesson as a page of a course site."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from vmapdemo.lessons.course import course, lesson
from vmapdemo.lessons.markdown import page
from vmapdemo.lessons.words import words
from vmapdemo.scenario import link

WRITTEN = course()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_has_all_of_a_lesson_and_folds_its_answers_away(name: str) -> None:
    written = WRITTEN[name]
    made = lesson(written, words())
    text = page(made, written.twin_why, "https://example.org/app/")
    open_text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    for question in (made.question, made.twin):
        assert question.prompt in open_text
        assert all(option.text in open_text for option in question.options)
        assert not any(option.reply in open_text for option in question.options if not option.is_right)
    assert made.why in text
    assert made.why not in open_text
    assert made.exercise.task in open_text
    queries = re.findall(r"\(https://example\.org/app/\?([^)\s]+)\)", text)
    assert len(queries) == 3
    for query in queries:
        link.decode(query)


def test_the_command_writes_a_page_for_each(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vmapdemo.lessons", "--markdown", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.md"))) == len(WRITTEN)

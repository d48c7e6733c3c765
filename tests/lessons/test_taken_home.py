"""What somebody takes home of a lesson runs there: its page's code, and the files that the menu saves."""

import ast
import contextlib
import io
import json
import re
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from tests.effort import some
from vmapdemo import export, outcome
from vmapdemo.lessons.answers import numbers
from vmapdemo.lessons.course import course, lesson
from vmapdemo.lessons.markdown import page
from vmapdemo.lessons.words import words

WRITTEN = course()
ASKED = {one.name: one for written in WRITTEN.values() for one in (written.question, written.twin)}


def _value(code: str) -> np.ndarray:
    """What the last expression of the code gives, after all that comes before it, with nothing known beforehand."""
    *statements, last = ast.parse(code).body
    names: dict[str, Any] = {}
    exec(compile(ast.Module(statements, []), "page", "exec"), names)
    assert isinstance(last, ast.Expr)
    return np.asarray(eval(compile(ast.Expression(last.value), "page", "eval"), names))


def _printed(code: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "saved", "exec"), {})
    return printed.getvalue()


@pytest.mark.parametrize("name", some([*WRITTEN], 4))
def test_the_code_on_a_lessons_page_gives_the_answer_that_is_called_right(name: str) -> None:
    written = WRITTEN[name]
    made = lesson(written, words())
    blocks = re.findall(r"```python\n(.*?)\n```", page(made, written.twin_why), re.DOTALL)
    for code, asked, question in zip(blocks, (written.question, written.twin), (made.question, made.twin), strict=True):
        if not outcome.explanation(asked.scenario).ok:
            with pytest.raises((TypeError, ValueError)):
                _value(code)
        elif asked.asks == "result":
            assert numbers(_value(code)).text == question.right.text
        elif asked.asks == "shape":
            assert str(_value(code).shape) == question.right.text


@pytest.mark.parametrize("name", some([*ASKED], 5))
def test_what_is_saved_of_a_question_runs_and_says_what_happens(name: str) -> None:
    scenario = ASKED[name].scenario
    found = outcome.explanation(scenario)
    cells = json.loads(export.notebook(scenario))["cells"]
    notebook = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    for printed in map(_printed, (export.script(scenario), notebook)):
        if found.ok:
            assert str(jnp.asarray(outcome.result(scenario))) in printed
        else:
            assert "inconsistent sizes" in printed

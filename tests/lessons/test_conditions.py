"""Each condition that an exercise can be judged by: when it holds, and what is said if not."""

from typing import Any

import numpy as np
import pytest

from vmapdemo.lessons.changing import call, changed
from vmapdemo.lessons.conditions import CONDITIONS, compared
from vmapdemo.lessons.judging import judge
from vmapdemo.lessons.task import Task
from vmapdemo.lessons.words import words
from vmapdemo.scenario.argument import InputError

SYMMETRIC = call({"function": "calibrate", "readings": [[1, 2, 3], [2, 5, 6], [3, 6, 9]], "gain": [1, 1, 1]})
STEP = call("preset=cond")

CASES: list[tuple[str, Any, dict[str, Any], dict[str, Any], str]] = [
    ("keeps", "axes", {"gain": [1, 2, 3]}, {"in_axes": 1}, "The axes are changed."),
    ("keeps", "axes", {"in_axes": "[0, -1]"}, {"out_axes": 1}, "The axes are changed."),
    ("keeps", "arrays", {"in_axes": 1}, {"gain": [1, 2, 3]}, "`gain` are changed"),
    ("keeps", "gain", {"readings": [[1]], "in_axes": 1}, {"gain": [1, 2, 3]}, "`gain` are changed"),
    ("at_most", 1, {"gain": [1, 1, 2]}, {"gain": [1, 2, 2]}, "2 numbers are changed; at most 1 may be."),
    ("at_most", 9, {"gain": [4, 5, 6]}, {"gain": [1, 1]}, "A shape is changed."),
    ("refused", True, {"gain": [1, 1]}, {"in_axes": 1, "gain": [[1, 1, 1]]}, "The call still runs."),
    ("refused", False, {}, {"gain": [1, 1]}, "The call is refused. `readings` and `gain` disagree"),
    ("gives", [[1, 2, 3], [2, 5, 6], [3, 6, 9]], {}, {"gain": [1, 2, 1]}, "at [1, 0]: it is 4, and should be 2."),
    ("gives", [[1, 2, 3], [2, 5, 6], [3, 6, 9]], {}, {"gain": [1, 1]}, "The call is refused."),
    ("sees", [[3], []], {}, {"in_axes": "(0, None)"}, "`gain` of shape (3,); it should be ()."),
    ("tells_apart", {"in_axes": "(1, 0)"}, {"readings": [[1, 2, 3], [9, 5, 6], [3, 6, 9]]}, {}, "cannot tell the two"),
    ("refuses", {"in_axes": "(1, 0)"}, {"readings": [[1, 2], [2, 5], [3, 6]]}, {}, "still runs on these arrays"),
    ("runs_as", {"in_axes": "(0, None)"}, {"readings": [[1, 2, 3]]}, {"gain": [1, 2]}, "the call is refused as well"),
    (
        "all_differ",
        True,
        {"readings": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
        {},
        "numbers of the result are still equal",
    ),
    ("loop", [{"readings": "b n", "gain": "b"}], {}, {"in_axes": "(1, 0)"}, "The call is refused."),
]


@pytest.mark.parametrize(("name", "value", "holds", "breaks", "sentence"), CASES)
def test_a_condition(name: str, value: Any, holds: dict[str, Any], breaks: dict[str, Any], sentence: str) -> None:
    task = Task("", SYMMETRIC, SYMMETRIC, (), {name: value})
    assert judge(task, changed(SYMMETRIC, holds), words()).done
    judged = judge(task, changed(SYMMETRIC, breaks), words())
    assert not judged.done
    assert sentence in judged.sentence


def test_an_operation_that_has_to_be_in_the_program() -> None:
    task = Task("", STEP, STEP, (), {"holds": "cond"})
    assert "no `cond`" in judge(task, STEP, words()).sentence
    assert judge(task, call("preset=cond-shared"), words()).done
    assert "refused" in judge(task, call("preset=cond-loud"), words()).sentence


def test_every_condition_is_tried_here() -> None:
    assert {case[0] for case in CASES} | {"holds"} == CONDITIONS.keys()


def test_an_array_of_a_shape_alone_is_not_judged() -> None:
    task = Task("", SYMMETRIC, SYMMETRIC, (), {"gives": [1]})
    assert "a shape alone" in judge(task, changed(SYMMETRIC, {"gain": "f32[3]"}), words()).sentence


def test_what_has_to_stay_is_something_that_is_there() -> None:
    with pytest.raises(InputError, match="keeps is"):
        judge(Task("", SYMMETRIC, SYMMETRIC, (), {"keeps": "calm"}), SYMMETRIC, words())


def test_nothing_is_broadcast_before_it_is_compared() -> None:
    complaint = compared(np.zeros((2, 3)), np.zeros(3))
    assert complaint is not None
    assert complaint.name == "shape"
    assert compared(np.zeros(()), np.zeros(1)) is not None
    assert compared(np.array([1.0, np.nan]), np.array([1.0, np.nan])) is None

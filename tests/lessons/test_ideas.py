"""Wrong ideas as models: each is wrong somewhere, and each is right about its own holder."""

import numpy as np
import pytest

from tests.effort import some
from vmapdemo import outcome
from vmapdemo.lessons.answers import Numbers, Refused, Shape, differing, numbers
from vmapdemo.lessons.calls import call_of, walk
from vmapdemo.lessons.changing import call
from vmapdemo.lessons.course import course
from vmapdemo.lessons.ideas.catalogue import IDEAS
from vmapdemo.lessons.questions import expectations, expected, truth
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

MATRIX = call({"function": "total", "row": [[1, 2, 3], [4, 5, 6]]})
SHARED = call({"function": "pair", "tens": [1, 2, 3], "ones": [4, 5], "in_axes": "(0, None)"})
COLUMNS = call({"function": "centre", "row": [[1, 3], [5, 11], [0, 4]], "out_axes": 1})
MISMATCH = call("preset=mismatch")
ONE = call({"function": "pair", "tens": [1, 2, 3], "ones": [4]})


@pytest.mark.parametrize("name", PRESETS)
def test_who_walks_through_a_call_finds_what_vmap_gives(name: str) -> None:
    scenario = PRESETS[name].scenario
    walked = call_of(scenario)
    if walked is not None and outcome.explanation(scenario).ok and scenario.entry.axis_name is None:
        np.testing.assert_allclose(walk(walked), outcome.result(scenario), 1e-4, 1e-5)


@pytest.mark.parametrize("name", some(list(PRESETS), 25))
def test_an_idea_says_something_or_nothing_about_any_call_and_never_raises(name: str) -> None:
    scenario = PRESETS[name].scenario
    for idea in IDEAS:
        for asks in ("result", "shape", "inside", "fault", "runs"):
            expected(idea, scenario, asks)


@pytest.mark.parametrize(
    ("idea", "scenario", "answer"),
    [
        ("whole-batch", MATRIX, numbers(21)),
        ("handed-over", MATRIX, numbers([5, 7, 9])),
        ("added-up", MATRIX, numbers(21)),
        ("refuses-batch", MATRIX, Refused("function")),
        ("none-walks", SHARED, numbers([[14, 24, 34], [15, 25, 35]])),
        ("first-only", SHARED, numbers([14, 24, 34])),
        ("lined-up", SHARED, Refused("sizes")),
        ("same-sizes", SHARED, Refused("sizes")),
        ("out-ignored", COLUMNS, numbers([[-1, 1], [-3, 3], [-2, 2]])),
        ("out-walks", COLUMNS, numbers([[-1, 3, -2], [-3, 5, -2]])),
        ("out-of-one", COLUMNS, Refused("out_axes")),
        ("stretched", ONE, numbers([14, 24, 34])),
        ("shorter-wins", ONE, numbers([14])),
        ("shorter-wins", MISMATCH, Refused("function")),
    ],
)
def test_an_idea_expects(idea: str, scenario: Scenario, answer: object) -> None:
    assert expected(idea, scenario, "result") == answer


def test_the_kept_axis_is_seen_inside() -> None:
    assert expected("axis-kept", MATRIX, "inside") == Shape((1, 3))
    assert truth(MATRIX, "inside") == Shape((3,))


def test_whom_one_blames() -> None:
    assert truth(MISMATCH, "fault") == Refused("sizes", "y_batch")
    assert expected("larger-blamed", MISMATCH, "fault") == Refused("sizes", "x_batch")


def test_every_idea_is_wrong_on_some_call_of_the_lessons() -> None:
    scenarios = [scenario for written in course().values() for scenario in written.calls.values()]
    asked = [asked for written in course().values() for asked in (written.question, written.twin)]
    wrong = {name for scenario in [*scenarios, ONE] for name in expectations(scenario)}
    wrong |= {idea for one in asked for idea in one.ideas}
    assert wrong >= IDEAS.keys()


def test_an_answer_is_rows_of_numbers_without_a_zero_below_zero() -> None:
    assert numbers(np.array([[1.0, -0.0], [2.5, 1e6]])).text == "[[1, 0],\n [2.5, 1e+06]]"
    assert numbers(np.float32(6)).text == "6"


def test_where_an_answer_departs() -> None:
    mine, theirs = numbers([[1, 2], [3, 4]]), numbers([[1, 0], [3, 5]])
    assert differing(mine, theirs) == ((0, 1), (1, 1))
    assert differing(mine, numbers([1, 2])) == tuple(np.ndindex(2, 2))
    assert isinstance(mine, Numbers)

"""The lessons that come with the app: their questions, their answers, their exercises, and their order."""

import jax
import numpy as np
import pytest

from vmapdemo import outcome
from vmapdemo.lessons.answers import Count, Numbers, Refused, Shape, numbers
from vmapdemo.lessons.course import check, course, lesson, lessons, needs, spellings
from vmapdemo.lessons.hidden import tries
from vmapdemo.lessons.ideas.catalogue import IDEAS
from vmapdemo.lessons.judging import judge
from vmapdemo.lessons.questions import Asked, answers, seen
from vmapdemo.lessons.words import ENGLISH, words
from vmapdemo.lessons.writing import Written
from vmapdemo.scenario import link
from vmapdemo.scenario.presets import NOTEBOOK
from vmapdemo.scenario.scenario import Scenario

WRITTEN = course()
WORDS = words()
ASKED = {asked.name: asked for written in WRITTEN.values() for asked in (written.question, written.twin)}
HIDDEN = {name: written for name, written in WRITTEN.items() if "loop" in written.task.judged}


def test_there_are_fourteen_lessons_and_the_hour_is_the_first_eight() -> None:
    assert len(WRITTEN) == 14
    assert [written.in_hour for written in WRITTEN.values()] == [True] * 8 + [False] * 6


def test_the_cells_of_the_notebook_come_in_its_order_and_none_is_left_out() -> None:
    cells = [cell for written in WRITTEN.values() for cell in written.cells]
    assert cells == [preset.name for preset in NOTEBOOK if preset.scenario.batched]


@pytest.mark.parametrize("name", WRITTEN)
def test_an_idea_is_two_sentences(name: str) -> None:
    assert WRITTEN[name].idea.count(". ") == 1
    assert all(text.endswith((".", "?")) for text in (WRITTEN[name].idea, WRITTEN[name].why, WRITTEN[name].task.text))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_lesson_needs_nothing_that_is_not_taught_up_to_it(name: str) -> None:
    order = list(WRITTEN)
    taught = {thing for before in order[: order.index(name) + 1] for thing in WRITTEN[before].teaches}
    assert set(WRITTEN[name].uses) <= taught
    for scenario in WRITTEN[name].calls.values():
        assert set(needs(scenario)) <= taught


@pytest.mark.parametrize("name", ASKED)
def test_the_options_differ_and_exactly_one_is_right(name: str) -> None:
    written = WRITTEN[name.removesuffix("-twin")]
    made = lesson(written, WORDS)
    question = made.twin if name.endswith("-twin") else made.question
    assert question.name == name
    assert len({option.text for option in question.options}) == len(question.options) >= 3
    assert sum(option.is_right for option in question.options) == 1
    assert {option.idea for option in question.options} == {None, *ASKED[name].ideas}
    assert [option.letter for option in question.options] == list("ABCDEF"[: len(question.options)])
    assert all(option.reply for option in question.options)
    assert link.decode(question.link)[0] == ASKED[name].scenario


def _by_vmap(scenario: Scenario) -> np.ndarray:
    """The result without anything of this project between the call and JAX."""
    function = scenario.entry.function
    if scenario.inner is not None:
        function = jax.vmap(function, scenario.inner.in_axes, scenario.inner.out_axes)
    arguments, keywords = scenario.form.called([argument.passed for argument in scenario.arguments])
    return np.asarray(jax.vmap(function, scenario.in_axes, scenario.out_axes)(*arguments, **keywords))


@pytest.mark.parametrize("name", ASKED)
def test_the_right_answer_is_that_of_jax(name: str) -> None:
    asked = ASKED[name]
    right = answers(asked)[None]
    if isinstance(right, Refused):
        with pytest.raises(ValueError, match="inconsistent sizes"):
            _by_vmap(asked.scenario)
    elif isinstance(right, Numbers):
        assert right == numbers(_by_vmap(asked.scenario))
    elif isinstance(right, Shape) and asked.asks == "shape":
        assert right == Shape(_by_vmap(asked.scenario).shape)
    elif isinstance(right, Shape):
        assert right == Shape(seen(asked.scenario)[0][0])
    else:
        assert right == Count(1)


@pytest.mark.parametrize("name", ASKED)
def test_the_options_have_the_same_order_every_time(name: str) -> None:
    written = WRITTEN[name.removesuffix("-twin")]
    assert lessons()[list(WRITTEN).index(written.name)] == lesson(written, WORDS)


def test_the_right_answer_has_no_favourite_letter() -> None:
    letters = [question.right.letter for made in lessons() for question in (made.question, made.twin)]
    assert all(letters.count(letter) >= 3 for letter in "ABC")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_twin_has_other_data(name: str) -> None:
    question, twin = WRITTEN[name].question, WRITTEN[name].twin
    assert question.scenario != twin.scenario
    assert question.name != twin.name
    assert set(question.ideas) & set(twin.ideas)


@pytest.mark.parametrize("name", WRITTEN)
def test_an_exercise_is_not_done_at_its_start_and_the_model_and_its_spellings_do_it(name: str) -> None:
    task = WRITTEN[name].task
    assert not judge(task, task.start, WORDS).done
    for scenario in (task.model, *task.passes, *spellings(task.model)):
        judged = judge(task, scenario, WORDS)
        assert judged.done, judged.sentence


@pytest.mark.parametrize("name", WRITTEN)
def test_a_wrong_way_to_do_an_exercise_fails_and_is_told_why(name: str) -> None:
    task = WRITTEN[name].task
    for scenario in task.fails:
        judged = judge(task, scenario, WORDS)
        assert not judged.done
        assert judged.sentence.endswith(".")


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_data_has_sizes_and_numbers_that_all_differ(name: str) -> None:
    task = HIDDEN[name].task
    for shapes in task.judged["loop"]:
        for scenario in tries(task.model, shapes):
            sizes = {
                letter: size
                for argument in scenario.arguments
                for letter, size in zip(shapes[argument.name].split(), argument.stored.shape, strict=True)
            }
            assert len(set(sizes.values())) == len(sizes)
            assert outcome.result(scenario).size
            for argument in scenario.arguments:
                assert len(np.unique(argument.stored)) == argument.stored.size


@pytest.mark.parametrize("name", WRITTEN)
def test_a_link_starts_the_exercise(name: str) -> None:
    written: Written = WRITTEN[name]
    made = lesson(written, WORDS)
    assert link.decode(made.exercise.link)[0] == written.task.start
    assert 2 <= len(made.exercise.hints) <= 4


def test_nothing_is_wrong_with_them() -> None:
    assert check(ENGLISH) == ()


def test_every_idea_is_told_of_and_answers_some_question() -> None:
    assert WORDS.ideas.keys() == IDEAS.keys()
    used = {idea for asked in ASKED.values() for idea in asked.ideas}
    assert IDEAS.keys() - used <= {"all-pairs", "same-sizes", "stretched", "shorter-wins", "whole-batch"}


def test_an_asked_question_is_a_value() -> None:
    asked = ASKED["loop"]
    assert Asked(asked.name, asked.scenario, asked.asks, asked.prompt, asked.ideas) == asked

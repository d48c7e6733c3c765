"""The view Learn without a browser: what is sent before an answer and after it, and what the link holds."""

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.views.driving import ask, data, edit, link_of, opened, resize, scenario, type_axes, view, widget
from vmapdemo.hosting import settings
from vmapdemo.lessons.course import course, lesson
from vmapdemo.lessons.words import words
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.progress import Answered, Progress
from vmapdemo.views import lessons

WRITTEN = course()


def _open(page: AppTest, name: str | None, part: str = "question") -> AppTest:
    return ask(page, "learn", {"kind": "lesson", "lesson": name, "part": part})


def _answer(page: AppTest, letter: str) -> AppTest:
    return ask(page, "learn", {"kind": "answer", "letter": letter})


def _sent(page: AppTest) -> str:
    """All that the browser is given, as one text."""
    return json.dumps([json.loads(element.proto.json) for element in page.get("bidi_component")])


def _steps(page: AppTest) -> dict[str, str]:
    return {step["part"]: step["state"] for step in data(page, "learn")["steps"]}


def test_the_list_has_every_lesson_and_how_far_one_is() -> None:
    page = opened("view=learn&answers=loop.c_inside.b&done=loop")
    lines = data(page, "learn")["lessons"]
    assert [line["name"] for line in lines] == list(WRITTEN)
    assert [step["state"] for step in lines[0]["steps"]] == ["right", "done", ""]
    assert [step["state"] for step in lines[1]["steps"]] == ["wrong", "", ""]


@pytest.mark.parametrize("name", ["loop", "sizes", "nested", "trees"])
def test_before_an_answer_nothing_that_is_sent_tells_it(name: str) -> None:
    page = _open(opened("view=learn"), name)
    made = lesson(WRITTEN[name], words())
    question = data(page, "learn")["question"]
    assert question["reveal"] is None
    assert [set(option) for option in question["options"]] == [{"letter", "text"}] * len(made.question.options)
    sent = _sent(page)
    told = [made.why, *(option.reply for option in made.question.options)]
    assert not any(json.dumps(text)[1:-1] in sent for text in told)
    assert "verdict" not in data(page, "call")


@pytest.mark.parametrize("part", ["question", "again"])
def test_an_answer_is_shown_beside_what_happens(part: str) -> None:
    page = _open(opened("view=learn"), "loop", part)
    made = lesson(WRITTEN["loop"], words())
    asked = made.twin if part == "again" else made.question
    wrong = next(option for option in asked.options if option.idea == "handed-over")
    reveal = data(_answer(page, wrong.letter), "learn")["question"]["reveal"]
    assert reveal["right"]["letter"] == asked.right.letter
    assert reveal["given"] | {"text": wrong.text, "reply": wrong.reply, "right": False} == reveal["given"]
    assert reveal["tables"][-1]["name"] == "result"
    assert _steps(page)[part] == "wrong"


def test_the_cells_that_differ_are_named() -> None:
    page = _answer(opened("view=learn&lesson=silent"), "B")
    table = data(page, "learn")["question"]["reveal"]["given"]["table"]
    assert table["departs"] == ["0,1", "1,0"]


def test_not_to_know_is_an_answer() -> None:
    page = _answer(opened("view=learn&lesson=loop"), "x")
    reveal = data(page, "learn")["question"]["reveal"]
    assert reveal["given"] is None
    assert reveal["why"] == WRITTEN["loop"].why
    assert _steps(page)["question"] == "unknown"


def test_other_ideas_are_asked_what_they_expect_of_the_call() -> None:
    page = _answer(opened("view=learn&lesson=which-axis"), "A")
    others = {one["idea"]: one["text"] for one in data(page, "learn")["question"]["reveal"]["others"]}
    assert others[words().ideas["handed-over"].label] == "[6, 60]"


def test_an_answer_is_given_once_unless_somebody_asks_anew() -> None:
    page = _answer(_answer(opened("view=learn&lesson=loop"), "A"), "C")
    assert view(page).progress.answered("loop") == Answered("loop", "a")
    page = _answer(ask(page, "learn", {"kind": "forget"}), "C")
    assert view(page).progress.answered("loop") == Answered("loop", "c")


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "answer", "letter": "E"},
        {"kind": "answer", "letter": 3},
        {"kind": "answer"},
        {"kind": "lesson", "lesson": "nothing"},
        {"kind": "lesson", "lesson": ["loop"]},
        {"kind": "lesson", "lesson": "loop", "part": "all"},
        {"kind": "check"},
    ],
)
def test_what_no_page_sends_changes_nothing(wish: dict[str, Any]) -> None:
    page = opened("view=learn&lesson=loop")
    before = link_of(page)
    assert link_of(ask(page, "learn", wish)) == before


def test_an_exercise_is_the_live_page_and_is_checked() -> None:
    page = _open(opened("view=learn"), "loop", "try")
    assert scenario(page) == WRITTEN["loop"].task.start
    assert data(page, "call")["verdict"]["kind"] == "good"
    page = ask(page, "learn", {"kind": "check"})
    assert data(page, "learn")["exercise"]["judged"] == {
        "done": False,
        "sentence": "The result has shape (2,); it should have (3,).",
    }
    page = resize(page, "row", "rows", 3)
    assert data(page, "learn")["exercise"]["judged"] is None
    cells = {(0, 2): "7", (1, 2): "1", (2, 0): "10", (2, 1): "0", (2, 2): "0"}
    page = ask(edit(page, "row", *cells.items()), "learn", {"kind": "check"})
    assert data(page, "learn")["exercise"]["judged"]["done"]
    assert view(page).progress.done == ("loop",)
    assert _steps(page)["try"] == "done"


def test_an_exercise_about_axes_is_done_by_typing_them() -> None:
    page = type_axes(_open(opened("view=learn"), "which-axis", "try"), "in_axes", "-2")
    page = ask(page, "learn", {"kind": "check"})
    assert data(page, "learn")["exercise"]["judged"]["sentence"] == "The result has shape (3,); it should have (4,)."
    page = ask(type_axes(page, "in_axes", "(1,)"), "learn", {"kind": "check"})
    assert view(page).progress.done == ("which-axis",)


def test_reset_goes_back_to_where_the_exercise_begins() -> None:
    page = _open(opened("view=learn"), "which-axis", "try")
    assert not data(page, "arrays")["changed"]
    page = type_axes(page, "in_axes", "1")
    assert data(page, "arrays")["changed"]
    assert scenario(ask(page, "arrays", {"kind": "reset"})) == WRITTEN["which-axis"].task.start


def test_no_name_of_an_example_stands_over_a_question_and_tells_its_answer() -> None:
    """The exercise on calls that run and are wrong begins with an example of the gallery's mistakes."""
    page = _open(opened("view=learn"), "silent")
    assert view(page).preset == "calibrate-silent"
    assert widget(page, "chosen_preset").value is None


def test_a_link_to_an_exercise_needs_no_arrays() -> None:
    assert scenario(opened("view=learn&lesson=loop&part=try")) == WRITTEN["loop"].task.start


def test_progress_outlives_a_look_at_an_example() -> None:
    page = _answer(opened("view=learn&lesson=loop"), "A")
    scenario_now, seen = link.decode(link_of(page))
    assert link.decode(link.encode(scenario_now, seen)) == (scenario_now, seen)
    assert "answers=loop.a" in link_of(page)


def test_a_lesson_that_is_not_here_is_said_in_a_sentence() -> None:
    assert "no lesson of this name" in data(opened("view=learn&lesson=nothing"), "learn")["sentence"]


def test_lessons_that_cannot_be_shown_say_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "01-loop.toml").write_text("title = 3\n")
    monkeypatch.setenv("VMAPDEMO_LESSONS", str(tmp_path))
    assert settings.read({"VMAPDEMO_LESSONS": str(tmp_path)}).lessons == tmp_path
    monkeypatch.setattr(lessons, "folder", lambda: tmp_path)
    page = opened("view=learn")
    assert "01-loop.toml, line 1: 'title' has to be a text." in _sent(page)


def test_progress_is_read_as_it_is_written() -> None:
    given = Progress("out-axes", "again", (Answered("loop", "b", "x"), Answered("in-step", None, "a")), ("loop",))
    text = link.encode(WRITTEN["loop"].task.start, link.View("learn", progress=given))
    assert "answers=loop.b.x_in-step.-.a&done=loop" in text
    assert link.decode(text)[1].progress == given


@pytest.mark.parametrize(
    "query",
    [
        "answers=loop",
        "answers=loop.z",
        "answers=LOOP.a",
        "done=a__b",
        "lesson=%3Cb%3E",
        "part=x",
        "answers=" + "a.a_" * 61 + "a.a",
    ],
)
def test_progress_that_no_page_writes_is_refused_in_a_sentence(query: str) -> None:
    with pytest.raises(link.LinkError, match=r"\.$"):
        link.decode(f"view=learn&{query}")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_link_to_a_lesson_leads_to_its_own_exercise(name: str) -> None:
    page = _open(opened(f"view=learn&lesson={name}"), name, "try")
    assert scenario(page) == WRITTEN[name].task.start


@pytest.mark.parametrize("name", ["sizes", "trees"])
def test_an_exercise_offers_no_fix_that_would_solve_it(name: str) -> None:
    start = WRITTEN[name].task.start
    elsewhere, here = (f"{link.encode(start, View(page))}&lesson={name}&part=try" for page in ("explore", "learn"))
    assert data(opened(elsewhere), "call")["verdict"]["fixes"]
    assert not data(opened(here), "call")["verdict"]["fixes"]


def test_a_link_to_an_exercise_with_a_call_keeps_the_call() -> None:
    page = opened("view=learn&lesson=sizes&part=try&preset=vmap")
    assert scenario(page) == link.of_preset("vmap")[0]


def test_what_is_saved_is_the_call_on_the_page(subtests: pytest.Subtests) -> None:
    """A question shows a call of its own, which is not the one that its exercise begins with."""
    own = link.of_preset("vmap")[0]
    for name, one in WRITTEN.items():
        shown = {"question": one.question.scenario, "again": one.twin.scenario, "try": own}
        for part, wanted in shown.items():
            with subtests.test(f"{name} {part}"):
                seen = View("learn", progress=Progress(name, part))
                assert lessons.on_show(own, seen) == wanted
                assert lessons.on_show(own, replace(seen, page="explore")) == own

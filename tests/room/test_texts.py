"""Every text that a page asks for is there, and every one that is there is asked for."""

import re

from tests.room.course import COURSE
from vmapdemo.room import texts
from vmapdemo.room.acts import STEPS, Phase, RefusedError
from vmapdemo.room.pages import Pages
from vmapdemo.room.room import Room
from vmapdemo.room.routes import STATUS

ENGLISH = texts.read()
SOURCE = "".join(path.read_text(encoding="utf-8") for path in texts.FOLDER.parent.glob("*.py"))


def test_each_phase_has_words_on_each_page() -> None:
    for page in ("participant", "screen", "desk"):
        assert ENGLISH[page]["phases"].keys() == set(Phase)


def test_each_act_has_a_name_on_the_desk() -> None:
    named = ENGLISH["desk"]["acts"].keys()
    steps = {str(step) for steps in STEPS.values() for step in steps}
    in_lessons = {"lesson", "end"}  # they have a button of their own
    assert steps | (Room(COURSE).legal - in_lessons) <= named


def test_each_refusal_has_a_sentence_and_each_sentence_a_refusal() -> None:
    raised = set(re.findall(r'RefusedError\("([\w-]+)"\)', SOURCE))
    assert raised == ENGLISH["refused"].keys()
    assert STATUS.keys() <= raised
    assert all(sentence.endswith(".") for sentence in ENGLISH["refused"].values())
    assert str(RefusedError("closed")) == "closed"


def test_every_place_of_a_page_is_filled() -> None:
    values = {"base": "/room/", "code": "BCDFG", "address": "a", "sentence": "1 < 2"}
    for name in ("join.html", "participant.html", "screen.html", "desk.html"):
        page = Pages(ENGLISH).page(name, **values)
        assert "{{" not in page
        assert "1 < 2" not in page, "it is text, not HTML"


BY_VARIABLE = {"done", "stuck", "right_right", "wrong_right", "right_wrong", "wrong_wrong", "first", "second", "twin"}
"""Names that a script has in a variable."""


def test_no_text_is_written_for_nothing() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in texts.FOLDER.iterdir() if path.suffix != ".json")
    unused = []
    for page in ("join", "participant", "screen", "desk", "bars"):
        script = texts.FOLDER / f"{page}.js"
        own = script.read_text(encoding="utf-8") if script.exists() else ""
        for name in ENGLISH[page].keys() - BY_VARIABLE:
            asked = re.compile(rf"""said(\.{name}\b|\["{name}"\])""")
            elsewhere = re.compile(rf"""texts\.{page}(\.{name}\b|\["{name}"\])|{page}\.{name}\b""")
            if not asked.search(own) and not elsewhere.search(pages + SOURCE):
                unused.append(f"{page}.{name}")
    assert unused == []

from typing import get_args

from docs.write import PAGE, answers, page
from vmapdemo.diagnosis.advice import RULES
from vmapdemo.diagnosis.records import Culprit

CAUTIONS = {
    *("ambiguous", "rank", "empty", "shared-random", "overflow", "nonfinite", "constant", "clock", "leaked-tracer"),
    *("counter", "lost-batch"),
}


def test_the_page_is_what_explain_says_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_culprit_and_every_caution_has_its_place() -> None:
    found = list(answers())
    assert {answer.culprit for _, _, answer in found if not answer.ok} == set(get_args(Culprit))
    assert {caution.rule for _, _, answer in found for caution in answer.cautions} == CAUTIONS
    assert all(answer.culprit == section for section, _, answer in found if section in ("in_axes", "out_axes"))
    cautions = [(title, answer) for section, title, answer in found if section == "Cautions"]
    assert all(title.split(" (")[0] in [caution.rule for caution in answer.cautions] for title, answer in cautions)
    assert all(answer.notes for section, _, answer in found if section == "Notes")


def test_every_rule_on_bodies_is_on_the_page() -> None:
    """As many different pieces of advice as there are rules, at the least."""
    said = {
        answer.advice[0].split(" (line")[0]
        for section, _, answer in answers()
        if section == "function" and answer.advice
    }
    assert len(said) >= len(RULES)

"""What the page asks of the evaluating process, and the answers as they travel: records and plain data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vmapdemo import outcome
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import Caution, Fix, Later
from vmapdemo.figures.cards import cards
from vmapdemo.figures.trace import side_by_side
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario

PACES = ("short", "long", "gallery")


@dataclass(frozen=True, slots=True)
class Question:
    """One of `ANSWERS`, about the scenario of a link; ``strategy`` for those that are about one."""

    name: str
    link: str
    strategy: str = ""

    @property
    def scenario(self) -> Scenario:
        """The scenario that it is about."""
        return link.decode(self.link)[0]

    @property
    def pace(self) -> str:
        """One of PACES: behind an answer that takes seconds others should not wait."""
        if self.name == "cards":
            return "gallery"
        return "long" if outcome.is_large(self.scenario) else "short"

    def answer(self) -> Any:
        """Find it out. Raises what the function of the scenario raises."""
        return ANSWERS[self.name](self)


def about(name: str, scenario: Scenario, strategy: str = "") -> Question:
    """The question of this name about a scenario."""
    return Question(name, link.encode(scenario, View()), strategy)


def _see(question: Question) -> outcome.Seen:
    seen = outcome.see(question.scenario)
    return replace(seen, explanation=_bare(seen.explanation))


def _explain(question: Question) -> Explanation:
    return _bare(outcome.explanation(question.scenario))


def _run(question: Question) -> outcome.Run:
    return outcome.run(question.scenario, question.strategy)


def _trace(question: Question) -> dict[str, Any]:
    return side_by_side(outcome.trace(question.scenario))


def _cards(_: Question) -> list[dict[str, Any]]:
    return cards()


ANSWERS: dict[str, Callable[[Question], Any]] = {
    "explain": _explain,
    "see": _see,
    "run": _run,
    "trace": _trace,
    "cards": _cards,
}
"""``cards`` is about the whole gallery, whatever its scenario."""


def _bare(found: Explanation) -> Explanation:
    """An explanation without what only its own process can do: repaired calls are applied here, not run."""
    return replace(
        found,
        fixes=tuple(map(_without_call, found.fixes)),
        cautions=tuple(map(_with_bare_fix, found.cautions)),
        sizes=Later(_nothing),
    )


def _with_bare_fix(caution: Caution) -> Caution:
    return caution if caution.fix is None else replace(caution, fix=_without_call(caution.fix))


def _without_call(fix: Fix) -> Fix:
    return replace(fix, call=_nothing)


def _nothing() -> None:
    """Stands for a function that does not travel."""

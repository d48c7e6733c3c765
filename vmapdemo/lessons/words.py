"""The words of the lessons beside the lessons themselves: of each wrong idea, of answers, and of a check's replies."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vmapdemo.lessons.answers import Answer, Ran, Refused

ENGLISH = Path(__file__).parent / "texts" / "en"
IDEAS, OTHERS, PAGE = "ideas.toml", "words.toml", "page.toml"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a wrong idea: its short name on a page, what its holder expects, why not, and what to ask him."""

    label: str
    holds: str
    reply: str
    ask: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a language."""

    ideas: Mapping[str, Told]
    others: Mapping[str, str]
    page: Mapping[str, str]

    def say(self, name: str, **parts: object) -> str:
        """The sentence of that name, with its parts put in."""
        return self.others[name].format(**parts)

    def answer(self, answer: Answer, function: str) -> str:
        """What an answer reads like."""
        if isinstance(answer, Refused):
            name = f"refused-{answer.reason}" + ("-of" if answer.argument else "")
            return self.say(name, argument=answer.argument, function=function)
        if isinstance(answer, Ran):
            return self.say("ran", shape=answer.sizes)
        return answer.text

    def reply(self, idea: str | None, function: str) -> str:
        """What is told after somebody has chosen the answer of an idea, or the right one."""
        if idea is None:
            return self.others["right"]
        told = self.ideas[idea]
        return f"{told.holds} {told.reply}".replace("{function}", function)

    def told(self, idea: str | None, function: str) -> tuple[str, str]:
        """For a leader: what the holder of an idea believes, in a few words, and a question to ask; nothing of none."""
        if idea is None:
            return "", ""
        told = self.ideas[idea]
        return told.label.replace("{function}", function), told.ask.replace("{function}", function)


@lru_cache(maxsize=8)
def words(folder: Path = ENGLISH) -> Words:
    """The words in a folder of lessons; those that it does not have are the English ones."""
    ideas = {**_table(ENGLISH / IDEAS), **_table(folder / IDEAS)}
    others = {**_table(ENGLISH / OTHERS), **_table(folder / OTHERS)}
    page = {**_table(ENGLISH / PAGE), **_table(folder / PAGE)}
    return Words({name: Told(**told) for name, told in ideas.items()}, others, page)


def _table(path: Path) -> dict:  # type: ignore[type-arg]
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

"""What an exercise is behind its words: where it starts, what it is judged by, and calls that pass and that fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vmapdemo.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Task:
    """``judged``: by the name of a condition, what it is given. ``model`` passes, and so does each of ``passes``.

    ``fails``: calls that people try and that must not pass.
    """

    text: str
    start: Scenario
    model: Scenario
    hints: tuple[str, ...]
    judged: Mapping[str, Any]
    passes: tuple[Scenario, ...] = ()
    fails: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why an exercise is not done: the name of the sentence that says it, and what is put into that."""

    name: str
    parts: Mapping[str, Any]

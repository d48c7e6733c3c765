"""What a wrong idea is: a model that makes of a call the one that its holder believes to look at, or its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from vmapdemo.lessons.answers import Answer
from vmapdemo.lessons.calls import Call

Model = Callable[[Call], Call | Answer | None]
"""None where the idea says nothing about the call."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A wrong idea under its stable name. ``asks``: the kinds of questions that it answers."""

    name: str
    model: Model
    asks: tuple[str, ...] = ("result", "shape", "inside", "fault")

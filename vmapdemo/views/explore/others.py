"""Folded below the arrays: what people with wrong ideas of vmap would have expected of the call as it is."""

from functools import partial
from pathlib import Path
from typing import Any

from vmapdemo import outcome
from vmapdemo.lessons.questions import expectations
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, lessons, requests

KEY = "others"

_others = component.declare(Path(__file__).parent, "others")


def show(scenario: Scenario) -> None:
    """A fold that is filled when somebody opens it: all models together cost more than an edit."""
    if not scenario.batched or not scenario.has_numbers or outcome.is_slow(scenario, "jit"):
        return
    is_asked = requests.is_expected()
    data = {"others": told(scenario) if is_asked else None, "confirmed": requests.confirmed()}
    _others(key=KEY, data=data, on_requests_change=partial(requests.take, KEY))


def told(scenario: Scenario) -> list[dict[str, Any]]:
    """An idea, what its holder expects in words, and the result that he expects."""
    words = lessons.said()
    found = expectations(scenario).items()
    return [
        {
            "idea": words.ideas[name].label,
            "holds": words.ideas[name].holds.replace("{function}", scenario.function),
            "text": words.answer(answer, scenario.function),
        }
        for name, answer in found
        if name in words.ideas
    ]

"""The view Gallery: a card for each function, with its picture and the calls that open it."""

from functools import partial
from pathlib import Path

from vmapdemo.evaluator import evaluator
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, requests

KEY = "gallery"

_gallery = component.declare(Path(__file__).parent, "gallery", grids=True)


def show(_scenario: Scenario, view: View) -> None:
    """All cards at once, so that the browser can search them while somebody types."""
    data = {"groups": evaluator.cards(), "large": view.large, "confirmed": requests.confirmed()}
    _gallery(key=KEY, data=data, on_requests_change=partial(requests.take, KEY))

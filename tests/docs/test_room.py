"""The leader's page has the figures that hold."""

import re
from pathlib import Path

from vmapdemo.room import rehearsal
from vmapdemo.room.counts import FEWEST, HINT_BELOW, SHOW_ABOVE
from vmapdemo.room.rooms import IDLE_S, MOST_PEOPLE, MOST_ROOMS, PRESENT_S

PAGE = re.sub(r"\s+", " ", (Path(__file__).parents[2] / "docs" / "room.md").read_text(encoding="utf-8"))
NUMBERS = {3: "three", 10: "ten"}


def test_the_figures_are_those_of_the_code() -> None:
    low, high = f"{100 * HINT_BELOW:g}", f"{100 * SHOW_ABOVE:g}"
    assert f"below {low} % right a hint, from {low} to {high} % talking, above {high} % showing" in PAGE
    assert f"within the last {PRESENT_S:g} s" in PAGE
    assert f"Bars need {NUMBERS[FEWEST]} votes" in PAGE
    assert f"{NUMBERS[rehearsal.HOLDERS]} pretend voters" in PAGE
    assert f"{IDLE_S / 60:g} minutes after your last act" in PAGE
    assert f"{MOST_ROOMS} rooms of {MOST_PEOPLE} people" in PAGE

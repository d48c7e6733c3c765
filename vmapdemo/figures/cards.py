"""The gallery as plain data: every function with its picture, and the calls that it is opened with."""

from functools import cache
from itertools import groupby
from typing import Any

from vmapdemo import export, outcome
from vmapdemo.figures.linked import picture
from vmapdemo.gallery.catalogue import ENTRIES
from vmapdemo.gallery.entry import Entry, Example
from vmapdemo.scenario.presets import scenario_of
from vmapdemo.scenario.scenario import Scenario

DRAWN = ("name", "title", "shape", "dtype", "cells", "cut", "axis", "note", "offends")
"""What of a table is drawn where nothing is edited."""


@cache
def cards() -> list[dict[str, Any]]:
    """By group, in the gallery's order: its title and a card for each of its functions. Evaluates all of them."""
    groups = groupby(ENTRIES, key=lambda entry: entry.group)
    return [{"title": title, "cards": [_card(entry) for entry in entries]} for title, entries in groups]


def _card(entry: Entry) -> dict[str, Any]:
    scenario = scenario_of(entry, entry.intended)
    found = outcome.explanation(scenario)
    drawn = picture(scenario, found, outcome.result(scenario), None)
    return {
        "name": entry.name,
        "story": entry.story,
        "tables": [{name: table[name] for name in DRAWN} for table in drawn["tables"]],
        "code": [export.call(scenario), _ranks(entry, scenario)],
        "ways": [
            _way(entry.intended, "meant", "What is meant", _axes(entry.intended)),
            _way(entry.loud, "loud", "Refused", entry.loud.told),
            _way(entry.silent, "silent", "Runs, and is wrong", entry.silent.told),
        ],
        "others": [_way(other, "other", other.label, other.told) for other in (*entry.others, *entry.other_mistakes)],
    }


def _ranks(entry: Entry, scenario: Scenario) -> str:
    """What the function sees of each argument and what it gives: ``(5,), () -> (3,)``."""
    found = outcome.innermost(scenario)
    seen = ", ".join(str(row.example_shape) for row in found.arguments)
    given = ", ".join(str(output.example_shape) for output in found.output)
    return f"# {entry.name}: {seen} -> {given}"


def _axes(example: Example) -> str:
    inside = "" if example.inner is None else f", and inside in_axes={example.inner[0]!r}"
    return f"in_axes={example.in_axes!r}{inside}{'.' if example.told else ''} {example.told}".strip()


def _way(example: Example, kind: str, label: str, told: str) -> dict[str, str]:
    return {"preset": example.name, "kind": kind, "label": label, "told": told}

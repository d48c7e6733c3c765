"""Calls as tables of a file: the fields of a link, and one call as a change of another."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario


def call(data: str | Mapping[str, Any]) -> Scenario:
    """The call of a link's query, or of a table of its fields. InputError where it is none.

    >>> call({"function": "total", "row": [[1, 2], [3, 4]], "in_axes": 1}).in_axes
    1
    """
    return link.decode(data if isinstance(data, str) else urlencode(_fields(data)))[0]


def changed(scenario: Scenario, data: Mapping[str, Any]) -> Scenario:
    """The scenario with the fields of a table put in, an empty one taken out; InputError where that cannot be."""
    fields = dict(parse_qsl(link.encode(scenario, View()), keep_blank_values=True))
    for name in data:
        # New numbers say with them whether they are passed as .T.
        fields.pop(f"{name}.T", None)
    return link.decode(urlencode({name: text for name, text in (fields | _fields(data)).items() if text}))[0]


def _fields(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: ("1" if value else "0") if isinstance(value, bool) else str(value) for name, value in data.items()}

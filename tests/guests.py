"""Functions that are in the gallery for a test alone."""

from collections.abc import Callable, Mapping
from typing import Any

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter


def entry_of(function: Callable[..., Any], ndim: Mapping[str, int], by_hand: tuple[Formulation, ...]) -> Entry:
    """An entry whose examples nobody asks for."""
    nothing = Example("", "", (), 0)
    parameters = tuple(Parameter(name, axes) for name, axes in ndim.items())
    return Entry(function, "Guests", "A story.", parameters, by_hand, nothing, nothing, nothing)

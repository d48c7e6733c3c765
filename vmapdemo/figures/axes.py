"""Colours and log axes that all figures share."""

import math
from collections.abc import Sequence
from typing import Any

from vmapdemo.timing.results.text import format_seconds

GREY = "#8a8f98"
"""Readable on white and on near-black, and no strategy's own."""


def seconds_axis(seconds: Sequence[float]) -> dict[str, Any]:
    """From a whole decade below the values on: a log axis has no zero, and would start at the shortest bar's end."""
    if not seconds:
        return {}
    low, high = math.floor(math.log10(min(seconds) / 2)), math.log10(max(seconds) * 1.5)
    decades = range(low, math.floor(high) + 1)
    return {
        "range": (low, high),
        "tickvals": [10.0**decade for decade in decades],
        "ticktext": [format_seconds(10.0**decade) for decade in decades],
    }


def sizes_axis(sizes: Sequence[int]) -> dict[str, Any]:
    """From the smallest to the largest size, with some room; every other size has a tick where there are many."""
    ordered = sorted(sizes)
    ticks = ordered[:: 1 + (len(ordered) > 8)]
    return {
        "range": (math.log10(ordered[0] / 1.25), math.log10(ordered[-1] * 1.25)),
        "tickvals": ticks,
        "ticktext": [f"{size:,}" for size in ticks],
    }

"""Blocks -> a Timing, and the conditions that it was measured under: what a comparison and a sweep have in common."""

import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any

import jax

from vmapdemo.timing.measuring.blocks import Blocks
from vmapdemo.timing.results.records import Conditions, Timing


def summarise(blocks: Blocks, **known: Any) -> Timing:
    """The figures of these blocks; `known`: the other fields of Timing, as far as they were learned elsewhere."""
    lower_quartile_s, upper_quartile_s = _quartiles(blocks.seconds)
    return Timing(
        name=blocks.name,
        best_s=min(blocks.seconds),
        lower_quartile_s=lower_quartile_s,
        median_s=statistics.median(blocks.seconds),
        upper_quartile_s=upper_quartile_s,
        mean_s=statistics.fmean(blocks.seconds),
        std_s=statistics.pstdev(blocks.seconds),
        runs=len(blocks.seconds),
        loops=blocks.loops,
        undisturbed=blocks.undisturbed,
        spread=blocks.spread,
        confirmed=blocks.confirmed,
        **known,
    )


def conditions(device: Any, arguments: tuple[str, ...], rounds: int, spent_s: float, budget_s: float) -> Conditions:
    """The machine as it is now, with what was measured on it."""
    same = device.device_kind.lower() == device.platform.lower()
    return Conditions(
        device=device.device_kind if same else f"{device.device_kind} ({device.platform})",
        jax_version=jax.__version__,
        python_version=platform.python_version(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        arguments=arguments,
        rounds=rounds,
        spent_s=spent_s,
        budget_s=budget_s,
    )


def _quartiles(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return seconds[0], seconds[0]
    lower, _, upper = statistics.quantiles(seconds, n=4, method="inclusive")
    return lower, upper

"""Before and after: one measured run held against another of the same kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from vmapdemo.timing.results.records import SAME, Conditions, Timing
from vmapdemo.timing.results.sweep import Sweep
from vmapdemo.timing.results.text import format_ratio, format_seconds


@dataclass(frozen=True, slots=True)
class Change:
    """The best time of one strategy in two runs; `size`: of a sweep. `confirmed`: in both."""

    name: str
    before_s: float
    after_s: float
    confirmed: bool
    size: int | None = None

    @property
    def ratio(self) -> float:
        """After over before: below 1 it has become faster."""
        return self.after_s / self.before_s

    @property
    def verdict(self) -> str:
        """What the two figures allow to be said."""
        if not self.confirmed:
            return "not confirmed: the machine was busy"
        if 1 / SAME < self.ratio < SAME:
            return "no difference"
        faster, times = self.ratio < 1, format_ratio(max(self.ratio, 1 / self.ratio))
        return f"{times} times as fast" if faster else f"takes {times} times as long"

    @property
    def cells(self) -> tuple[str, ...]:
        """Strategy, before, after, after over before, and the verdict, as texts."""
        seconds = (format_seconds(self.before_s), format_seconds(self.after_s))
        return (self.name, *seconds, format_ratio(self.ratio), self.verdict)


def comparison_changes(before: Sequence[Timing], after: Sequence[Timing]) -> tuple[Change, ...]:
    """Of each strategy that was timed in both."""
    known = {timing.name: timing for timing in before}
    return tuple(
        Change(one.name, known[one.name].best_s, one.best_s, known[one.name].confirmed and one.confirmed)
        for one in after
        if one.name in known
    )


def sweep_changes(before: Sweep, after: Sweep) -> tuple[Change, ...]:
    """Of each point that was measured in both, the limits included; none where something else was varied."""
    if before.vary != after.vary:
        return ()
    known = {point.cell: point for point in before.points}
    sure = before.confirmed_cells & after.confirmed_cells
    return tuple(
        Change(new.name, known[new.cell].timing.best_s, new.timing.best_s, new.cell in sure, new.size)
        for new in after.points
        if new.cell in known
    )


def differences(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """What else has changed between the two runs, one sentence each: the ratios may be due to it."""
    names = {
        "device": "The device",
        "cores": "The number of cores",
        "jax_version": "JAX's version",
        "python_version": "Python's version",
        "arguments": "What the arguments are",
    }
    pairs = ((text, _text(getattr(before, name)), _text(getattr(after, name))) for name, text in names.items())
    return tuple(f"{text} differs: {old}, then {new}." for text, old, new in pairs if old != new)


def _text(value: object) -> str:
    return "; ".join(value) if isinstance(value, tuple) else str(value)

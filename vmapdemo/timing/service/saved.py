"""A measured run as a file that can be kept, opened again and held against another one."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from vmapdemo.scenario import link
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.ranges import Printable, check
from vmapdemo.timing.results.reading import of_version, read_record
from vmapdemo.timing.results.records import Conditions, Labels
from vmapdemo.timing.results.sweep import Sweep

SavedKind = Literal["comparison", "sweep"]
JSON_VERSION = 1
MOST_CHARACTERS = 1_000_000
MOST = {
    "arguments": 16,
    "strategies": 64,
    "sizes": 64,
    "points": 1000,
    "compile times": 1000,
    "cells left out": 1000,
}
"""Far more than is measured here, and few enough to be drawn at each run of the page."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A comparison or a sweep, with the link that measures it again.

    ValueError where there is neither or both, where there is more than the page can draw, and where a strategy is
    called what none is here; LinkError, which is a ValueError, where the link cannot be read.
    """

    link: Annotated[str, Printable(link.MAX_LENGTH)]
    comparison: Comparison | None = None
    sweep: Sweep | None = None

    def __post_init__(self) -> None:
        if (self.comparison is None) == (self.sweep is None):
            raise ValueError("a saved measurement holds a comparison or a sweep.")
        check(self)
        link.decode(self.link)
        foreign = next((name for name in self._strategies if not name.isascii()), None)
        if foreign is not None:
            raise ValueError(f"name must have the characters of ASCII only, got {foreign!r:.40}.")
        for what, count in self._counts().items():
            if count > MOST[what]:
                raise ValueError(f"it has {count:,} {what}; at most {MOST[what]:,} are read.")

    @property
    def _strategies(self) -> tuple[str, ...]:
        rejected = () if self.sweep is None else (one.name for one in self.sweep.rejected)
        return (*self.found.names, *rejected)

    def _counts(self) -> dict[str, int]:
        arguments = len(self.conditions.arguments)
        if self.comparison is not None:
            return {"arguments": arguments, "strategies": len(self._strategies)}
        assert self.sweep is not None  # checked when made
        return {
            "arguments": arguments,
            "strategies": len(self._strategies),
            "sizes": len(self.sweep.sizes),
            "points": len(self.sweep.points),
            "compile times": len(self.sweep.stages),
            "cells left out": len(self.sweep.skipped),
        }

    @property
    def kind(self) -> SavedKind:
        """Which of the two it is."""
        return "sweep" if self.comparison is None else "comparison"

    @property
    def found(self) -> Comparison | Sweep:
        """Whichever of the two it is."""
        found = self.comparison or self.sweep
        assert found is not None  # checked when made
        return found

    @property
    def conditions(self) -> Conditions:
        """What the figures hold for."""
        return self.found.conditions

    def under(self, labels: Labels) -> "Saved":
        """The same, with the strategies under their labels: to be shown, not to be kept."""
        comparison = self.comparison and self.comparison.under(labels)
        return replace(self, comparison=comparison, sweep=self.sweep and self.sweep.under(labels))

    def to_csv(self) -> str:
        """The figures as a table, with their conditions in each line."""
        return self.found.to_csv()

    def to_json(self) -> str:
        """Plain JSON that `from_json` reads."""
        return json.dumps({"version": JSON_VERSION, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Saved":
        """Read what `to_json` wrote. ValueError with one sentence for anything else."""
        try:
            return read_record(cls, of_version(_parsed(text), JSON_VERSION))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"This is no measurement that this version can read: {_reason(error)}") from error


def _parsed(text: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"it has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.")
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError("it is not JSON.") from error


def _reason(error: Exception) -> str:
    return "it is nested too deeply." if isinstance(error, RecursionError) else str(error)

"""Sweep: what a strategy costs at one size after the other, as far as it has been measured."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from vmapdemo.timing.results.ranges import Name, Number, Predicted, Seconds, check, printable
from vmapdemo.timing.results.reading import of_version, read_record
from vmapdemo.timing.results.records import Conditions, Labels, Rejected, Timing, renamed
from vmapdemo.timing.results.text import condition_columns, csv_text

JSON_VERSION = 1
Vary = Literal["batch", "length"]
SkippedPart = Literal["run", "compile"]
Cell = tuple[str, int]
"""A strategy at a size."""
VARIED = {"batch": "batch size", "length": "length"}
COPY, EMPTY = "copy", "empty call"
"""The lines that no strategy gets below: moving the same bytes, and calling a compiled program that does nothing."""
LIMITS = (COPY, EMPTY)
# An empty call costs the same at every size. Where it takes this much longer than at another, the machine was busy.
_BUSY = 1.25


@dataclass(frozen=True, slots=True)
class Point:
    """One strategy at one size, measured."""

    size: Number
    timing: Timing

    def __post_init__(self) -> None:
        check(self)

    @property
    def name(self) -> str:
        """The strategy."""
        return self.timing.name

    @property
    def cell(self) -> Cell:
        """The strategy at the size."""
        return self.name, self.size


@dataclass(frozen=True, slots=True)
class Stages:
    """The seconds that `jit(strategy)` took at one size from the first call's Python to a program."""

    name: Name
    size: Number
    trace_s: Seconds
    lower_s: Seconds
    compile_s: Seconds

    def __post_init__(self) -> None:
        check(self)

    @property
    def total_s(self) -> float:
        """All three together."""
        return self.trace_s + self.lower_s + self.compile_s


@dataclass(frozen=True, slots=True)
class Skipped:
    """A cell that was predicted to take `cost_s` seconds, and therefore left out.

    `part`: all of it ("run"), or only compiling it as one program ("compile").
    """

    name: Name
    size: Number
    part: SkippedPart
    cost_s: Predicted

    def __post_init__(self) -> None:
        check(self)


Found = Point | Stages | Skipped | Rejected
KINDS: dict[str, type[Any]] = {"point": Point, "stages": Stages, "skipped": Skipped, "rejected": Rejected}


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a sweep has just found, with the rounds and seconds of measuring that it has taken so far."""

    found: Found
    rounds: int
    spent_s: float

    def to_fields(self) -> dict[str, Any]:
        """What `from_fields` reads, as plain JSON."""
        kind = next(kind for kind, record in KINDS.items() if isinstance(self.found, record))
        return {"what": kind, "figures": asdict(self.found), "rounds": self.rounds, "spent_s": self.spent_s}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Part":
        """Read what `to_fields` made. ValueError for anything else."""
        if fields.get("what") not in KINDS:
            raise ValueError(f"{fields.get('what')!r:.40} is no part of a sweep.")
        return cls(read_record(KINDS[fields["what"]], fields["figures"]), fields["rounds"], fields["spent_s"])


@dataclass(frozen=True, slots=True)
class Sweep:
    """The figures of every strategy over the `sizes` of what is varied; everything else is held.

    `names`: the strategies, without the `LIMITS`. `complete`: it came to its end, though it may have skipped cells;
    else it was cancelled, or is still going on.
    """

    vary: Vary
    names: tuple[Name, ...]
    sizes: tuple[Number, ...]
    conditions: Conditions
    points: tuple[Point, ...] = ()
    stages: tuple[Stages, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    complete: bool = False

    def __post_init__(self) -> None:
        check(self)
        if len(set(self.names)) != len(self.names) or set(self.names) & set(LIMITS):
            raise ValueError(f"strategies must have names of their own, got {self._names}.")
        if not self.sizes or len(set(self.sizes)) != len(self.sizes):
            raise ValueError("a sweep has at least one size, and each of them once.")
        self._require_own(one.cell for one in self.points)
        self._require_own((one.name, one.size) for one in self.stages)
        for part in get_args(SkippedPart):
            self._require_own((one.name, one.size) for one in self.skipped if one.part == part)

    def _require_own(self, cells: Iterable[Cell]) -> None:
        """ValueError for a cell that is not of this sweep, or is there twice."""
        names, sizes, seen = {*self.names, *LIMITS}, set(self.sizes), set[Cell]()
        for name, size in cells:
            if name not in names:
                raise ValueError(f"{name!r:.40} is none of the strategies {self._names}.")
            if size not in sizes:
                raise ValueError(f"{size:,} is none of the sizes.")
            if (name, size) in seen:
                raise ValueError(f"{name!r:.40} has two figures of a kind at {size:,}.")
            seen.add((name, size))

    @property
    def _names(self) -> str:
        return printable(", ".join(self.names), 200)

    def plus(self, part: Part) -> "Sweep":
        """The sweep with one more part."""
        now = replace(self.conditions, rounds=part.rounds, spent_s=part.spent_s)
        match part.found:
            case Point():
                return replace(self, conditions=now, points=(*self.points, part.found))
            case Stages():
                return replace(self, conditions=now, stages=(*self.stages, part.found))
            case Skipped():
                return replace(self, conditions=now, skipped=(*self.skipped, part.found))
            case Rejected():
                return replace(self, conditions=now, rejected=(*self.rejected, part.found))

    def under(self, labels: Labels) -> "Sweep":
        """The same figures, with the strategies under their labels."""
        timings = renamed((point.timing for point in self.points), labels)
        return replace(
            self,
            names=tuple(labels.get(name, name) for name in self.names),
            points=tuple(replace(one, timing=timing) for one, timing in zip(self.points, timings, strict=True)),
            stages=renamed(self.stages, labels),
            skipped=renamed(self.skipped, labels),
            rejected=renamed(self.rejected, labels),
        )

    @property
    def measured(self) -> tuple[str, ...]:
        """The strategies with at least one point."""
        return tuple(name for name in self.names if self.points_of(name))

    @property
    def busy_sizes(self) -> frozenset[int]:
        """The sizes at which the empty call shows that the machine was busy all the time."""
        floor = {one.size: one.timing.best_s for one in self.points if one.name == EMPTY}
        least_s = min(floor.values(), default=0.0)
        return frozenset(size for size, best_s in floor.items() if best_s > _BUSY * least_s)

    @property
    def confirmed_cells(self) -> frozenset[Cell]:
        """Where the point's lowest runs agree, at a size where the machine was not busy."""
        busy = self.busy_sizes
        return frozenset(one.cell for one in self.points if one.timing.confirmed and one.size not in busy)

    @property
    def confirmed(self) -> bool:
        """Whether there are points and every one is confirmed."""
        return bool(self.points) and len(self.confirmed_cells) == len(self.points)

    def points_of(self, name: str) -> tuple[Point, ...]:
        """One strategy's points (or a limit's), by size."""
        return _by_size(one for one in self.points if one.name == name)

    def stages_of(self, name: str) -> tuple[Stages, ...]:
        """One strategy's compile times, by size."""
        return _by_size(one for one in self.stages if one.name == name)

    def skipped_of(self, name: str, part: SkippedPart) -> tuple[Skipped, ...]:
        """What was left out of one strategy, by size."""
        return _by_size(one for one in self.skipped if (one.name, one.part) == (name, part))

    def at(self, name: str, size: int) -> Timing | None:
        """One strategy's figures at one size, or None where it was not measured there."""
        return next((one.timing for one in self.points if one.cell == (name, size)), None)

    def to_json(self) -> str:
        """Plain JSON that `from_json` reads: the figures and their conditions."""
        return json.dumps({"version": JSON_VERSION, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Sweep":
        """Read what `to_json` wrote. ValueError with one sentence for anything else."""
        try:
            return read_record(cls, of_version(json.loads(text), JSON_VERSION))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"This is not a sweep that this version can read: {error}") from error

    def to_csv(self) -> str:
        """A line for each point, with its compile times where they were measured, and the conditions in each."""
        here = condition_columns(self.conditions)
        return csv_text([{"vary": self.vary, **_columns(self, point), **here} for point in self.points])


def _columns(sweep: Sweep, point: Point) -> dict[str, Any]:
    stages = next((one for one in sweep.stages_of(point.name) if one.size == point.size), None)
    apart = {f"{name}_s": stages and getattr(stages, f"{name}_s") for name in ("trace", "lower", "compile")}
    return {"size": point.size, **asdict(point.timing), **apart}


def _by_size(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: one.size))

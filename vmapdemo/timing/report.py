"""Comparison: what `compare` gives back, with its displays and its JSON."""

import json
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

from vmapdemo.timing.results.ranges import Name, check, printable
from vmapdemo.timing.results.reading import of_version, read_record
from vmapdemo.timing.results.records import Conditions, Labels, Rejected, Timing, renamed
from vmapdemo.timing.results.remarks import remarks
from vmapdemo.timing.results.text import condition_columns, csv_text, format_timeit, html_table, text_table

JSON_VERSION = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every strategy's run time under the same conditions, in the order given; those not timed are in `rejected`."""

    timings: tuple[Timing, ...]
    rejected: tuple[Rejected, ...]
    baseline: Name
    conditions: Conditions

    def __post_init__(self) -> None:
        check(self)
        names, listed = self.names, printable(", ".join(self.names), 200)
        if len(set(names)) != len(names):
            raise ValueError(f"strategies must have different names, got {listed}.")
        if self.baseline not in names:
            raise ValueError(f"baseline {self.baseline!r} is none of the strategies {listed}.")

    @property
    def names(self) -> tuple[str, ...]:
        """All strategies: those timed, then those rejected."""
        return (*(timing.name for timing in self.timings), *(one.name for one in self.rejected))

    def __getitem__(self, name: str) -> Timing:
        """One strategy's figures. KeyError for a strategy that was not timed."""
        for timing in self.timings:
            if timing.name == name:
                return timing
        reason = next((one.sentence for one in self.rejected if one.name == name), "There is no such strategy.")
        raise KeyError(f"{name!r} was not timed. {reason}")

    def speedup(self, name: str) -> float:
        """The baseline's `best_s` over this strategy's. KeyError where either was not timed."""
        return self[self.baseline].best_s / self[name].best_s

    @property
    def confirmed(self) -> bool:
        """Whether every strategy that was timed is confirmed."""
        return bool(self.timings) and all(timing.confirmed for timing in self.timings)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences with numbers that explain the figures."""
        return remarks(self.timings, self.conditions)

    def under(self, labels: Labels) -> "Comparison":
        """The same figures, with the strategies under their labels."""
        timings, rejected = renamed(self.timings, labels), renamed(self.rejected, labels)
        return replace(self, timings=timings, rejected=rejected, baseline=labels.get(self.baseline, self.baseline))

    def timeit_lines(self) -> dict[str, str]:
        """For each strategy the line that %timeit would print: mean and standard deviation, not the best."""
        return {one.name: format_timeit(one.mean_s, one.std_s, one.runs, one.loops) for one in self.timings}

    def __str__(self) -> str:
        table = text_table(self.timings, self.rejected, self._baseline_s)
        return "\n".join([table, str(self.conditions), *self.remarks])

    def _repr_html_(self) -> str:
        table = html_table(self.timings, self.rejected, self._baseline_s)
        sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.remarks)
        return f"{table}<p>{escape(str(self.conditions))}</p><ul>{sentences}</ul>"

    @property
    def _baseline_s(self) -> float | None:
        return next((timing.best_s for timing in self.timings if timing.name == self.baseline), None)

    def to_json(self) -> str:
        """Plain JSON that `from_json` reads: the figures and their conditions."""
        return json.dumps({"version": JSON_VERSION, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Comparison":
        """Read what `to_json` wrote. ValueError with one sentence for anything else."""
        try:
            return read_record(cls, of_version(json.loads(text), JSON_VERSION))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"This is not a comparison that this version can read: {error}") from error

    def to_csv(self) -> str:
        """A line for each strategy that was timed, with the speed-up and the conditions in columns of their own."""
        here, baseline_s = condition_columns(self.conditions), self._baseline_s
        rows = ({**asdict(one), "speedup": baseline_s and baseline_s / one.best_s, **here} for one in self.timings)
        return csv_text(list(rows))

    def figure(self) -> Any:
        """The best times as a Plotly figure. ImportError where Plotly is missing: the rest does not need it."""
        try:
            from vmapdemo.figures.timing import best_times
        except ModuleNotFoundError as error:
            raise ImportError("A figure needs Plotly, which is not installed: pip install plotly") from error
        return best_times(self.timings, self.conditions, self.baseline)

"""Why the strategies take what they take: their programs, and what their dispatches should take, beside the best."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from vmapdemo.timing.comparison import Bench, Strategies
from vmapdemo.timing.measuring.protocol import Plan
from vmapdemo.timing.programs.hlo import Instruction, Place, ProgramMeters, read_program
from vmapdemo.timing.programs.prices import predicted_s, price_list
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Labels
from vmapdemo.timing.results.remarks import prediction_remarks, program_remarks

EAGER_VMAP = "vmap"
PRICE_BLOCK_S = 0.001


@dataclass(frozen=True, slots=True)
class Why:
    """The comparison that is explained, the compiled program of each strategy, and what its dispatches should take.

    ``predicted_s`` lacks the strategies that dispatch something without a price. ``prices_confirmed``: whether the
    prices come from times that were confirmed.
    """

    comparison: Comparison
    programs: Mapping[str, ProgramMeters]
    predicted_s: Mapping[str, float]
    prices_confirmed: bool

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences with numbers on programs and predictions."""
        if not self.prices_confirmed:
            return (*program_remarks(self.programs), _BUSY)
        return (*program_remarks(self.programs), *prediction_remarks(self.comparison.timings, self.predicted_s))

    def under(self, labels: Labels) -> "Why":
        """The same, with the strategies under their labels."""
        programs = {labels.get(name, name): program for name, program in self.programs.items()}
        predicted = {labels.get(name, name): seconds for name, seconds in self.predicted_s.items()}
        return Why(self.comparison.under(labels), programs, predicted, self.prices_confirmed)

    def to_fields(self) -> dict[str, Any]:
        """What ``from_fields`` reads, as plain JSON values."""
        programs = {name: asdict(program) for name, program in self.programs.items()}
        return {
            "comparison": json.loads(self.comparison.to_json()),
            "programs": programs,
            "predicted_s": dict(self.predicted_s),
            "prices_confirmed": self.prices_confirmed,
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Why":
        """Read what ``to_fields`` gave."""
        programs = {name: _program(program) for name, program in fields["programs"].items()}
        comparison = Comparison.from_json(json.dumps(fields["comparison"]))
        return cls(comparison, programs, fields["predicted_s"], fields["prices_confirmed"])


_BUSY = "The machine was too busy to price single operations, so no time is predicted from them: ask again."


def find_out_why(strategies: Strategies, args: tuple[Any, ...], bench: Bench) -> Why:
    """Compare the strategies, read their programs, price what they dispatch; comparing and pricing share the budget."""
    budget_s = bench.budget_s / 2
    first_half = replace(bench, budget_s=budget_s, report=lambda one: bench.report(_first_half(one)))
    compared = first_half.compare(strategies, args)
    bench.report(Progress("measure", None, 0.6, "Pricing single operations"))
    prices = price_list(Plan(budget_s, block_s=PRICE_BLOCK_S))
    measured = {timing.name: compared.inspections[timing.name] for timing in compared.comparison.timings}
    programs = {name: read_program(found) for name, found in measured.items()}
    expected = {
        name: predicted_s(found.primitives, prices, vmapped=name == EAGER_VMAP)
        for name, found in measured.items()
        if found.primitives is not None
    }
    return Why(
        compared.comparison,
        {name: program for name, program in programs.items() if program is not None},
        {name: seconds for name, seconds in expected.items() if seconds is not None},
        prices.confirmed,
    )


def _first_half(progress: Progress) -> Progress:
    return Progress(progress.phase, progress.strategy, progress.fraction / 2, progress.text)


def _program(fields: Mapping[str, Any]) -> ProgramMeters:
    return ProgramMeters(**{**fields, "lines": tuple(map(_instruction, fields["lines"]))})


def _instruction(fields: Mapping[str, Any]) -> Instruction:
    place = fields["place"]
    return Instruction(**{**fields, "place": None if place is None else Place(**place)})

"""Why the strategies take what they take: their programs, and what their dispatches should take, beside the best."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vmapdemo.timing.comparison import MOST_OPERATIONS_COMPILED, Strategies, compare_with
from vmapdemo.timing.measuring.protocol import Plan
from vmapdemo.timing.programs.hlo import Instruction, Place, ProgramMeters, read_program
from vmapdemo.timing.programs.meters import read_meters
from vmapdemo.timing.programs.prices import count_primitives, predicted_s
from vmapdemo.timing.programs.pricing import price_list
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.results.remarks import prediction_remarks, program_remarks
from vmapdemo.timing.results.report import Comparison

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
        foretold = prediction_remarks(self.comparison.timings, self.predicted_s) if self.prices_confirmed else (_BUSY,)
        return (*program_remarks(self.programs), *foretold)

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


_BUSY = "The machine was too busy to price single operations, so no time is foretold from them: ask again."


def find_out_why(
    strategies: Strategies, args: tuple[Any, ...], budget_s: float, report: Callable[[Progress], None]
) -> Why:
    """Compare the strategies, read their programs, and price what they dispatch; ``budget_s`` bounds the measuring."""
    comparison = compare_with(strategies, args, budget_s=budget_s / 2, report=lambda one: report(_first_half(one)))
    report(Progress("measure", None, 0.55, "Reading the compiled programs"))
    measured = {timing.name: strategies[timing.name] for timing in comparison.timings}
    programs = {name: read_program(function, args) for name, function in measured.items() if _is_short(function, args)}
    report(Progress("measure", None, 0.65, "Pricing single operations"))
    prices = price_list(Plan(budget_s / 2, block_s=PRICE_BLOCK_S))
    dispatches = {name: count_primitives(function, args) for name, function in measured.items()}
    foretold = {
        name: predicted_s(counted, prices, vmapped=name == EAGER_VMAP)
        for name, counted in dispatches.items()
        if counted is not None
    }
    return Why(
        comparison,
        {name: program for name, program in programs.items() if program is not None},
        {name: seconds for name, seconds in foretold.items() if seconds is not None},
        prices.confirmed,
    )


def _first_half(progress: Progress) -> Progress:
    return Progress(progress.phase, progress.strategy, progress.fraction / 2, progress.text)


def _is_short(function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    operations = read_meters(function, args).operations
    return operations is not None and operations <= MOST_OPERATIONS_COMPILED


def _program(fields: Mapping[str, Any]) -> ProgramMeters:
    return ProgramMeters(**{**fields, "lines": tuple(map(_instruction, fields["lines"]))})


def _instruction(fields: Mapping[str, Any]) -> Instruction:
    place = fields["place"]
    return Instruction(**{**fields, "place": None if place is None else Place(**place)})

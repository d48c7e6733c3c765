"""`compare`: check that the strategies agree, then measure them side by side."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.measuring.blocks import Blocks, Candidate, wait_for
from vmapdemo.timing.measuring.cold import FirstCall, call_first
from vmapdemo.timing.measuring.protocol import Instruments, Measurement, Plan, measure
from vmapdemo.timing.measuring.unwaited import time_unwaited
from vmapdemo.timing.programs.inspection import Inspection, inspect_program
from vmapdemo.timing.progress import Progress, progress_bar
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.ranges import LONGEST_NAME, LONGEST_S, Printable, printable
from vmapdemo.timing.results.records import Conditions, Rejected, Timing
from vmapdemo.timing.results.text import format_seconds

Strategies = Mapping[str, Callable[..., Any]]
# Where the three parts of a comparison end, as fractions of its progress bar.
_CALLED, _COMPILED = 0.15, 0.3


def compare(strategies: Strategies, /, *args: Any, baseline: str | None = None, budget_s: float = 4.0) -> Comparison:
    """Time strategies that compute the same thing of `args`, side by side, in this process.

    Each is called once, and its result compared with that of `baseline` (the first strategy unless one is named): one
    that disagrees or raises is reported in `rejected`, not timed. Arrays are put on the device once; `budget_s` bounds
    the seconds of measuring, not the first calls and compiling. ValueError for arguments that make no comparison.
    A terminal or a notebook shows a progress bar meanwhile.

    >>> double = {"times two": lambda x: x * 2, "twice": lambda x: x + x}
    >>> compare(double, jnp.arange(3), budget_s=0.01).baseline
    'times two'
    """
    with progress_bar() as report:
        return Bench(budget_s, report).compare(strategies, args, baseline).comparison


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and what was seen of each strategy that was timed."""

    comparison: Comparison
    inspections: Mapping[str, Inspection]


@dataclass(frozen=True, slots=True)
class Bench:
    """How to compare: for how long, who is told how far it is (what that raises ends it), and by which instruments.

    `unwaited`: the strategies whose calls are timed once more without waiting for the result, at the very end.
    `labels`: what strategies are called in sentences, where that is not their name.
    """

    budget_s: float = 4.0
    report: Callable[[Progress], None] = lambda progress: None
    instruments: Instruments = field(default_factory=Instruments)
    unwaited: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def compare(self, strategies: Strategies, args: tuple[Any, ...], baseline: str | None = None) -> Compared:
        """Call, check, inspect and time the strategies. ValueError for arguments that make no comparison."""
        baseline = _checked_baseline(strategies, baseline, self.budget_s)
        args = _on_device(args)
        first_calls = self._call_all(strategies, args)
        self.report(Progress("check", None, _CALLED, "Comparing the results"))
        rejected = self._reject(first_calls, baseline)
        accepted = {name: strategies[name] for name in strategies if name not in {one.name for one in rejected}}
        inspections = self._inspect_all(accepted, args)
        measurement = self._measure_all(accepted, args, first_calls)
        lies = {n: time_unwaited(accepted[n], args, self.instruments.clock) for n in accepted if n in self.unwaited}
        timings = (
            _timing(one, first_calls[one.name], inspections[one.name], lies.get(one.name)) for one in measurement.blocks
        )
        here = _conditions(args, measurement, self.budget_s)
        return Compared(Comparison(tuple(timings), rejected, baseline, here), inspections)

    def _label(self, name: str) -> str:
        return self.labels.get(name, name)

    def _call_all(self, strategies: Strategies, args: tuple[Any, ...]) -> dict[str, FirstCall]:
        first_calls: dict[str, FirstCall] = {}
        for name, function in strategies.items():
            fraction = _CALLED * len(first_calls) / len(strategies)
            self.report(Progress("cold", name, fraction, f"First call of {self._label(name)}"))
            first_calls[name] = call_first(function, args, self.instruments.clock)
        return first_calls

    def _reject(self, first_calls: Mapping[str, FirstCall], baseline: str) -> tuple[Rejected, ...]:
        # Where the baseline itself raises, the others are still held against one another.
        ran = [name for name, call in first_calls.items() if call.error is None]
        reference = baseline if baseline in ran else next(iter(ran), baseline)
        expected = first_calls[reference]
        found = (_rejection(name, call, expected, self._label(reference)) for name, call in first_calls.items())
        return tuple(one for one in found if one is not None)

    def _inspect_all(self, strategies: Strategies, args: tuple[Any, ...]) -> dict[str, Inspection]:
        inspections: dict[str, Inspection] = {}
        for name, function in strategies.items():
            fraction = _CALLED + (_COMPILED - _CALLED) * len(inspections) / len(strategies)
            self.report(Progress("cold", name, fraction, f"Compiling {self._label(name)} as one program"))
            inspections[name] = inspect_program(function, args, self.instruments.clock)
        return inspections

    def _measure_all(
        self, strategies: Strategies, args: tuple[Any, ...], first_calls: Mapping[str, FirstCall]
    ) -> Measurement:
        def on_round(rounds: int, spent_s: float) -> None:
            fraction = _COMPILED + (1 - _COMPILED) * min(1.0, spent_s / self.budget_s)
            text = f"Round {rounds}, {spent_s:.1f} s of at most {format_seconds(self.budget_s)}"
            self.report(Progress("measure", None, fraction, text))

        candidates = [
            Candidate(name, function, args, wait_for(first_calls[name].result)) for name, function in strategies.items()
        ]
        if not candidates:
            return Measurement((), 0, 0.0)
        return measure(candidates, Plan(self.budget_s), self.instruments, on_round)


def _checked_baseline(strategies: Strategies, baseline: str | None, budget_s: float) -> str:
    if not strategies:
        raise ValueError("compare needs at least one strategy, got an empty dictionary.")
    if baseline is not None and baseline not in strategies:
        raise ValueError(f"baseline {baseline!r} is none of the strategies {', '.join(map(repr, strategies))}.")
    if not (math.isfinite(budget_s) and budget_s > 0):
        raise ValueError(f"budget_s must be a positive number of seconds, got {budget_s!r}.")
    if budget_s > LONGEST_S:
        raise ValueError(f"budget_s must be at most a day, {LONGEST_S:,.0f} s, got {budget_s!r}.")
    # Now rather than when all has been measured.
    for complaint in filter(None, map(Printable(LONGEST_NAME).complaint, strategies)):
        raise ValueError(f"a strategy's name {complaint}")
    return next(iter(strategies)) if baseline is None else baseline


def _on_device(args: tuple[Any, ...]) -> tuple[Any, ...]:
    # A NumPy argument would be copied to the device by every call: 8 µs instead of 5 for a small jitted one.
    def moved(leaf: Any) -> Any:
        return jnp.asarray(leaf) if isinstance(leaf, np.ndarray | np.generic) else leaf

    on_device: tuple[Any, ...] = jax.block_until_ready(jax.tree.map(moved, args))
    return on_device


def _rejection(name: str, call: FirstCall, expected: FirstCall, reference: str) -> Rejected | None:
    if call.error is not None:
        # One line: a message of JAX often has several, of which the first alone says little.
        message = printable(str(call.error) or "no message", 240)
        return Rejected(name, "raised", f"{type(call.error).__name__}: {message}")
    sentence = None if call is expected else disagreement(call.result, expected.result, reference)
    return None if sentence is None else Rejected(name, "wrong", printable(sentence))


def _timing(blocks: Blocks, first_call: FirstCall, inspection: Inspection, unwaited_s: float | None) -> Timing:
    return Timing.of(
        blocks,
        first_call_s=first_call.first_call_s,
        programs=first_call.programs,
        compile_s=inspection.compile_s,
        dispatches=inspection.dispatches,
        flops=inspection.flops,
        unwaited_s=unwaited_s,
    )


def _conditions(args: tuple[Any, ...], measurement: Measurement, budget_s: float) -> Conditions:
    arrays = [leaf for leaf in jax.tree.leaves(args) if isinstance(leaf, jax.Array)]
    device = next(iter(arrays[0].devices())) if arrays else jax.devices()[0]
    arguments = tuple(f"{array.dtype}[{', '.join(map(str, array.shape))}]" for array in arrays)
    return Conditions.here(device, arguments, budget_s, measurement.rounds, measurement.spent_s)

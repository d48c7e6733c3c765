"""`compare`: check that the strategies agree, then measure them side by side."""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.measuring.blocks import Blocks, Candidate
from vmapdemo.timing.measuring.cold import Compilation, FirstCall, call_first, compile_whole
from vmapdemo.timing.measuring.protocol import Instruments, Measurement, Plan, measure
from vmapdemo.timing.measuring.unwaited import time_unwaited
from vmapdemo.timing.measuring.waiting import wait_for
from vmapdemo.timing.programs.meters import Meters, count_flops, read_meters
from vmapdemo.timing.progress import Progress, progress_bar
from vmapdemo.timing.results.records import Conditions, Rejected, Timing
from vmapdemo.timing.results.report import Comparison
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.summary import conditions, summarise

__all__ = ["Comparison", "compare", "compare_with"]

Strategies = Mapping[str, Callable[..., Any]]
# XLA compiles about 300 operations a second: more than this in one program would take longer than the measurement.
MOST_OPERATIONS_COMPILED = 500
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
        return compare_with(strategies, args, baseline, budget_s, report)


def compare_with(
    strategies: Strategies,
    args: tuple[Any, ...],
    baseline: str | None = None,
    budget_s: float = 4.0,
    report: Callable[[Progress], None] = lambda progress: None,
    instruments: Instruments | None = None,
    unwaited: Sequence[str] = (),
) -> Comparison:
    """`compare` with its progress told to `report` (what that raises ends the comparison) and instruments of choice.

    `unwaited`: the strategies whose calls are timed once more without waiting for the result, at the very end.
    """
    baseline = _checked_baseline(strategies, baseline, budget_s)
    args, plan = _on_device(args), Plan(budget_s)
    instruments = instruments or Instruments()
    first_calls = _call_all(strategies, args, instruments, report)
    report(Progress("check", None, _CALLED, "Comparing the results"))
    rejected = _reject(first_calls, baseline)
    accepted = {name: strategies[name] for name in strategies if name not in {one.name for one in rejected}}
    inspections = _inspect_all(accepted, args, instruments, report)
    measurement = _measure_all(accepted, args, first_calls, plan, instruments, report)
    lies = {name: time_unwaited(accepted[name], args, instruments.clock) for name in accepted if name in unwaited}
    timings = (
        _timing(one, first_calls[one.name], inspections[one.name], lies.get(one.name)) for one in measurement.blocks
    )
    return Comparison(tuple(timings), rejected, baseline, _conditions(args, measurement, plan))


@dataclass(frozen=True, slots=True)
class _Inspection:
    """What tracing and compiling a strategy as a whole showed."""

    meters: Meters
    compilation: Compilation


def _checked_baseline(strategies: Strategies, baseline: str | None, budget_s: float) -> str:
    if not strategies:
        raise ValueError("compare needs at least one strategy, got an empty dictionary.")
    if baseline is not None and baseline not in strategies:
        raise ValueError(f"baseline {baseline!r} is none of the strategies {', '.join(map(repr, strategies))}.")
    if not (math.isfinite(budget_s) and budget_s > 0):
        raise ValueError(f"budget_s must be a positive number of seconds, got {budget_s!r}.")
    return next(iter(strategies)) if baseline is None else baseline


def _on_device(args: tuple[Any, ...]) -> tuple[Any, ...]:
    # A NumPy argument would be copied to the device by every call: 8 µs instead of 5 for a small jitted one.
    def moved(leaf: Any) -> Any:
        return jnp.asarray(leaf) if isinstance(leaf, np.ndarray | np.generic) else leaf

    on_device: tuple[Any, ...] = jax.block_until_ready(jax.tree.map(moved, args))
    return on_device


def _call_all(
    strategies: Strategies, args: tuple[Any, ...], instruments: Instruments, report: Callable[[Progress], None]
) -> dict[str, FirstCall]:
    first_calls: dict[str, FirstCall] = {}
    for name, function in strategies.items():
        report(Progress("cold", name, _CALLED * len(first_calls) / len(strategies), f"First call of {name}"))
        first_calls[name] = call_first(function, args, instruments.clock)
    return first_calls


def _reject(first_calls: Mapping[str, FirstCall], baseline: str) -> tuple[Rejected, ...]:
    # Where the baseline itself raises, the others are still held against one another.
    ran = [name for name, call in first_calls.items() if call.error is None]
    reference = baseline if baseline in ran else next(iter(ran), baseline)
    rejections = (_rejection(name, call, reference, first_calls[reference]) for name, call in first_calls.items())
    return tuple(one for one in rejections if one is not None)


def _rejection(name: str, call: FirstCall, reference: str, expected: FirstCall) -> Rejected | None:
    if call.error is not None:
        # One line: a message of JAX often has several, of which the first alone says little.
        message = textwrap.shorten(str(call.error) or "no message", 240, placeholder=" ...")
        return Rejected(name, "raised", f"{type(call.error).__name__}: {message}")
    sentence = None if name == reference else disagreement(call.result, expected.result, reference)
    return None if sentence is None else Rejected(name, "wrong", sentence)


def _inspect_all(
    strategies: Strategies, args: tuple[Any, ...], instruments: Instruments, report: Callable[[Progress], None]
) -> dict[str, _Inspection]:
    inspections: dict[str, _Inspection] = {}
    for name, function in strategies.items():
        fraction = _CALLED + (_COMPILED - _CALLED) * len(inspections) / len(strategies)
        report(Progress("cold", name, fraction, f"Compiling {name} as one program"))
        meters = read_meters(function, args)
        worthwhile = meters.operations is not None and meters.operations <= MOST_OPERATIONS_COMPILED
        compilation = compile_whole(function, args, instruments.clock) if worthwhile else Compilation()
        inspections[name] = _Inspection(meters, compilation)
    return inspections


def _measure_all(
    strategies: Strategies,
    args: tuple[Any, ...],
    first_calls: Mapping[str, FirstCall],
    plan: Plan,
    instruments: Instruments,
    report: Callable[[Progress], None],
) -> Measurement:
    def on_round(rounds: int, spent_s: float) -> None:
        fraction = _COMPILED + (1 - _COMPILED) * min(1.0, spent_s / plan.budget_s)
        text = f"Round {rounds}, {spent_s:.1f} s of at most {format_seconds(plan.budget_s)}"
        report(Progress("measure", None, fraction, text))

    candidates = [
        Candidate(name, function, args, wait_for(first_calls[name].result)) for name, function in strategies.items()
    ]
    return measure(candidates, plan, instruments, on_round) if candidates else Measurement((), 0, 0.0)


def _timing(blocks: Blocks, first_call: FirstCall, inspection: _Inspection, unwaited_s: float | None) -> Timing:
    meters, compilation = inspection.meters, inspection.compilation
    return summarise(
        blocks,
        first_call_s=first_call.first_call_s,
        programs=first_call.programs,
        compile_s=compilation.compile_s,
        dispatches=meters.dispatches,
        flops=None if compilation.compiled is None else count_flops(compilation.compiled, meters),
        unwaited_s=unwaited_s,
    )


def _conditions(args: tuple[Any, ...], measurement: Measurement, plan: Plan) -> Conditions:
    arrays = [leaf for leaf in jax.tree.leaves(args) if isinstance(leaf, jax.Array)]
    device = next(iter(arrays[0].devices())) if arrays else jax.devices()[0]
    arguments = tuple(f"{array.dtype}[{', '.join(map(str, array.shape))}]" for array in arrays)
    return conditions(device, arguments, measurement.rounds, measurement.spent_s, plan.budget_s)

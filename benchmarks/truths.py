"""Whether the protocol finds what is known beforehand: ``python -m benchmarks.truths``.

A strategy against itself is 1, called twice it is 2: within 10 %, on an idle machine and beside two processes that
spin. How much slower the loop is than its jit must not depend on the neighbours; beside five the protocol may give up,
but it has to say so. Every run measures all of it anew, idle and beside neighbours in turns; the table counts the runs
in which it held, and shows the lowest and the highest ratio.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from typing import Any, Literal

import jax
import jax.numpy as jnp

from benchmarks.machine import conditions, spinning
from vmapdemo.strategies import auto_batch_convolve_jit, looping_batch_convolve
from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure

NEIGHBOURS = (0, 2, 5)
PRECISION = 0.1
Ratio = Literal["itself", "twice", "loop"]


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: best times as multiples of the jitted strategy's, and whether all were confirmed."""

    itself: float
    twice: float
    loop: float
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: in how many runs it held."""

    what: str
    held: int
    ratios: tuple[float, ...]
    confirmed: int

    def __str__(self) -> str:
        seen = f"{min(self.ratios):.3g} to {max(self.ratios):.3g}"
        return f"{self.what:62} {self.held:3} of {len(self.ratios):3} {self.confirmed:9} {seen:>14}"


def twice(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """The jitted strategy, waited for, and once again."""
    auto_batch_convolve_jit(x_batch, y_batch).block_until_ready()
    again: jax.Array = auto_batch_convolve_jit(x_batch, y_batch)
    return again


def measure_once(budget_s: float) -> Run:
    """The jitted strategy, the same again, called twice, and the loop: in one measurement at 4x5."""
    args, wait = (jnp.ones((4, 5)), jnp.ones((4, 3))), methodcaller("block_until_ready")
    jit = auto_batch_convolve_jit
    functions: dict[str, Callable[..., Any]] = {
        "jit": jit,
        "itself": jit,
        "twice": twice,
        "loop": looping_batch_convolve,
    }
    candidates = [Candidate(name, function, args, wait) for name, function in functions.items()]
    found = measure(candidates, Plan(budget_s), Instruments(), lambda rounds, spent_s: None)
    best_s = {blocks.name: min(blocks.seconds) for blocks in found.blocks}
    ratios = {name: best_s[name] / best_s["jit"] for name in ("itself", "twice", "loop")}
    return Run(**ratios, confirmed=all(blocks.confirmed for blocks in found.blocks))


def measure_all(runs: int, budget_s: float) -> dict[int, list[Run]]:
    """The runs by the number of neighbours; each is idle and beside neighbours in turns, as machines change."""
    found: dict[int, list[Run]] = {neighbours: [] for neighbours in NEIGHBOURS}
    for _ in range(runs):
        for neighbours in NEIGHBOURS:
            with spinning(neighbours):
                found[neighbours].append(measure_once(budget_s))
    return found


def rows(found: dict[int, list[Run]]) -> list[Row]:
    """What is known, and in how many of the runs it was found."""
    idle, beside_two, beside_five = (found[neighbours] for neighbours in NEIGHBOURS)
    usual = statistics.median(run.loop for run in idle)

    return [
        _row("idle: against itself 1", idle, "itself", 1),
        _row("idle: called twice 2", idle, "twice", 2),
        _row("beside two: against itself 1", beside_two, "itself", 1),
        _row("beside two: called twice 2", beside_two, "twice", 2),
        _row(f"idle: loop/jit its median, {usual:.0f}", idle, "loop", usual),
        _row(f"beside two: loop/jit {usual:.0f}", beside_two, "loop", usual),
        _row(f"beside five: loop/jit {usual:.0f}, or not confirmed", beside_five, "loop", usual, or_flagged=True),
    ]


def _row(what: str, runs: Sequence[Run], ratio: Ratio, expected: float, *, or_flagged: bool = False) -> Row:
    ratios = tuple(map(attrgetter(ratio), runs))
    near = [abs(found / expected - 1) <= PRECISION for found in ratios]
    held = [is_near or (or_flagged and not run.confirmed) for is_near, run in zip(near, runs, strict=True)]
    return Row(what, sum(held), ratios, sum(run.confirmed for run in runs))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--budget", type=float, default=4.0, help="seconds of one measurement at most")
    chosen = parser.parse_args(arguments)
    print(conditions("jax", "numpy"))
    print(f"{'':62} {'held':>10} {'confirmed':>9} {'ratios':>14}")
    for row in rows(measure_all(chosen.runs, chosen.budget)):
        print(row, flush=True)


if __name__ == "__main__":
    main()

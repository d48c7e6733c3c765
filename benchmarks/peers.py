"""Every strategy and its peers, as multiples of a copy: ``python -m benchmarks.peers``.

Prints a Markdown table: the best time of one call in float32 at three sizes, over that of ``np.copyto`` of the input in
the same rounds (blocks of at least 4 ms: twenty calls or more of what takes 200 µs). Then what is claimed of the
shifted slices. torch and SciPy are in it where they are installed.

A ~ marks what was not confirmed. What is predicted to take more than 1.5 s a call, or to compile more operations than
XLA does in half a minute, is not run; the table says so. What disagrees with the dot products in float64 is not timed.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from benchmarks.machine import conditions
from vmapdemo import strategies
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.peers.catalogue import Growth, Peer, available
from vmapdemo.peers.in_numpy import windows_einsum
from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.measuring.blocks import Blocks, Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure
from vmapdemo.timing.programs.inspection import inspect_program, inspect_trace
from vmapdemo.timing.results.text import format_ratio, format_seconds

SIZES = ((4, 5), (1024, 64), (4096, 256))
LENGTHS = (16, 1024)
LONGEST_CALL_S, MOST_OPERATIONS = 1.5, 3000
COPY = "np.copyto"
SEED = 5
STRATEGIES = (
    Peer("loop", STRATEGY_LABELS["loop"], strategies.looping_batch_convolve, growth="windows and examples"),
    Peer("mathy", STRATEGY_LABELS["mathy"], strategies.mathy_batch_convolve, growth="windows"),
    Peer("vmap", STRATEGY_LABELS["vmap"], strategies.auto_batch_convolve, growth="windows"),
    Peer("jit", STRATEGY_LABELS["jit"], strategies.auto_batch_convolve_jit, growth="windows"),
    Peer("shifted", STRATEGY_LABELS["shifted"], strategies.shifted_batch_convolve),
)
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Column:
    """What was found at one size: the best seconds by name, who was not confirmed, and why others were not timed."""

    size: Size
    best_s: Mapping[str, float]
    doubtful: frozenset[str]
    skipped: Mapping[str, str]

    def ratio(self, name: str) -> float:
        """The best time as a multiple of the copy's."""
        return self.best_s[name] / self.best_s[COPY]

    def cell(self, name: str) -> str:
        """The ratio as it stands in the table, or why there is none."""
        if name in self.skipped:
            return self.skipped[name]
        return format_ratio(self.ratio(name)) + "~" * (name in self.doubtful)


def arrays(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Random signals and kernels."""
    random = np.random.default_rng(SEED)
    batch, length = size
    return random.normal(size=(batch, length)).astype("float32"), random.normal(size=(batch, 3)).astype("float32")


def growth_factor(growth: Growth, smaller: Size, larger: Size) -> float:
    """How many times more operations there are at the larger size."""
    examples, windows = larger[0] / smaller[0], (larger[1] - 2) / (smaller[1] - 2)
    return {"fixed": 1.0, "windows": windows, "examples": examples, "windows and examples": examples * windows}[growth]


def why_not(peer: Peer, size: Size, before: Column | None) -> str:
    """Why it is not run at this size, from what it did at the last one; empty where it is."""
    if before is None:
        return ""
    if peer.name in before.skipped:
        return "not run"
    factor = growth_factor(peer.growth, before.size, size)
    predicted_s = factor * before.best_s[peer.name]
    meters = inspect_trace(peer.function, peer.arguments(*arrays(before.size))) if peer.growth != "fixed" else None
    if meters is None or meters.dispatches != 1:
        return f"not run: {format_seconds(predicted_s)} a call" if predicted_s > LONGEST_CALL_S else ""
    operations = factor * (meters.operations or 0)
    return f"not run: compiles {operations:,.0f} operations" if operations > MOST_OPERATIONS else ""


def measure_size(peers: Sequence[Peer], size: Size, before: Column | None, budget_s: float) -> Column:
    """Check what can be run against the reference, then time it beside the copy."""
    x_batch, y_batch = arrays(size)
    reference = windows_einsum(x_batch.astype("float64"), y_batch.astype("float64"))
    skipped = {peer.name: reason for peer in peers if (reason := why_not(peer, size, before))}
    candidates = [Candidate(COPY, np.copyto, (np.empty_like(x_batch), x_batch))]
    for candidate in (peer.candidate(x_batch, y_batch) for peer in peers if peer.name not in skipped):
        result = np.asarray(candidate.wait(candidate.function(*candidate.args)))
        if disagreement(result, reference, "the dot products"):
            skipped[candidate.name] = "wrong"
        else:
            candidates.append(candidate)
    found = measure(candidates, Plan(budget_s, block_s=0.004), Instruments(), lambda rounds, spent_s: None).blocks
    return Column(size, {one.name: min(one.seconds) for one in found}, _doubtful(found), skipped)


def table(peers: Sequence[Peer], columns: Sequence[Column]) -> str:
    """The columns in Markdown, one strategy or peer a line."""
    sizes = [f"{column.size[0]}x{column.size[1]}" for column in columns]
    copies = [f"{column.cell(COPY)} ({format_seconds(column.best_s[COPY])})" for column in columns]
    rows = [["", *sizes], ["---", *("---:" for _ in columns)], [f"`{COPY}` of x", *copies]]
    rows += [[peer.label, *(column.cell(peer.name) for column in columns)] for peer in peers]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def claims(peers: Sequence[Peer], largest: Column) -> list[str]:
    """What is claimed of the shifted slices, and what was found."""
    size = f"{largest.size[0]}x{largest.size[1]}"
    lines = [f"Shifted slices at {size}: {format_ratio(largest.ratio('shifted'))} of the copy; claimed: at most 1.5."]
    for library, claimed in (("numpy", 4), ("torch", 2.5)):
        theirs = {peer.name: largest.best_s[peer.name] for peer in peers if peer.takes == library}
        if theirs:
            fastest = min(theirs, key=lambda name: theirs[name])
            times = format_ratio(theirs[fastest] / largest.best_s["shifted"])
            lines.append(
                f"{fastest}, the fastest that takes {library}'s arrays: {times} times theirs; claimed: {claimed}."
            )
    if {COPY, "shifted"} & largest.doubtful:
        lines.append("The machine was busy: these are not confirmed.")
    return lines


def compile_times() -> str:
    """How long the shifted slices take to compile at a short and a long length."""
    short_s, long_s = (min(_compile_s(length) for _ in range(5)) for length in LENGTHS)
    lengths = f"{format_seconds(short_s)} at length {LENGTHS[0]}, {format_seconds(long_s)} at {LENGTHS[1]}"
    return f"Shifted slices compile in {lengths}: {format_ratio(long_s / short_s)} times; claimed: at most 2."


def _compile_s(length: int) -> float:
    found = inspect_program(strategies.shifted_batch_convolve, (jnp.ones((64, length)), jnp.ones((64, 3))))
    if found.compile_s is None:
        raise RuntimeError("The persistent compilation cache is on: there is no compile time to measure.")
    return found.compile_s


def _doubtful(found: Sequence[Blocks]) -> frozenset[str]:
    return frozenset(blocks.name for blocks in found if not blocks.confirmed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the table and the claims."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, default=len(SIZES), help="how many of the three, smallest first")
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of measuring at each size at most")
    chosen = parser.parse_args(arguments)
    print(conditions("jax", "numpy", "scipy", "torch"))
    peers, columns = (*STRATEGIES, *available()), list[Column]()
    for size in SIZES[: chosen.sizes]:
        columns.append(measure_size(peers, size, columns[-1] if columns else None, chosen.budget))
    print(table(peers, columns), *claims(peers, columns[-1]), compile_times(), sep="\n")


if __name__ == "__main__":
    main()

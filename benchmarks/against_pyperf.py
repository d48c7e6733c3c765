"""Whether the protocol finds the minima that pyperf finds: ``python -m benchmarks.against_pyperf``.

The five strategies at 4x5. A run is half of pyperf's processes, one strategy after the other, then the protocol's
rounds in a process that is as fresh, then pyperf's other half: a machine that is slow for a minute is so for both. The
run holds for a strategy where the two are within 15 %. The table counts the runs that held, and shows the lowest and
the highest ratio of the protocol's best to pyperf's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from operator import methodcaller
from pathlib import Path

import pyperf

from benchmarks.machine import conditions
from benchmarks.pyperf_strategies import STRATEGIES, arguments
from benchmarks.server import ROOT
from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure

PRECISION = 0.15
Best = Mapping[str, float]


def by_pyperf(processes: int) -> Best:
    """The least of pyperf's values for each strategy, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        options = ("--processes", str(processes), "--quiet", "--output", str(path))
        command = [sys.executable, "-m", "benchmarks.pyperf_strategies", *options]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        suite = pyperf.BenchmarkSuite.load(str(path))
    return {benchmark.get_name(): min(benchmark.get_values()) for benchmark in suite.get_benchmarks()}


def by_protocol() -> Best:
    """The protocol's best for each strategy, in seconds, from a fresh process."""
    command = [sys.executable, "-m", "benchmarks.against_pyperf", "--once"]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    best_s: Best = json.loads(found.stdout)
    return best_s


def measure_here() -> Best:
    """The same in this process."""
    wait = methodcaller("block_until_ready")
    candidates = [Candidate(name, strategy, arguments(), wait) for name, strategy in STRATEGIES.items()]
    found = measure(candidates, Plan(), Instruments(), lambda rounds, spent_s: None)
    return {blocks.name: min(blocks.seconds) for blocks in found.blocks}


def run(processes: int) -> tuple[Best, Best]:
    """What each found: pyperf, before and after, and the protocol."""
    before, ours, after = by_pyperf(processes - processes // 2), by_protocol(), by_pyperf(processes // 2)
    return {name: min(before[name], after[name]) for name in STRATEGIES}, ours


def line(name: str, ratios: Sequence[float], pyperf_s: float, protocol_s: float) -> str:
    """A line of the table."""
    held = sum(abs(ratio - 1) <= PRECISION for ratio in ratios)
    seen = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return f"{name:10} {held:3} of {len(ratios):3} {seen:>14} {1e6 * pyperf_s:12.1f} {1e6 * protocol_s:12.1f}"


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--processes", type=int, default=6, help="that pyperf starts for each strategy, at least two")
    parser.add_argument("--once", action="store_true", help="only the protocol, once, as JSON")
    chosen = parser.parse_args()
    if chosen.once:
        print(json.dumps(measure_here()))
        return
    print(conditions("jax", "numpy", "pyperf"))
    runs = [run(chosen.processes) for _ in range(chosen.runs)]
    print(f"{'':10} {'held':>10} {'ratios':>14} {'pyperf/µs':>12} {'protocol/µs':>12}")
    for name in STRATEGIES:
        ratios = [protocol[name] / theirs[name] for theirs, protocol in runs]
        print(line(name, ratios, *(min(one[name] for one in best) for best in zip(*runs, strict=True))))


if __name__ == "__main__":
    main()

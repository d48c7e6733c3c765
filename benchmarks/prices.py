"""What dispatches cost here, and the times that they predict: ``python -m benchmarks.prices``.

Prints the price of every eager operation in microseconds, as it is and under an eager vmap, then for each strategy at
4x5 and 8x12 the time that its dispatches come to beside the one that is measured, both in this run.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from operator import methodcaller

import jax.numpy as jnp

from benchmarks.machine import conditions
from benchmarks.peers import STRATEGIES, Size
from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Plan, measure
from vmapdemo.timing.programs.inspection import inspect_trace
from vmapdemo.timing.programs.prices import PLAN, Prices, predicted_s, price_list

SIZES: tuple[Size, ...] = ((4, 5), (8, 12))


def price_lines(prices: Prices) -> list[str]:
    """The price list as a table."""
    lines = [f"{'':24} {'eager':>8} {'vmapped':>8}"]
    lines += [f"{one.primitive:24} {1e6 * one.eager_s:8.1f} {1e6 * one.vmapped_s:8.1f}" for one in prices.operations]
    lines.append(f"{'in turns, times':24} {prices.mixing:8.2f} {prices.vmapped_mixing:8.2f}")
    lines.append(f"{'a call':24} {1e6 * prices.jitted_call_s:8.1f} {1e6 * prices.vmap_call_s:8.1f}")
    lines += [] if prices.confirmed else ["not confirmed"]
    return lines


def prediction_lines(prices: Prices, size: Size, plan: Plan) -> list[str]:
    """Every strategy's predicted and measured time at this size."""
    batch, length = size
    args = (jnp.ones((batch, length)), jnp.ones((batch, 3)))
    candidates = [Candidate(one.name, one.function, args, methodcaller("block_until_ready")) for one in STRATEGIES]
    for candidate in candidates:
        candidate.wait(candidate.function(*args))
    found = measure(candidates, plan, Instruments(), lambda rounds, spent_s: None)
    lines = []
    for one, blocks in zip(STRATEGIES, found.blocks, strict=True):
        expected_s = predicted_s(inspect_trace(one.function, args).primitives or {}, prices, vmapped=one.name == "vmap")
        ratio = (expected_s or 0.0) / min(blocks.seconds)
        seconds = f"{1e6 * (expected_s or 0.0):10.1f} {1e6 * min(blocks.seconds):10.1f} {ratio:6.2f}"
        lines.append(
            f"{one.name:10} {batch}x{length:<5} {seconds} {'' if blocks.confirmed else 'not confirmed'}".rstrip()
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the prices, then the strategies, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=4.0, help="seconds of each of the three measurements at most")
    plan = Plan(parser.parse_args(arguments).budget)
    print(conditions("jax", "numpy"))
    prices = price_list(replace(PLAN, budget_s=plan.budget_s))
    print(*price_lines(prices), "", f"{'':16} {'predicted':>12} {'measured':>10} {'ratio':>6}", sep="\n")
    for size in SIZES:
        print(*prediction_lines(prices, size, plan), sep="\n", flush=True)


if __name__ == "__main__":
    main()

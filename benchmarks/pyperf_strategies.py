"""The strategies of the page at 4x5 as pyperf benchmarks; ``against_pyperf`` runs this, and pyperf starts it anew."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pyperf

from vmapdemo import strategies

STRATEGIES: dict[str, Callable[..., Any]] = {
    "loop": strategies.looping_batch_convolve,
    "mathy": strategies.mathy_batch_convolve,
    "vmap": strategies.auto_batch_convolve,
    "jit": strategies.auto_batch_convolve_jit,
    "shifted": strategies.shifted_batch_convolve,
}


def arguments() -> tuple[jax.Array, jax.Array]:
    """The arrays that both measure on."""
    return jnp.ones((4, 5)), jnp.ones((4, 3))


def call(strategy: Callable[..., Any], x_batch: jax.Array, y_batch: jax.Array) -> None:
    """One call, waited for."""
    strategy(x_batch, y_batch).block_until_ready()


def main() -> None:
    """Let pyperf measure every strategy, in processes of its own."""
    runner = pyperf.Runner(program_args=("-m", "benchmarks.pyperf_strategies"))
    for name, strategy in STRATEGIES.items():
        runner.bench_func(name, call, strategy, *arguments())


if __name__ == "__main__":
    main()

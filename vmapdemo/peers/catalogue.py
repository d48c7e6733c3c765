"""The peers of a function's strategies: which there are here, which arrays each takes, how to compare and time them.

A peer maps axis 0 of every argument. A link names none of them, and Explore shows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from operator import methodcaller
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo import outcome
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.peers import in_jax, in_numpy
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.measuring.blocks import Candidate, no_wait

Growth = Literal["fixed", "windows", "examples", "windows and examples"]
"""What the number of a strategy's or peer's operations grows with."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One more way to compute the batch: its name, its label on a page, and whose arrays it takes."""

    name: str
    label: str
    function: Callable[..., Any]
    takes: Literal["jax", "numpy", "torch"] = "jax"
    growth: Growth = "fixed"

    def arguments(self, *arrays: Any) -> tuple[Any, ...]:
        """The arrays as it takes them: on JAX's device, in NumPy's memory, as torch's tensors. No part of its time."""
        if self.takes == "jax":
            return tuple(jax.block_until_ready(jnp.asarray(array)) for array in arrays)
        copies = tuple(np.array(array) for array in arrays)
        return copies if self.takes == "numpy" else _tensors(*copies)

    def candidate(self, *arrays: Any) -> Candidate:
        """The peer ready to be timed by ``measure``, on arrays of its own kind."""
        wait = methodcaller("block_until_ready") if self.takes == "jax" else no_wait
        return Candidate(self.name, self.function, self.arguments(*arrays), wait)


_IN_JAX_AND_NUMPY = (
    Peer("jit_loop", "jit of the loop", in_jax.jitted_looping_batch_convolve, growth="windows and examples"),
    Peer("jit_mathy", "jit of by hand", in_jax.jitted_mathy_batch_convolve, growth="windows"),
    Peer("vmap_shifted", "jit of vmap of shifted slices", in_jax.vmapped_shifted_convolve),
    Peer("gather", "Gathered windows", in_jax.gathered_batch_convolve),
    Peer("jnp_convolve", "jit of vmap of jnp.convolve", in_jax.vmapped_jnp_convolve),
    Peer("grouped", "lax convolution, grouped", in_jax.grouped_batch_convolve),
    Peer("lax_map", "lax.map", in_jax.mapped_batch_convolve, growth="windows"),
    Peer("lax_map_blocks", f"lax.map, blocks of {in_jax.BLOCK}", in_jax.blockwise_batch_convolve, growth="windows"),
    Peer("numpy_shifted", "NumPy, shifted slices", in_numpy.shifted, "numpy"),
    Peer("numpy_windows", "NumPy, windows and einsum", in_numpy.windows_einsum, "numpy"),
    Peer("numpy_rows", "NumPy, np.correlate row by row", in_numpy.row_by_row, "numpy", "examples"),
)


@cache
def available(function: str = "convolve") -> tuple[Peer, ...]:
    """The peers of the function's strategies that can run here; torch's and SciPy's where those are installed."""
    if function != "convolve":
        return ()
    return (*_IN_JAX_AND_NUMPY, *(_in_scipy() if find_spec("scipy") else ()), *(_in_torch() if _has_torch() else ()))


def labels(function: str = "convolve") -> dict[str, str]:
    """What the function's strategies and their peers are called on a page, by name."""
    return {**STRATEGY_LABELS, **{peer.name: peer.label for peer in available(function)}}


def callables(scenario: Scenario) -> dict[str, Callable[..., Any]]:
    """The peers as `compare` takes them, together with `outcome.callables(scenario)` on `outcome.arrays(scenario)`.

    Empty where the call fails or its batch is not on axis 0 everywhere. A peer of another library ignores what it is
    passed and computes on its own copies: only JAX would fold arrays that it does not get as arguments into constants.
    """
    if (
        not scenario.batched
        or scenario.inner is not None
        or not outcome.explanation(scenario).ok
        or outcome.is_moved(scenario)
    ):
        return {}
    return {peer.name: _on(peer, outcome.arrays(scenario)) for peer in available(scenario.function)}


def _on(peer: Peer, arrays: tuple[jax.Array, ...]) -> Callable[..., Any]:
    if peer.takes == "jax":
        return peer.function
    function, given, own = peer.function, arrays[0], peer.arguments(*arrays)

    def call(first: Any, *_: Any) -> Any:
        # Tracing must not go through: it would find a program without an operation, and count and compile that.
        if first is not given:
            raise TypeError(f"{peer.name} computes on its own copies of the scenario's arrays, and cannot be traced.")
        return function(*own)

    return call


def _has_torch() -> bool:
    return find_spec("torch") is not None


def _tensors(*arrays: np.ndarray) -> tuple[Any, ...]:
    from vmapdemo.peers import in_torch

    return in_torch.tensors(*arrays)


def _in_scipy() -> tuple[Peer, ...]:
    from vmapdemo.peers import in_scipy

    return (
        Peer("scipy_fourier", "SciPy, Fourier transforms", in_scipy.fourier, "numpy"),
        Peer("scipy_rows", "SciPy, correlate row by row", in_scipy.row_by_row, "numpy", "examples"),
    )


def _in_torch() -> tuple[Peer, ...]:
    # Importing torch takes a second: only who asks for peers waits for it.
    from vmapdemo.peers import in_torch

    return (
        Peer("torch_shifted", "torch, shifted slices", in_torch.shifted, "torch"),
        Peer("torch_in_place", "torch, shifted slices added in place", in_torch.multiply_in_place, "torch"),
        Peer("torch_grouped", "torch, conv1d with groups", in_torch.grouped, "torch"),
        Peer("torch_vmap", "torch.vmap of shifted slices", in_torch.vmapped, "torch"),
    )

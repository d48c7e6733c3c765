"""``convolve`` batched by other means of JAX, each one compiled program: shapes (b, n), (b, 3) -> (b, n - 2), n >= 3.

Tried as well at 4096x256, and dropped because they only lose: taps stacked and contracted by ``einsum`` (16 times the
time of ``shifted_batch_convolve``) or summed (30 times), ``lax.scan`` over 2, 16 and 256 blocks of examples (2, 9 and 8
times), a copy padded to whole rows so that x can be donated (4 times), x stored transposed (1.5 times). The other
orders and spellings of the three products compile to programs that are equally fast, each at the price of a copy.
"""

import jax
import jax.numpy as jnp
from jax import lax

from vmapdemo.strategies import convolve, looping_batch_convolve, mathy_batch_convolve

BLOCK = 64


def shifted_convolve(x: jax.Array, y: jax.Array) -> jax.Array:
    """One example as a sum of three shifted slices, with no loop over windows: shapes (n,), (3,) -> (n - 2,)."""
    windows = len(x) - 2
    return x[:windows] * y[0] + x[1 : windows + 1] * y[1] + x[2:] * y[2]


def reversed_convolve(x: jax.Array, y: jax.Array) -> jax.Array:
    """One example by ``jnp.convolve``, which reverses its kernel: reversed before, it is as it was."""
    return jnp.convolve(x, y[::-1], mode="valid")


vmapped_shifted_convolve = jax.jit(jax.vmap(shifted_convolve))

vmapped_jnp_convolve = jax.jit(jax.vmap(reversed_convolve))

jitted_looping_batch_convolve = jax.jit(looping_batch_convolve)

jitted_mathy_batch_convolve = jax.jit(mathy_batch_convolve)


@jax.jit
def gathered_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """All windows gathered into one array, then one contraction."""
    starts = jnp.arange(x_batch.shape[-1] - 2)
    windows = x_batch[:, starts[:, None] + jnp.arange(3)]
    return jnp.einsum("bwt,bt->bw", windows, y_batch)


@jax.jit
def grouped_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """XLA's own convolution, every example a channel and a group of its own; it does not reverse kernels either."""
    dtype = jnp.result_type(x_batch, y_batch)
    signals, kernels = x_batch[None].astype(dtype), y_batch[:, None].astype(dtype)
    axes = ("NCH", "OIH", "NCH")
    return lax.conv_general_dilated(
        signals, kernels, (1,), "VALID", dimension_numbers=axes, feature_group_count=len(x_batch)
    )[0]


@jax.jit
def mapped_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """``lax.map``: a loop over the examples inside the compiled program."""
    mapped: jax.Array = lax.map(lambda example: convolve(*example), (x_batch, y_batch))
    return mapped


@jax.jit
def blockwise_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """``lax.map`` with a batch size: the loop takes blocks of examples, and vmap maps each block."""
    mapped: jax.Array = lax.map(lambda example: convolve(*example), (x_batch, y_batch), batch_size=BLOCK)
    return mapped

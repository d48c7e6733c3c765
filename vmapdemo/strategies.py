"""The notebook's 3-tap convolution and every way to batch it, under the notebook's names.

``convolve`` is the function of one example; each ``*_batch_convolve`` maps it over axis 0 of both arguments.
As in the notebook the kernel is not reversed, so this is a cross-correlation: ``jnp.convolve`` would differ.
"""

import jax
import jax.numpy as jnp


def convolve(x: jax.Array, y: jax.Array) -> jax.Array:
    """Slide the 3-tap kernel ``y`` along the signal ``x``: shapes (n,), (3,) -> (n - 2,).

    A signal shorter than 3 gives an empty result; a kernel of another length is refused by ``jnp.dot``.

    >>> convolve(jnp.arange(5), jnp.array([2.0, 3.0, 4.0])).tolist()
    [11.0, 20.0, 29.0]
    """
    output = []
    for centre in range(1, len(x) - 1):
        output.append(jnp.dot(x[centre - 1 : centre + 2], y))
    return jnp.array(output)


def looping_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """One call of ``convolve`` per example, in Python: shapes (b, n), (b, 3) -> (b, n - 2)."""
    output = []
    for example in range(x_batch.shape[0]):
        output.append(convolve(x_batch[example], y_batch[example]))
    return jnp.stack(output)


def mathy_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """The batch written out by hand, one column of results at a time: shapes (b, n), (b, 3) -> (b, n - 2)."""
    output = []
    for centre in range(1, x_batch.shape[-1] - 1):
        output.append(jnp.sum(x_batch[:, centre - 1 : centre + 2] * y_batch, axis=1))
    return jnp.stack(output, axis=1)


auto_batch_convolve = jax.vmap(convolve)

auto_batch_convolve_jit = jax.jit(auto_batch_convolve)


# At 4096x256 in float32 this takes as long as `np.copyto` of its input where two cores are free, 1.2 to 2 times as long
# on one: XLA cuts its one fusion into a part for each core, while `np.copyto` has one thread. The result's memory must
# be mapped already: where malloc maps it for each call anew, as with MALLOC_MMAP_THRESHOLD_ below its 4 MB, 1,017 page
# faults make a call ten times slower or worse; results that are kept, and so leave the cache, cost up to twice as much.
# Donating x is no way out: its rows are longer than the result's.
@jax.jit
def shifted_batch_convolve(x_batch: jax.Array, y_batch: jax.Array) -> jax.Array:
    """A sum of three shifted slices, compiled, with no loop over windows: shapes (b, n), (b, 3) -> (b, n - 2)."""
    windows = x_batch.shape[-1] - 2
    first, second, third = (x_batch[:, tap : tap + windows] * y_batch[:, tap, None] for tap in range(3))
    return first + second + third

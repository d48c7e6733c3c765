"""Functions of one example that teach what ``convolve`` cannot, each with its Python loop over a batch.

A condition, a loop of its own length, a matrix that all examples share, a lookup: under ``vmap`` each becomes another
program. The loops map axis 0 of every argument.
"""

import jax
import jax.numpy as jnp


def clipped_step(params: jax.Array, gradient: jax.Array, limit: jax.Array) -> jax.Array:
    """Step against a gradient that is made no longer than ``limit``: shapes (n,), (n,), () -> (n,).

    >>> clipped_step(jnp.zeros(2), jnp.array([3.0, 4.0]), jnp.array(2.5)).tolist()
    [-1.5, -2.0]
    """
    norm = jnp.sqrt(jnp.sum(gradient * gradient))
    scale: jax.Array = jax.lax.cond(
        norm <= limit,
        lambda: 1.0,
        lambda: limit / norm,
    )
    return params - scale * gradient


def looping_batch_clipped_step(params: jax.Array, gradients: jax.Array, limit: jax.Array) -> jax.Array:
    """One call of ``clipped_step`` per example, in Python: shapes (b, n), (b, n), (b,) -> (b, n)."""
    return jnp.stack([clipped_step(*example) for example in zip(params, gradients, limit, strict=True)])


def dense(x: jax.Array, weights: jax.Array, bias: jax.Array) -> jax.Array:
    """A layer whose columns of weights have length 1: shapes (n,), (n, m), (m,) -> (m,).

    >>> dense(jnp.array([1.0, 1.0]), jnp.array([[3.0], [4.0]]), jnp.array([-1.4])).round(3).tolist()
    [0.0]
    """
    lengths = jnp.sqrt(jnp.sum(weights * weights, axis=0))
    unit = weights / lengths
    return jnp.tanh(x @ unit + bias)


def looping_batch_dense(features: jax.Array, weights: jax.Array, bias: jax.Array) -> jax.Array:
    """One call of ``dense`` per example, in Python: shapes (b, n), (b, n, m), (b, m) -> (b, m)."""
    return jnp.stack([dense(*example) for example in zip(features, weights, bias, strict=True)])


def to_nearest(point: jax.Array, centres: jax.Array) -> jax.Array:
    """The way from a point to the nearest of the centres: shapes (n,), (k, n) -> (n,).

    >>> to_nearest(jnp.array([1.0, 1.0]), jnp.array([[9.0, 9.0], [1.0, 3.0]])).tolist()
    [0.0, 2.0]
    """
    offsets = centres - point
    distances = jnp.sum(offsets * offsets, axis=1)
    return centres[jnp.argmin(distances)] - point


def looping_batch_to_nearest(points: jax.Array, centres: jax.Array) -> jax.Array:
    """One call of ``to_nearest`` per example, in Python: shapes (b, n), (b, k, n) -> (b, n)."""
    return jnp.stack([to_nearest(*example) for example in zip(points, centres, strict=True)])


def newton_root(number: jax.Array) -> jax.Array:
    """The square root by Newton's method, in as many rounds as it takes: shapes () -> ().

    No number takes more than 100 rounds, and one below 0, which has no root, takes them all.

    >>> round(newton_root(jnp.array(9.0)).item(), 3)
    3.0
    """

    def is_far(state: tuple[jax.Array, jax.Array]) -> jax.Array:
        root, rounds = state
        return (jnp.abs(root * root - number) > 1e-5 * number) & (rounds < 100)

    def improved(state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        root, rounds = state
        return (root + number / root) / 2, rounds + 1

    root, _ = jax.lax.while_loop(is_far, improved, (number + 1.0, jnp.array(0)))
    return root


def looping_batch_newton_root(numbers: jax.Array) -> jax.Array:
    """One call of ``newton_root`` per example, in Python: shapes (b,) -> (b,)."""
    return jnp.stack([newton_root(number) for number in numbers])

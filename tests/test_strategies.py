from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo import strategies

X = np.array([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]], "int32")
Y = np.array([[2, 3, 4], [2, 3, 4], [2, 3, 4], [7, 4, 2]], "float32")
RESULT = [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]]
BATCHED = (
    strategies.looping_batch_convolve,
    strategies.mathy_batch_convolve,
    strategies.auto_batch_convolve,
    strategies.auto_batch_convolve_jit,
    strategies.shifted_batch_convolve,
)
SEED = 20240410


@pytest.mark.parametrize("strategy", BATCHED)
def test_every_strategy_gives_the_numbers_of_the_notebook(strategy: Callable[..., jax.Array]) -> None:
    got = strategy(jnp.asarray(X), jnp.asarray(Y))
    assert got.tolist() == RESULT
    assert got.dtype == jnp.float32


@pytest.mark.parametrize("row", range(4))
def test_one_example_is_a_row_of_the_batch(row: int) -> None:
    assert strategies.convolve(jnp.asarray(X[row]), jnp.asarray(Y[row])).tolist() == RESULT[row]


def test_one_kernel_for_all_signals_gives_the_numbers_of_the_notebook() -> None:
    got = jax.vmap(strategies.convolve, in_axes=[0, None])(jnp.asarray(X), jnp.asarray(Y[0]))
    assert got.tolist() == [[11, 20, 29], [11, 20, 29], [3, 6, 19], [11, 20, 29]]


def test_the_kernel_is_not_reversed() -> None:
    ours = strategies.convolve(jnp.asarray(X[0]), jnp.asarray(Y[0]))
    assert ours.tolist() == jnp.correlate(jnp.asarray(X[0], "float32"), jnp.asarray(Y[0])).tolist()
    assert ours.tolist() != jnp.convolve(jnp.asarray(X[0]), jnp.asarray(Y[0]), mode="valid").tolist()


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_signal_shorter_than_the_window_gives_nothing(length: int) -> None:
    assert strategies.convolve(jnp.zeros(length), jnp.ones(3)).shape == (0,)


@pytest.mark.parametrize("taps", [2, 4])
def test_a_kernel_of_another_length_is_refused(taps: int) -> None:
    with pytest.raises(TypeError, match="same shape"):
        strategies.convolve(jnp.zeros(5), jnp.ones(taps))


@pytest.mark.parametrize("strategy", BATCHED)
def test_every_strategy_equals_the_dot_products_of_the_windows(strategy: Callable[..., jax.Array]) -> None:
    random = np.random.default_rng(SEED)
    for batch, length in [(1, 3), (3, 4), (2, 7)]:
        x = random.normal(size=(batch, length)).astype("float32")
        y = random.normal(size=(batch, 3)).astype("float32")
        windows = np.lib.stride_tricks.sliding_window_view(x, 3, axis=1)
        expected = np.einsum("bwt,bt->bw", windows, y)
        message = f"{strategy} at {(batch, length)}, seed {SEED}"
        np.testing.assert_allclose(strategy(jnp.asarray(x), jnp.asarray(y)), expected, 1e-5, 1e-5, err_msg=message)


def test_vmap_equals_the_loop_for_every_legal_choice_of_axes() -> None:
    random = np.random.default_rng(SEED)
    for _ in range(2):
        batch, length = int(random.integers(1, 5)), int(random.integers(3, 7))
        x = jnp.asarray(random.normal(size=(batch, length)), "float32")
        y = jnp.asarray(random.normal(size=(batch, 3)), "float32")
        for in_axes, passed in _passed(x, y):
            for out_axes in (0, 1, -1, -2):
                got = jax.vmap(strategies.convolve, in_axes, out_axes)(*passed)
                expected = np.moveaxis(_loop(in_axes, passed, batch), 0, out_axes)
                message = f"{in_axes=}, {out_axes=}, {batch=}, {length=}, seed {SEED}"
                np.testing.assert_allclose(got, expected, 1e-5, 1e-5, err_msg=message)


def _passed(x: jax.Array, y: jax.Array) -> Iterator[tuple[Any, tuple[jax.Array, jax.Array]]]:
    """Every legal in_axes with the arguments that it is right for."""
    forms_of_x = {0: x, 1: x.T, -1: x.T, -2: x, None: x[0]}
    forms_of_y = {0: y, 1: y.T, -1: y.T, -2: y, None: y[0]}
    for a, passed_x in forms_of_x.items():
        for b, passed_y in forms_of_y.items():
            if a is not None or b is not None:
                yield (a, b), (passed_x, passed_y)


def _loop(in_axes: tuple[int | None, int | None], passed: tuple[jax.Array, jax.Array], batch: int) -> np.ndarray:
    fronts = [
        jnp.broadcast_to(array, (batch, *array.shape)) if axis is None else jnp.moveaxis(array, axis, 0)
        for array, axis in zip(passed, in_axes, strict=True)
    ]
    return np.asarray(strategies.looping_batch_convolve(*fronts))

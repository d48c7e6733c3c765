from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest

from vmapdemo import strategies
from vmapdemo.timing.measuring.cold import compile_whole
from vmapdemo.timing.programs.meters import Meters, count_flops, read_meters

NOTEBOOK = {
    "loop": strategies.looping_batch_convolve,
    "mathy": strategies.mathy_batch_convolve,
    "vmap": strategies.auto_batch_convolve,
    "jit": strategies.auto_batch_convolve_jit,
}


def flops(function: Callable[..., object], *args: jax.Array) -> float | None:
    compiled = compile_whole(function, args).compiled
    assert compiled is not None
    return count_flops(compiled, read_meters(function, args))


@pytest.mark.parametrize(("name", "dispatches"), [("loop", 57), ("mathy", 10), ("vmap", 10), ("jit", 1)])
def test_dispatches_at_the_size_of_the_notebook(name: str, dispatches: int) -> None:
    assert read_meters(NOTEBOOK[name], (jnp.ones((4, 5)), jnp.ones((4, 3)))).dispatches == dispatches


def test_integers_cost_mathy_a_conversion_for_each_of_its_three_columns() -> None:
    # The notebook's own x_batch is int32: `x * y` converts it anew in each column; jnp.dot takes it as it is.
    assert read_meters(NOTEBOOK["mathy"], (jnp.ones((4, 5), int), jnp.ones((4, 3)))).dispatches == 13
    assert read_meters(NOTEBOOK["vmap"], (jnp.ones((4, 5), int), jnp.ones((4, 3)))).dispatches == 10


@pytest.mark.parametrize("name", NOTEBOOK)
def test_all_four_do_the_same_arithmetic(name: str) -> None:
    assert flops(NOTEBOOK[name], jnp.ones((4, 5)), jnp.ones((4, 3))) == 60


def test_operations_inside_a_jitted_function_are_counted() -> None:
    meters = read_meters(jax.jit(lambda x: jnp.sin(x) * 2), (jnp.ones(3),))
    assert (meters.dispatches, meters.operations) == (1, 3)


@pytest.mark.parametrize(
    "loop",
    [
        lambda x: jax.lax.fori_loop(0, x[0].astype(int), lambda _, y: y + 1, x),
        lambda x: jax.lax.map(lambda one: one * 2, x),
        jax.jit(lambda x: jax.lax.scan(lambda total, one: (total + one, one), 0.0, x)),
    ],
)
def test_a_loop_primitive_makes_flops_unknown(loop: Callable[..., object]) -> None:
    assert read_meters(loop, (jnp.ones(3),)).has_loop
    assert flops(loop, jnp.ones(3)) is None


def test_a_function_that_cannot_be_traced_has_no_meters() -> None:
    assert read_meters(lambda x: float(x[0]), (jnp.ones(3),)) == Meters()

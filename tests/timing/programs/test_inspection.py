from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo import strategies
from vmapdemo.timing.programs import inspection
from vmapdemo.timing.programs.inspection import Inspection, inspect_program, inspect_trace

NOTEBOOK = {
    "loop": strategies.looping_batch_convolve,
    "mathy": strategies.mathy_batch_convolve,
    "vmap": strategies.auto_batch_convolve,
    "jit": strategies.auto_batch_convolve_jit,
}


def flops(function: Callable[..., object], *args: jax.Array) -> float | None:
    found = inspect_program(function, args)
    assert found.program is not None
    return found.flops


@pytest.mark.parametrize(("name", "dispatches"), [("loop", 57), ("mathy", 10), ("vmap", 10), ("jit", 1)])
def test_dispatches_at_the_size_of_the_notebook(name: str, dispatches: int) -> None:
    assert inspect_trace(NOTEBOOK[name], (jnp.ones((4, 5)), jnp.ones((4, 3)))).dispatches == dispatches


def test_integers_cost_mathy_a_conversion_for_each_of_its_three_columns() -> None:
    # The notebook's own x_batch is int32: `x * y` converts it anew in each column; jnp.dot takes it as it is.
    assert inspect_trace(NOTEBOOK["mathy"], (jnp.ones((4, 5), int), jnp.ones((4, 3)))).dispatches == 13
    assert inspect_trace(NOTEBOOK["vmap"], (jnp.ones((4, 5), int), jnp.ones((4, 3)))).dispatches == 10


@pytest.mark.parametrize("name", NOTEBOOK)
def test_all_four_do_the_same_arithmetic(name: str) -> None:
    assert flops(NOTEBOOK[name], jnp.ones((4, 5)), jnp.ones((4, 3))) == 60


def test_operations_inside_a_jitted_function_are_counted() -> None:
    found = inspect_trace(jax.jit(lambda x: jnp.sin(x) * 2), (jnp.ones(3),))
    assert (found.dispatches, found.operations) == (1, 3)


@pytest.mark.parametrize(
    "loop",
    [
        lambda x: jax.lax.fori_loop(0, x[0].astype(int), lambda _, y: y + 1, x),
        lambda x: jax.lax.map(lambda one: one * 2, x),
        jax.jit(lambda x: jax.lax.scan(lambda total, one: (total + one, one), 0.0, x)),
    ],
)
def test_a_loop_primitive_makes_flops_unknown(loop: Callable[..., object]) -> None:
    assert inspect_trace(loop, (jnp.ones(3),)).has_loop
    assert flops(loop, jnp.ones(3)) is None


def test_of_a_function_that_cannot_be_traced_nothing_is_known() -> None:
    assert inspect_trace(lambda x: float(x[0]), (jnp.ones(3),)) == Inspection()


def test_a_program_of_many_operations_is_guessed_to_compile_long() -> None:
    def unrolled(x: jax.Array) -> jax.Array:
        for _ in range(600):
            x = x + x
        return x

    args = (jnp.ones(3),)
    assert inspect_trace(jax.jit(unrolled), args).first_call_guess_s == pytest.approx(2, abs=0.1)
    assert inspect_trace(unrolled, args).compile_guess_s == pytest.approx(2, abs=0.1)
    assert inspect_trace(unrolled, args).first_call_guess_s < 0.1


def test_what_cannot_be_traced_is_guessed_to_be_quick() -> None:
    assert inspect_trace(lambda x: np.asarray(x).tolist(), (jnp.ones(3),)).first_call_guess_s == 0
    assert inspect_trace(lambda x: np.asarray(x).tolist(), (jnp.ones(3),)).compile_guess_s == 0


def test_a_program_too_long_to_compile_is_counted_and_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_OPERATIONS_COMPILED", 1)
    found = inspect_program(lambda x: jnp.sin(x) * 2, (jnp.ones(3),))
    assert (found.dispatches, found.program, found.compile_s, found.flops) == (2, None, None, None)


def test_a_strategy_is_traced_once_to_be_counted_and_compiled() -> None:
    traced: list[object] = []

    def function(x: jax.Array) -> jax.Array:
        traced.append(x)
        return x * 2

    found = inspect_program(function, (jnp.ones(3),))
    assert found.compile_s is not None
    assert len(traced) == 1

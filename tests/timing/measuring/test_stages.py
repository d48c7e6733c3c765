import jax
import jax.numpy as jnp
import pytest

from vmapdemo.timing.measuring.stages import Stages, time_stages


class Ticking:
    """A clock that moves by one second whenever it is read."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


def test_the_three_stages_are_timed_one_by_one() -> None:
    found = time_stages("a", 3, lambda x: jnp.sin(x) * 7 - 2, (jnp.ones(3),), Ticking())
    assert found == Stages("a", 3, 1.0, 1.0, 1.0)
    assert found.total_s == 3.0


def test_of_what_is_quick_the_shortest_of_three_counts() -> None:
    # Trace, lower, compile and the way to the next try, three times.
    steps = iter([0.0, 0.01, 0.02, 0.03, 0.0, 0.02, 0.01, 0.03, 0.0, 0.02, 0.02, 0.01, 0.0])
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += next(steps)
        return now_s

    found = time_stages("a", 3, lambda x: jnp.sin(x) * 3 - 2, (jnp.ones(3),), clock)
    assert found is not None
    assert (found.trace_s, found.lower_s, found.compile_s) == pytest.approx((0.01, 0.01, 0.01))


def test_what_cannot_be_traced_has_no_stages() -> None:
    assert time_stages("a", 3, lambda x: float(x[0]), (jnp.ones(3),)) is None


def test_a_jitted_function_that_was_called_already_is_compiled_anew() -> None:
    function = jax.jit(lambda x: jnp.cos(x) * 5 - 1)
    function(jnp.ones(3))
    assert time_stages("a", 3, function, (jnp.ones(3),)) is not None


def test_stages_are_not_negative() -> None:
    with pytest.raises(ValueError, match="lower_s must be a number from 1e-12 to "):
        Stages("a", 3, 0.1, -0.1, 0.1)

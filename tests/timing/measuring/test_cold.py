from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import monitoring
from jax.experimental.compilation_cache import compilation_cache

from vmapdemo.timing.measuring import cold


def fresh_function() -> Callable[[jax.Array], jax.Array]:
    """A function that JAX has never met."""
    return lambda x: jnp.sum(x * 3) - x[0]


def compiled(function: Callable[[jax.Array], jax.Array]) -> cold.Program:
    whole = cold.trace_whole(function, (jnp.ones(3),))
    assert whole is not None
    program = cold.compile_traced(whole)
    assert program is not None
    return program


def test_the_event_that_counts_programs_still_has_its_name() -> None:
    seen: list[str] = []
    listener = lambda event, duration_secs, **_: seen.append(event)  # noqa: E731
    monitoring.register_event_duration_secs_listener(listener)
    try:
        jax.jit(fresh_function())(jnp.ones(3))
    finally:
        monitoring.unregister_event_duration_listener(listener)
    assert cold.COMPILE_EVENT in seen


def test_the_first_call_of_a_jitted_function_compiles_one_program() -> None:
    found = cold.call_first(jax.jit(fresh_function()), (jnp.ones(3),))
    assert found.programs == 1
    assert found.first_call_s is not None
    assert found.result == 8


def test_a_warm_function_has_no_first_call() -> None:
    function = jax.jit(fresh_function())
    function(jnp.ones(3))
    found = cold.call_first(function, (jnp.ones(3),))
    assert (found.first_call_s, found.programs, found.error) == (None, None, None)


def test_an_unknown_event_name_leaves_the_figures_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold, "COMPILE_EVENT", "/some/other/name")
    found = cold.call_first(jax.jit(fresh_function()), (jnp.ones(3),))
    assert (found.first_call_s, found.programs) == (None, None)
    assert compiled(fresh_function()).is_new is False


def test_what_the_function_raises_is_a_value() -> None:
    found = cold.call_first(lambda x: x @ jnp.ones((5, 5)), (jnp.ones(3),))
    assert isinstance(found.error, TypeError)


def test_the_listeners_are_gone_afterwards() -> None:
    with cold.count_programs() as count:
        pass
    jax.jit(fresh_function())(jnp.ones(3))
    assert count.compiled == 0


def test_compiling_is_timed_also_where_jit_has_met_the_function() -> None:
    function = fresh_function()
    jax.jit(function)(jnp.ones(3))
    assert compiled(function).is_new


def test_compiling_does_not_warm_up_another_strategy() -> None:
    function = fresh_function()
    compiled(function)
    assert cold.call_first(jax.jit(function), (jnp.ones(3),)).programs == 1


def test_a_function_that_cannot_be_jitted_is_not_traced() -> None:
    assert cold.trace_whole(lambda x: float(x[0]), (jnp.ones(3),)) is None


def test_a_program_from_the_persistent_cache_was_not_compiled() -> None:
    with cold.count_programs() as count:
        monitoring.record_event_duration_secs(cold.COMPILE_EVENT, 0.1)
        monitoring.record_event(cold.CACHE_HIT_EVENT)
    assert (count.compiled, count.loaded, count.all_compiled) == (1, 1, False)


def test_the_event_of_a_cache_hit_still_has_its_name(tmp_path: Path) -> None:
    wanted = {
        "jax_enable_compilation_cache": True,
        "jax_compilation_cache_dir": str(tmp_path),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
    }
    before = {name: jax.config.values[name] for name in wanted}
    _set(wanted)
    try:
        jax.jit(lambda x: x * 17 - 4)(jnp.ones(3))
        with cold.count_programs() as count:
            jax.jit(lambda x: x * 17 - 4)(jnp.ones(3))
    finally:
        _set(before)
    assert count.loaded == 1


def _set(options: dict[str, Any]) -> None:
    for name, value in options.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


class Ticking:
    """A clock that moves by one second whenever it is read."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


def test_the_three_stages_are_timed_one_by_one() -> None:
    found = cold.time_compiling(lambda x: jnp.sin(x) * 7 - 2, (jnp.ones(3),), Ticking())
    assert found is not None
    assert (found.trace_s, found.lower_s, found.compile_s, found.total_s) == (1.0, 1.0, 1.0, 3.0)


def test_of_what_is_quick_the_shortest_of_three_counts() -> None:
    # The start, tracing, on to the next step, lowering, compiling: three times.
    steps = iter([0.0, 0.01, 0.0, 0.02, 0.03, 0.0, 0.02, 0.0, 0.01, 0.03, 0.0, 0.02, 0.0, 0.02, 0.01])
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += next(steps)
        return now_s

    found = cold.time_compiling(lambda x: jnp.sin(x) * 3 - 2, (jnp.ones(3),), clock)
    assert found is not None
    assert (found.trace_s, found.lower_s, found.compile_s) == pytest.approx((0.01, 0.01, 0.01))


def test_what_cannot_be_traced_is_not_timed() -> None:
    assert cold.time_compiling(lambda x: float(x[0]), (jnp.ones(3),)) is None


def test_a_jitted_function_that_was_called_already_is_compiled_anew() -> None:
    function = jax.jit(lambda x: jnp.cos(x) * 5 - 1)
    function(jnp.ones(3))
    assert cold.time_compiling(function, (jnp.ones(3),)) is not None

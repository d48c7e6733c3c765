"""What Python does once while it traces, although it looks as if each example did it."""

import datetime
import itertools
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.diagnosis.engine import explain

VECTOR = jnp.arange(3.0)
GENERATOR, OLD, PYTHON = np.random.default_rng(0), np.random.RandomState(0), random.Random(0)


def _cautions(function: Callable[..., Any], *arguments: Any) -> dict[str, str]:
    found = explain(function)(*(arguments or (VECTOR,)))
    assert found.ok, found.headline
    return {caution.rule: caution.text for caution in found.cautions}


def _helper() -> float:
    return float(np.random.uniform())


DRAWN: dict[str, Callable[[Any], Any]] = {
    "NumPy's module": lambda a: a + np.random.normal(),
    "NumPy's generator": lambda a: a + GENERATOR.normal(),
    "NumPy's old generator": lambda a: a + OLD.normal(),
    "a generator made inside": lambda a: a + np.random.default_rng().normal(),
    "Python's module": lambda a: a + random.random(),
    "Python's generator": lambda a: a + PYTHON.gauss(0, 1),
    "a choice": lambda a: a + random.choice([1.0, 2.0]),
    "in a helper": lambda a: a + _helper(),
    "in a jitted function": jax.jit(lambda a: a + np.random.normal()),
    "bytes of the system": lambda a: a + int.from_bytes(os.urandom(2), "big"),
    "secrets": lambda a: a + secrets.randbelow(1000),
    "a unique number": lambda a: a + uuid.uuid4().int % 1000,
    "a key made of a seed": lambda a: a + jax.random.normal(jax.random.key(np.random.randint(2**30))),
}


@pytest.mark.parametrize("function", DRAWN.values(), ids=DRAWN)
def test_random_numbers_of_numpy_and_python_are_told(function: Callable[[Any], Any]) -> None:
    assert "all 3 examples get the same numbers" in _cautions(function)["shared-random"]


CLOCKS: dict[str, Callable[[Any], Any]] = {
    "time": lambda a: a + time.time(),
    "a performance counter": lambda a: a + time.perf_counter(),
    "a date": lambda a: a + datetime.datetime.now().microsecond,
}


@pytest.mark.parametrize("function", CLOCKS.values(), ids=CLOCKS)
def test_a_clock_is_told(function: Callable[[Any], Any]) -> None:
    assert "all examples get that one time" in _cautions(function)["clock"]


class Counter:
    def __init__(self) -> None:
        self.count, self.kept = 0, None

    def numbered(self, a: Any) -> Any:
        self.count += 1
        return a + self.count

    def quiet(self, a: Any) -> Any:
        self.count += 1
        return a * 2

    def leaves(self, a: Any) -> Any:
        self.kept = a * 2
        return a


def test_a_counter_that_is_used_is_told_and_one_that_only_counts_is_not() -> None:
    numbers = itertools.count(1)
    assert "`self.count`" in _cautions(Counter().numbered)["counter"]
    assert "`numbers`" in _cautions(lambda a: a * next(numbers))["counter"]
    assert _cautions(Counter().quiet) == {}


seen: list[Any] = []
_last: Any = None


def _leaves_in_a_global(a: Any) -> Any:
    global _last
    _last = a
    return a


def _leaves_in_a_list(a: Any) -> Any:
    seen.append(a)
    return a


def test_a_traced_value_that_is_left_is_told_with_its_place() -> None:
    kept: dict[str, Any] = {}
    count = 0

    def in_a_dict(a: Any) -> Any:
        kept["last"] = a.sum()
        return a

    def in_a_free_variable(a: Any) -> Any:
        nonlocal count
        count = count + a  # type: ignore[assignment]
        return a

    assert "`self.kept`" in _cautions(Counter().leaves)["leaked-tracer"]
    assert "the global `_last`" in _cautions(_leaves_in_a_global)["leaked-tracer"]
    assert "`seen`" in _cautions(_leaves_in_a_list)["leaked-tracer"]
    assert "`kept`" in _cautions(in_a_dict)["leaked-tracer"]
    assert "`count` of the enclosing function" in _cautions(in_a_free_variable)["leaked-tracer"]
    assert (seen, kept, count, _last) == ([], {}, 0, None)


@jax.tree_util.register_pytree_node_class
class Labelled:
    """A value with a label that JAX takes for static data."""

    def __init__(self, value: Any, label: Any) -> None:
        self.value, self.label = value, label

    def tree_flatten(self) -> Any:
        return (self.value,), self.label

    @classmethod
    def tree_unflatten(cls, label: Any, children: Any) -> Any:
        return cls(*children, label)


def test_a_traced_value_in_static_data_is_told() -> None:
    assert "the static data of the `Labelled`" in _cautions(lambda a: Labelled(a, (a,)))["leaked-tracer"]
    assert _cautions(lambda a: Labelled(a, "name")) == {}


def test_a_call_that_leaves_traced_values_is_answered_the_same_every_time() -> None:
    found = [str(explain(lambda a: Labelled(a, a))(VECTOR)) for _ in range(3)]
    assert "leaked-tracer" in found[0]
    assert len(set(found)) == 1


def test_what_depends_on_no_argument_may_be_kept() -> None:
    table: dict[int, Any] = {}

    def f(a: Any) -> Any:
        if 3 not in table:
            table[3] = jnp.arange(3.0)
        return a + table[3].sum()

    assert _cautions(f) == {}
    assert table == {}


def test_random_numbers_of_jax_and_clocks_outside_are_right() -> None:
    started = time.time()
    keys = jax.random.split(jax.random.key(0), 3)
    assert _cautions(lambda key, a: a + jax.random.normal(key), keys, VECTOR) == {}
    assert _cautions(lambda a: a + started) == {}
    assert _cautions(lambda a: a + np.random.default_rng(3).normal()) == {}


def test_a_rule_that_loses_the_batch_is_told() -> None:
    @jax.custom_batching.custom_vmap
    def total(a: Any) -> Any:
        return a.sum()

    @total.def_vmap
    def rule(size: int, is_mapped: Any, a: Any) -> Any:
        return a.sum(axis=0), True

    said = _cautions(total, jnp.ones((3, 5)))["lost-batch"]
    assert said.startswith("3 results of shape () are (3,), but vmap returns (5,)")

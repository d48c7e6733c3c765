"""Looking is free: after ``explain`` and ``trace`` everything is as it was, and nothing ran but what tracing runs."""

import contextlib
import copy
import functools
import io
import itertools
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import io_callback

from tests.diagnosis.corpus import CORPUS, Called
from tests.effort import some
from vmapdemo.diagnosis.call.reach import is_library
from vmapdemo.diagnosis.engine import explain
from vmapdemo.tracing.engine import trace

Verb = Callable[..., Any]
VERBS = {"explain": explain, "trace": trace}
VECTOR = jnp.arange(3.0)


def _bytes(value: Any) -> Any:
    """The numbers of a tree, and what its other leaves are."""
    leaves = jax.tree.leaves(value) if not isinstance(value, dict) else jax.tree.leaves(list(value.values()))
    return [_of_leaf(leaf) for leaf in leaves]


def _of_leaf(leaf: Any) -> Any:
    if isinstance(leaf, jax.core.Tracer):
        return "a tracer"
    if isinstance(leaf, jax.Array):
        if leaf.is_deleted():
            return "deleted"
        return np.asarray(
            jax.random.key_data(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf
        ).tobytes()
    return leaf.tobytes() if isinstance(leaf, np.ndarray) else id(leaf)


def _reached(function: Any) -> dict[str, Any]:
    """What the function's module and closure hold, as far as JAX takes it for arrays, and how its caches stand."""
    inner = function
    while hasattr(inner, "__wrapped__"):
        inner = inner.__wrapped__
    module = sys.modules.get(str(getattr(inner, "__module__", "")))
    held = {} if module is None or is_library(module.__name__) else dict(vars(module))
    for index, cell in enumerate(getattr(inner, "__closure__", None) or ()):
        with contextlib.suppress(ValueError):
            held[f"cell {index}"] = cell.cell_contents
    return {name: _state(value) for name, value in held.items() if not name.startswith("__")}


def _state(value: Any) -> Any:
    if isinstance(value, type(functools.lru_cache(lambda: None))):
        return id(value), value.cache_info()
    if isinstance(value, (list, dict, set, deque)):
        return id(value), len(value), repr(type(value))
    if isinstance(value, (jax.Array, np.ndarray)):
        return id(value), _of_leaf(value)
    attributes = getattr(value, "__dict__", None)
    is_plain = isinstance(attributes, dict) and not isinstance(value, type) and not is_library(type(value).__module__)
    return (id(value), {name: id(held) for name, held in attributes.items()}) if is_plain else id(value)


def _generators() -> Any:
    return random.getstate(), str(np.random.get_state())


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_call_of_the_corpus_changes_or_prints_anything(verb: Verb) -> None:
    for called in some(CORPUS, 60):
        before = (
            _bytes((called.args, list(called.kwargs.values()))),
            _reached(called.function),
            _generators(),
            dict(jax.config.values),
        )
        written = io.StringIO()
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
            called.by(verb)
            jax.effects_barrier()
        assert written.getvalue() == "", called.name
        after = (
            _bytes((called.args, list(called.kwargs.values()))),
            _reached(called.function),
            _generators(),
            dict(jax.config.values),
        )
        for one, other in zip(before, after, strict=True):
            assert one == other, called.name


def test_the_real_vmap_does_afterwards_what_it_did_before() -> None:
    steady, corpus = 0, some(CORPUS, 60)
    for called in corpus:
        before = _outcome(called)
        if before != _outcome(called):
            continue  # a clock, a counter: another result each time
        called.by(explain)
        called.by(trace)
        assert before == _outcome(called), called.name
        steady += 1
    assert steady > 0.95 * len(corpus)


def _outcome(called: Called) -> Any:
    start = random.getstate(), np.random.get_state()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = called.by(jax.vmap)
        return [_of_leaf(leaf) for leaf in jax.tree.leaves(result)]
    except Exception as error:
        return type(error)
    finally:
        random.setstate(start[0])
        np.random.set_state(start[1])


# --- What can be changed, kind by kind: what a function does, and how its effect is read


@dataclass
class Touch:
    """A function that changes something when it is called, and ``state``, which reads that."""

    function: Callable[..., Any]
    state: Callable[[], Any]
    args: tuple[Any, ...] = (VECTOR,)


def _a_list() -> Touch:
    seen: list[Any] = []
    return Touch(lambda a: seen.append(a) or a, lambda: list(map(type, seen)))


def _a_dict() -> Touch:
    table: dict[str, Any] = {"kept": 1.0}

    def f(a: Any) -> Any:
        table["made"] = a
        table["kept"] = a * 2
        return a

    return Touch(f, lambda: {name: repr(value) for name, value in table.items()})


def _a_set_and_a_deque() -> Touch:
    names, last = {"x"}, deque([1, 2], maxlen=2)

    def f(a: Any) -> Any:
        names.add("y")
        last.append(3)
        return a

    return Touch(f, lambda: (set(names), list(last)))


def _numpy_data() -> Touch:
    table = np.zeros(3)

    def f(a: Any) -> Any:
        table[0] += 1
        return a + table.sum()

    return Touch(f, table.tolist)


def _a_numpy_argument() -> Touch:
    given = np.zeros((4, 2))

    def f(a: Any, shared: Any) -> Any:
        shared += 1
        return a * shared.sum()

    return Touch(lambda a: f(a, given), given.tolist)


class _Lazy:
    def __init__(self) -> None:
        self.made: Any = None
        self.count = 0

    def __call__(self, a: Any) -> Any:
        self.count += 1
        if self.made is None:
            self.made = jnp.cumsum(a[None])
        return a + self.made.sum() + self.table[0]

    @cached_property
    def table(self) -> Any:
        return jnp.arange(3.0) * 2


def _lazily_made_attributes() -> Touch:
    lazy = _Lazy()
    return Touch(lazy, lambda: {name: repr(value) for name, value in vars(lazy).items()})


class _Slotted:
    __slots__ = ("last",)

    def __call__(self, a: Any) -> Any:
        self.last = a
        return a


def _slots() -> Touch:
    slotted = _Slotted()
    return Touch(slotted, lambda: hasattr(slotted, "last"))


class _Counting:
    total = 0

    @classmethod
    def add(cls, a: Any) -> Any:
        cls.total = a if cls.total == 0 else cls.total + 1
        return a


def _a_class() -> Touch:
    return Touch(_Counting.add, lambda: repr(_Counting.total))


_of_module: Any = None


def _a_global() -> Touch:
    def f(a: Any) -> Any:
        global _of_module
        _of_module = a
        return a

    return Touch(f, lambda: repr(_of_module))


def _a_global_that_is_not_there() -> Touch:
    def f(a: Any) -> Any:
        global _never_made
        _never_made = a
        return a

    return Touch(f, lambda: "_never_made" in globals())


def _a_free_variable() -> Touch:
    count = 0

    def f(a: Any) -> Any:
        nonlocal count
        count += 1
        return a * count

    return Touch(f, lambda: count)


def _a_default() -> Touch:
    def f(a: Any, seen: list[Any] = []) -> Any:  # noqa: B006 - that is what is tried
        seen.append(1)
        return a

    return Touch(f, lambda: list(f.__defaults__[0] if f.__defaults__ else ()))


def _an_attribute_of_a_function() -> Touch:
    def f(a: Any) -> Any:
        f.calls = getattr(f, "calls", 0) + 1  # type: ignore[attr-defined]
        return a

    return Touch(f, lambda: vars(f).get("calls"))


def _a_cache() -> Touch:
    @functools.lru_cache
    def table(size: int) -> Any:
        return jnp.arange(float(size))

    table(2)
    return Touch(lambda a: a + table(3)[0] + table(2)[0], table.cache_info)


def _a_cache_of_a_method() -> Touch:
    class Model:
        @functools.cache  # noqa: B019 - that is what is tried
        def table(self, size: int) -> Any:
            return jnp.arange(float(size))

        def __call__(self, a: Any) -> Any:
            return a + self.table(3).sum()

    model = Model()
    return Touch(model, lambda: Model.table.cache_info())  # type: ignore[attr-defined]


def _generators_of_random_numbers() -> Touch:
    own, old, python = np.random.default_rng(3), np.random.RandomState(3), random.Random(3)

    def f(a: Any) -> Any:
        random.random()
        np.random.normal()
        return a + own.normal() + old.normal() + python.random()

    return Touch(f, lambda: (str(own.bit_generator.state), str(old.get_state()), python.getstate(), _generators()))


def _an_iterator() -> Touch:
    readings = iter([1.0, 2.0, 3.0])
    return Touch(lambda a: a + next(readings), lambda: list(copy.copy(readings)))


def _a_counter() -> Touch:
    numbers = itertools.count()
    return Touch(lambda a: a + next(numbers), lambda: repr(numbers))


def _an_iterator_of_iterators() -> Touch:
    left: list[float] = [1.0, 2.0, 3.0]
    inner = iter(left)
    pairs = zip(enumerate(inner), itertools.cycle([1.0]), strict=False)
    return Touch(lambda a: a + next(pairs)[0][1], lambda: list(copy.copy(inner)))


def _a_generator() -> Touch:
    read: list[int] = []

    def values() -> Iterator[float]:
        for index in range(9):
            read.append(index)
            yield float(index)

    given = values()
    return Touch(lambda a: a + next(given), lambda: list(read))


def _a_donated_buffer() -> Touch:
    shared, step = jnp.ones(3), jax.jit(lambda s, a: s + a, donate_argnums=0)
    return Touch(lambda a: step(shared, a), shared.is_deleted)


def _a_donated_argument() -> Touch:
    given = jnp.ones((3, 2))
    step = jax.jit(lambda s: s + 1, donate_argnums=0)
    return Touch(step, given.is_deleted, (given,))


def _a_print() -> Touch:
    calls: list[str] = []

    def told(value: Any) -> None:
        calls.append("callback")

    def f(a: Any) -> Any:
        jax.debug.callback(told, a)
        io_callback(told, None, a.sum())
        return a

    return Touch(f, lambda: list(calls))


def _a_pure_callback() -> Touch:
    calls: list[str] = []

    def sine(value: Any) -> Any:
        calls.append("called")
        return np.sin(value)

    return Touch(
        lambda a: jax.pure_callback(sine, a, a, vmap_method="sequential"), lambda: list(calls), (jnp.arange(3),)
    )


def _a_mutable_array() -> Touch:
    held = jax.new_ref(jnp.zeros(3))

    def f(a: Any) -> Any:
        held[...] = held[...] + a
        return a

    return Touch(f, lambda: held[...].tolist(), (jnp.ones((2, 3)),))


def _an_object_in_the_arguments() -> Touch:
    @jax.tree_util.register_pytree_node_class
    class Box:
        def __init__(self, value: Any) -> None:
            self.value, self.seen = value, [0]

        def tree_flatten(self) -> Any:
            return (self.value,), None

        @classmethod
        def tree_unflatten(cls, _: Any, children: Any) -> Any:
            return cls(*children)

    box = Box(VECTOR)

    def f(b: Any) -> Any:
        b.seen.append(1)
        b.value = b.value * 2
        return b.value

    return Touch(f, lambda: (box.seen, box.value is VECTOR), (box,))


def _a_jitted_function() -> Touch:
    seen: list[int] = []
    return Touch(jax.jit(lambda a: seen.append(1) or a * np.random.normal()), lambda: list(seen))


def _the_body_of_a_scan() -> Touch:
    seen: list[int] = []

    def step(total: Any, a: Any) -> Any:
        seen.append(1)
        return total + a, a * random.random()

    return Touch(lambda a: jax.lax.scan(step, 0.0, a), lambda: list(seen), (jnp.ones((2, 3)),))


TOUCHES = [
    *(_a_list, _a_dict, _a_set_and_a_deque, _numpy_data, _a_numpy_argument, _lazily_made_attributes, _slots, _a_class),
    *(_a_global, _a_global_that_is_not_there, _a_free_variable, _a_default, _an_attribute_of_a_function, _a_cache),
    *(_a_cache_of_a_method, _generators_of_random_numbers, _an_iterator, _a_counter, _an_iterator_of_iterators),
    *(_a_generator, _a_donated_buffer, _a_donated_argument, _a_print, _a_pure_callback, _a_mutable_array),
    *(_an_object_in_the_arguments, _a_jitted_function, _the_body_of_a_scan),
]


@pytest.mark.parametrize("touched", TOUCHES, ids=lambda touched: touched.__name__)
@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("in_axes", [0, None, 3], ids=["right", "nothing is mapped", "no such axis"])
def test_what_the_function_changes_is_as_it_was(touched: Callable[[], Touch], verb: Verb, in_axes: Any) -> None:
    touch = touched()
    before = touch.state()
    found = verb(touch.function, in_axes=in_axes)(*touch.args)
    assert str(found)
    assert found._repr_html_()
    jax.effects_barrier()
    assert touch.state() == before


@pytest.mark.parametrize("touched", TOUCHES, ids=lambda touched: touched.__name__)
def test_the_same_call_goes_on_as_if_nobody_had_looked(touched: Callable[[], Touch]) -> None:
    watched, unwatched = touched(), touched()
    start = random.getstate(), np.random.get_state()
    explain(watched.function)(*watched.args)
    trace(watched.function)(*watched.args)
    assert _run(watched, start) == _run(unwatched, start)


def _run(touch: Touch, start: Any) -> Any:
    """What the real call gives and leaves; the class and the globals are those of both, so that they start anew."""
    global _of_module
    _of_module, _Counting.total = None, 0
    random.setstate(start[0])
    np.random.set_state(start[1])
    globals().pop("_never_made", None)
    try:
        result = jax.tree.map(np.asarray, jax.vmap(touch.function)(*touch.args))
        jax.effects_barrier()
        outcome: Any = [leaf.tolist() for leaf in jax.tree.leaves(result)]
    except Exception as error:
        outcome = type(error)
    state = touch.state() if not _shows_a_tracer(touch) else None
    globals().pop("_never_made", None)
    _of_module, _Counting.total = None, 0
    return outcome, state


def _shows_a_tracer(touch: Touch) -> bool:
    """Whether the state shows a tracer, whose text counts how many there were before."""
    return "Tracer" in repr(touch.state())


def test_what_the_function_prints_is_printed_by_the_real_call_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def f(a: Any) -> Any:
        print("traced")
        jax.debug.print("{}", a)
        return a

    explain(f)(VECTOR)
    trace(f)(VECTOR)
    jax.effects_barrier()
    assert capsys.readouterr().out == ""
    jax.vmap(f)(VECTOR)
    assert "traced" in capsys.readouterr().out


def test_numbers_are_looked_at_through_copies() -> None:
    given = np.arange(3.0)
    explain(lambda a: a * 2, values=True)(given)
    given[0] = 7  # a NumPy array that JAX took over without a copy would be locked, or change later
    assert given.tolist() == [7, 1, 2]

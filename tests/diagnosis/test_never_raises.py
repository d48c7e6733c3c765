"""Whatever is passed, ``explain`` and ``trace`` answer: random trees, functions and axes, and values of every kind."""

import dataclasses
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmapdemo.diagnosis.engine import UNEXPLAINED, explain
from vmapdemo.tracing.engine import trace

PART = settings(suppress_health_check=list(HealthCheck))

Pair = namedtuple("Pair", ["first", "second"])


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class State:
    mean: Any
    count: Any
    mode: str = dataclasses.field(default="same", metadata={"static": True})


class Unknown:
    """No pytree."""

    def __repr__(self) -> str:
        return "Unknown()"


def _array(shape: tuple[int, ...], dtype: str) -> Any:
    return jnp.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape), dtype)


sizes = st.sampled_from((1, 2, 3, 3, 3, 4))
shapes = st.lists(sizes, max_size=3).map(tuple)
arrays = st.builds(_array, shapes, st.sampled_from(("float32", "int32", "bool", "complex64", "float16", "uint8")))
keys = st.sampled_from(
    [jax.random.key(0), jax.random.PRNGKey(0), jax.random.split(jax.random.key(0), 3), jax.random.key(1)[None]]
)
odd_values = st.sampled_from(
    [
        *(
            None,
            1,
            -1.5,
            True,
            2**40,
            10**400,
            1j,
            float("nan"),
            "mode",
            b"x",
            ...,
            slice(1),
            range(3),
            object,
            Unknown(),
        ),
        *({1: 1.0, "a": 2.0}, {1, 2}, iter([1.0]), lambda x: x, np.float64(2), np.array(["a"]), np.array([None, 1])),
        *(np.ma.masked_array([1.0, 2.0], [True, False]), np.ones((3, 2)), np.datetime64("2020-01-01"), [], (), {}),
        *(
            jax.ShapeDtypeStruct((3, 2), "float32"),
            np.zeros((0, 3)),
            [[1.0, 2.0], [3.0]],
            bytearray(b"a"),
            memoryview(b"a"),
        ),
    ]
)
leaves = st.one_of(arrays, arrays, arrays, keys, odd_values)


def _containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(children, max_size=3),
        st.lists(children, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from(("w", "b", "key")), children, max_size=3),
        st.builds(Pair, children, children),
        st.builds(State, children, children, st.sampled_from(("same", "valid"))),
        children.map(lambda child: OrderedDict(a=child)),
        st.lists(children, min_size=1, max_size=2).map(lambda parts: [{"x": part, "n": 1.0} for part in parts]),
    )


trees = st.recursive(leaves, _containers, max_leaves=4)
entries = st.one_of(
    st.sampled_from((0, 0, 0, 1, -1, None, None, 2, 5)),
    st.sampled_from((True, 1.0, "a", 2**70, np.int64(0), object(), ...)),
)
axes = st.recursive(entries, _containers, max_leaves=3)


def _sum_all(*values: Any, **keywords: Any) -> Any:
    return sum(jnp.sum(leaf) for leaf in jax.tree.leaves((values, keywords)))


def _identity(*values: Any, **keywords: Any) -> Any:
    return values, keywords


def _first_times_second(a: Any, b: Any) -> Any:
    return a @ b


def _bias(a: Any) -> Any:
    return a + jnp.ones(5)


def _branch(a: Any) -> Any:
    return a if jnp.sum(a) > 1 else -a


def _grow(a: Any) -> Any:
    return jax.lax.scan(lambda carry, x: (jnp.append(carry, x), x), jnp.zeros(1), a)


def _loop(a: Any) -> Any:
    return jax.lax.while_loop(lambda b: jnp.any(b > 1), lambda b: b / 2, a)


def _noise(key: Any, a: Any = 1.0) -> Any:
    return a + jax.random.normal(key, jnp.shape(a))


def _mean_over_batch(a: Any) -> Any:
    return jax.lax.pmean(a, "batch")


def _raise(*values: Any) -> Any:
    raise KeyError(values)


def _exit(a: Any) -> Any:
    raise SystemExit(2)


def _attribute(state: Any) -> Any:
    return state.mean / state.count


def _text(a: Any) -> Any:
    return f"{a}"


def _odd_result(a: Any) -> Any:
    return {1: a, "a": a}


def _nothing(*values: Any) -> Any:
    return None


def _generator(a: Any) -> Any:
    yield a


functions = st.sampled_from(
    [
        *(_sum_all, _identity, _first_times_second, _bias, _branch, _grow, _loop, _noise, _mean_over_batch, _raise),
        *(
            _exit,
            _attribute,
            _text,
            _odd_result,
            _nothing,
            _generator,
            jnp.sum,
            jnp.dot,
            np.dot,
            len,
            float,
            str,
            print,
        ),
        *(
            jax.grad(_sum_all),
            jax.jit(_first_times_second),
            jax.value_and_grad(_bias),
            jax.hessian(_sum_all),
            jnp.unique,
        ),
        *(jax.vmap(_bias), jax.checkpoint(_sum_all), jax.numpy.vectorize(_bias), 3, None, Unknown(), Unknown, dict),
    ]
)


def _answers(function: Any, parameters: dict[str, Any], args: Any, kwargs: Any) -> None:
    # A thread for each: in JAX 0.10.2 a flattening that raises leaves Python's count of recursions one too high.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_is_answered, function, parameters, args, kwargs).result()


def _is_answered(function: Any, parameters: dict[str, Any], args: Any, kwargs: Any) -> None:
    found = explain(function, **parameters)(*args, **kwargs)
    assert found.headline
    assert (found.culprit is None) == found.ok
    assert UNEXPLAINED not in found.reason
    assert str(found)
    assert found._repr_html_()
    if found.fixes and not any(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in jax.tree.leaves((args, kwargs))):
        for fix in found.fixes:
            fix.run()
    followed = trace(function, **parameters)(*args, **kwargs)
    assert str(followed)
    assert followed._repr_html_()


@PART
@given(functions, st.lists(trees, max_size=3))
def test_any_arguments_are_answered(function: Any, arguments: list[Any]) -> None:
    _answers(function, {}, arguments, {})


@PART
@given(functions, st.lists(st.one_of(arrays, trees), min_size=1, max_size=2), axes, st.one_of(st.just(0), axes))
def test_any_axes_are_answered(function: Any, arguments: list[Any], in_axes: Any, out_axes: Any) -> None:
    _answers(function, {"in_axes": in_axes, "out_axes": out_axes}, arguments, {})


@PART
@given(
    functions,
    st.lists(arrays, max_size=2),
    st.dictionaries(st.sampled_from(("a", "b", "key", "mode")), trees, max_size=2),
    st.fixed_dictionaries(
        {},
        optional={
            "axis_name": st.sampled_from(("batch", None, 3, ["x"], object())),
            "axis_size": st.sampled_from((3, 1, 0, -1, "3", None, 2.0)),
            "spmd_axis_name": st.sampled_from((None, "x", ("x", "y"))),
            "in_axes": axes,
            "example_ndim": st.sampled_from((None, (1, 1), (1,), 1, ({"w": 2},), "x", (-1,), (1, 2, 3, 4), [])),
            "names": st.sampled_from((None, ("x", "y"), ("x",), ())),
        },
    ),
)
def test_any_options_and_keywords_are_answered(
    function: Any, arguments: list[Any], keywords: dict[str, Any], options: dict[str, Any]
) -> None:
    _answers(function, options, arguments, keywords)


class _Hostile:
    """An object that resists every question."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("no text")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")

    __hash__ = None  # type: ignore[assignment]


class _AnyAttribute:
    """An object that has every attribute, and nothing that makes sense of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *values: Any) -> Any:
        return values[0]


class _LongError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("it cannot be printed")


def _cannot_be_printed(a: Any) -> Any:
    raise _LongError


def _recurses(a: Any) -> Any:
    return _recurses(a)


HOSTILE: list[tuple[str, Callable[..., Any] | Any, tuple[Any, ...]]] = [
    ("an argument without any answer", lambda x, a: a, (_Hostile(), jnp.ones(3))),
    ("an argument with every attribute", lambda x, a: a, (_AnyAttribute(), jnp.ones(3))),
    ("a function with every attribute", _AnyAttribute(), (jnp.ones(3),)),
    ("an error that cannot be printed", _cannot_be_printed, (jnp.ones(3),)),
    ("a function without an end", _recurses, (jnp.ones(3),)),
    ("a tree that holds itself", lambda x: x, ([],)),
]
HOSTILE[-1][2][0].append(HOSTILE[-1][2][0])


@pytest.mark.parametrize(("function", "arguments"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_what_resists_is_answered_in_words_of_jax(function: Any, arguments: tuple[Any, ...]) -> None:
    for in_axes in (0, None, (None, 0), {"a": 0}):
        found = explain(function, in_axes=in_axes)(*arguments)
        assert found.headline
        assert str(found)
        assert str(trace(function, in_axes=in_axes)(*arguments))

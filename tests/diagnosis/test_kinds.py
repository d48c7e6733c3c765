"""Kinds of mistakes with several members: each member is answered in the terms of its kind."""

import functools
import math
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation

VECTOR, ROWS, NUMBERS = jnp.arange(3.0), jnp.arange(15.0).reshape(3, 5), jnp.arange(3)
KEY = jax.random.key(0)


def _said(found: Explanation) -> str:
    assert not found.ok
    return " ".join([found.headline, found.reason, *found.advice])


def _pasted(found: Explanation, **names: Any) -> Any:
    """The first fix as the caller would paste it, run with the names of the caller's own code."""
    code = found.fixes[0].code
    result = eval(code, {"jax": jax, "jnp": jnp, "np": np, "functools": functools, **names})
    for one, other in zip(jax.tree.leaves(result), jax.tree.leaves(found.fixes[0].run()), strict=True):
        assert jnp.array_equal(one, other), code
    return result


# --- Lists of trees


class Graph(NamedTuple):
    nodes: Any
    edges: Any


@jax.tree_util.register_dataclass
@dataclass
class Item:
    x: Any
    mask: Any = None
    mode: str = field(default="a", metadata={"static": True})


BATCHES: dict[str, Callable[[], Any]] = {
    "NamedTuples": lambda: [Graph(VECTOR, ROWS) for _ in range(4)],
    "dataclasses with None": lambda: [Item(VECTOR) for _ in range(4)],
    "dicts": lambda: [{"x": VECTOR, "y": {"z": ROWS}} for _ in range(4)],
    "a tuple of dicts": lambda: tuple({"x": VECTOR} for _ in range(4)),
    "a deque of dicts": lambda: deque({"x": VECTOR} for _ in range(4)),
    "numbers in trees": lambda: [{"x": 1.0, "y": True} for _ in range(4)],
    "NumPy's arrays": lambda: [{"x": np.ones(3)} for _ in range(4)],
}


def _total(tree: Any) -> Any:
    if isinstance(tree, (list, tuple, deque)) and not hasattr(tree, "_fields"):
        raise TypeError("this takes one example")
    return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize("name", BATCHES)
def test_a_list_of_trees_is_stacked_leaf_by_leaf(name: str) -> None:
    batch = BATCHES[name]()
    found = explain(lambda tree: _total(tree))(batch)
    assert found.culprit == "arguments"
    result = _pasted(found, f=_total, tree=batch)
    assert jnp.allclose(result, jnp.stack([_total(example) for example in batch]))


def test_a_list_of_trees_of_different_sizes_names_what_differs() -> None:
    batch = [Graph(VECTOR, ROWS), Graph(VECTOR, ROWS[:, :2]), Graph(VECTOR, ROWS[:, :4])]
    said = _said(explain(_total)(batch))
    assert ".edges" in said
    assert "(3, 5), (3, 2), (3, 4)" in said
    assert "pad" in said
    assert "mask" in said


# --- One scalar among arrays, and keys


def test_one_scalar_leaf_is_shared_alone_wherever_it_is() -> None:
    @jax.tree_util.register_dataclass
    @dataclass
    class State:
        weights: Any
        step: Any

    for state, step in (
        ({"weights": ROWS, "step": 3}, "state['step']"),
        (State(ROWS, jnp.array(3)), "state.step"),
        ({"inner": {"weights": ROWS, "moments": [ROWS, jnp.array(3.0)]}}, "state['inner']['moments'][1]"),
    ):
        found = explain(lambda state: _total(state))(state)
        assert found.fixes[0].why == f"Share `{step}` among all examples."
        assert found.fixes[0].run().shape == (3,)


def _noisy(x: Any, key: Any) -> Any:
    return x + jax.random.normal(key, x.shape)


KEYS: dict[str, Callable[[Any], Explanation]] = {
    "by position": lambda key: explain(_noisy)(ROWS, key),
    "by keyword": lambda key: explain(_noisy)(ROWS, key=key),
    "in a dict": lambda key: explain(lambda s: _noisy(s["x"], s["key"]))({"x": ROWS, "key": key}),
    "in a NamedTuple": lambda key: explain(lambda g: _noisy(g.nodes, g.edges))(Graph(ROWS, key)),
    "two by keyword": lambda key: explain(lambda x, a, b: _noisy(_noisy(x, a), b))(ROWS, a=key, b=key),
}


@pytest.mark.parametrize("key", [KEY, jax.random.PRNGKey(0)], ids=["new", "old"])
@pytest.mark.parametrize("name", KEYS)
def test_one_key_for_all_is_split_and_never_shared(name: str, key: Any) -> None:
    found = KEYS[name](key)
    assert not found.ok
    assert "jax.random.split" in found.fixes[0].code
    noise = found.fixes[0].run() - ROWS
    assert len({tuple(row) for row in noise.tolist()}) == 3
    assert not any("Share" in fix.why and "key" in fix.why for fix in found.fixes)


# --- Two or three batch axes


def test_batch_axes_that_one_vmap_leaves_are_mapped_by_another() -> None:
    def product(w: Any, x: Any) -> Any:
        return w @ x

    found = explain(product)(jnp.ones((2, 3, 4, 5)), jnp.ones((2, 3, 5)))
    assert found.fixes[0].nested
    assert _pasted(found, product=product, w=jnp.ones((2, 3, 4, 5)), x=jnp.ones((2, 3, 5))).shape == (2, 3, 4)


def test_all_pairs_of_two_batches_that_look_alike_are_offered() -> None:
    def distance(a: Any, b: Any) -> Any:
        return jnp.sqrt(jnp.sum((a - b) ** 2))

    a, b = jnp.arange(12.0).reshape(6, 2), jnp.arange(8.0).reshape(4, 2)
    (pairs,) = (fix for fix in explain(distance)(a, b).fixes if fix.nested)
    assert jnp.allclose(pairs.run(), jnp.linalg.norm(a[:, None] - b, axis=-1))


# --- Names of axes


def test_a_name_that_no_vmap_gives_is_named() -> None:
    def mean(a: Any) -> Any:
        return jax.lax.psum(a, ("group", "batch"))

    found = explain(mean, axis_name="batch")(VECTOR)
    assert found.culprit == "axis_name"
    assert "the axis name `group`, which no vmap gives" in _said(found)
    nested = explain(mean, axis_name="batch")(ROWS)
    assert nested.culprit == "axis_name"
    assert nested.fixes[0].run().shape == (3, 5)
    both = explain(mean)(ROWS)
    assert float(_pasted(both, mean=mean, a=ROWS)[0, 0]) == float(ROWS.sum())


# --- Sizes that the values say, and parameters that are Python numbers

SIZED: dict[str, tuple[Callable[..., Any], str]] = {
    "segment_sum": (lambda a, i: jax.ops.segment_sum(a, i), "num_segments="),
    "segment_max": (lambda a, i: jax.ops.segment_max(a, i), "num_segments="),
    "bincount": (lambda a, i: jnp.bincount(i), "length="),
    "unique": (lambda a, i: jnp.unique(i), "size="),
    "nonzero": (lambda a, i: jnp.nonzero(a)[0], "size="),
    "argwhere": (lambda a, i: jnp.argwhere(a), "size="),
    "flatnonzero": (lambda a, i: jnp.flatnonzero(a), "size="),
    "where": (lambda a, i: jnp.where(a > 1)[0], "size="),
    "union1d": (lambda a, i: jnp.union1d(a, i), "size="),
    "repeat": (lambda a, i: jnp.repeat(a, i), "total_repeat_length="),
    "one_hot": (lambda a, i: jax.nn.one_hot(i, i.max()), "num_classes"),
}


@pytest.mark.parametrize("name", SIZED)
def test_a_size_that_the_values_say_is_named_with_its_keyword(name: str) -> None:
    function, keyword = SIZED[name]
    said = _said(explain(function)(ROWS, jnp.ones((3, 5), int)))
    assert keyword.rstrip("=") in said, said


TRACED: dict[str, tuple[Callable[..., Any], str]] = {
    "top_k": (lambda a, n: jax.lax.top_k(a, n), "`k`"),
    "axis": (lambda a, n: jnp.sum(a, axis=n), "`axis`"),
    "linspace": (lambda a, n: jnp.linspace(0, 1, n), "`num`"),
    "reshape": (lambda a, n: jnp.reshape(a, (n, -1)), "shape"),
    "eye": (lambda a, n: jnp.eye(n), "`N`"),
    "zeros": (lambda a, n: jnp.zeros(n), "size"),
    "tile": (lambda a, n: jnp.tile(a, n), "`reps`"),
}


@pytest.mark.parametrize("name", TRACED)
def test_a_parameter_that_has_to_be_a_python_number_is_named(name: str) -> None:
    function, parameter = TRACED[name]
    found = explain(function)(ROWS, NUMBERS + 1)
    said = _said(found)
    assert parameter in said, said
    assert found.culprit == "function"


# --- Loops, branches, derivatives

DIFFER: dict[str, tuple[Callable[..., Any], str]] = {
    "scan": (lambda a: jax.lax.scan(lambda c, x: (c + x, x), jnp.int32(0), a), "`scan`"),
    "fori_loop": (lambda a: jax.lax.fori_loop(0, 3, lambda i, c: c + a[0], jnp.int32(0)), "`fori_loop`"),
    "while_loop": (lambda a: jax.lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0],), (a[0], a)), "`while_loop`"),
    "cond": (lambda a: jax.lax.cond(a[0] > 0, lambda: a, lambda: a[:2]), "`cond`"),
    "switch": (lambda a: jax.lax.switch(0, [lambda: a, lambda: a[0]]), "`switch`"),
}


@pytest.mark.parametrize("name", DIFFER)
def test_what_goes_in_and_what_comes_out_are_both_named(name: str) -> None:
    function, loop = DIFFER[name]
    said = _said(explain(function)(ROWS))
    assert loop in said
    assert " but " in said
    assert 'differ."' not in said


@pytest.mark.parametrize("derivative", [jax.grad, jax.value_and_grad, jax.jacrev])
def test_reverse_mode_of_a_loop_of_unknown_length_names_scan_and_forward_mode(derivative: Any) -> None:
    def halved(a: Any) -> Any:
        return jax.lax.while_loop(lambda b: b > 1, lambda b: b / 2, a)

    for function in (derivative(halved), lambda a: derivative(halved)(a)):
        said = _said(explain(function)(VECTOR))
        assert "jax.lax.scan" in said
        assert "jax.jacfwd" in said


def test_a_gradient_at_whole_numbers_is_made_of_floats() -> None:
    found = explain(jax.grad(lambda a: a * 2.0))(NUMBERS)
    assert (found.culprit, found.fixes[0].why) == ("arguments", "Make `a` floats.")
    tree = explain(jax.grad(lambda p: p["w"] * 2.0))({"w": NUMBERS})
    assert "`p['w']`" in tree.fixes[0].why


def test_an_array_in_a_place_that_is_not_differentiated_is_named() -> None:
    @functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
    def power(n: Any, a: Any) -> Any:
        return a**n

    power.defvjp(lambda n, a: (a**n, a), lambda n, a, g: (n * a ** (n - 1) * g,))
    for function in (jax.grad(power, argnums=1), lambda n, a: jax.grad(power, argnums=1)(n, a)):
        assert "`nondiff_argnums` of `power`" in _said(explain(function)(VECTOR, VECTOR))


# --- No batched form


def test_what_has_no_batched_form_is_named_with_the_line_and_what_to_set() -> None:
    def calls(a: Any) -> Any:
        return jax.pure_callback(np.sin, a, a) * 2

    @jax.custom_batching.custom_vmap
    def doubled(a: Any) -> Any:
        return 2 * a

    @doubled.def_vmap
    def rule(size: int, is_mapped: Any, a: Any) -> Any:
        return 2 * a

    said = _said(explain(calls)(VECTOR))
    assert "`pure_callback` has no batched form here (line" in said
    assert "vmap_method" in said
    assert "in_batched" in _said(explain(lambda a: doubled(a) + 1)(VECTOR))


# --- Reasons for trees


def test_trees_that_do_not_fit_are_told_apart() -> None:
    def f(tree: Any) -> Any:
        return _total(tree)

    cases: list[tuple[Any, Any, str]] = [
        ({"a": VECTOR, "b": VECTOR}, {"a": 0}, "has no entry for `tree['b']`"),
        ({"a": VECTOR}, {"a": 0, "c": 0}, "has an entry for `'c'`, which `tree` lacks"),
        (Item(VECTOR, mode="a"), Item(0, mode="b"), "the field `mode` of `tree` is 'a', and that of the axes 'b'"),
        ([VECTOR, VECTOR], [0], "`tree` has 2 entries, and in_axes=([0],) has 1 there"),
        (Graph(VECTOR, VECTOR), (0, 0), "`tree` is a Graph, and in_axes=((0, 0),) has a tuple there"),
        (VECTOR, {"a": 0}, "goes deeper than the arguments: `tree` is an array"),
    ]
    for tree, axes, reason in cases:
        said = _said(explain(f, in_axes=(axes,))(tree))
        assert reason in said, said


# --- NumPy's and Python's own functions, and names in the caller's code


def test_a_function_of_numpy_or_math_has_a_twin() -> None:
    found = explain(np.convolve)(ROWS, ROWS)
    assert found.fixes[0].code.startswith("jax.vmap(jnp.convolve, ")
    assert explain(math.sin)(VECTOR).fixes[0].code.startswith("jax.vmap(jnp.sin, ")


class Layer:
    def __init__(self) -> None:
        self.w = jnp.ones((2, 5))

    def __call__(self, x: Any, y: Any) -> Any:
        return self.w @ x + y

    def apply(self, x: Any, y: Any) -> Any:
        return self(x, y)


def test_the_code_names_the_function_as_the_caller_does() -> None:
    layer, x, y = Layer(), ROWS, jnp.ones(2)
    bound = functools.partial(layer, y=y)
    _pasted(explain(layer)(x, y), layer=layer, x=x, y=y)
    _pasted(explain(layer.apply)(x, y), layer=layer, x=x, y=y)
    _pasted(explain(functools.partial(layer))(x, y), f=layer, x=x, y=y)
    assert explain(bound, in_axes=1)(x).fixes[0].code.startswith("jax.vmap(bound, in_axes=0")


def test_trees_of_axes_are_printed_as_python_that_builds_them() -> None:
    params = Graph(ROWS, {"b": jnp.ones(())})

    def total(params: Any, x: Any) -> Any:
        return sum(jnp.sum(leaf) for leaf in jax.tree.leaves((params, x)))

    found = explain(total)(params, VECTOR)
    assert " at 0x" not in found.fixes[0].code
    _pasted(found, total=total, params=params, x=VECTOR, Graph=Graph)


# --- What cannot be looked at


def test_a_generator_inside_is_left_where_it_is_and_that_is_said() -> None:
    values = (float(index) for index in range(9))
    found = explain(lambda a: a + next(values))(VECTOR)
    assert found.headline == "vmapdemo cannot look at `f` and leave everything as it is."
    assert next(values) == 0.0


def test_an_iterator_as_an_argument_is_made_into_a_list() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX warns of iterators in trees
        taken = explain(jnp.sum)(iter([VECTOR, VECTOR]))
    refused = explain(jnp.sum)(iter([VECTOR, VECTOR]))
    for found in (taken, refused):
        assert found.culprit == "arguments"
        assert "a = list(a)" in found.advice[0]

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo import cell_links as module
from vmapdemo.cell_links import Dependence, dependence
from vmapdemo.gallery import search
from vmapdemo.strategies import convolve

SEED = 13

FUNCTIONS: list[tuple[str, Callable[..., Any], tuple[tuple[int, ...], ...], bool]] = [
    ("elementwise product", lambda a, b: a * b, ((2, 3), (2, 3)), True),
    ("row by column", lambda a, b: a @ b, ((2, 3), (3, 2)), True),
    ("matrix by vector", lambda a, b: a @ b, ((3, 4), (4,)), True),
    ("running sum", jnp.cumsum, ((5,),), True),
    ("sum over an axis", lambda a: a.sum(1), ((2, 3),), True),
    ("the whole sum", jnp.sum, ((4,),), True),
    ("outer product", jnp.outer, ((3,), (2,)), True),
    ("reversal", lambda a: a[::-1], ((4,),), True),
    ("transposition", lambda a: a.T, ((2, 3),), True),
    ("scalar times vector", lambda a, b: a * b, ((), (3,)), True),
    ("three factors", lambda a, b, c: (a * b).sum() * c, ((2,), (2,), (3,)), True),
    ("a plane of a cube", lambda a: a[1] * 2.5, ((2, 2, 2),), True),
    ("matrix by vector plus shift", lambda a, b, c: a @ b + c, ((2, 3), (3,), (2,)), False),
    ("square", lambda a: a * a, ((3,),), False),
    ("sine", jnp.sin, ((3,),), False),
    ("softmax", jax.nn.softmax, ((4,),), False),
    ("sum of two", lambda a, b: a + b, ((3,), (3,)), False),
    ("product of one argument", jnp.prod, ((3,),), False),
    ("one more", lambda a: a + 1, ((2,),), False),
    ("first argument alone", lambda a, b: a * 2, ((2,), (2,)), False),
]


def _found(function: Callable[..., Any], shapes: tuple[tuple[int, ...], ...]) -> Dependence:
    found = dependence(function, shapes)
    assert found is not None
    return found


def test_every_result_of_convolve_uses_three_cells_of_each_argument() -> None:
    found = _found(convolve, ((5,), (3,)))
    assert found.cells == tuple(((i, i + 1, i + 2), (0, 1, 2)) for i in range(3))


def test_the_terms_of_convolve_are_products_of_a_cell_and_a_tap() -> None:
    found = _found(convolve, ((5,), (3,)))
    assert found.terms is not None
    assert [[(t.coefficient, t.cells) for t in terms] for terms in found.terms] == [
        [(1.0, (i + tap, tap)) for tap in range(3)] for i in range(3)
    ]


@pytest.mark.parametrize(("name", "function", "shapes", "multilinear"), FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_the_cells_are_the_pattern_of_the_jacobian(name: str, function: Any, shapes: Any, multilinear: bool) -> None:
    random = np.random.default_rng(SEED)
    point = [jnp.asarray(random.uniform(0.5, 1.5, shape), "float32") for shape in shapes]
    found = _found(function, shapes)
    for argument, jacobian in enumerate(jax.jacobian(function, argnums=tuple(range(len(shapes))))(*point)):
        rows = np.asarray(jacobian).reshape(len(found.cells), -1)
        pattern = [tuple(np.flatnonzero(row).tolist()) for row in rows]
        assert [cells[argument] for cells in found.cells] == pattern, f"{name}, seed {SEED}"


@pytest.mark.parametrize(("name", "function", "shapes", "multilinear"), FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_the_terms_sum_to_the_result_where_there_are_any(
    name: str, function: Any, shapes: Any, multilinear: bool
) -> None:
    found = _found(function, shapes)
    assert (found.terms is not None) == multilinear
    random = np.random.default_rng(SEED)
    point = [random.normal(size=shape).astype("float32") for shape in shapes]
    result = np.asarray(function(*map(jnp.asarray, point))).ravel()
    for terms, value in zip(found.terms or (), result, strict=found.terms is not None):
        products = [
            t.coefficient * np.prod([a.ravel()[cell] for a, cell in zip(point, t.cells, strict=True)]) for t in terms
        ]
        assert sum(products) == pytest.approx(value, rel=1e-3, abs=1e-4), f"{name}, seed {SEED}"


def test_a_cell_that_is_used_with_the_value_0_is_found() -> None:
    assert _found(lambda a: a * jnp.array([0.0, 1.0]), ((2,),)).cells == (((0,),), ((1,),))


@pytest.mark.parametrize(
    "function",
    [
        lambda a: a > 1,
        lambda a: (a > 1).astype("int32"),
        lambda a: jnp.argmax(a),
        lambda a: jnp.where(a > 1, 1.0, 0.0),
        lambda a: jnp.sort(a),
        lambda a: jnp.zeros(3),
        lambda a: jnp.round(a).astype("int32"),
        lambda a: jnp.isnan(a),
        lambda a: a.astype("bfloat16"),
    ],
)
def test_other_kinds_of_results_have_cells_too(function: Callable[..., Any]) -> None:
    found = _found(function, ((3,),))
    assert all(set(cells[0]) <= {0, 1, 2} for cells in found.cells)


def test_the_terms_of_a_complex_result_are_not_cut_to_real_ones() -> None:
    found = dependence(lambda a: a * 1j, ((3,),))
    assert found is None or found.terms is None or found.terms[0][0].coefficient == 1j


@pytest.mark.parametrize(
    "function",
    [
        lambda a: (a, a),
        lambda a: {"a": a},
        lambda a: None,
        lambda a: a & 1,
        lambda a: a[:0],
        lambda a: a @ jnp.ones(7),
        lambda a: a if a[0] > 0 else -a,
        lambda a, b: a,
        lambda a: jax.random.key(0),
    ],
)
def test_a_function_without_one_float_array_as_its_result_is_not_asked(function: Callable[..., Any]) -> None:
    assert dependence(function, ((3,),)) is None


def test_a_question_too_large_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dependence(jnp.outer, ((6,), (4,))) is not None
    monkeypatch.setattr(module, "MAX_ENTRIES", 10 * 24 - 1)
    assert dependence(jnp.outer, ((6,), (4,))) is None


def test_terms_are_left_out_where_there_would_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 100)
    found = dependence(lambda a, b: a * b, ((5,), (5,)))
    assert found is not None
    assert found.terms is None
    assert found.cells == tuple(((i,), (i,)) for i in range(5))


def test_every_result_has_its_own_cells_at_the_largest_size() -> None:
    found = _found(convolve, ((64,), (3,)))
    assert len(found.cells) == 62
    assert found.cells[-1] == ((61, 62, 63), (0, 1, 2))


def test_an_index_that_may_not_be_a_float_is_probed_with_whole_numbers() -> None:
    shapes = (5, 2), ()
    assert dependence(search.embed, shapes) is None
    found = dependence(search.embed, shapes, ("float32", "int32"))
    assert found is not None
    assert found.cells == (((0, 2, 4, 6, 8), (0,)), ((1, 3, 5, 7, 9), (0,)))
    assert found.terms is None


def test_a_key_lights_in_every_number_that_its_noise_is_in() -> None:
    def noisy(key: jax.Array, signal: jax.Array) -> jax.Array:
        return signal + jax.random.normal(key, signal.shape)

    found = dependence(noisy, ((), (3,)), ("key", "float32"))
    assert found is not None
    assert found.cells == (((0,), (0,)), ((0,), (1,)), ((0,), (2,)))


def test_whole_numbers_are_taken_as_floats_where_the_function_takes_them() -> None:
    as_ints = dependence(convolve, ((5,), (3,)), ("int32", "float32"))
    assert as_ints == dependence(convolve, ((5,), (3,)))

from collections.abc import Iterator
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.guests import entry_of
from vmapdemo import outcome
from vmapdemo.gallery import catalogue as gallery
from vmapdemo.gallery.entry import Entry, Formulation
from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.presets import PRESETS, scenario_of
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.measuring.agreement import disagreement
from vmapdemo.timing.results.sweep import COPY, EMPTY, Vary
from vmapdemo.timing.service import cases
from vmapdemo.timing.service.cases import task_of

VMAP = PRESETS["vmap"].scenario


def inner(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.sum(a * b)


def inner_by_hand(a_batch: jax.Array, b_batch: jax.Array) -> jax.Array:
    return jnp.sum(a_batch * b_batch, axis=1)


def wide(a: jax.Array) -> jax.Array:
    return jnp.ones((2000, 2000)) * a


def fixed(a: jax.Array) -> jax.Array:
    return a @ jnp.ones(3)


@pytest.fixture
def guests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Functions that want two equal lengths, no length at all, a large result and a fixed length."""
    by_hand = (Formulation("mathy", inner_by_hand),)
    monkeypatch.setitem(gallery.FUNCTIONS, "inner", entry_of(inner, {"a": 1, "b": 1}, by_hand))
    for function in (wide, fixed):
        monkeypatch.setitem(
            gallery.FUNCTIONS, function.__name__, entry_of(function, {"a": 0 if function is wide else 1}, ())
        )
    yield
    for remembered in (outcome.evaluate, outcome._explained, outcome._result, outcome.reference, outcome.run):
        remembered.cache_clear()
    outcome._of_shapes.clear()


def inner_scenario(in_axes: object = 0) -> Scenario:
    return Scenario("inner", (Argument("a", np.ones((4, 3))), Argument("b", np.ones((4, 3)))), in_axes)


@pytest.mark.parametrize(
    ("preset", "vary", "size", "shapes"),
    [
        ("vmap", "batch", 64, ((64, 5), (64, 3))),
        ("vmap", "length", 64, ((4, 64), (4, 3))),
        ("shared-kernel", "batch", 64, ((64, 5), (3,))),
        ("fix-out-1", "batch", 64, ((5, 64), (64, 3))),
        ("fix-out-1", "length", 64, ((64, 4), (4, 3))),
    ],
)
def test_what_varies_has_the_size_and_all_else_keeps_its_own(
    preset: str, vary: Vary, size: int, shapes: tuple[tuple[int, ...], ...]
) -> None:
    scenario = PRESETS[preset].scenario
    assert cases.shapes(scenario, vary, size) == shapes
    found = cases.case(scenario, vary, size)
    assert tuple(argument.shape for argument in found.args) == shapes
    assert [str(argument.dtype) for argument in found.args] == [argument.dtype for argument in scenario.arguments]


@pytest.mark.parametrize("vary", ["batch", "length"])
@pytest.mark.parametrize("preset", ["vmap", "axes-1-1", "shared-kernel", "fix-out-0", "fix-out-1", "distinct-rows"])
def test_every_strategy_agrees_at_another_size(preset: str, vary: Vary) -> None:
    found = cases.case(PRESETS[preset].scenario, vary, 7)
    results = {name: function(*found.args) for name, function in found.strategies.items()}
    assert set(results) == {"loop", "mathy", "vmap", "jit", "shifted"}
    assert {name: disagreement(result, results["vmap"], "vmap") for name, result in results.items()} == dict.fromkeys(
        results
    )


LIMITED = ("slope_row", "orbit")
"""Functions that take one length only."""


@pytest.mark.parametrize("vary", ["batch", "length"])
@pytest.mark.parametrize("entry", gallery.FUNCTIONS.values(), ids=gallery.FUNCTIONS)
def test_every_function_of_the_gallery_can_be_swept(entry: Entry, vary: Vary) -> None:
    scenario = scenario_of(entry, entry.intended)
    if vary == "length" and (not cases.has_length(scenario) or entry.name in LIMITED):
        with pytest.raises(InputError):
            cases.sizes(scenario, vary)
        return
    assert cases.sizes(scenario, vary) == cases.SIZES[vary]
    found = cases.case(scenario, vary, 16)
    results = {name: function(*found.args) for name, function in found.strategies.items()}
    assert np.isfinite(np.asarray(results["vmap"])).all()
    assert [disagreement(result, results["vmap"], "vmap") for result in results.values()] == [None] * len(results)


def test_numbers_of_another_rank_than_the_functions_own_are_drawn_too() -> None:
    silent = PRESETS["category-silent"].scenario
    (probabilities, numbers) = cases.case(silent, "batch", 16).args
    assert probabilities.shape == numbers.shape == (16,)


def test_the_limits_copy_the_arguments_and_do_nothing() -> None:
    found = cases.case(VMAP, "batch", 3)
    limits = {one.name: one for one in found.limits}
    assert set(limits) == {COPY, EMPTY}
    assert limits[COPY].function() is None
    assert limits[EMPTY].wait(limits[EMPTY].function(*found.args)) == 0


def test_the_numbers_are_small_and_whole_and_the_same_each_time() -> None:
    first, again = (cases.case(VMAP, "batch", 16).args for _ in range(2))
    for one, other in zip(first, again, strict=True):
        numbers = np.asarray(one)
        assert np.array_equal(numbers, np.asarray(other))
        assert set(numbers.ravel().tolist()) <= set(range(1, 10))


def test_a_name_that_is_not_a_number_stands_for_what_varies() -> None:
    assert cases.labels(VMAP, "batch") == ("int32[B, 5]", "float32[B, 3]")
    assert cases.labels(VMAP, "length") == ("int32[4, N]", "float32[4, 3]")


def test_a_length_that_two_arguments_share_varies_in_both(guests: None) -> None:
    assert cases.shapes(inner_scenario(), "length", 64) == ((4, 64), (4, 64))
    assert cases.sizes(inner_scenario(), "length") == cases.LENGTHS


def test_without_a_dimension_that_is_not_mapped_there_is_no_length(guests: None) -> None:
    scalars = Scenario("wide", (Argument("a", [1.0, 2.0]),))
    assert not cases.has_length(scalars)
    assert cases.has_length(VMAP)
    with pytest.raises(InputError, match="Every dimension of the arguments is mapped"):
        cases.sizes(scalars, "length")


def test_a_length_that_the_function_does_not_take_cannot_vary(guests: None) -> None:
    with pytest.raises(InputError, match=r"jax\.vmap takes no other length here"):
        cases.sizes(Scenario("fixed", (Argument("a", np.ones((2, 3))),)), "length")


def test_sizes_whose_result_would_be_too_large_are_not_visited(guests: None) -> None:
    assert cases.sizes(Scenario("wide", (Argument("a", [1.0, 2.0]),)), "batch") == (1,)


def test_the_task_takes_compiling_apart_where_the_length_varies() -> None:
    batch, length = (task_of(VMAP, vary, 20.0) for vary in ("batch", "length"))  # type: ignore[arg-type]
    assert batch.time_compiling is None
    assert length.time_compiling is not None
    assert batch.unwaited == ()
    assert task_of(VMAP, "batch", 20.0, shows_lie=True).unwaited == ("jit", "shifted")
    assert batch.sweep.conditions.arguments == ("int32[B, 5]", "float32[B, 3]")
    assert batch.sweep.conditions.budget_s == 20.0


def test_negative_axes_vary_the_right_dimension() -> None:
    assert cases.shapes(replace(VMAP, in_axes=(-2, -2)), "batch", 9) == ((9, 5), (9, 3))

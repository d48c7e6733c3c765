from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from vmapdemo import outcome
from vmapdemo.outcome import Run, agree, callables, evaluate, is_moved, is_slow, mapped_axes, operations, run
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

SEED = 3
AXES = (None, 0, 1, -1, -2, 2, True, 0.0, "a", (0,), (1, 0), [0, None], (None, None), [1, 1])
VMAP = PRESETS["vmap"].scenario


def _scenario(x: Any, y: Any, in_axes: Any = 0, out_axes: Any = 0) -> Scenario:
    return Scenario("convolve", (Argument("x_batch", x, "int32"), Argument("y_batch", y)), in_axes, out_axes)


def _legal(random: np.random.Generator) -> Scenario:
    """A call that vmap accepts, with random shapes, axes, dtypes and ``.T``."""
    batch, length = int(random.integers(1, 4)), int(random.integers(3, 5))
    axes = [random.choice([None, 0, 1, -1]) for _ in range(2)]
    axes = [None if axis is None else int(axis) for axis in axes]
    if axes == [None, None]:
        axes[0] = 0
    names, sizes = ("x_batch", "y_batch"), (length, 3)
    arguments = [_argument(random, *given, batch) for given in zip(names, sizes, axes, strict=True)]
    in_axes: Any = tuple(axes) if random.random() < 0.7 else axes
    return Scenario("convolve", tuple(arguments), in_axes, int(random.integers(-2, 2)))


def _argument(random: np.random.Generator, name: str, size: int, axis: int | None, batch: int) -> Argument:
    """The argument that has its batch on that axis as it is passed."""
    shape = (size,) if axis is None else (batch, size) if axis == 0 else (size, batch)
    transposed = bool(random.random() < 0.5)
    stored = random.integers(-5, 6, shape[::-1] if transposed else shape)
    return Argument(name, stored, str(random.choice(["int32", "float32"])), transposed)


def _any(random: np.random.Generator) -> Scenario:
    """A call with axes of every kind, most of them wrong."""
    shapes = [(), (3,), (1, 3), (3, 3), (2, 4), (4, 3), (2, 2, 3)]
    x, y = (np.ones(shapes[int(random.integers(len(shapes)))]) for _ in range(2))
    pick = random.integers(len(AXES), size=2)
    return _scenario(x, y, AXES[pick[0]], AXES[pick[1]])


def _scenarios(make: Any, count: int) -> Iterator[Scenario]:
    random = np.random.default_rng(SEED)
    for _ in range(count):
        yield make(random)


def test_vmap_gives_the_reference_on_every_legal_call() -> None:
    for scenario in _scenarios(_legal, 25):
        found = evaluate(scenario)
        assert found.result is not None, f"{scenario}, seed {SEED}"
        assert found.reference is not None
        assert found.explanation.ok
        assert found.result.shape == found.reference.shape == found.explanation.output[0].shape
        np.testing.assert_allclose(found.result, found.reference, 1e-5, 1e-5, err_msg=f"{scenario}, seed {SEED}")


def test_every_strategy_agrees_on_every_legal_call() -> None:
    for scenario in _scenarios(_legal, 8):
        for name in scenario.strategies:
            got = run(scenario, name)
            assert got.agrees is True, f"{name}: {got.error} on {scenario}, seed {SEED}"


def test_a_strategy_gives_a_result_or_a_sentence_on_any_call() -> None:
    for scenario in _scenarios(_any, 40):
        found = evaluate(scenario)
        for name in scenario.strategies:
            got = run(scenario, name)
            message = f"{name} on {scenario}, seed {SEED}"
            assert (got.result is None) == (got.error is not None), message
            assert (got.agrees is None) == (got.result is not None and not found.explanation.ok), message
        assert (run(scenario, "vmap").result is not None) == found.explanation.ok
        assert (run(scenario, "jit").result is not None) == found.explanation.ok


@pytest.mark.parametrize("name", ["mismatch", "two-taps"])
def test_a_call_that_fails_has_no_result(name: str) -> None:
    found = evaluate(PRESETS[name].scenario)
    assert not found.explanation.ok
    assert found.result is None
    assert found.reference is None
    assert run(PRESETS[name].scenario, "vmap").error


def test_the_single_call_is_the_function_itself() -> None:
    scenario = PRESETS["single"].scenario
    found = evaluate(scenario)
    assert found.result is not None
    assert found.result.tolist() == [11, 20, 29]
    assert found.reference is not None
    assert found.reference.tolist() == [11, 20, 29]
    assert found.explanation.output[0].axis is None
    assert callables(scenario) == {}


def test_a_shared_result_is_not_stacked() -> None:
    scenario = PRESETS["shared-kernel"].scenario
    refused = evaluate(replace(scenario, out_axes=None))
    assert refused.result is None
    assert refused.explanation.culprit == "out_axes"


@pytest.mark.parametrize(
    ("in_axes", "out_axes", "moved"),
    [
        (0, 0, False),
        ((0, 0), 0, False),
        ([0, 0], 0, False),
        (0, 1, True),
        (0, -1, True),
        ((0, None), 0, True),
        (1, 0, True),
        ((1, 0), 0, True),
    ],
)
def test_the_batch_is_moved_wherever_it_is_not_on_axis_0(in_axes: Any, out_axes: Any, moved: bool) -> None:
    x, y = np.ones((4, 4)), np.ones((4, 3))
    if in_axes == 1:
        y = y.T
    if in_axes == (0, None):
        y = y[0]
    assert is_moved(_scenario(x, y, in_axes, out_axes)) == moved


@pytest.mark.parametrize(("in_axes", "out_axes"), [(-2, 0), ((0, -2), 0), (0, -2)])
def test_axis_0_counted_from_the_end_needs_no_move(in_axes: Any, out_axes: Any) -> None:
    assert not is_moved(_scenario(np.ones((4, 4)), np.ones((4, 3)), in_axes, out_axes))


def test_a_call_that_fails_moves_nothing() -> None:
    assert not is_moved(PRESETS["mismatch"].scenario)


@pytest.mark.parametrize(("right", "wrong"), [(1, True), (0, False), (0, 0.0), ([1, 0], [True, 0]), ([0, 0], (0, 0.0))])
def test_what_is_remembered_is_never_confused(right: Any, wrong: Any) -> None:
    square = _scenario(np.ones((3, 3)), np.ones((3, 3)))
    for first, second in [(right, wrong), (wrong, right)]:
        outcomes = {repr(axes): evaluate(replace(square, in_axes=axes)) for axes in (first, second)}
        assert outcomes[repr(right)].explanation.ok
        assert not outcomes[repr(wrong)].explanation.ok
        assert run(replace(square, in_axes=right), "jit").agrees is True
        assert run(replace(square, in_axes=wrong), "jit").error
        evaluate.cache_clear()
        outcome._explained.cache_clear()


def test_a_list_and_a_tuple_are_remembered_apart() -> None:
    as_list, as_tuple = replace(VMAP, in_axes=[0, 0]), replace(VMAP, in_axes=(0, 0))
    assert evaluate(as_list).scenario.in_axes == [0, 0]
    assert evaluate(as_tuple).scenario.in_axes == (0, 0)
    assert (
        evaluate(replace(VMAP, in_axes=[0])).explanation.reason
        == evaluate(replace(VMAP, in_axes=(0,))).explanation.reason
    )


def test_what_is_remembered_is_given_again() -> None:
    assert evaluate(VMAP) is evaluate(replace(VMAP))


def test_another_value_is_another_outcome() -> None:
    changed = VMAP.with_argument(Argument("y_batch", np.zeros((4, 3))))
    assert evaluate(VMAP).result is not None
    assert evaluate(changed).result is not None
    assert not evaluate(changed).result.any()  # type: ignore[union-attr]


def test_a_strategy_that_cannot_do_it_says_so() -> None:
    scenario = PRESETS["silent-kernel"].scenario
    runs = {name: run(scenario, name) for name in scenario.strategies}
    assert runs["vmap"].agrees
    assert runs["jit"].agrees
    assert not all(got.agrees for got in runs.values())
    assert all(isinstance(got, Run) for got in runs.values())


def test_mapped_axes_are_those_of_the_arguments() -> None:
    assert mapped_axes(PRESETS["fix-out-0"].scenario) == (1, 0)
    assert mapped_axes(PRESETS["shared-kernel"].scenario) == (0, None)


def test_a_trace_is_remembered_by_shapes_and_not_by_values() -> None:
    found = outcome.trace(VMAP)
    assert found.ok
    assert [array.name for array in found.arguments] == ["x", "y"]
    assert outcome.trace(VMAP.with_argument(Argument("y_batch", np.zeros((4, 3))))) is found
    assert outcome.trace(VMAP.with_argument(Argument("x_batch", np.ones((4, 5)), "float32"))) is not found
    assert outcome.trace(replace(VMAP, in_axes=(0, 0))) is not found
    assert outcome.trace(replace(VMAP, out_axes=1)).output_axes == (1,)


def test_operations_count_those_of_one_example() -> None:
    scenario = PRESETS["vmap"].scenario
    x, y = scenario.arguments
    jaxpr = jax.make_jaxpr(scenario.entry.function)(x.array[0], y.array[0])
    assert operations(scenario) == len(jaxpr.jaxpr.eqns)


def test_the_notebooks_strategies_run_at_once_and_large_ones_wait() -> None:
    assert [name for name in VMAP.strategies if is_slow(VMAP, name)] == []
    many = _scenario(np.ones((128, 8)), np.ones((128, 3)))
    wide = _scenario(np.ones((1, 1024)), np.ones((1, 3)))
    assert [name for name in many.entry.strategies if is_slow(many, name)] == ["loop"]
    assert {"loop", "jit"} <= {name for name in wide.entry.strategies if is_slow(wide, name)}


def test_agreement_takes_the_same_shape_and_the_same_numbers() -> None:
    ones = np.ones((2, 3), "float32")
    assert agree(ones, ones + 1e-6)
    assert agree(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]))
    assert not agree(ones, np.ones((3, 2), "float32"))
    assert not agree(ones, np.ones((1, 2, 3), "float32"))
    assert not agree(ones, ones + 0.01)


def test_an_overflow_is_among_the_cautions_once_the_result_is_there() -> None:
    names = ("x_batch", "y_batch")
    scenario = Scenario("convolve", tuple(Argument(name, [[70_000, 0, 0]] * 2, "int32") for name in names))
    assert outcome.explanation(scenario).cautions == ()
    assert [caution.rule for caution in evaluate(scenario).explanation.cautions] == ["overflow"]


def test_the_shapes_for_any_size_depend_on_shapes_alone() -> None:
    found = outcome.any_size(VMAP)
    assert found is not None
    assert found.text == "(b, n), (b, 3) -> (b, n - 2)"
    assert outcome.any_size(PRESETS["mismatch"].scenario) is None
    assert outcome.any_size(PRESETS["single"].scenario) is None

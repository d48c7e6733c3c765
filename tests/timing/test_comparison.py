import math
import random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.timing.made_up import alone
from vmapdemo import strategies
from vmapdemo.timing.comparison import Bench, compare
from vmapdemo.timing.measuring.protocol import Instruments
from vmapdemo.timing.programs import inspection
from vmapdemo.timing.progress import Progress
from vmapdemo.timing.report import Comparison

NOTEBOOK = {
    "loop": strategies.looping_batch_convolve,
    "mathy": strategies.mathy_batch_convolve,
    "vmap": strategies.auto_batch_convolve,
    "jit": strategies.auto_batch_convolve_jit,
}


class Ticking:
    """A clock that moves by 3 ms whenever it is read: a block is one call, and a measurement is over in no time."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 0.003
        return self.now_s


def quick(strategies_: dict[str, Any], *args: Any, **others: Any) -> Comparison:
    baseline = others.pop("baseline", None)
    return Bench(instruments=instruments(), **others).compare(strategies_, args, baseline).comparison


def instruments() -> Instruments:
    return Instruments(Ticking(), lambda seconds: None, random.Random(0), alone)


def test_the_strategies_of_the_notebook_are_compared() -> None:
    found = compare(NOTEBOOK, np.ones((4, 5), np.float32), np.ones((4, 3), np.float32), budget_s=0.05)
    assert found.names == tuple(NOTEBOOK)
    assert found.rejected == ()
    assert found.baseline == "loop"
    assert [timing.dispatches for timing in found.timings] == [57, 10, 10, 1]
    assert {timing.flops for timing in found.timings} == {60}
    assert found.speedup("jit") > 1


def test_the_conditions_name_arguments_device_and_versions() -> None:
    conditions = quick(NOTEBOOK, jnp.ones((4, 5), int), jnp.ones((4, 3))).conditions
    assert conditions.arguments == ("int32[4, 5]", "float32[4, 3]")
    assert conditions.jax_version == jax.__version__
    assert conditions.device
    assert conditions.cores >= 1
    assert conditions.rounds >= 8
    assert conditions.budget_s == 4.0


def test_a_baseline_can_be_named() -> None:
    assert quick(NOTEBOOK, jnp.ones((4, 5)), jnp.ones((4, 3)), baseline="mathy").baseline == "mathy"


@pytest.mark.parametrize(
    ("strategies_", "others", "sentence"),
    [
        ({}, {}, "compare needs at least one strategy, got an empty dictionary."),
        ({"a": abs}, {"baseline": "b"}, "baseline 'b' is none of the strategies 'a'."),
        ({"a": abs}, {"budget_s": 0}, "budget_s must be a positive number of seconds, got 0."),
        ({"a": abs}, {"budget_s": -1.0}, "budget_s must be a positive number of seconds, got -1.0."),
        ({"a": abs}, {"budget_s": math.nan}, "budget_s must be a positive number of seconds, got nan."),
        ({"a": abs}, {"budget_s": math.inf}, "budget_s must be a positive number of seconds, got inf."),
    ],
)
def test_arguments_that_make_no_comparison_are_refused(
    strategies_: dict[str, Any], others: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        compare(strategies_, jnp.ones(3), **others)
    assert str(caught.value) == sentence


def test_a_strategy_that_disagrees_is_reported_and_not_timed() -> None:
    calls = []

    def wrong(x: jax.Array) -> jax.Array:
        calls.append(1)
        return x * 3

    found = quick({"right": lambda x: x * 2, "wrong": wrong}, jnp.ones(3))
    assert [timing.name for timing in found.timings] == ["right"]
    assert (found.rejected[0].name, found.rejected[0].reason) == ("wrong", "wrong")
    assert found.rejected[0].sentence == "Its result differs from that of right by up to 1."
    assert len(calls) == 1


def test_a_strategy_that_raises_is_reported_with_its_error() -> None:
    found = quick({"right": lambda x: x * 2, "broken": lambda x: x @ jnp.ones((7, 7))}, jnp.ones(3))
    assert found.rejected[0].reason == "raised"
    assert found.rejected[0].sentence.startswith("TypeError: dot_general requires")
    assert "\n" not in found.rejected[0].sentence


def test_where_the_baseline_raises_the_others_are_still_measured() -> None:
    found = quick(
        {"broken": lambda x: x.nonsense, "a": lambda x: x + x, "b": lambda x: x * 2, "c": lambda x: x}, jnp.ones(3)
    )
    assert [timing.name for timing in found.timings] == ["a", "b"]
    assert found.rejected[1].sentence == "Its result differs from that of a by up to 1."


def test_nothing_is_timed_where_everything_raises() -> None:
    found = quick({"broken": lambda x: x.nonsense}, jnp.ones(3))
    assert found.timings == ()
    assert not found.confirmed
    assert found.remarks == ()
    assert Comparison.from_json(found.to_json()) == found


def test_arguments_reach_the_strategies_on_the_device_and_as_arguments() -> None:
    seen: list[Any] = []

    def strategy(tree: dict[str, Any], factor: float) -> Any:
        seen.append((type(tree["x"]), factor))
        return tree["x"] * factor

    quick({"a": strategy}, {"x": np.ones(3, np.float32)}, 2.0)
    assert seen[0] == (type(jnp.ones(3)), 2.0)


def test_results_may_be_trees_or_no_arrays_at_all() -> None:
    trees = quick({"a": lambda x: {"sum": x + x, "n": 1}, "b": lambda x: {"sum": x * 2, "n": 1}}, jnp.ones(3))
    hosts = quick({"numpy": lambda x: np.asarray(x) * 2, "python": lambda x: np.array([2.0] * len(x))}, jnp.ones(3))
    assert len(trees.timings) == len(hosts.timings) == 2
    assert hosts["numpy"].compile_s is None
    assert hosts["numpy"].dispatches is None


def test_what_was_warm_has_no_first_call_but_what_is_new_has() -> None:
    warm = jax.jit(lambda x: x * 5 - 2)
    warm(jnp.ones(3))
    found = quick({"warm": warm, "new": jax.jit(lambda x: x * 5 - 2)}, jnp.ones(3))
    assert found["warm"].first_call_s is None
    assert found["new"].first_call_s is not None
    assert found["new"].programs == 1


def test_a_program_too_large_to_compile_in_passing_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_OPERATIONS_COMPILED", 1)
    found = quick({"a": lambda x: jnp.sin(x) * 2 + 1}, jnp.ones(3))
    assert found["a"].compile_s is None
    assert found["a"].dispatches == 3


def test_progress_goes_from_cold_to_check_to_measure_and_never_back() -> None:
    told: list[Progress] = []
    Bench(report=told.append, instruments=instruments()).compare(NOTEBOOK, (jnp.ones((4, 5)), jnp.ones((4, 3))))
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    assert [progress.phase for progress in told[:6]] == ["cold", "cold", "cold", "cold", "check", "cold"]
    assert told[-1].phase == "measure"
    assert told[1].text == "First call of mathy"


def test_what_the_report_raises_ends_the_comparison() -> None:
    def report(progress: Progress) -> None:
        if progress.phase == "measure":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Bench(report=report, instruments=instruments()).compare({"a": lambda x: x * 2}, (jnp.ones(3),))


def test_quartiles_and_deviation_are_of_the_blocks() -> None:
    found = quick({"a": lambda x: x * 2}, jnp.ones(3))["a"]
    assert found.best_s <= found.lower_quartile_s <= found.median_s <= found.upper_quartile_s
    assert found.runs >= 8


def test_only_the_strategies_named_are_also_timed_without_waiting() -> None:
    found = quick({"a": lambda x: x * 2, "b": lambda x: x + x}, jnp.ones(3), unwaited=("b", "no such"))
    assert found["a"].unwaited_s is None
    assert found["b"].unwaited_s == pytest.approx(0.003)

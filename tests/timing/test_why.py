import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from vmapdemo import outcome
from vmapdemo.scenario import link
from vmapdemo.timing import why as finding
from vmapdemo.timing.comparison import Bench
from vmapdemo.timing.programs import inspection
from vmapdemo.timing.programs.hlo import read_program
from vmapdemo.timing.programs.inspection import inspect_program, inspect_trace
from vmapdemo.timing.programs.prices import PROBES, Price, Prices
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.why import Why, find_out_why

PRICES = Prices((Price("sin", 5e-6, 9e-5), Price("mul", 8e-6, 9e-5)), jitted_call_s=5e-6, vmap_call_s=3e-5)
X = jnp.ones((4, 3))
STRATEGIES: dict[str, Callable[..., Any]] = {
    "plain": lambda x: jnp.sin(x) * 2,
    "vmap": jax.vmap(lambda x: jnp.sin(x) * 2),
    "jit": jax.jit(lambda x: jnp.sin(x) * 2),
    "wrong": jnp.cos,
}


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that do not depend on the machine."""
    monkeypatch.setattr(finding, "price_list", lambda plan: PRICES)


def _why(**changes: Any) -> Why:
    program = read_program(inspect_program(jnp.sin, (X,)))
    assert program is not None
    fields: dict[str, Any] = {
        "comparison": notebook(),
        "programs": {"jit": program},
        "predicted_s": {"loop": 3.1e-3, "vmap": 1e-3},
        "prices_confirmed": True,
    }
    return Why(**{**fields, **changes})


@pytest.mark.usefixtures("prices")
def test_every_strategy_that_agrees_has_its_program_and_what_its_dispatches_come_to() -> None:
    told: list[float] = []
    found = find_out_why(STRATEGIES, (X,), Bench(0.05, lambda progress: told.append(progress.fraction)))
    assert [one.name for one in found.comparison.rejected] == ["wrong"]
    assert set(found.programs) == {"plain", "vmap", "jit"}
    assert found.predicted_s == {"plain": pytest.approx(1.3e-5), "vmap": pytest.approx(2.1e-4), "jit": 5e-6}
    assert told == sorted(told)
    assert told[-1] < 1


@pytest.mark.usefixtures("prices")
def test_a_strategy_too_long_to_compile_has_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_OPERATIONS_COMPILED", 1)
    found = find_out_why({"plain": STRATEGIES["plain"]}, (X,), Bench(0.05))
    assert found.programs == {}


def test_what_was_found_survives_the_way_from_the_worker() -> None:
    why = _why()
    assert Why.from_fields(json.loads(json.dumps(why.to_fields(), allow_nan=False))) == why


def test_the_sentences_say_which_times_the_dispatches_explain() -> None:
    said = " ".join(_why().remarks)
    assert "The dispatches explain the time of loop, within 15 %." in said
    assert "More than its dispatches take: vmap 2.1 ms" in said
    assert "jit, " in said


def test_prices_that_are_not_confirmed_predict_nothing() -> None:
    said = _why(prices_confirmed=False).remarks
    assert "too busy to price single operations" in said[-1]
    assert not [sentence for sentence in said if "The dispatches explain" in sentence]


def test_the_strategies_of_the_notebook_dispatch_what_has_a_price() -> None:
    scenario, _ = link.of_preset("vmap")
    priced = {probe.primitive for probe in PROBES} | {"jit"}
    for name, function in outcome.callables(scenario).items():
        assert set(inspect_trace(function, outcome.arrays(scenario)).primitives or {"none"}) <= priced, name


def test_a_comparison_of_nothing_is_explained_by_nothing() -> None:
    empty = Comparison((timing("a", 1.0),), (), "a", CONDITIONS)
    assert _why(comparison=empty, programs={}, predicted_s={}).remarks == ()

"""Predictions from made-up prices, and prices from made-up measurements of a machine whose prices are known."""

from collections.abc import Callable

import jax.numpy as jnp
import pytest

from tests.timing.programs.test_inspection import NOTEBOOK
from vmapdemo.timing.measuring.blocks import Blocks
from vmapdemo.timing.measuring.protocol import Measurement, Plan
from vmapdemo.timing.programs.inspection import inspect_trace
from vmapdemo.timing.programs.prices import (
    BATCH,
    JITTED,
    MIXTURE,
    PROBES,
    REPEATS,
    Price,
    Prices,
    Probe,
    predicted_s,
    price_list,
    prices_from,
)

ARGS = (jnp.ones((4, 5)), jnp.ones((4, 3)))
MADE_UP = Prices(
    operations=(
        Price("slice", 40e-6, 150e-6),
        Price("squeeze", 16e-6, 150e-6),
        Price("dot_general", 7e-6, 140e-6),
        Price("mul", 8e-6, 140e-6),
        Price("reduce_sum", 8e-6, 140e-6),
        Price("broadcast_in_dim", 25e-6, 160e-6),
        Price("concatenate", 30e-6, 160e-6),
        Price("stack", 100e-6, 160e-6),
    ),
    jitted_call_s=6e-6,
    vmap_call_s=200e-6,
)


def predicted(name: str, prices: Prices = MADE_UP) -> float | None:
    dispatches = inspect_trace(NOTEBOOK[name], ARGS).primitives
    assert dispatches is not None
    return predicted_s(dispatches, prices, vmapped=name == "vmap")


def test_the_loop_pays_for_every_example_and_window() -> None:
    slices, squeezes, dots, numbers, arrays = 8 + 12, 8, 12, 12, 4
    expected = 40e-6 * slices + 16e-6 * squeezes + 7e-6 * dots + 25e-6 * numbers + 30e-6 * arrays + 100e-6
    assert predicted("loop") == pytest.approx(expected)


def test_by_hand_the_batch_is_paid_once() -> None:
    assert predicted("mathy") == pytest.approx(3 * (40e-6 + 8e-6 + 8e-6) + 100e-6)


def test_under_vmap_every_operation_has_its_vmapped_price_and_the_call_one_of_its_own() -> None:
    assert predicted("vmap") == pytest.approx(200e-6 + 3 * (150e-6 + 140e-6) + 4 * 160e-6)


def test_a_jitted_strategy_costs_one_call() -> None:
    assert predicted("jit") == 6e-6


def test_operations_in_turns_cost_more_and_vmaps_own_call_does_not() -> None:
    dearer = Prices(MADE_UP.operations, 6e-6, 200e-6, mixing=1.1, vmapped_mixing=1.2)
    assert predicted("mathy", dearer) == pytest.approx(1.1 * (predicted("mathy") or 0))
    assert predicted("vmap", dearer) == pytest.approx(200e-6 + 1.2 * ((predicted("vmap") or 0) - 200e-6))
    assert predicted("jit", dearer) == 6e-6


def test_a_dispatch_without_a_price_leaves_no_prediction() -> None:
    assert predicted_s({"slice": 1, "scan": 1}, MADE_UP) is None


def test_a_call_that_dispatches_nothing_takes_no_time() -> None:
    assert predicted_s({}, MADE_UP) == 0


def _machine(prices: Prices) -> Measurement:
    """What a machine with these prices would measure for every probe."""
    best_s = {JITTED: prices.jitted_call_s}
    for probe in (*PROBES, MIXTURE):
        factor, vmapped_factor = (prices.mixing, prices.vmapped_mixing) if probe is MIXTURE else (1, 1)
        best_s[probe.name()] = factor * _cost_s(prices, probe.function, probe.args())
        for repeats in (1, REPEATS):
            added_s = _cost_s(prices, probe.vmapped(1), probe.args(BATCH), vmapped=True)
            best_s[probe.name(repeats)] = prices.vmap_call_s + vmapped_factor * repeats * added_s
    return Measurement(tuple(Blocks(name, 1, (2 * s, s), True) for name, s in best_s.items()), 2, 1.0)


def _cost_s(prices: Prices, function: Callable[..., object], args: tuple[object, ...], vmapped: bool = False) -> float:
    counted = inspect_trace(function, args).primitives or {}
    return sum(count * (prices.price_s(name, vmapped=vmapped) or 0) for name, count in counted.items())


def test_the_prices_of_a_machine_are_found_from_its_times() -> None:
    operations = tuple(Price(probe.primitive, (i + 1) * 1e-5, (i + 7) * 1e-5) for i, probe in enumerate(PROBES))
    prices = Prices(operations, 6e-6, 2e-4, mixing=1.12, vmapped_mixing=1.05)
    found = prices_from(_machine(prices))
    for one, other in zip(found.operations, prices.operations, strict=True):
        assert one.primitive == other.primitive
        assert (one.eager_s, one.vmapped_s) == pytest.approx((other.eager_s, other.vmapped_s))
    assert (found.jitted_call_s, found.vmap_call_s) == pytest.approx((prices.jitted_call_s, prices.vmap_call_s))
    assert found.confirmed
    assert (found.mixing, found.vmapped_mixing) == pytest.approx((prices.mixing, prices.vmapped_mixing))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.primitive)
def test_a_probe_dispatches_its_primitive_and_such_as_have_a_price_before(probe: Probe) -> None:
    before = [one.primitive for one in PROBES[: PROBES.index(probe)]]
    for function, args in ((probe.function, probe.args()), (probe.vmapped(1), probe.args(BATCH))):
        dispatched = dict(inspect_trace(function, args).primitives or {})
        assert dispatched.pop(probe.primitive) >= 1
        assert set(dispatched) <= set(before)


def test_every_operation_of_the_notebook_has_a_price() -> None:
    priced = {probe.primitive for probe in PROBES} | {"jit"}
    integers = (jnp.ones((4, 5), int), ARGS[1])
    for function in NOTEBOOK.values():
        for args in (ARGS, integers):
            assert set(inspect_trace(function, args).primitives or {"none"}) <= priced


def test_a_real_machine_has_a_price_for_every_operation() -> None:
    """What they are is for ``benchmarks.prices``: on a busy machine a difference of two times may come out as 0."""
    prices = price_list(Plan(budget_s=0.2))
    assert [price.primitive for price in prices.operations] == [probe.primitive for probe in PROBES]
    assert all(price.eager_s >= 0 and price.vmapped_s >= 0 for price in prices.operations)
    assert prices.jitted_call_s > 0
    assert prices.mixing > 0

"""What a strategy should take: its dispatches, each at the price that eager JAX asks for it on this machine.

An eager call is the sum of its dispatches as long as the arrays are small: then the machine is busy with Python, and
hardly with numbers. `jnp.dot` and `*` go a short way through compiled code, indexing and `jnp.array` a long one through
Python; under an eager vmap all of them go the long way. The prices are measured with the same protocol as strategies.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.protocol import Instruments, Measurement, Plan, measure
from vmapdemo.timing.programs.inspection import inspect_trace

BATCH, REPEATS, JITTED = 4, 3, "jitted"
# Shorter blocks than for strategies: there are three dozen functions to price, and none takes longer than 2 ms.
PLAN = Plan(block_s=0.001)
_SIGNAL, _KERNEL, _NUMBER, _SQUARE = (jax.ShapeDtypeStruct(shape, "float32") for shape in ((5,), (3,), (), (3, 3)))
_WHOLE = jax.ShapeDtypeStruct((3,), "int32")


@dataclass(frozen=True, slots=True)
class Price:
    """Seconds of one operation, dispatched as it is and under an eager vmap."""

    primitive: str
    eager_s: float
    vmapped_s: float


@dataclass(frozen=True, slots=True)
class Prices:
    """The price of every operation known, of calling a jitted function, and of vmap before its first operation.

    `mixing`: how many times its price an operation costs when others come between, as it does in a real function; the
    prices are those of one kind again and again, which stays in the processor's caches. `vmapped_mixing` under vmap.
    `confirmed`: whether the times that all of it comes from were.
    """

    operations: tuple[Price, ...]
    jitted_call_s: float
    vmap_call_s: float
    mixing: float = 1.0
    vmapped_mixing: float = 1.0
    confirmed: bool = True

    def price_s(self, primitive: str, *, vmapped: bool = False) -> float | None:
        """Seconds of one such dispatch; None for a primitive that has no price."""
        if primitive == "jit":
            return self.jitted_call_s
        found = next((price for price in self.operations if price.primitive == primitive), None)
        return None if found is None else found.vmapped_s if vmapped else found.eager_s


def predicted_s(dispatches: Mapping[str, int], prices: Prices, *, vmapped: bool = False) -> float | None:
    """Seconds of a call with these dispatches, on arrays so small that the arithmetic is free.

    `vmapped`: whether it is an eager vmap, which its dispatches do not show. None where one of them has no price.
    """
    total_s = 0.0
    for primitive, count in dispatches.items():
        price_s = prices.price_s(primitive, vmapped=vmapped)
        if price_s is None:
            return None
        total_s += count * price_s
    if len(dispatches) > 1:
        total_s *= prices.vmapped_mixing if vmapped else prices.mixing
    return total_s + (prices.vmap_call_s if vmapped else 0.0)


@dataclass(frozen=True, slots=True)
class Probe:
    """A function of one example that shows what a primitive costs, and the shapes and dtypes that it takes."""

    primitive: str
    function: Callable[..., Any]
    takes: tuple[jax.ShapeDtypeStruct, ...]

    def args(self, *batch: int) -> tuple[jax.Array, ...]:
        """Arguments of ones, for one example or a batch."""
        return tuple(jnp.ones((*batch, *one.shape), one.dtype) for one in self.takes)

    def vmapped(self, repeats: int) -> Callable[..., Any]:
        """The function under vmap, done so often in each call."""
        return jax.vmap(lambda *args: [self.function(*args) for _ in range(repeats)][-1])

    def name(self, repeats: int = 0) -> str:
        """What it is called in a measurement: under vmap so often, or (0) as it is."""
        return f"{self.primitive} under vmap x{repeats}" if repeats else self.primitive

    def candidates(self) -> Iterator[Candidate]:
        """The calls whose times give its prices."""
        wait = methodcaller("block_until_ready")
        yield Candidate(self.name(), self.function, self.args(), wait)
        for repeats in (1, REPEATS):
            yield Candidate(self.name(repeats), self.vmapped(repeats), self.args(BATCH), wait)


_DOT = Probe("dot_general", lambda x, y: jnp.dot(x, y), (_KERNEL, _KERNEL))
# In this order: each is priced once the others that its function also dispatches are. x[0] is a slice and a squeeze.
PROBES = (
    Probe("slice", lambda x: x[0:3], (_SIGNAL,)),
    Probe("squeeze", lambda x: x[0], (_SIGNAL,)),
    _DOT,
    Probe("mul", lambda x, y: x * y, (_KERNEL, _KERNEL)),
    Probe("convert_element_type", lambda x, y: x * y, (_WHOLE, _KERNEL)),
    Probe("reduce_sum", lambda x: jnp.sum(x, axis=0), (_KERNEL,)),
    Probe("concatenate", lambda x, y: jnp.concatenate([x, y, y]), (_KERNEL, _KERNEL)),
    Probe("broadcast_in_dim", lambda a, b: jnp.array([a, b, b]), (_NUMBER, _NUMBER)),
    Probe("transpose", lambda square: square.T, (_SQUARE,)),
    # Under vmap a stack is a stack and a transpose.
    Probe("stack", lambda x, y: jnp.stack([x, y, y, y]), (_KERNEL, _KERNEL)),
)
# What the priced operations cost in turns.
MIXTURE = Probe(
    "mixture", lambda x, y: jnp.array([jnp.sum(x[tap : tap + 3] * y, axis=0) for tap in range(3)]), (_SIGNAL, _KERNEL)
)


def price_list(plan: Plan = PLAN, instruments: Instruments | None = None) -> Prices:
    """Measure the prices here and now: in a process that does nothing else, as everything that is timed.

    Compiling what is priced takes a few seconds; `plan` bounds the measuring after it.
    """
    candidates = [candidate for probe in (*PROBES, MIXTURE) for candidate in probe.candidates()]
    jitted = jax.jit(_DOT.function)
    candidates.append(Candidate(JITTED, jitted, _DOT.args(), methodcaller("block_until_ready")))
    for candidate in candidates:
        candidate.wait(candidate.function(*candidate.args))
    return prices_from(measure(candidates, plan, instruments or Instruments(), lambda rounds, spent_s: None))


def prices_from(measurement: Measurement) -> Prices:
    """The prices that the best times of the probes come to."""
    best_s = {blocks.name: min(blocks.seconds) for blocks in measurement.blocks}
    eager, vmapped = _eager_prices(best_s), _vmapped_prices(best_s)
    operations = tuple(Price(name, eager[name], vmapped[name]) for name in eager)
    return Prices(
        operations=operations,
        jitted_call_s=best_s[JITTED],
        vmap_call_s=max(0.0, best_s[_DOT.name(1)] - vmapped[_DOT.primitive]),
        mixing=best_s[MIXTURE.name()] / _paid_s(MIXTURE.function, MIXTURE.args(), eager),
        vmapped_mixing=_added_s(MIXTURE, best_s) / _paid_s(MIXTURE.vmapped(1), MIXTURE.args(BATCH), vmapped),
        confirmed=all(blocks.confirmed for blocks in measurement.blocks),
    )


def _paid_s(function: Callable[..., Any], args: tuple[jax.Array, ...], prices: Mapping[str, float]) -> float:
    """What the function's dispatches cost at these prices."""
    dispatches = inspect_trace(function, args).primitives or {}
    return sum(count * prices[primitive] for primitive, count in dispatches.items())


def _eager_prices(best_s: Mapping[str, float]) -> dict[str, float]:
    prices: dict[str, float] = {}
    for probe in PROBES:
        dispatches = inspect_trace(probe.function, probe.args()).primitives or {}
        prices[probe.primitive] = _remainder_s(best_s[probe.name()], probe.primitive, dispatches, prices)
    return prices


def _vmapped_prices(best_s: Mapping[str, float]) -> dict[str, float]:
    """From what each repetition adds, because vmap itself costs something before its first operation."""
    prices: dict[str, float] = {}
    for probe in PROBES:
        dispatches = inspect_trace(probe.vmapped(1), probe.args(BATCH)).primitives or {}
        prices[probe.primitive] = _remainder_s(_added_s(probe, best_s), probe.primitive, dispatches, prices)
    return prices


def _added_s(probe: Probe, best_s: Mapping[str, float]) -> float:
    return (best_s[probe.name(REPEATS)] - best_s[probe.name(1)]) / (REPEATS - 1)


def _remainder_s(seconds: float, primitive: str, dispatches: Mapping[str, int], prices: Mapping[str, float]) -> float:
    """What is left for the primitive when everything else that was dispatched with it is paid."""
    others_s = sum(count * prices[other] for other, count in dispatches.items() if other != primitive)
    return max(0.0, (seconds - others_s) / dispatches[primitive])

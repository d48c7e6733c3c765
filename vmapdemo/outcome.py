"""Scenario -> Outcome: the explanation, vmap's result, the reference, and what every strategy makes of it.

The pieces are separate and remembered, so that a page can show the verdict before anything has run: ``explanation``
needs shapes alone, ``evaluate`` runs vmap and the reference, ``run`` runs one strategy.

What is asked of a large scenario takes seconds: another process can ``see`` it, and this one ``adopt`` the answers.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.cell_links import Dependence, dependence
from vmapdemo.compiled import using_programs
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.cautions.value_rules import cautions_of_result
from vmapdemo.diagnosis.engine import diagnose
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import AnySize, Caution
from vmapdemo.explaining import call_of, explained, explained_within, shape_call
from vmapdemo.gallery.moved_batch import moved
from vmapdemo.scenario.argument import struct
from vmapdemo.scenario.form import Form
from vmapdemo.scenario.loops import Loop, looped, sliced
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.engine import trace_call

T = TypeVar("T")

REMEMBERED = 256
COMPILED = 128
ADOPTED = 64
TRACED = 16
"""A trace of the longest signals is some megabytes."""
MOMENT_S = 0.05
DISPATCH_S = 60e-6
COMPILE_S = 4e-3
JIT_OPERATIONS = 200
"""XLA's time to compile the unrolled convolve grows faster than its length: 0.6 s at 200 operations, 5 s at 800."""
FEW_OPERATIONS = 60
"""So few are compiled as one program in less time than one by one, and then run in a hundredth of it."""
LARGE_AXIS, LARGE_SIZE = 16, 256
"""Beyond them the first look at a scenario keeps a processor busy for longer than a moment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a scenario: ``result`` and ``reference`` are None where the call fails."""

    scenario: Scenario
    explanation: Explanation
    result: np.ndarray | None
    reference: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Run:
    """One strategy's result, or the sentence that says why it has none.

    ``agrees``: whether the result is the reference's; None where there is no reference, since the call fails.
    """

    strategy: str
    result: np.ndarray | None
    error: str | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a page asks of a scenario before any strategy runs; None where the call fails."""

    explanation: Explanation
    operations: int
    result: np.ndarray | None
    value_cautions: tuple[Caution, ...]
    any_size: AnySize | None
    links: Dependence | None


_of_shapes: dict[Any, Explanation] = {}
_adopted: OrderedDict[Scenario, Seen] = OrderedDict()
_judged: OrderedDict[Scenario, Explanation] = OrderedDict()
_adopting = threading.Lock()


def see(scenario: Scenario) -> Seen:
    """Find all of it out."""
    found = explanation(scenario)
    return Seen(
        explanation=found,
        operations=operations(scenario),
        result=result(scenario) if found.ok and scenario.has_numbers else None,
        value_cautions=value_cautions(scenario),
        any_size=any_size(scenario),
        links=links(scenario) if found.ok else None,
    )


def adopt(scenario: Scenario, seen: Seen) -> None:
    """Answer from what another process has seen, as long as it is among the last that were adopted."""
    _adopt_among(_adopted, scenario, seen)


def adopt_verdict(scenario: Scenario, found: Explanation) -> None:
    """Answer with the explanation that another process has found, before it has seen the rest."""
    _keep_by_shapes(_key_of_shapes(scenario), found)
    _adopt_among(_judged, scenario, found)


def _adopt_among(kept: OrderedDict[Scenario, T], scenario: Scenario, answer: T) -> None:
    with _adopting:
        kept[scenario] = answer
        kept.move_to_end(scenario)
        while len(kept) > ADOPTED:
            kept.popitem(last=False)


def needs_verdict(scenario: Scenario) -> bool:
    """Whether it would take this process long to explain a scenario: it is large, and of a shape that is new here."""
    return is_large(scenario) and scenario not in _judged and _key_of_shapes(scenario) not in _of_shapes


def is_large(scenario: Scenario) -> bool:
    """Whether a scenario is so large that it should be seen in another process, and has not been yet."""
    return scenario not in _adopted and any(
        max(argument.shape, default=1) > LARGE_AXIS or math.prod(argument.shape) > LARGE_SIZE
        for argument in scenario.arguments
    )


@lru_cache(maxsize=REMEMBERED)
def evaluate(scenario: Scenario) -> Outcome:
    """The explanation, vmap's result and the reference of a scenario."""
    found = explanation(scenario)
    if not found.ok or not scenario.has_numbers:
        return Outcome(scenario, found, None, None)
    found = replace(found, cautions=found.cautions + value_cautions(scenario))
    return Outcome(scenario, found, result(scenario), reference(scenario))


def explanation(scenario: Scenario) -> Explanation:
    """The explanation alone, from shapes."""
    seen = _adopted.get(scenario)
    if seen is not None:
        return seen.explanation
    return _judged.get(scenario) or _explained(scenario)


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _explained(scenario: Scenario) -> Explanation:
    """An edit of a value changes nothing in an explanation, unless it has fixes: those run on the scenario's arrays."""
    key = _key_of_shapes(scenario)
    found = _of_shapes.get(key)
    if found is None:
        found = explained(scenario, _probe(scenario.form.target))
        _keep_by_shapes(key, found)
    return found


def _keep_by_shapes(key: Any, found: Explanation) -> None:
    if found.fixes or any(caution.fix for caution in found.cautions):
        return
    if len(_of_shapes) >= REMEMBERED:
        _of_shapes.clear()
    _of_shapes[key] = found


def _key_of_shapes(scenario: Scenario) -> Any:
    names = tuple(argument.expression for argument in scenario.arguments)
    return scenario.form, scenario.batched, names, shapes(scenario)


def value_cautions(scenario: Scenario) -> tuple[Caution, ...]:
    """What the numbers show beside the shapes; they are looked at in vmap's result."""
    seen = _adopted.get(scenario)
    return _value_cautions(scenario) if seen is None else seen.value_cautions


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _value_cautions(scenario: Scenario) -> tuple[Caution, ...]:
    if not scenario.batched or not scenario.has_numbers or not explanation(scenario).ok:
        return ()
    axes = mapped_axes(scenario)
    mapped = MappedCall(call_of(scenario), tuple(axes[position] for position in scenario.form.order))
    return cautions_of_result(mapped, _probe(scenario.form.target), result(scenario))


def any_size(scenario: Scenario) -> AnySize | None:
    """The shapes of the call in symbols; None where it fails, and where the function is too long to be asked often."""
    seen = _adopted.get(scenario)
    if seen is not None:
        return seen.any_size
    if not scenario.batched or not explanation(scenario).ok or operations(scenario) > JIT_OPERATIONS:
        return None
    return _any_size(scenario.form, shapes(scenario))


def result(scenario: Scenario) -> np.ndarray:
    """What the call itself gives: vmap's result, or the function's own where the scenario is not batched.

    Needs a call that is accepted.
    """
    seen = _adopted.get(scenario)
    return _result(scenario) if seen is None or seen.result is None else seen.result


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _result(scenario: Scenario) -> np.ndarray:
    if not scenario.batched:
        return np.asarray(scenario.form.one()(*arrays(scenario)))
    name = "jit" if operations(scenario) <= FEW_OPERATIONS else "vmap"
    return np.asarray(_strategy(scenario, name)(*arrays(scenario)))


def links(scenario: Scenario) -> Dependence | None:
    """Which cells of one example its result depends on; None without numbers. Needs a call that is accepted."""
    if not scenario.has_numbers:
        return None
    seen = _adopted.get(scenario)
    if seen is not None:
        return seen.links
    shapes = tuple(row.example_shape or () for row in explanation(scenario).arguments)
    return _links(scenario.form, shapes, tuple(argument.dtype for argument in scenario.arguments))


@lru_cache(maxsize=REMEMBERED)
@using_programs
def reference(scenario: Scenario) -> np.ndarray:
    """Explicit slices: the function called on each example alone, the results stacked along out_axes.

    Needs a scenario that vmap accepts.
    """
    passed = [argument.passed for argument in scenario.arguments]
    alone = _one_example(scenario)
    if not scenario.batched:
        return np.asarray(alone(*passed))
    *outer, last = loops(scenario)
    one = _together(scenario, last) if scenario.entry.axis_name else sliced(alone, last, _stack)
    for loop in reversed(outer):
        one = sliced(one, loop, _stack)
    return np.asarray(one(*passed))


def _stack(results: list[Any], axis: int) -> np.ndarray:
    return np.stack([np.asarray(result) for result in results], axis)


def _together(scenario: Scenario, loop: Loop) -> Callable[..., jax.Array]:
    """A batch of a function that looks at other examples, which no slice alone gives: its loop, written by hand."""
    return moved(scenario.form.by_hand("loop"), loop.axes, loop.out_axes, loop.size)


def loops(scenario: Scenario) -> tuple[Loop, ...]:
    """The vmaps of a scenario as loops, the outer one first. ValueError where vmap refuses the call."""
    found = explanation(scenario)
    if not found.ok:
        raise ValueError("The call fails, so that there are no loops that do the same.")
    outer = Loop(_axes_of(found), scenario.out_axes, found.batch_size or 0)
    if scenario.inner is None:
        return (outer,)
    within = _within(scenario)
    return outer, Loop(_axes_of(within), scenario.inner.out_axes, within.batch_size or 0)


@lru_cache(maxsize=REMEMBERED)
@using_programs
def run(scenario: Scenario, strategy: str) -> Run:
    """One strategy on the scenario. What it raises becomes a sentence: that a strategy cannot do it is a lesson."""
    try:
        got = np.asarray(_strategy(scenario, strategy)(*arrays(scenario)))
    except (TypeError, ValueError, IndexError) as error:
        return Run(strategy, None, f"{type(error).__name__}: {error}", agrees=False)
    expected = evaluate(scenario).reference
    return Run(strategy, got, None, agrees=None if expected is None else agree(got, expected))


def agree(got: np.ndarray, expected: np.ndarray) -> bool:
    """Same shape and the same numbers up to float32 rounding."""
    return got.shape == expected.shape and bool(np.allclose(got, expected, rtol=1e-4, atol=1e-5, equal_nan=True))


@lru_cache(maxsize=REMEMBERED)
def arrays(scenario: Scenario) -> tuple[jax.Array, ...]:
    """The arguments as the call passes them, on JAX's device."""
    return tuple(jnp.asarray(argument.passed) for argument in scenario.arguments)


def mapped_axes(scenario: Scenario) -> tuple[int | None, ...]:
    """The axis of each argument; needs a scenario whose in_axes vmap accepts."""
    return _axes_of(explanation(scenario))


def _axes_of(found: Explanation) -> tuple[int | None, ...]:
    return tuple(row.axis for row in found.arguments)


def shapes(scenario: Scenario) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Shape and dtype of each argument as passed: what decides which programs XLA compiles."""
    return tuple((argument.shape, argument.dtype) for argument in scenario.arguments)


def callables(scenario: Scenario) -> dict[str, Callable[..., jax.Array]]:
    """Every strategy, by name, as a function of the arguments as they are passed; empty where nothing is batched.

    A strategy written by hand knows axis 0 alone: where the call fits, the batch is moved there and back for it.
    """
    if not scenario.batched:
        return {}
    return {name: _strategy(scenario, name) for name in scenario.strategies}


def is_moved(scenario: Scenario) -> bool:
    """Whether a strategy written by hand needs the batch moved to axis 0 of every argument, or back."""
    found = explanation(scenario)
    if not found.ok:
        return False
    mapped = [(row.axis, len(row.shape)) for row in found.arguments] + [(o.axis, len(o.shape)) for o in found.output]
    return any(axis is None or axis % ndim != 0 for axis, ndim in mapped)


def trace(scenario: Scenario) -> BatchTrace:
    """Where the batch axis is after every operation; arguments have the names that the function gives them.

    Needs a scenario that vmap accepts.
    """
    return _traced(scenario.form, shapes(scenario))


def operations(scenario: Scenario) -> int:
    """How many operations the function does for one example: what eager JAX dispatches, and what XLA compiles.

    Where the call fails there is no example; then every number of the arguments counts as one.
    """
    seen = _adopted.get(scenario)
    if seen is not None:
        return seen.operations
    if not explanation(scenario).ok:
        return sum(math.prod(argument.shape) for argument in scenario.arguments)
    shapes = tuple(row.example_shape or () for row in explanation(scenario).arguments)
    dtypes = tuple(argument.dtype for argument in scenario.arguments)
    return _operations(scenario.form, shapes, dtypes)


def is_slow(scenario: Scenario, strategy: str) -> bool:
    """Whether a strategy is predicted to take more than a moment, so that a page should wait for a click.

    From the number of operations and what one costs on a laptop: a prediction to within a factor of two or three.
    """
    count = operations(scenario)
    formulation = scenario.entry.formulation(strategy)
    if strategy == "jit":
        return count > JIT_OPERATIONS
    if formulation is None or not formulation.walks_examples:
        return strategy == "mathy" and count * DISPATCH_S > MOMENT_S
    if scenario.inner is not None and explanation(scenario).ok:
        count *= loops(scenario)[1].size
    return count * DISPATCH_S * (explanation(scenario).batch_size or 1) > MOMENT_S


def _strategy(scenario: Scenario, name: str) -> Callable[..., jax.Array]:
    if name == "jit":
        return _jitted(scenario.form, shapes(scenario))
    if name == "vmap":
        return scenario.form.vmapped()
    if scenario.inner is not None:
        return looped(scenario, loops(scenario))
    by_hand = scenario.form.by_hand(name)
    if not is_moved(scenario):
        return by_hand
    return moved(by_hand, mapped_axes(scenario), scenario.out_axes, explanation(scenario).batch_size or 0)


def _one_example(scenario: Scenario) -> Callable[..., jax.Array]:
    """The function of one example, compiled where compiling pays."""
    return scenario.form.one() if operations(scenario) > JIT_OPERATIONS else _compiled(scenario.form.alone)


@lru_cache(maxsize=COMPILED)
def _compiled(form: Form) -> Callable[..., jax.Array]:
    compiled: Callable[..., jax.Array] = jax.jit(form.one())
    return compiled


@lru_cache(maxsize=COMPILED)
def _jitted(form: Form, shapes: tuple[Any, ...]) -> Callable[..., jax.Array]:
    """jit of vmap; ``shapes`` is part of the key so that forgetting one frees its program."""
    compiled: Callable[..., jax.Array] = jax.jit(form.vmapped())
    return compiled


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _any_size(form: Form, shapes: tuple[Any, ...]) -> AnySize | None:
    return diagnose(shape_call(form, shapes), _probe(form.target)).any_size


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _operations(form: Form, shapes: tuple[tuple[int, ...], ...], dtypes: tuple[str, ...]) -> int:
    structs = map(struct, shapes, dtypes)
    # One example with the name of the axis: the operations are as many as for a batch.
    named = list(form.options.items())
    function = form.of_leaves(form.target)
    return len(jax.make_jaxpr(function, axis_env=[(name, 1) for _, name in named])(*structs).jaxpr.eqns)


@lru_cache(maxsize=COMPILED)
def _probe(_target: Callable[..., Any]) -> Probe:
    """One probe for all visitors of a function: its answers depend on shapes alone."""
    return Probe(binds_shared=False)


@lru_cache(maxsize=REMEMBERED)
def _links(form: Form, shapes: tuple[tuple[int, ...], ...], dtypes: tuple[str, ...]) -> Dependence | None:
    return dependence(form.of_leaves(form.target), shapes, dtypes)


@lru_cache(maxsize=TRACED)
@using_programs
def _traced(form: Form, shapes: tuple[tuple[tuple[int, ...], str], ...]) -> BatchTrace:
    # The programs hold every equation of both jaxprs, which no page shows.
    return replace(trace_call(shape_call(form, shapes), _probe(form.target)), programs=None)


def innermost(scenario: Scenario) -> Explanation:
    """The Explanation of the vmap next to the function, which says what the function sees. Needs an accepted call."""
    return explanation(scenario) if scenario.inner is None else _within(scenario)


@lru_cache(maxsize=REMEMBERED)
@using_programs
def _within(scenario: Scenario) -> Explanation:
    """The Explanation of the inner vmap; needs a scenario that has one, and whose arrays the outer one can slice."""
    return explained_within(scenario, explanation(scenario), _probe(scenario.form.alone.target))

"""What depends on the batch in a program of one example: which outputs, and the random numbers that are drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from vmapdemo.diagnosis.call import Call
from vmapdemo.diagnosis.probe.probe import Probe

DRAWS = frozenset({"random_bits", "random_gamma", "rng_bit_generator"})
NAMES_AN_EXAMPLE = frozenset({"axis_index"})


@dataclass(frozen=True, slots=True)
class Dependence:
    """For each output whether it depends on a mapped input; whether randomness is drawn from what does not."""

    outputs: tuple[bool, ...]
    draws_shared: bool
    draws: bool


def dependence_on_batch(call: Call, axes: tuple[Any, ...], probe: Probe) -> Dependence | None:
    """How the function of one example depends on what is mapped; None where it cannot be followed."""
    program = probe.program(call, axes)
    return None if program is None else _follow(program.jaxpr, program.mapped)


def draws_shared(call: Call, axes: tuple[Any, ...], probe: Probe) -> bool:
    """Whether an accepted call draws the same random numbers for all examples."""
    if not any(axis is not None for axis in axes):
        return False
    found = dependence_on_batch(call, axes, probe)
    return found is not None and found.draws_shared


def _follow(jaxpr: Jaxpr, inputs: Sequence[bool]) -> Dependence:
    depends: dict[Any, bool] = dict(zip(jaxpr.invars, inputs, strict=True))
    draws_shared = draws = False

    def of(atom: Any) -> bool:
        return not isinstance(atom, Literal) and depends.get(atom, False)

    for equation in jaxpr.eqns:
        given = [of(atom) for atom in equation.invars]
        outputs = [any(given) or equation.primitive.name in NAMES_AN_EXAMPLE] * len(equation.outvars)
        draws |= equation.primitive.name in DRAWS
        draws_shared |= equation.primitive.name in DRAWS and not any(given)
        for inner in _inner(equation.params.values()):
            found = _follow(inner, _inputs_of(inner, given))
            draws, draws_shared = draws or found.draws, draws_shared or found.draws_shared
            if len(inner.invars) == len(given) and len(found.outputs) == len(outputs) and _is_a_call(equation):
                outputs = list(found.outputs)
        depends.update(zip(equation.outvars, outputs, strict=True))
    return Dependence(tuple(of(atom) for atom in jaxpr.outvars), draws_shared, draws)


def _is_a_call(equation: Any) -> bool:
    """Whether the inner program runs once on the same inputs: what a loop carries may come to depend later on."""
    return "jaxpr" in equation.params and equation.primitive.name not in ("scan", "while", "cond")


def _inputs_of(inner: Jaxpr, given: list[bool]) -> list[bool]:
    """A branch lacks the predicate before its inputs; a loop's condition is taken to see everything."""
    count = len(inner.invars)
    return given[len(given) - count :] if count <= len(given) else [any(given)] * count


def _inner(values: Any) -> Iterator[Jaxpr]:
    for value in values:
        if isinstance(value, ClosedJaxpr):
            yield value.jaxpr
        elif isinstance(value, Jaxpr):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _inner(value)

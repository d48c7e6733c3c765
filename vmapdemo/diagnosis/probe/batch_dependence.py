"""What depends on the batch in a program of one example: which outputs, and the random numbers that are drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jax.extend.core import Jaxpr, JaxprEqn, Literal, jaxprs_in_params

from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Shape
from vmapdemo.jax_internals import open_jaxpr, scan_carry, while_constants

DRAWS = frozenset({"random_bits", "random_gamma", "rng_bit_generator"})
NAMES_AN_EXAMPLE = frozenset({"axis_index"})


@dataclass(frozen=True, slots=True)
class Dependence:
    """For each output whether it depends on a mapped input.

    ``shared``: the shapes of random numbers that are drawn from what does not, the same ones for all examples;
    ``draws_own``: whether others are drawn from what does.
    """

    outputs: tuple[bool, ...]
    shared: tuple[Shape, ...] = ()
    draws_own: bool = False

    @property
    def draws(self) -> bool:
        """Whether random numbers are drawn at all."""
        return bool(self.shared) or self.draws_own


def dependence_on_batch(mapped: MappedCall, probe: Probe) -> Dependence | None:
    """How the function of one example depends on what is mapped; None if it cannot be followed."""
    program = probe.program(mapped)
    return None if program is None else _follow(program.jaxpr, program.mapped)


def draws_shared(mapped: MappedCall, probe: Probe) -> bool:
    """Whether an accepted call draws the same random numbers for all examples."""
    found = dependence_on_batch(mapped, probe) if mapped.mapped else None
    return found is not None and bool(found.shared)


def _follow(jaxpr: Jaxpr, inputs: Sequence[bool]) -> Dependence:
    depends: dict[Any, bool] = dict(zip(jaxpr.invars, inputs, strict=True))
    shared: list[Shape] = []
    draws_own = False

    def of(atom: Any) -> bool:
        return not isinstance(atom, Literal) and depends.get(atom, False)

    for equation in jaxpr.eqns:
        given = [of(atom) for atom in equation.invars]
        found = _follow_equation(equation, given)
        shared += found.shared
        draws_own |= found.draws_own
        depends.update(zip(equation.outvars, found.outputs, strict=True))
    return Dependence(tuple(of(atom) for atom in jaxpr.outvars), tuple(shared), draws_own)


def _follow_equation(equation: JaxprEqn, given: list[bool]) -> Dependence:
    name = equation.primitive.name
    if name in DRAWS:
        made: Any = equation.outvars[-1].aval
        outputs = (any(given),) * len(equation.outvars)
        return Dependence(outputs, () if any(given) else (tuple(made.shape),), any(given))
    bodies = list(_bodies(equation, given))
    anything = any(given) or name in NAMES_AN_EXAMPLE
    outputs = (anything,) * len(equation.outvars)
    if len(bodies) == 1 and len(bodies[0].outputs) == len(outputs) and name not in ("cond", "while"):
        outputs = bodies[0].outputs
    shared = tuple(shape for body in bodies for shape in body.shared)
    return Dependence(outputs, shared, any(body.draws_own for body in bodies))


def _bodies(equation: JaxprEqn, given: list[bool]) -> Iterator[Dependence]:
    """What is in the functions, loops and branches that an equation runs."""
    name, params = equation.primitive.name, equation.params
    if name == "scan":
        yield _carried(open_jaxpr(params["jaxpr"]), given, *scan_carry(equation))
    elif name == "while":
        skipped, constants = while_constants(equation)
        yield _carried(open_jaxpr(params["body_jaxpr"]), given[skipped:], constants, len(given) - skipped)
    else:
        for inner in jaxprs_in_params(params):
            count = len(inner.invars)
            # A branch lacks the predicate in front; if it takes more inputs than are given, all may be of the batch.
            taken = given[len(given) - count :] if count <= len(given) else [any(given)] * count
            yield _follow(inner, taken)


def _carried(body: Jaxpr, given: list[bool], first: int, last: int) -> Dependence:
    """The body of a loop once what it carries no longer comes to depend on more."""
    inputs = list(given)
    while True:
        found = _follow(body, inputs)
        after = [before or now for before, now in zip(inputs[first:last], found.outputs, strict=False)]
        if after == inputs[first:last]:
            return found
        inputs[first:last] = after

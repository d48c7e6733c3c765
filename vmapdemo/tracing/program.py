"""A jaxpr as a straight line of operations: calls are inlined, loops and conditions keep their bodies."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from vmapdemo.diagnosis.probe.source_line import SourceLine, line_of
from vmapdemo.jax_internals import BODIES, CALLS, function_name, open_jaxpr

Atom = int | Literal
"""What an operation reads: the number of a value, or a number written out."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One equation, with its values by number; ``bodies`` are those of a loop or condition."""

    index: int
    equation: JaxprEqn
    inputs: tuple[Atom, ...]
    outputs: tuple[int, ...]
    source: SourceLine | None
    within: tuple[str, ...]
    bodies: tuple["Program", ...] = ()

    @property
    def primitive(self) -> str:
        return str(self.equation.primitive.name)

    @property
    def made(self) -> tuple[Any, ...]:
        """The abstract values of the outputs: shape and dtype."""
        return tuple(var.aval for var in self.equation.outvars)


@dataclass(frozen=True, slots=True)
class Program:
    """Operations in order. ``avals`` are the abstract values of the inputs, ``constants`` maps numbers to values.

    A literal passed to an inlined function becomes a constant: inside, it is a variable.
    """

    index: int
    inputs: tuple[int, ...]
    avals: tuple[Any, ...]
    constants: dict[int, Any]
    operations: tuple[Operation, ...]
    outputs: tuple[Atom, ...]

    @property
    def entering(self) -> tuple[int, ...]:
        """The values that are there before the first operation."""
        return (*self.inputs, *self.constants)

    def walk(self) -> Iterator[Operation]:
        """Every operation, those in bodies included."""
        for operation in self.operations:
            yield operation
            for body in operation.bodies:
                yield from body.walk()


def read_program(closed: ClosedJaxpr) -> Program:
    """The program of a jaxpr; numbers are unique through all of its bodies.

    Raises NotImplementedError if an operation makes something other than a plain array, such as a ``jax.new_ref``.
    """
    program = _Reader(itertools.count()).program(closed, (), None)
    for operation in program.walk():
        if not all(isinstance(aval, jax.core.ShapedArray) for aval in operation.made):
            name = operation.primitive
            raise NotImplementedError(f"trace follows plain arrays only, and `{name}` makes another kind.")
    return program


def with_bodies(operation: Operation, bodies: list[ClosedJaxpr]) -> dict[str, Any]:
    """The parameters of a loop or condition with other bodies, which come in the order of ``operation.bodies``."""
    parameters, rest = dict(operation.equation.params), iter(bodies)
    for name in BODIES.get(operation.primitive, ()):
        held = parameters[name]
        parameters[name] = tuple(next(rest) for _ in held) if isinstance(held, tuple) else next(rest)
    return parameters


def _bodies(equation: JaxprEqn) -> Iterator[tuple[str, ClosedJaxpr]]:
    """The bodies of a loop or condition with what each is called."""
    for name, label in BODIES.get(equation.primitive.name, {}).items():
        held = equation.params[name]
        if isinstance(held, tuple):
            yield from ((f"{label} {index}", body) for index, body in enumerate(held))
        else:
            yield label, held


def _called(equation: JaxprEqn) -> ClosedJaxpr | Jaxpr | None:
    """The function that the equation only calls, or None if it does something itself."""
    name = CALLS.get(equation.primitive.name)
    return None if name is None else equation.params.get(name)


def _called_name(equation: JaxprEqn, jaxpr: Jaxpr) -> str:
    return str(equation.params.get("name") or function_name(jaxpr) or equation.primitive.name)


class _Reader:
    """Numbers values, operations and programs with one counter."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers

    def program(self, closed: ClosedJaxpr, within: tuple[str, ...], caller: SourceLine | None) -> Program:
        values: dict[Var, Atom] = {}
        constants: dict[int, Any] = {}
        inputs = tuple(self._number(var, values) for var in closed.jaxpr.invars)
        index = next(self._numbers)
        operations = tuple(self._operations(closed, values, constants, within, caller))
        outputs = tuple(_read(values, atom) for atom in closed.jaxpr.outvars)
        return Program(index, inputs, tuple(closed.in_avals), constants, operations, outputs)

    def _operations(
        self,
        closed: ClosedJaxpr | Jaxpr,
        values: dict[Var, Atom],
        constants: dict[int, Any],
        within: tuple[str, ...],
        caller: SourceLine | None,
    ) -> Iterator[Operation]:
        jaxpr = open_jaxpr(closed)
        for var, value in zip(jaxpr.constvars, getattr(closed, "consts", ()), strict=True):
            constants[self._number(var, values)] = value
        for equation in jaxpr.eqns:
            source = line_of(equation, jaxpr, caller)
            called = _called(equation)
            if called is None:
                yield self._operation(equation, values, source, within)
                continue
            inner = open_jaxpr(called)
            inside = self._passed(equation, inner, values, constants)
            name = _called_name(equation, inner)
            yield from self._operations(called, inside, constants, (*within, name), source)
            values.update(zip(equation.outvars, [_read(inside, atom) for atom in inner.outvars], strict=True))

    def _passed(
        self, equation: JaxprEqn, inner: Jaxpr, values: dict[Var, Atom], constants: dict[int, Any]
    ) -> dict[Var, Atom]:
        """What the parameters of an inlined function stand for."""
        inside: dict[Var, Atom] = {}
        for var, atom in zip(inner.invars, equation.invars, strict=True):
            if isinstance(atom, Literal):
                constants[self._number(var, inside)] = atom.val
            else:
                inside[var] = values[atom]
        return inside

    def _operation(
        self, equation: JaxprEqn, values: dict[Var, Atom], source: SourceLine | None, within: tuple[str, ...]
    ) -> Operation:
        inputs = tuple(_read(values, atom) for atom in equation.invars)
        bodies = tuple(self.program(body, (*within, label), source) for label, body in _bodies(equation))
        outputs = tuple(self._number(var, values) for var in equation.outvars)
        return Operation(next(self._numbers), equation, inputs, outputs, source, within, bodies)

    def _number(self, var: Var, values: dict[Var, Atom]) -> int:
        number = next(self._numbers)
        values[var] = number
        return number


def _read(values: dict[Var, Atom], atom: Var | Literal) -> Atom:
    return atom if isinstance(atom, Literal) else values[atom]

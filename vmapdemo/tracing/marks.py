"""Marks: an identity after every operation, which tells where the batch axis is and survives batching.

``jax.vmap`` treats a program one operation after the other. With a mark after each of them, JAX's batched program
comes in parts, one for each operation of the example, and each mark says where vmap left the batch axis.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Literal, Primitive
from jax.interpreters import batching

from vmapdemo.jax_internals import bind
from vmapdemo.tracing.program import Atom, Operation, Program, with_bodies

OUTPUTS = -1
"""The mark of the function's results; the others bear the number of an operation or of a program (what enters it)."""

_mark = Primitive("vmapdemo_mark")
_mark.multiple_results = True
_mark.def_abstract_eval(lambda *avals, **_: avals)


def _batch_mark(values: tuple[Any, ...], axes: tuple[Any, ...], *, number: int, axes_found: Any) -> Any:
    return _mark.bind(*values, number=number, axes_found=tuple(axes)), axes


batching.primitive_batchers[_mark] = _batch_mark


def _marked(values: Iterable[Any], number: int) -> list[Any]:
    values = list(values)
    return list(_mark.bind(*values, number=number, axes_found=(None,) * len(values)))


def run_marked(program: Program, arguments: Iterable[Any]) -> list[Any]:
    """Run a program with a mark on what enters it and after every operation, to be traced by JAX."""
    entering = _marked([*arguments, *program.constants.values()], program.index)
    values = dict(zip(program.entering, entering, strict=True))
    for operation in program.operations:
        results = _run(operation, [_value(values, atom) for atom in operation.inputs])
        values.update(zip(operation.outputs, _marked(results, operation.index), strict=True))
    return [_value(values, atom) for atom in program.outputs]


def run_to_the_end(program: Program) -> Callable[..., list[Any]]:
    """The marked program as a function of its inputs, with a mark on its results."""
    return lambda *arguments: _marked(run_marked(program, arguments), OUTPUTS)


def _value(values: dict[int, Any], atom: Atom) -> Any:
    return atom.val if isinstance(atom, Literal) else values[atom]


def _run(operation: Operation, inputs: list[Any]) -> list[Any]:
    bodies = [_marked_body(body) for body in operation.bodies]
    return bind(operation.equation, inputs, with_bodies(operation, bodies))


def _marked_body(body: Program) -> ClosedJaxpr:
    structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype, weak_type=aval.weak_type) for aval in body.avals]
    return jax.make_jaxpr(lambda *arguments: run_marked(body, arguments))(*structs)


@dataclass(frozen=True, slots=True)
class Reading:
    """JAX's batched program, split at the marks.

    ``marks``: the first mark with each number. ``parts``: the operations that belong to each operation of the
    example. ``closing``: those after the last one, which bring the results to ``out_axes``. ``names``: for each
    value that a mark passes on, the mark's number and the value's place in it.
    """

    marks: dict[int, Operation]
    parts: dict[int, list[Operation]]
    closing: list[Operation]
    names: dict[int, tuple[int, int]]

    def axes(self, number: int) -> tuple[int | None, ...]:
        """Where the batch axis is in the values at a mark."""
        return tuple(self.marks[number].equation.params["axes_found"])

    def shapes(self, number: int) -> tuple[tuple[int, ...], ...]:
        """The batched shapes of the values at a mark."""
        return tuple(tuple(aval.shape) for aval in self.marks[number].made)


def read_marks(batched: Program, example: Program) -> Reading:
    """Which operations of the batched program belong to which operation of the example."""
    reading = Reading({}, {operation.index: [] for operation in example.walk()}, [], {})
    reading.closing.extend(_take_apart(batched, _owners(example, None), reading))
    return reading


def _owners(program: Program, owner: int | None) -> dict[int, int | None]:
    """For each program and each operation, the loop or condition in whose body it is."""
    owners = {program.index: owner}
    for operation in program.operations:
        owners[operation.index] = owner
        for body in operation.bodies:
            owners |= _owners(body, operation.index)
    return owners


def _take_apart(batched: Program, owners: dict[int, int | None], reading: Reading) -> list[Operation]:
    """Give every operation to the mark that follows it; what no mark follows comes back."""
    waiting: list[Operation] = []
    for operation in batched.operations:
        if operation.equation.primitive is _mark:
            _give(operation, waiting, owners, reading)
            waiting = []
            continue
        waiting.append(operation)
        for body in operation.bodies:
            waiting += _take_apart(body, owners, reading)
    return waiting


def _give(mark: Operation, waiting: list[Operation], owners: dict[int, int | None], reading: Reading) -> None:
    """Credit pending operations to the mark's operation.

    If that mark was seen before (the test of a ``while`` may stand in its body too), or if they prepare a body's
    inputs, credit the enclosing loop or condition.
    """
    number = mark.equation.params["number"]
    is_first = number not in reading.marks
    receiver = number if is_first and number in reading.parts else owners.get(number)
    if receiver is not None:
        reading.parts[receiver] += waiting
    if is_first:
        reading.marks[number] = mark
    for place, values in enumerate(zip(mark.inputs, mark.outputs, strict=True)):
        for value in values:
            if not isinstance(value, Literal):
                reading.names.setdefault(value, (number, place))

"""Steps from a program and its marked batched form: names, shapes, positions, texts and counts."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
from jax.extend.core import DropVar, Literal

from vmapdemo.diagnosis.call.axes import with_axis
from vmapdemo.tracing.marks import OUTPUTS, Reading
from vmapdemo.tracing.notation import letters, line, number_text
from vmapdemo.tracing.primitives.descriptions import describe
from vmapdemo.tracing.primitives.flops import count_flops
from vmapdemo.tracing.primitives.notes import Rewriting, note
from vmapdemo.tracing.program import Atom, Operation, Program
from vmapdemo.tracing.records import Array, Result, Step
from vmapdemo.tracing.source import source_of


@dataclass(frozen=True, slots=True)
class Traced:
    """A program of one example, the batched program with its marks, and how the marks were read.

    ``arrays``: every value of the example by number. ``names``: the values of the batched program that a mark knows.
    """

    example: Program
    batched: Program
    reading: Reading
    arrays: dict[int, Array]
    names: dict[int, str]
    size: int

    def array(self, atom: Atom) -> Array:
        """What an operation of the example reads."""
        if not isinstance(atom, Literal):
            return self.arrays[atom]
        aval: Any = atom.aval
        return Array(number_text(atom.val), str(aval.dtype), tuple(aval.shape), None, tuple(aval.shape))


def traced(example: Program, batched: Program, reading: Reading, input_names: tuple[str, ...], size: int) -> Traced:
    """Names and arrays for every value; ``input_names`` are those of the example's inputs."""
    named = _example_names(example, input_names)
    arrays = dict(_arrays(example, reading, named))
    return Traced(example, batched, reading, arrays, _batched_names(example, reading, named), size)


def _programs(program: Program) -> Iterator[Program]:
    yield program
    for operation in program.walk():
        yield from operation.bodies


def _example_names(example: Program, input_names: tuple[str, ...]) -> dict[int, str]:
    """The inputs by their own names, all else by letters in the order in which it is made."""
    named = dict(zip(example.inputs, input_names, strict=True))
    fresh = letters(frozenset(input_names))
    _name_values(example, named, fresh)
    return named


def _name_values(program: Program, named: dict[int, str], fresh: Iterator[str]) -> None:
    named |= {number: number_text(value) for number, value in program.constants.items() if _is_written_out(value)}
    for value in program.entering:
        if value not in named:
            named[value] = next(fresh)
    for operation in program.operations:
        for body in operation.bodies:
            _name_values(body, named, fresh)
        for value, var in zip(operation.outputs, operation.equation.outvars, strict=True):
            named[value] = "_" if isinstance(var, DropVar) else next(fresh)


def _batched_names(example: Program, reading: Reading, named: dict[int, str]) -> dict[int, str]:
    """A value of the batched program is called what it is called in the example."""
    behind = {program.index: program.entering for program in _programs(example)}
    behind |= {operation.index: operation.outputs for operation in example.walk()}
    return {value: named[behind[number][place]] for value, (number, place) in reading.names.items() if number in behind}


def _is_written_out(value: Any) -> bool:
    return not isinstance(value, jax.Array) and getattr(value, "shape", ()) == ()


def _arrays(program: Program, reading: Reading, named: dict[int, str]) -> Iterator[tuple[int, Array]]:
    if program.index in reading.marks:
        avals = (*program.avals, *map(jax.typeof, program.constants.values()))
        yield from _at_mark(program.index, program.entering, avals, reading, named)
    for operation in program.operations:
        if operation.index in reading.marks:
            yield from _at_mark(operation.index, operation.outputs, operation.made, reading, named)
        for body in operation.bodies:
            yield from _arrays(body, reading, named)


def _at_mark(
    number: int, values: tuple[int, ...], avals: Iterable[Any], reading: Reading, named: dict[int, str]
) -> Iterator[tuple[int, Array]]:
    found = zip(values, avals, reading.axes(number), reading.shapes(number), strict=True)
    for value, aval, axis, shape in found:
        yield value, Array(named[value], str(aval.dtype), tuple(aval.shape), axis, shape)


def steps(found: Traced) -> tuple[Step, ...]:
    """A Step for every operation of the example."""
    return _steps(found, found.example)


def _steps(found: Traced, program: Program) -> tuple[Step, ...]:
    """Empty if the batched program has no separate copy of this body."""
    return tuple(_step(found, operation) for operation in program.operations) if _is_held(found, program) else ()


def _is_held(found: Traced, program: Program) -> bool:
    return {program.index, *(operation.index for operation in program.operations)} <= found.reading.marks.keys()


def _step(found: Traced, operation: Operation) -> Step:
    part = tuple(found.reading.parts[operation.index])
    inputs = tuple(map(found.array, operation.inputs))
    outputs = tuple(map(found.array, operation.outputs))
    inner = tuple(step for body in operation.bodies for step in _steps(found, body))
    shared = all(array.axis is None for array in (*inputs, *outputs)) and all(step.shared for step in inner)
    results = tuple(tuple(map(found.array, body.outputs)) for body in operation.bodies if _is_held(found, body))
    rewriting = Rewriting(operation, part, inputs, outputs, results, shared, found.size)
    return Step(
        primitive=operation.primitive,
        description=describe(operation.primitive, operation.equation.params),
        inputs=inputs,
        outputs=outputs,
        rewritten_to=tuple(piece.primitive for piece in part),
        note=note(rewriting),
        shared=shared,
        source=source_of(operation.source),
        within=operation.within,
        example_text=_example_text(operation, inputs, outputs),
        batched_text=_batched_text(found, part, outputs),
        flops=count_flops(operation.equation),
        batched_flops=None if operation.bodies else _total(count_flops(piece.equation) for piece in part),
        inner=inner,
    )


def _total(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def _example_text(operation: Operation, inputs: tuple[Array, ...], outputs: tuple[Array, ...]) -> str:
    made = zip([array.name for array in outputs], operation.made, strict=True)
    return line(made, operation.primitive, operation.equation.params, [array.name for array in inputs])


def _batched_text(found: Traced, part: tuple[Operation, ...], outputs: tuple[Array, ...]) -> tuple[str, ...]:
    """The lines of a step's part; values that the example does not have are called ``c.1``, ``c.2`` after its ``c``."""
    own = outputs[0].name if outputs else "effect"
    made = [value for piece in part for value in piece.outputs if value not in found.names]
    names = ChainMap({value: f"{own}.{count}" for count, value in enumerate(made, start=1)}, found.names)
    return tuple(_piece_text(piece, names) for piece in part)


def _piece_text(piece: Operation, names: Mapping[int, str]) -> str:
    made = zip([names[value] for value in piece.outputs], piece.made, strict=True)
    inputs = [number_text(atom.val) if isinstance(atom, Literal) else names.get(atom, "?") for atom in piece.inputs]
    return line(made, piece.primitive, piece.equation.params, inputs)


def results(found: Traced, paths: tuple[str, ...], out_axes: tuple[int | None, ...]) -> tuple[Result, ...]:
    """The arrays of the result with ``paths`` for names, and what was inserted to bring them to ``out_axes``."""
    closing = {value: piece for piece in found.reading.closing for value in piece.outputs}
    ends = zip(found.example.outputs, found.batched.outputs, paths, out_axes, found.reading.axes(OUTPUTS), strict=True)
    made = []
    for atom, end, path, axis, found_axis in ends:
        array = found.array(atom)
        axis = None if axis is None else axis % (len(array.shape) + 1)
        moved = replace(array, name=path, axis=axis, batched_shape=with_axis(array.shape, axis, found.size))
        made.append(Result(moved, found_axis, _brought_by(end, closing)))
    return tuple(made)


def _brought_by(atom: Atom, closing: dict[int, Operation]) -> tuple[str, ...]:
    pieces: list[str] = []
    while not isinstance(atom, Literal) and atom in closing:
        pieces.insert(0, closing[atom].primitive)
        atom = closing[atom].inputs[0]
    return tuple(pieces)

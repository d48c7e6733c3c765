"""XLA's program for a whole strategy: its text read into instructions, each with the line of Python that it is from."""

import linecache
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import jax

from vmapdemo.timing.programs.inspection import Inspection

_COMPUTATION = re.compile(r"^(?:ENTRY )?%?([\w.-]+) \(.*\) -> .* \{$")
# A tuple's shape has blanks in it, so the operation is the first word that an opening bracket follows.
_INSTRUCTION = re.compile(r"^\s+(?:ROOT )?%?([\w.-]+) = (.+?) ([a-z][\w-]*)\(")
_TABLES = ("FileNames", "FunctionNames", "FileLocations", "StackFrames")
_ROW = re.compile(r'^(\d+) (?:"(.*)"|\{(.*)\})$')
_METADATA = re.compile(r",? ?\bmetadata=\{((?:[^{}\"]|\"[^\"]*\")*)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of Python: `function` is the innermost one there, None where XLA does not name it."""

    file: str
    line: int
    function: str | None = None

    @property
    def source(self) -> str | None:
        """The line's text, or None where the file cannot be read."""
        return linecache.getline(self.file, self.line).strip() or None


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of the optimised program, and where in Python it is from (None where XLA does not say).

    `computation` names the part of the program that it stands in: the entry, the inside of a fusion, a loop's body.
    """

    text: str
    name: str
    opcode: str
    shape: str
    computation: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class ProgramMeters:
    """What one compiled program consists of, and what a run of it needs; None where XLA gives no true figure.

    `instructions` counts parameters and the inside of fusions too. `bytes` is what a run reads and writes,
    `memory_bytes` what it holds: arguments, results, and the `temporary_bytes` between them.
    """

    instructions: int
    fusions: int
    flops: float | None
    bytes: float | None
    memory_bytes: int | None
    temporary_bytes: int | None
    lines: tuple[Instruction, ...]


def read_program(found: Inspection) -> ProgramMeters | None:
    """What the strategy's compiled program consists of; None where there is none.

    >>> import jax.numpy as jnp
    >>> from vmapdemo.timing.programs.inspection import inspect_program
    >>> program = read_program(inspect_program(lambda x: jnp.sin(x) * 2, (jnp.ones(3),)))
    >>> program.fusions, program.memory_bytes
    (1, 24)
    """
    if found.program is None:
        return None
    compiled = found.program.compiled
    lines = parse_program(compiled.as_text() or "")
    memory = compiled.memory_analysis()
    parts = ("argument_size_in_bytes", "output_size_in_bytes", "temp_size_in_bytes")
    sizes = [getattr(memory, part, None) for part in parts]
    return ProgramMeters(
        instructions=len(lines),
        fusions=sum(line.opcode == "fusion" for line in lines),
        flops=found.flops,
        # A loop's body is counted once in this figure as well.
        bytes=None if found.flops is None else _bytes_accessed(compiled),
        memory_bytes=None if None in sizes else sum(size for size in sizes if size is not None),
        temporary_bytes=sizes[-1],
        lines=lines,
    )


def parse_program(text: str) -> tuple[Instruction, ...]:
    """Every instruction of a program's text (`compiled.as_text()`), in its order.

    The place in Python stands in the instruction's metadata, or in tables at the top to which it has a number.
    """
    return tuple(_instructions(text))


def _instructions(text: str) -> Iterator[Instruction]:
    tables, computation = _read_tables(text), ""
    for line in text.splitlines():
        if heading := _COMPUTATION.match(line):
            computation = heading[1]
        elif found := _INSTRUCTION.match(line):
            name, shape, opcode = found.groups()
            metadata = _METADATA.search(line)
            place = _place(_fields(metadata[1]), tables) if metadata else None
            yield Instruction(_METADATA.sub("", line).strip(), name, opcode, shape, computation, place)


def _place(metadata: Mapping[str, str], tables: Mapping[str, Mapping[str, str]]) -> Place | None:
    """Where the metadata say that the instruction is from, through the frame's number or in words."""
    frame = _fields(tables["StackFrames"].get(metadata.get("stack_frame_id", ""), ""))
    location = _fields(tables["FileLocations"].get(frame.get("file_location_id", ""), ""))
    file = tables["FileNames"].get(location.get("file_name_id", ""), metadata.get("source_file"))
    line = location.get("line", metadata.get("source_line"))
    if file is None or line is None:
        return None
    return Place(file, int(line), tables["FunctionNames"].get(location.get("function_name_id", "")))


def _read_tables(text: str) -> dict[str, dict[str, str]]:
    """The tables of files, functions, locations and stack frames: row by number."""
    tables: dict[str, dict[str, str]] = {name: {} for name in _TABLES}
    current: dict[str, str] = {}
    for line in text.splitlines():
        current = tables.get(line, current)
        if row := _ROW.match(line):
            current[row[1]] = row[2] if row[2] is not None else row[3]
    return tables


def _fields(text: str) -> dict[str, str]:
    """`a=1 b="c d"` as a dictionary."""
    return {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', text)}


def _bytes_accessed(compiled: jax.stages.Compiled) -> float | None:
    costs = compiled.cost_analysis()
    found = costs.get("bytes accessed") if isinstance(costs, dict) else None
    return None if found is None else float(found)

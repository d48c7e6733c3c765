"""What can be the answer to a question: numbers, a shape, a count, or that the call is refused, and why."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A result: its shape, and its numbers in order, as they are written."""

    shape: tuple[int, ...]
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """Rows of numbers in Python's brackets, a row a line."""
        return _nested(self.cells, self.shape)


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of an array."""

    sizes: tuple[int, ...]

    @property
    def text(self) -> str:
        """As NumPy writes it: ``(2, 3)``."""
        return str(self.sizes)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happens."""

    number: int

    @property
    def text(self) -> str:
        """The number."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Ran:
    """The call is not refused, as was thought: the shape of what comes of it."""

    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The call is refused. ``reason`` is one of REASONS; ``argument`` is at fault, where the question asks for one."""

    reason: str
    argument: str = ""


REASONS = ("sizes", "rank", "function", "out_axes", "axes", "negative")
"""Sizes that disagree, an axis that an array or a result lacks, what the function takes no part of, and the rest."""

Answer = Numbers | Shape | Count | Ran | Refused


class RefusalError(ValueError):
    """A call that is refused, in the model of somebody who walks through it; the message is one of REASONS."""


def numbers(array: Any) -> Numbers:
    """An array as an answer: four digits of each number, and no zero below zero."""
    given = np.asarray(array)
    return Numbers(given.shape, tuple(cell(value) for value in given.ravel().tolist()))


def cell(value: float) -> str:
    """One number as it is written: whole numbers without a point, others with four digits."""
    text = f"{value:.4g}" if abs(value) < 1e4 else f"{value:.6g}"
    return "0" if text == "-0" else text


def differing(one: Numbers, other: Numbers) -> tuple[Index, ...]:
    """The cells in which the first differs from the second; all of them where their shapes do."""
    indices = np.ndindex(one.shape)
    if one.shape != other.shape:
        return tuple(indices)
    pairs = zip(indices, one.cells, other.cells, strict=True)
    return tuple(index for index, mine, theirs in pairs if mine != theirs)


def _nested(cells: tuple[str, ...], shape: tuple[int, ...], indent: int = 0) -> str:
    if not shape:
        return cells[0]
    size = len(cells) // max(shape[0], 1)
    parts = [_nested(cells[at * size : (at + 1) * size], shape[1:], indent + 1) for at in range(shape[0])]
    return f"[{(', ' if len(shape) == 1 else ',' + chr(10) + ' ' * (indent + 1)).join(parts)}]"

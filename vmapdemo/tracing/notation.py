"""Program text: one line per operation, as JAX writes it, with parameters that say nothing left out."""

import itertools
import operator
import re
import string
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

MOST_OPERANDS = 10
"""Lines with more operands are cut."""

_SILENT = frozenset({"preferred_element_type", "cond_nconsts", "body_nconsts", "num_consts", "const_lengths"})
"""Parameters that say nothing about axes."""

_DTYPE = re.compile(r"(float|int|uint|complex)(\d+)$")


def short_dtype(dtype: Any) -> str:
    """JAX's short name of a dtype.

    >>> short_dtype("float32"), short_dtype("uint8"), short_dtype("bool")
    ('f32', 'u8', 'bool')
    """
    return _DTYPE.sub(lambda found: found[1][0] + found[2], str(dtype))


def type_text(aval: Any) -> str:
    """``f32[4,3]``; the plain text of what is no array."""
    if not hasattr(aval, "shape") or not hasattr(aval, "dtype"):
        return str(aval)
    return f"{short_dtype(aval.dtype)}[{','.join(map(str, aval.shape))}]"


def number_text(number: Any) -> str:
    """A single number as it is written out: ``2.0``, ``True``, ``0.333333``.

    JAX's own integers, which a traced ``rounds + 1`` holds, call themselves ``TypedInt(1, dtype=int32)``.
    """
    value = number.item() if hasattr(number, "item") else number
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__repr__(value)
    short = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{short}.0" if isinstance(value, float) and short.lstrip("-").isdigit() else short


def line(outputs: Iterable[tuple[str, Any]], primitive: str, parameters: dict[str, Any], inputs: Iterable[str]) -> str:
    """``c:f32[3] = slice[start_indices=(0,) limit_indices=(3,)] x``, from names with abstract values."""
    made = " ".join(f"{name}:{type_text(aval)}" for name, aval in outputs)
    texts = {name: _parameter_text(value) for name, value in parameters.items() if name not in _SILENT}
    shown = [f"{name}={text}" for name, text in texts.items() if text is not None]
    operation = f"{primitive}[{' '.join(shown)}]" if shown else primitive
    return " ".join(part for part in (made, "=" if made else "", operation, *_few(list(inputs))) if part)


def makes(text: str) -> list[str]:
    """The names of what a line makes.

    >>> makes("a:f32[3] b:i32[] = sort[dimension=0 num_keys=1] x y"), makes("effect x")
    (['a', 'b'], [])
    """
    outputs, equals, _ = text.partition(" = ")
    return [output.partition(":")[0] for output in outputs.split()] if equals else []


def reads(text: str) -> list[str]:
    """The names of what a line reads.

    >>> reads("a:f32[] = dot_general[dimension_numbers=(((0,), (0,)), ((), ()))] x y"), reads("a:f32[] = sin x")
    (['x', 'y'], ['x'])
    >>> reads("a:i32[3] = iota[dimension=0 shape=(3,)]"), reads("effect x")
    ([], ['x'])
    """
    operation = text.partition(" = ")[2] or text
    if operation.endswith("]"):
        return []
    return operation.rpartition("] ")[2].split() if "[" in operation else operation.split()[1:]


def _few(names: list[str]) -> list[str]:
    """The first and the last of many operands, as a concatenation of sixty windows has them."""
    return names if len(names) <= MOST_OPERANDS else [*names[: MOST_OPERANDS - 2], "...", names[-1]]


def _parameter_text(value: Any) -> str | None:
    """Numbers, names and tuples of them as text; None for functions, programs and what is None or False anyway."""
    if value is None or value is False or _is_empty(value):
        return None
    if isinstance(value, tuple | list):
        texts = [_entry_text(entry) for entry in value]
        if None in texts:
            return None
        return f"({', '.join(text or '' for text in texts)}{',' if len(texts) == 1 else ''})"
    return _entry_text(value)


def _entry_text(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str | np.dtype):
        return str(value)
    if isinstance(value, int | np.integer):
        return str(operator.index(value))
    if isinstance(value, float):
        return repr(value)
    if _is_empty(value):
        return "()"
    return _parameter_text(value) if isinstance(value, tuple | list) else None


def _is_empty(value: Any) -> bool:
    return isinstance(value, tuple) and not value


def letters(taken: frozenset[str]) -> Iterator[str]:
    """a, b, ..., z, aa, ab, ... without the names that are taken.

    >>> list(itertools.islice(letters(frozenset({"b"})), 3))
    ['a', 'c', 'd']
    """
    for length in itertools.count(1):
        for name in map("".join, itertools.product(string.ascii_lowercase, repeat=length)):
            if name not in taken:
                yield name

"""One array argument of a scenario: its numbers, its limits, and the texts it can be read from."""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import jax
import numpy as np

from vmapdemo.parsing import read_literal

DTYPES = ("int32", "float32")
"""Of numbers; a visitor chooses between them."""
SHORT = {"int32": "i32", "float32": "f32", "key": "key"}
"""What JAX calls the dtypes where it writes types."""
KEY = "key"
"""The dtype of random keys, whose numbers are the seeds that they are made from."""
MAX_ELEMENTS = 1024
MAX_NDIM = 3
MAX_SIZES, MAX_SIZE = 6, 1_000_000
"""Of an array that has a shape alone, which nobody computes with."""
MAX_TEXT = 40_000

Nested = int | float | tuple["Nested", ...]


class InputError(ValueError):
    """Something from outside cannot be used; the message is one sentence to show, and nothing has changed."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Stands for the numbers of an array that has a shape alone: how large it is along each axis."""

    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A named array: nested tuples of Python numbers, a dtype, and whether it is passed as ``.T``.

    ``values`` may be given as nested lists, tuples or a NumPy array of 0 to 3 axes and 1 to 1,024 elements. A name
    such as ``params.w`` is that of an array in a dict, which is not transposed. Raises InputError with one sentence
    for anything else. With ``Sizes`` for values the array has a shape alone: of up to 6 axes and a million along each.

    >>> Argument("x_batch", [[0, 1, 2], [3, 4, 5]], "int32", transposed=True).shape
    (3, 2)
    """

    name: str
    values: Any
    dtype: str = "float32"
    transposed: bool = False

    def __post_init__(self) -> None:
        if self.dtype not in (*DTYPES, KEY):
            raise InputError(f"{self.name} can be {' or '.join(DTYPES)}, not {self.dtype!r:.40}.")
        if not isinstance(self.transposed, bool):
            raise InputError(f"{self.name} is passed as it is or as .T: transposed must be True or False.")
        if self.transposed and self.entry_key is not None:
            raise InputError(f"{self.name} is a part of an argument, which cannot be passed as .T.")
        if isinstance(self.values, Sizes):
            _check_sizes(self.name, self.values.shape)
        else:
            object.__setattr__(self, "values", _checked(self.name, self.values, self.dtype))

    @property
    def is_key(self) -> bool:
        """Whether it holds random keys; its numbers are then their seeds."""
        return self.dtype == KEY

    @property
    def root(self) -> str:
        """The parameter that it belongs to: ``params`` of ``params.w``."""
        return self.name.partition(".")[0]

    @property
    def entry_key(self) -> str | None:
        """Its key in the dict that is passed: ``w`` of ``params.w``; None for an array that is passed itself."""
        return self.name.partition(".")[2] or None

    @property
    def has_numbers(self) -> bool:
        """Whether it holds numbers, and not a shape alone."""
        return not isinstance(self.values, Sizes)

    @property
    def stored(self) -> np.ndarray:
        """The numbers as they are edited, before ``.T``. InputError where it has a shape alone."""
        if not self.has_numbers:
            raise InputError(f"{self.name} has a shape alone: write numbers for it to have cells.")
        return np.array(self.values, dtype="int32" if self.is_key else self.dtype)

    @property
    def array(self) -> np.ndarray:
        """The numbers as they are passed to the call, after ``.T``."""
        return self.stored.T if self.transposed else self.stored

    @property
    def passed(self) -> Any:
        """What the call is given: the array, the keys that its seeds make, or shape and dtype where it has no more."""
        if not self.has_numbers:
            return struct(self.shape, self.dtype)
        return keys_of(self.array) if self.is_key else self.array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape as passed, after ``.T``."""
        if isinstance(self.values, Sizes):
            return self.values.shape[::-1] if self.transposed else self.values.shape
        return self.array.shape

    @property
    def expression(self) -> str:
        """How the call names it: ``x_batch``, ``x_batch.T`` or ``params["w"]``."""
        if self.entry_key is not None:
            return f'{self.root}["{self.entry_key}"]'
        return f"{self.name}.T" if self.transposed else self.name


def type_text(dtype: str, shape: tuple[int, ...]) -> str:
    """As JAX writes a type: ``f32[32,768]``."""
    return f"{SHORT[dtype]}[{','.join(map(str, shape))}]"


def read_types(text: str) -> list[tuple[Sizes, str]] | None:
    """Shapes and dtypes as JAX writes them, or None for a text that begins with none of these.

    Raises InputError with one sentence for a text that begins so and cannot be read.

    >>> read_types("f32[32,768], key[]")
    [(Sizes(shape=(32, 768)), 'float32'), (Sizes(shape=()), 'key')]
    """
    names = {name: dtype for dtype, short in SHORT.items() for name in (dtype, short)}
    check_length(text)
    if not re.match(rf"\s*({'|'.join(names)})\s*\[", text):
        return None
    one = rf"\s*({'|'.join(names)})\s*\[([\d\s,]*)\]\s*"
    if not re.fullmatch(rf"{one}(,{one})*", text):
        raise InputError("Shapes are written as JAX writes them, such as f32[32,128,768], f32[768,64].")
    return [(_sizes(sizes), names[name]) for name, sizes in re.findall(one, text)]


def _sizes(text: str) -> Sizes:
    # A number of more than 7 digits is beyond the limit, and Python reads none of more than 4,300.
    return Sizes(tuple(int(part.strip()[:8]) for part in text.split(",") if part.strip()))


def _check_sizes(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) > MAX_SIZES:
        raise InputError(f"{name} has {len(shape)} axes; at most {MAX_SIZES} are taken for a shape.")
    if not all(type(size) is int and 1 <= size <= MAX_SIZE for size in shape):
        raise InputError(f"The sizes of {name} must be whole numbers from 1 to {MAX_SIZE:,}.")


def keys_of(seeds: np.ndarray) -> jax.Array:
    """A random key for each seed, in an array of the same shape."""
    keys: jax.Array = jax.vmap(jax.random.key)(seeds.ravel()).reshape(seeds.shape)
    return keys


def struct(shape: tuple[int, ...], dtype: str) -> jax.ShapeDtypeStruct:
    """Shape and dtype as JAX takes them, also of random keys."""
    return jax.ShapeDtypeStruct(shape, _key_dtype() if dtype == KEY else dtype)


@cache
def _key_dtype() -> Any:
    return jax.eval_shape(jax.random.key, 0).dtype


def read_values(text: str) -> Nested:
    """Numbers from pasted text: Python or JSON brackets, a printed array, or rows from a spreadsheet.

    Raises InputError with one sentence where the text is none of these.

    >>> read_values("[[0 1]\\n [2 3]]")
    ((0, 1), (2, 3))
    >>> read_values("1\\t2.5\\n3\\t4")
    ((1, 2.5), (3, 4))
    """
    text = text.strip()
    check_length(text)
    if not text:
        raise InputError("There is nothing to read: paste numbers such as [[0, 1], [2, 3]].")
    read: Nested = _as_tuples(_brackets(text) if re.search(r"[\[(]", text) else _rows(text))
    return read


def read_number(text: str) -> int | float:
    """One number, an int where it is written as one; raises InputError where it is none.

    >>> read_number("3"), read_number("2.5")
    (3, 2.5)
    """
    # Most are read again and again; what nobody writes must not fill the memory.
    return _remembered_number(text) if len(text) <= 32 else _number(text)


def _number(text: str) -> int | float:
    # Python reads 1_2 as 12; in a link it is two numbers.
    for read in () if "_" in text else (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    raise InputError(f"{text!r:.40} is not a number.")


_remembered_number = lru_cache(maxsize=4096)(_number)


def number_text(value: float, dtype: str) -> str:
    """The shortest text that gives the same number back: ``11`` for 11.0, ``0.1`` for float32(0.1)."""
    if dtype != "float32":
        return str(int(value))
    text = str(np.float32(value))
    return text if text == "-0.0" else text.removesuffix(".0")


def check_size(name: str, size: int) -> None:
    """Raises InputError for an array of no elements, or of too many."""
    if not 1 <= size <= MAX_ELEMENTS:
        raise InputError(f"{name} has {size:,} elements; it must have between 1 and {MAX_ELEMENTS:,}.")


def check_length(text: str) -> None:
    """Raises InputError for a text that is too long to be read."""
    if len(text) > MAX_TEXT:
        raise InputError(f"The text is {len(text):,} characters long; at most {MAX_TEXT:,} are read.")


def _checked(name: str, values: Any, dtype: str) -> Nested:
    array = np.array(values, dtype=object)
    if array.ndim > MAX_NDIM:
        raise InputError(f"{name} has {array.ndim} axes or more; at most {MAX_NDIM} can be shown.")
    check_size(name, array.size)
    flat = [value.item() if isinstance(value, np.generic) else value for value in array.ravel().tolist()]
    numbers = _converted(flat, dtype) if set(map(type, flat)) <= {int, float} else None
    if numbers is None:
        complaints = (_complaint(name, value, dtype) for value in flat)
        raise InputError(next(filter(None, complaints), f"{name} may hold plain numbers only."))
    nested: Nested = _as_tuples(numbers.reshape(array.shape).tolist())
    return nested


def _converted(flat: list[int | float], dtype: str) -> np.ndarray | None:
    """All numbers as that dtype, or None where one of them is not finite, not whole or too large for it."""
    try:
        numbers = np.array(flat, dtype="float64")
    except OverflowError:
        return None
    if dtype != "float32":
        least = 0 if dtype == KEY else -(2.0**31)
        fits = np.isfinite(numbers) & (np.trunc(numbers) == numbers) & (numbers >= least) & (numbers < 2.0**31)
        return numbers.astype("int32") if fits.all() else None
    with np.errstate(over="ignore", under="ignore"):
        rounded = numbers.astype("float32")
    return rounded if np.isfinite(rounded).all() else None


def _complaint(name: str, value: Any, dtype: str) -> str | None:
    """The sentence on a value that cannot stand in the array, or None where it can."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return f"The rows of {name} have different lengths."
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{name} may hold numbers only, not {value!r:.40}."
    if _converted([value], dtype) is not None:
        return None
    if dtype == KEY:
        shown = f"{value!r:.40}" if not isinstance(value, int) or value.bit_length() < 128 else "A number of that size"
        return f"{name} is made from seeds: {shown} is no whole number from 0 to 2,147,483,647."
    # Python writes no whole number of more than 4,300 digits.
    if isinstance(value, int) and value.bit_length() > 128:
        return f"{name} is {dtype}: a whole number of {value.bit_length():,} bits is not a finite number of that size."
    if dtype == "float32":
        return f"{name} is float32: {value!r:.40} is not a finite number of that size."
    if math.isfinite(value) and value == int(value):
        return f"{name} is int32: {value!r:.40} is beyond ±2,147,483,647."
    return f"{name} is int32: {value!r:.40} is not a whole number. Choose float32 to keep it."


def _as_tuples(values: Any) -> Any:
    return tuple(_as_tuples(value) for value in values) if isinstance(values, (list, tuple)) else values


def _brackets(text: str) -> Any:
    """Reads ``[[0, 1], [2, 3]]``, also as printed by NumPy (no commas) or wrapped in ``Array(..., dtype=...)``."""
    wrapped = re.fullmatch(r"[\w.]*\((\[.*\])(?:,\s*\w+\s*=\s*[\w.]+)*\s*\)", text, flags=re.DOTALL)
    literal = wrapped.group(1) if wrapped else text
    with_commas = re.sub(r"(?<=[\d.\])])\s+(?=[-+\d.\[(])", ", ", literal)
    try:
        return read_literal(with_commas)
    except ValueError as error:
        raise InputError("The text is not an array: write it as [[0, 1], [2, 3]].") from error


def _rows(text: str) -> Any:
    rows = [[read_number(cell) for cell in re.split(r"[\t,;]\s*|\s+", line.strip())] for line in text.splitlines()]
    if len(rows) > 1:
        return rows
    return rows[0] if len(rows[0]) > 1 else rows[0][0]

"""A program run on the caller's numbers, operation by operation, with a look at what each of them makes."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, jaxprs_in_params

from vmapdemo.diagnosis.probe import in_numpy
from vmapdemo.diagnosis.probe.refusal import Refusal, refusal_of
from vmapdemo.diagnosis.probe.source_line import SourceLine, line_of
from vmapdemo.jax_internals import CALLS, bind, is_backward, open_jaxpr, scan_carry, setting

_NAN_CHECKS = ("jax_debug_nans", "jax_debug_infs")

_ARITHMETIC = frozenset(
    (
        "add",
        "sub",
        "mul",
        "neg",
        "square",
        "integer_pow",
        "dot_general",
        "reduce_sum",
        "reduce_prod",
        "cumsum",
        "cumprod",
    )
)
"""Operations on whole numbers whose result may not fit."""

_ON_BITS = frozenset(
    ("and", "or", "xor", "not", "shift_left", "shift_right_arithmetic", "shift_right_logical", "population_count")
)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A whole number that does not fit its dtype: what came out, what is right, and the line."""

    dtype: str
    got: int
    right: int
    line: SourceLine | None


@dataclass(frozen=True, slots=True)
class NotFinite:
    """An operation that makes NaN or infinity of numbers that held none."""

    primitive: str
    is_nan: bool
    line: SourceLine | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a run showed: its results, or what it raised.

    ``not_finite``: the operations that made NaN or infinity, in their order. ``hidden``: the line of a ``jnp.where``
    that left such numbers out, or whose zeros met an infinite derivative. ``wrapped``: the first whole number that did
    not fit and changes the result.
    """

    results: tuple[Any, ...] = ()
    not_finite: tuple[NotFinite, ...] = ()
    hidden: SourceLine | None = None
    wrapped: Wrapped | None = None
    raised: Refusal | None = None


def look(closed: ClosedJaxpr, arguments: Sequence[Any]) -> Look:
    """Run a program once on these arrays. Arrays are copied: nothing that is passed can be donated or changed."""
    run = _Run()
    try:
        results = run.program(closed.jaxpr, [*map(_copy, closed.consts), *map(_copy, arguments)], _nowhere)
    except _RunError as raised:
        return Look(raised=refusal_of(raised.error))
    wrapped = (
        run.wrapped if run.wrapped is not None and not run.on_bits and _shows(closed, arguments, results) else None
    )
    return Look(tuple(results), tuple(run.not_finite), run.hidden, wrapped)


def may_overflow(jaxpr: Jaxpr) -> bool:
    """Whether a program calculates with whole numbers, bodies of loops included."""
    return any(
        (equation.primitive.name in _ARITHMETIC and any(_is_signed(var.aval) for var in equation.outvars))
        or any(map(may_overflow, jaxprs_in_params(equation.params)))
        for equation in jaxpr.eqns
    )


def _shows(closed: ClosedJaxpr, arguments: Sequence[Any], results: list[Any]) -> bool:
    """Whether a number that does not fit reaches the result: with another in its place the result is another."""
    again = _Run(replaces=True)
    others = again.program(closed.jaxpr, [*map(_copy, closed.consts), *map(_copy, arguments)], _nowhere)
    return not all(np.array_equal(a, b, equal_nan=_is_float(a)) for a, b in zip(results, others, strict=True))


class _RunError(Exception):
    """Carries what an operation of the program raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


Where = Callable[[], SourceLine | None]
"""Finds the line of an operation; most operations are never asked for theirs."""


def _nowhere() -> None:
    return None


def _copy(value: Any) -> Any:
    """The numbers of an array; random keys stay JAX arrays."""
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.extended):
        return value
    if isinstance(value, jax.Array) and value.is_deleted():
        return np.zeros(value.shape, value.dtype)  # nothing reads it: a call that does is refused before
    return np.array(value)


@dataclass
class _Run:
    """One run. ``replaces``: whole numbers that do not fit are replaced by zero."""

    replaces: bool = False
    not_finite: list[NotFinite] = field(default_factory=list)
    hidden: SourceLine | None = None
    wrapped: Wrapped | None = None
    backward: bool = False
    """Whether the operation, or one that calls it, belongs to the backward pass of a derivative."""
    masked: dict[int, tuple[Any, Where]] = field(default_factory=dict)
    """Derivatives by id that a ``jnp.where`` set to zero in the branch that is not taken, each with its line."""
    on_bits: bool = False
    """Whether the program works on the bits of whole numbers, as hashes do: it may mean them to wrap around."""

    def program(self, jaxpr: Jaxpr, inputs: Sequence[Any], caller: Where) -> list[Any]:
        values: dict[Any, Any] = dict(zip((*jaxpr.constvars, *jaxpr.invars), inputs, strict=True))

        def read(atom: Any) -> Any:
            return atom.val if isinstance(atom, Literal) else values[atom]

        for equation in jaxpr.eqns:
            line = partial(_line, equation, jaxpr, caller)
            given = [read(atom) for atom in equation.invars]
            outside, self.backward = self.backward, self.backward or is_backward(equation)
            values.update(zip(equation.outvars, self._equation(equation, given, line), strict=True))
            self.backward = outside
        return [read(atom) for atom in jaxpr.outvars]

    def _equation(self, equation: JaxprEqn, given: list[Any], line: Where) -> list[Any]:
        name, params = equation.primitive.name, equation.params
        called = params.get(CALLS.get(name, ""))
        if called is not None:
            return self._called(called, given, line)
        if name == "scan":
            return self._scan(equation, given, line)
        if name == "cond":
            index, *rest = given
            return self._called(params["branches"][int(index)], rest, line)
        results = _bound(equation, given)
        return [self._seen(equation, given, result, line) for result in results]

    def _called(self, called: ClosedJaxpr | Jaxpr, given: Sequence[Any], line: Where) -> list[Any]:
        if isinstance(called, ClosedJaxpr):
            return self.program(called.jaxpr, [*called.consts, *given], line)
        return self.program(called, given, line)

    def _scan(self, equation: JaxprEqn, given: list[Any], line: Where) -> list[Any]:
        """The loop of a scan, one turn after the other."""
        params, (first, last) = equation.params, scan_carry(equation)
        constants, carry, columns = given[:first], given[first:last], given[last:]
        length = params["length"]
        turns: list[list[Any]] = []
        for index in reversed(range(length)) if params["reverse"] else range(length):
            results = self._called(params["jaxpr"], [*constants, *carry, *(column[index] for column in columns)], line)
            carry = results[: len(carry)]
            turns.append(results[len(carry) :])
        if params["reverse"]:
            turns.reverse()
        return [*carry, *_stacked(turns, params, len(carry))]

    def _seen(self, equation: JaxprEqn, given: list[Any], result: Any, line: Where) -> Any:
        """The result of an operation, after a look at its numbers."""
        name = equation.primitive.name
        if _is_float(result):
            self._look_at_floats(name, given, result, line)
            self._follow_zeros(equation, given, result, line)
        elif _is_signed(result) and (name in _ON_BITS or (name == "mul" and _scrambles(equation))):
            self.on_bits = True
        elif name in _ARITHMETIC and _is_signed(result):
            return self._look_at_whole_numbers(equation, given, result, line)
        return result

    def _look_at_floats(self, name: str, given: list[Any], result: Any, line: Where) -> None:
        before = [np.asarray(value) for value in given if _is_float(value)]
        now = np.asarray(result)
        has_nan = _has_nan([now])
        if name == "select_n":
            if any(not np.isfinite(value).all() for value in before) and np.isfinite(now).all():
                self.hidden = line()
        elif (has_nan and not _has_nan(before)) or (
            not np.isfinite(now).all() and all(np.isfinite(value).all() for value in before)
        ):
            self.not_finite.append(NotFinite(name, has_nan, line()))

    def _follow_zeros(self, equation: JaxprEqn, given: list[Any], result: Any, line: Where) -> None:
        """On the way back through a ``jnp.where`` zeros stand for the branch not taken: 0 times infinity is NaN."""
        if not self.backward:
            return
        is_where = equation.primitive.name == "select_n"
        lines = [line] if is_where else [self.masked[id(value)][1] for value in given if id(value) in self.masked]
        if not lines:
            return
        self.masked[id(result)] = (result, lines[0])  # the result is kept, so that no other gets its id
        if self.hidden is None and _has_nan([result]) and not _has_nan(given):
            self.hidden = lines[0]()

    def _look_at_whole_numbers(self, equation: JaxprEqn, given: list[Any], result: Any, line: Where) -> Any:
        if _surely_fits(equation, given, result):
            return result
        right = _with_64_bits(equation, given)
        wrong = np.asarray(result) != right
        if not wrong.any():
            return result
        if self.wrapped is None:
            place = tuple(np.argwhere(wrong)[0])
            self.wrapped = Wrapped(str(result.dtype), int(np.asarray(result)[place]), int(right[place]), line())
        return np.where(wrong, 0, result).astype(result.dtype) if self.replaces else result


def _line(equation: JaxprEqn, jaxpr: Jaxpr, caller: Where) -> SourceLine | None:
    return line_of(equation, jaxpr, caller())


def _bound(equation: JaxprEqn, given: list[Any]) -> list[Any]:
    """The outputs of an operation, made by NumPy; by JAX if NumPy lacks it, or if JAX looks for NaN itself."""
    if in_numpy.is_known(equation) and not any(map(setting, _NAN_CHECKS)):
        with suppress(Exception):  # the largest of no numbers, say: JAX may know better
            return list(in_numpy.run(equation, given))
    try:
        return list(jax.block_until_ready(bind(equation, [jnp.asarray(value) for value in given])))
    except Exception as error:
        raise _RunError(error) from None


def _stacked(turns: list[list[Any]], params: dict[str, Any], carried: int) -> Iterator[Any]:
    if turns:
        yield from (np.stack(column) for column in zip(*turns, strict=True))
        return
    outvars: list[Any] = open_jaxpr(params["jaxpr"]).outvars[carried:]
    for var in outvars:
        yield np.zeros((0, *var.aval.shape), var.aval.dtype)


def _scrambles(equation: JaxprEqn) -> bool:
    """Whether a factor is one that hashes have: large, and not round."""
    factors = [int(atom.val) for atom in equation.invars if isinstance(atom, Literal)]
    return any(abs(factor) > 65_535 and factor % 1000 for factor in factors)


def _is_float(value: Any) -> bool:
    return hasattr(value, "dtype") and bool(jnp.issubdtype(value.dtype, jnp.inexact))


def _has_nan(values: Sequence[Any]) -> bool:
    return any(bool(np.isnan(np.asarray(value)).any()) for value in values if _is_float(value))


def _is_signed(value: Any) -> bool:
    return hasattr(value, "dtype") and value.dtype in (jnp.int8, jnp.int16, jnp.int32)


def _largest(value: Any) -> int:
    array = np.asarray(value)
    return max(abs(int(array.max())), abs(int(array.min()))) if array.size else 0


def _surely_fits(equation: JaxprEqn, given: list[Any], result: Any) -> bool:
    """Whether the largest numbers that go in cannot make one that is too large."""
    sizes = [_largest(value) for value in given]
    most = _MOST[equation.primitive.name](equation, sizes, given)
    return most <= int(jnp.iinfo(result.dtype).max)


def _count(equation: JaxprEqn, given: list[Any]) -> int:
    """How many numbers a reduction takes together."""
    made: Any = equation.outvars[0].aval
    return max(1, int(np.size(given[0])) // max(1, int(math.prod(made.shape))))


_MOST: dict[str, Callable[[JaxprEqn, list[int], list[Any]], float]] = {
    "add": lambda equation, sizes, given: sum(sizes),
    "sub": lambda equation, sizes, given: sum(sizes),
    "mul": lambda equation, sizes, given: sizes[0] * sizes[-1],
    "neg": lambda equation, sizes, given: sizes[0],
    "square": lambda equation, sizes, given: sizes[0] ** 2,
    "integer_pow": lambda equation, sizes, given: float(sizes[0]) ** min(abs(equation.params["y"]), 32),
    "dot_general": lambda equation, sizes, given: sizes[0] * sizes[1] * max(np.shape(given[0]), default=1) ** 2,
    "reduce_sum": lambda equation, sizes, given: sizes[0] * _count(equation, given),
    "cumsum": lambda equation, sizes, given: sizes[0] * np.size(given[0]),
    "reduce_prod": lambda equation, sizes, given: float(sizes[0]) ** min(_count(equation, given), 32),
    "cumprod": lambda equation, sizes, given: float(sizes[0]) ** min(np.size(given[0]), 32),
}
"""The largest magnitude that can come out, from those that go in."""


def _with_64_bits(equation: JaxprEqn, given: list[Any]) -> np.ndarray:
    """The operation with 64 bits for each whole number."""
    (right,) = in_numpy.exactly(equation, [np.asarray(value, "int64") for value in given])
    return np.asarray(right)

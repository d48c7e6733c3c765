"""What running a program would cost, from the program alone: it says whether a look at the numbers is free."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, jaxprs_in_params

from vmapdemo.diagnosis.probe import in_numpy

DISPATCH_S = 8e-6
BYTES_PER_S = 1e9
FLOPS_PER_S = 1e9
"""A slow laptop's, and one thread's, on purpose."""

MOST_S = 0.010
MOST_BYTES = 50_000_000
MOST_COMPILED = 4
"""Operations that NumPy does not have are compiled, at some 20 ms each, when their shapes are new."""

_COSTLY = frozenset(("eig", "eigh", "svd", "cholesky", "lu", "qr", "schur", "hessenberg", "triangular_solve", "sort"))
"""Their work grows faster than their arrays; it is taken to be the cube of the last axis."""

_UNKNOWN_LENGTH = frozenset(("while",))


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate of one run. ``outside``: the operation that does more than compute; ``endless``: a loop of unknown
    length is in it."""

    operations: int = 0
    compiled: int = 0
    seconds: float = 0.0
    largest_bytes: int = 0
    outside: str = ""
    endless: bool = False

    @property
    def is_small(self) -> bool:
        """Whether the run is over before anybody notices, and touches nothing."""
        fits = self.compiled <= MOST_COMPILED and self.largest_bytes <= MOST_BYTES
        return fits and self.seconds <= MOST_S and not self.outside and not self.endless

    @property
    def why_not(self) -> str:
        """Why the run is not small, as the end of a sentence."""
        if self.outside:
            return f"the run calls back into Python (`{self.outside}`)"
        if self.endless:
            return "it has a loop whose length is not known"
        if self.compiled > MOST_COMPILED and self.seconds <= MOST_S:
            return f"{self.compiled} operations would have to be compiled for it"
        size = f" and {self.largest_bytes / 1e9:.1f} GB" if self.largest_bytes > 1e8 else ""
        return f"the run has {self.operations:,} operations and takes about {_seconds(self.seconds)}{size}"

    def then(self, other: "Cost") -> "Cost":
        """The cost of one after the other."""
        return Cost(
            self.operations + other.operations,
            self.compiled + other.compiled,
            self.seconds + other.seconds,
            max(self.largest_bytes, other.largest_bytes),
            self.outside or other.outside,
            self.endless or other.endless,
        )

    def times(self, count: int) -> "Cost":
        """The cost of that many runs."""
        return replace(self, operations=self.operations * count, seconds=self.seconds * count)


def cost_of(closed: ClosedJaxpr) -> Cost:
    """The cost of a program; it is run operation by operation, without compiling the whole."""
    cost = _of(closed.jaxpr)
    effect = next(iter(closed.effects), None)
    return cost if effect is None or cost.outside else cost.then(Cost(outside=type(effect).__name__))


def _of(jaxpr: Jaxpr) -> Cost:
    total = Cost()
    for equation in jaxpr.eqns:
        total = total.then(_of_equation(equation))
    return total


def _of_equation(equation: JaxprEqn) -> Cost:
    if in_numpy.is_known(equation):
        return _of_operation(equation)
    name, inner = equation.primitive.name, list(_inner(equation))
    if "callback" in name or name in ("infeed", "outfeed", "ffi_call", "pallas_call", "custom_call"):
        return Cost(outside=name)
    if name in _UNKNOWN_LENGTH:
        return Cost(endless=True, outside=next((cost.outside for cost in inner if cost.outside), ""))
    if name == "cond":
        return max(inner, key=lambda cost: (bool(cost.outside), cost.endless, cost.seconds))
    if inner:
        total = Cost()
        for cost in inner:
            total = total.then(cost)
        return total.times(int(equation.params["length"])) if name == "scan" else total
    return _of_operation(equation)


def _inner(equation: JaxprEqn) -> Iterator[Cost]:
    for inner in jaxprs_in_params(equation.params):
        yield _of(inner)


def _of_operation(equation: JaxprEqn) -> Cost:
    sizes = [_bytes(var) for var in (*equation.invars, *equation.outvars)]
    seconds = DISPATCH_S + sum(sizes) / BYTES_PER_S + _flops(equation) / FLOPS_PER_S
    return Cost(1, int(not in_numpy.is_known(equation)), seconds, max(sizes, default=0))


def _bytes(var: Any) -> int:
    return math.prod(_shape(var)) * int(getattr(getattr(var.aval, "dtype", None), "itemsize", 4))


def _shape(var: Any) -> tuple[int, ...]:
    return tuple(getattr(var.aval, "shape", ()))


def _flops(equation: JaxprEqn) -> int:
    """Products and factorisations, which do more than touch each number once."""
    shapes = [_shape(var) for var in equation.invars]
    result = math.prod(_shape(equation.outvars[0])) if equation.outvars else 0
    name = equation.primitive.name
    if name == "dot_general":
        contracted: tuple[int, ...] = equation.params["dimension_numbers"][0][0]
        return 2 * result * math.prod(shapes[0][axis] for axis in contracted)
    if name == "conv_general_dilated":
        return 2 * result * math.prod(shapes[1])
    if name in _COSTLY and shapes and shapes[0]:
        return math.prod(shapes[0]) * shapes[0][-1]
    return 0


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

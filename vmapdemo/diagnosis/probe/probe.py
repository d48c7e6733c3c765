"""Questions to a function, with the answers remembered: what it makes of one example, and what the real vmap says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr

from vmapdemo.diagnosis.call.call import Call, Leaf, Struct
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.call.reach import numbers
from vmapdemo.diagnosis.probe.budget import Budget, Unlimited
from vmapdemo.diagnosis.probe.calling import Asked, Caller, Failed, Traced, Transform
from vmapdemo.diagnosis.probe.refusal import NOT_ASKED, Refusal
from vmapdemo.diagnosis.probe.surroundings import Surroundings
from vmapdemo.diagnosis.records import Shape

Answer = TypeVar("Answer")

CALLBACKS = frozenset(("debug_callback", "debug_print", "callback", "print", "io_callback", "pure_callback"))
DERIVATIVES = frozenset(
    ("grad", "value_and_grad", "vjp", "jvp", "jacfwd", "jacrev", "jacobian", "hessian", "linearize")
)
"""Names in JAX."""

_UNASKED: Traced | Failed = Failed(NOT_ASKED)


@dataclass(frozen=True, slots=True)
class Example:
    """What the function makes of one example: its outputs, flat, or how it ``failed``.

    ``traced`` is the program behind it, if that is kept.
    """

    outputs: tuple[Struct, ...] = ()
    structure: Any = None
    paths: tuple[str, ...] = ()
    traced: Traced | None = None
    failed: Failed | None = None

    @property
    def ok(self) -> bool:
        return self.failed is None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the outputs."""
        return tuple(tuple(output.shape) for output in self.outputs)


_NO_EXAMPLE = Example(failed=Failed(NOT_ASKED))


@dataclass(frozen=True, slots=True)
class Program:
    """The function of one example as a jaxpr, what it was asked about, and whether each of its inputs is mapped."""

    closed: ClosedJaxpr
    asked: Asked
    mapped: tuple[bool, ...]

    @property
    def jaxpr(self) -> Jaxpr:
        jaxpr: Jaxpr = self.closed.jaxpr
        return jaxpr


class Probe:
    """Asks about one function and remembers the answers, so that a search over axes stays cheap.

    ``binds_shared``: arguments that are not mapped are given by value, as eager vmap does (a function may use one as
    a Python number). Without it the answers depend on shapes alone, and one probe serves any values and threads.
    """

    def __init__(
        self,
        *,
        binds_shared: bool,
        memory: int = 4096,
        budget: Budget | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.budget = budget or Unlimited()
        self.surroundings = surroundings
        self._binds_shared = binds_shared
        self._caller = Caller(surroundings, self.budget)
        self._memory = memory
        self._answers: dict[Any, Any] = {}
        self._functions: dict[int, Any] = {}
        self._computes = False
        self._knows_whether_it_computes = not binds_shared

    @classmethod
    def for_caller(cls, call: Call) -> "Probe":
        """A probe of a function that is not ours: with a budget, and with what it can reach kept as it is."""
        try:
            opaque = [leaf.value for leaf in call.leaves if leaf.struct is None]
        except Exception:  # arguments that JAX cannot flatten
            opaque = []
        return cls(binds_shared=True, budget=Budget(), surroundings=Surroundings(call.function, opaque))

    def with_new_budget(self) -> "Probe":
        """The same questions from the start, for a search that the caller asks for later."""
        budget = Unlimited() if isinstance(self.budget, Unlimited) else Budget()
        return Probe(binds_shared=self._binds_shared, budget=budget, surroundings=self.surroundings)

    def example(self, mapped: MappedCall) -> Example:
        """What the function makes of one example."""
        return self.example_of(mapped.call, mapped.example_shapes, mapped.size)

    def example_of(self, call: Call, shapes: tuple[Shape, ...], size: int | None = None) -> Example:
        """What the function makes of arrays of these shapes; collectives see a batch of that size."""
        asked = self._asked_about(call, shapes, size)
        key = ("example", *self._identity(call), asked)
        return self._remembered(key, lambda: self._example(call, asked), _NO_EXAMPLE)

    def example_with(self, call: Call, structs: tuple[Struct, ...], size: int | None) -> Example:
        """What the function makes of these structs, whose sizes may be symbols."""
        return self._example(call, Asked(structs, (False,) * len(structs), _named_size(call, size)))

    def refusal(self, mapped: MappedCall, transform: Transform, key: Any) -> Refusal | None:
        """What a batched form of the function raises for the call's own arrays, or None if it takes them.

        ``key`` tells the batched forms apart: two with the same key are taken for the same.
        """
        answer = self.batched(mapped, transform, key)
        return answer.refusal if isinstance(answer, Failed) else None

    def written(self, mapped: MappedCall) -> Traced | Failed:
        """The real vmap of the call as it is written, for axes that say the same: its program, or what it raises."""
        call = mapped.call
        key = (repr(call.in_axes), repr(call.out_axes))
        return self.batched(mapped, call.batched(call.in_axes, call.out_axes), key)

    def program(self, mapped: MappedCall, *, binds: bool = True) -> Program | None:
        """The function of one example as a jaxpr, and which of its inputs are mapped; None if it has none.

        ``binds`` as for the probe: without it shared arrays are inputs of the program too.
        """
        call = mapped.call
        asked = self._asked_about(call, mapped.example_shapes, mapped.size, binds=binds)
        key = ("example", *self._identity(call), asked)
        traced = self._remembered(key, lambda: self._example(call, asked), _NO_EXAMPLE).traced
        if traced is None and not self._binds_shared:
            answer = self._remembered(("program", *key[1:]), lambda: self._trace(call, asked), _UNASKED)
            traced = answer if isinstance(answer, Traced) else None
        if traced is None or traced.program is None:
            return None
        inputs = (axis is not None for axis, is_bound in zip(mapped.axes, asked.bound, strict=True) if not is_bound)
        return Program(traced.program, asked, tuple(inputs))

    def changes(self, mapped: MappedCall) -> bool:
        """Whether the function of one example is a different program when it is traced once more."""
        program = self.program(mapped)
        if program is None or not self.budget.allows():
            return False
        again = self._trace(mapped.call, program.asked)
        return isinstance(again, Traced) and again.program is not None and not _are_equal(program.closed, again.program)

    def changes_with_use(self, mapped: MappedCall) -> bool:
        """Whether a second call, with what the first one left behind, makes a different program."""
        program = self.program(mapped)
        if program is None or not self.budget.allows():
            return False
        programs = self._caller.trace_twice(mapped.call, program.asked, computes=self._computes)
        return len(programs) == 2 and not _are_equal(*programs)

    def batched_program(self, call: Call, program: Program) -> ClosedJaxpr | None:
        """The real vmap of the call as a jaxpr with the inputs of the program of one example."""
        asked = Asked(tuple(leaf.struct for leaf in call.leaves), program.asked.bound)
        answer = self._caller.trace(call, asked, call.batched(call.in_axes, call.out_axes), computes=self._computes)
        return answer.program if isinstance(answer, Traced) else None

    def batched(self, mapped: MappedCall, transform: Transform, key: Any) -> Traced | Failed:
        """A batched form of the function on the call's own arrays: its program, or what it raises."""
        call = mapped.call
        structs = tuple(leaf.struct for leaf in call.leaves)
        bound = tuple(self._is_bound(leaf, axis is None) for leaf, axis in mapped.pairs)
        asked = Asked(structs, bound)

        def ask() -> Traced | Failed:
            answer = self._caller.trace(call, asked, transform, computes=self._computes)
            return replace(answer, program=None) if isinstance(answer, Traced) and not self._binds_shared else answer

        return self._remembered(("batched", *self._identity(call), asked, key), ask, _UNASKED)

    def _is_bound(self, leaf: Leaf, is_shared: bool, binds: bool = True) -> bool:
        return leaf.struct is None or (binds and self._binds_shared and is_shared and leaf.is_concrete)

    def _asked_about(self, call: Call, shapes: tuple[Shape, ...], size: int | None, *, binds: bool = True) -> Asked:
        pairs = list(zip(call.leaves, shapes, strict=True))
        structs = tuple(_reshaped(leaf.struct, shape) for leaf, shape in pairs)
        bound = tuple(self._is_bound(leaf, leaf.shape == shape, binds) for leaf, shape in pairs)
        return Asked(structs, bound, _named_size(call, size))

    def _trace(self, call: Call, asked: Asked) -> Traced | Failed:
        answer = self._caller.trace(call, asked, computes=self._computes)
        if isinstance(answer, Failed) and self._has_to_compute(call, asked, answer.refusal):
            answer = self._caller.trace(call, asked, computes=True)
        return answer

    def _has_to_compute(self, call: Call, asked: Asked, refusal: Refusal) -> bool:
        """Whether Python reads values that depend on no traced array: from then on these are computed.

        Not if the function has callbacks, which would be called.
        """
        if self._knows_whether_it_computes or not _may_read_a_value(refusal) or not self.budget.allows():
            return False
        self._knows_whether_it_computes = True
        self._computes = not self.names_of_jax() & CALLBACKS and self._caller.reads_constants(call, asked)
        return self._computes

    def names_of_jax(self) -> frozenset[str]:
        """The names of JAX's functions that the function's code reaches, those that wrap it included."""
        return self._caller.reaches

    def written_numbers(self, call: Call) -> tuple[int, ...]:
        """The whole numbers that are written out in the function's code."""
        codes = self.surroundings.codes if self.surroundings is not None else ()
        own = getattr(call.function, "__code__", None)
        return tuple(number for code in (codes or ((own,) if own is not None else ())) for number in numbers(code))

    def unbound(self, mapped: MappedCall) -> tuple[Leaf, ...]:
        """The arrays that ``written`` takes as inputs of its program; the others are constants in it."""
        return tuple(leaf for leaf, axis in mapped.pairs if not self._is_bound(leaf, axis is None))

    def _example(self, call: Call, asked: Asked) -> Example:
        answer = self._trace(call, asked)
        if isinstance(answer, Failed):
            return Example(failed=answer)
        flat, structure = jax.tree_util.tree_flatten_with_path(answer.result)
        paths = tuple(jax.tree_util.keystr(path) for path, _ in flat)
        outputs = tuple(output for _, output in flat)
        return Example(outputs, structure, paths, traced=answer if self._binds_shared else None)

    def _identity(self, call: Call) -> tuple[Any, ...]:
        """Besides shapes, what distinguishes the calls that one probe is asked about."""
        self._functions[id(call.function)] = call.function  # alive, so that no other gets its id
        return id(call.function), call.structure, repr(call.options), call.codes, call.keyword_codes

    def _remembered(self, key: Any, ask: Callable[[], Answer], if_spent: Answer) -> Answer:
        answer = self._answers.get(key)
        if answer is None:
            if not self.budget.allows():
                return if_spent
            answer = ask()
            if len(self._answers) >= self._memory:
                self._answers.clear()
            self._answers[key] = answer
        return answer


def _are_equal(one: ClosedJaxpr, other: ClosedJaxpr) -> bool:
    if str(one) != str(other) or len(one.consts) != len(other.consts):
        return False
    return all(_is_same_array(a, b) for a, b in zip(one.consts, other.consts, strict=True))


def _is_same_array(one: Any, other: Any) -> bool:
    try:
        return bool(np.array_equal(np.asarray(one), np.asarray(other)))
    except (TypeError, ValueError):  # random keys
        return True


def _named_size(call: Call, size: int | None) -> int | None:
    return None if call.options.axis_name is None else size or 1


def _reshaped(struct: Struct | None, shape: Shape) -> Struct | None:
    return None if struct is None else Struct(shape, struct.dtype, weak_type=struct.weak_type)


def _may_read_a_value(refusal: Refusal) -> bool:
    """Whether eager vmap might take what a trace refuses: ``int(jnp.sum(jnp.ones(3)))`` has a value only there.

    A wrong guess costs one more question and decides nothing, so that JAX's wording may be looked at.
    """
    return refusal.reads_a_value or any(word in refusal.message for word in ("Tracer", "concrete", "static"))

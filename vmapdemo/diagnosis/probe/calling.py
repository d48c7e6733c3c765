"""The one place that calls the caller's function: on shapes, counted, in silence, and everything is as it was."""

import functools
import io
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.call.call import Call, Struct, struct_of
from vmapdemo.diagnosis.probe.budget import Budget
from vmapdemo.diagnosis.probe.failing_line import Fault, read_fault, users_frame
from vmapdemo.diagnosis.probe.refusal import Refusal, refusal_of
from vmapdemo.diagnosis.probe.stand_ins import is_used_up, stand_in_for
from vmapdemo.diagnosis.probe.surroundings import Leftover, Surroundings, names_of_jax, one_at_a_time
from vmapdemo.diagnosis.probe.traceback_filter import unfiltered_tracebacks
from vmapdemo.jax_internals import kept_apart, tracer_in

Function = Callable[..., Any]
Transform = Callable[[Function], Function]
"""What makes a batched function of the function of one example: ``lambda f: jax.vmap(f, in_axes)``."""

MOST_COPIED_BYTES = 64_000_000
"""Shared JAX arrays up to this size are copied before a program may donate them."""

_purposes = itertools.count(1)
"""JAX keeps what it traced of a jitted function or of the body of a scan, and does not run that again.

What is traced here is kept apart from what the caller's own calls trace, by a mark on its operations, which is part of
what JAX remembers them by (``jax.make_user_context`` is too, but forgets all that was traced before it was made). Where
a trace shows, each probe has a mark of its own, so that it sees what the others saw; else all share one, since to trace
JAX's own functions takes time.
"""

_Ref: type = getattr(jax, "Ref", type(None))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a function is asked about: arrays by shape, or by value if they are ``bound``.

    ``size``: that of the named batch axis, which collectives see; None if it has no name.
    """

    structs: tuple[Struct | None, ...]
    bound: tuple[bool, ...]
    size: int | None = None

    @property
    def traced(self) -> list[Struct]:
        """The shapes of what is not bound."""
        pairs = zip(self.structs, self.bound, strict=True)
        return [struct for struct, is_bound in pairs if struct is not None and not is_bound]

    def axis_env(self, call: Call) -> list[tuple[Any, int]] | None:
        """The named batch axis, as ``jax.make_jaxpr`` takes it."""
        return None if self.size is None else [(call.options.axis_name, self.size)]


@dataclass(frozen=True, slots=True)
class Traced:
    """A program, and the shapes of its results in their tree. A program that nobody reads is not kept.

    ``drawn``: the generators of NumPy's or Python's that the function drew from. ``leftovers``: the values that
    depend on a traced array and were left in the function's surroundings, or in the static data of its result.
    ``counted``: the numbers in its surroundings that the function changed, and the iterators that it read.
    """

    program: ClosedJaxpr | None
    result: Any
    drawn: tuple[str, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    counted: tuple[str, ...] = ()

    def with_signs_of(self, other: "Traced") -> "Traced":
        """With what another trace of the function left too: JAX does not trace a jitted function twice."""
        return replace(
            self,
            drawn=tuple(dict.fromkeys(self.drawn + other.drawn)),
            leftovers=self.leftovers + other.leftovers,
            counted=tuple(dict.fromkeys(self.counted + other.counted)),
        )


@dataclass(frozen=True, slots=True)
class Failed:
    """What was raised, and in which line of the caller's. ``returned``: the types in the result that are no arrays."""

    refusal: Refusal
    fault: Fault | None = None
    returned: tuple[str, ...] = ()


@dataclass
class _Watch:
    """What is seen of one call from inside: the type of traced values, and the result."""

    traced_type: type | None = None
    result: Any = None
    structure: Any = None
    not_arrays: tuple[str, ...] = field(default=())

    def is_left(self, value: Any) -> bool:
        """Whether a value depends on a traced array: what depends on none is traced at a level of its own."""
        return any(isinstance(leaf, jax.core.Tracer) and type(leaf) is not self.traced_type for leaf in _leaves(value))


class Caller:
    """Calls functions on shapes. ``surroundings`` is None for a function that changes nothing that it can reach."""

    def __init__(self, surroundings: Surroundings | None, budget: Budget) -> None:
        self._surroundings = surroundings
        self._budget = budget
        self._purpose = next(_purposes) if surroundings is not None and surroundings.shows_a_trace else 0
        self.reaches = names_of_jax(surroundings.library) if surroundings is not None else frozenset()

    def trace(self, call: Call, asked: Asked, transform: Transform | None = None, *, computes: bool) -> Traced | Failed:
        """The program of the function of one example, or of what ``transform`` makes of it.

        ``computes``: what depends on no traced array is computed, as eager vmap does, so that Python may read it.
        """
        watch, failed = _Watch(), list[Failed]()
        body = self._body(call, computes)

        def given(traced: list[Any]) -> Any:
            watch.traced_type = type(traced[0]) if traced else None
            function = body if transform is None else transform(body)
            try:
                watch.result = _applied(call, function, traced, asked.bound, copied=computes)
                leaves, watch.structure = jax.tree.flatten(watch.result)
            except (Exception, SystemExit) as error:
                # The trace ends as if all were well: one that an error ends is never freed, nor are its constants.
                failed.append(Failed(refusal_of(error), read_fault(error, self.reaches)))
                return None
            watch.not_arrays = tuple(type(leaf).__name__ for leaf in leaves if struct_of(leaf) is None)
            # JAX remembers the structure of a result, and the caller's static data in it: it gets the arrays alone.
            return watch.result if watch.not_arrays else leaves

        with self._asking():
            try:
                program, shapes = jax.make_jaxpr(given, axis_env=asked.axis_env(call), return_shape=True)(asked.traced)
                if failed:
                    return failed[0]
                result = jax.tree.unflatten(watch.structure, shapes)
            except (Exception, SystemExit) as error:
                return Failed(refusal_of(error), read_fault(error, self.reaches), watch.not_arrays)
            if self._surroundings is None:
                return Traced(program, result)
            leftovers = (*self._surroundings.leftovers(watch.is_left), *_in_static_data(watch))
            numbers = (left.place for left in self._surroundings.leftovers(_is_number))
            counted = tuple(dict.fromkeys((*numbers, *self._surroundings.moved())))
            return Traced(program, result, self._surroundings.drawn(), leftovers, counted)

    def trace_twice(self, call: Call, asked: Asked, *, computes: bool) -> list[ClosedJaxpr]:
        """The programs of two calls, the second with what the first left in its surroundings; as far as they go."""
        body, programs = self._body(call, computes), []
        with self._asking(), suppress(Exception):
            for _ in range(2):
                given = functools.partial(_applied, call, body, bound=asked.bound, copied=computes)
                flat = functools.partial(_leaves_of, given)
                programs.append(jax.make_jaxpr(flat, axis_env=asked.axis_env(call))(asked.traced))
        return programs

    def reads_constants(self, call: Call, asked: Asked) -> bool:
        """Whether the function fails because Python reads a value that depends on no traced array.

        Eager vmap has such values: ``int(jnp.sum(jnp.ones(3)))``. In a batch of one the two kinds have other types.
        """
        constant: list[type] = []
        body = self._body(call, computes=False)

        def batch_of_one(traced: list[Any]) -> Any:
            constant.append(type(traced[0]))
            one = functools.partial(_applied, call, body, bound=asked.bound, copied=False)
            batched = jax.vmap(functools.partial(_leaves_of, one), axis_size=1, axis_name=call.options.axis_name)
            return batched(traced)

        structs = [Struct((1, *struct.shape), struct.dtype, weak_type=struct.weak_type) for struct in asked.traced]
        if not structs:
            return True
        with self._asking():
            try:
                jax.eval_shape(batch_of_one, structs)
            except Exception as error:
                read = _value_that_is_read(error.__traceback__)
                return read is not None and type(read) in constant
        return False

    def _body(self, call: Call, computes: bool) -> Function:
        """The caller's function, counted."""

        def body(*arguments: Any, **keywords: Any) -> Any:
            self._budget.calls += 1
            with jax.ensure_compile_time_eval() if computes else nullcontext():
                return call.function(*arguments, **keywords)

        # JAX's messages name the function and its parameters; an object that is called may have any attributes.
        with suppress(Exception):
            functools.update_wrapper(body, call.function, updated=())
        return body

    @contextmanager
    def _asking(self) -> Iterator[None]:
        kept = nullcontext() if self._surroundings is None else self._surroundings.kept()
        lock = nullcontext() if self._surroundings is None else one_at_a_time
        apart = nullcontext() if self._surroundings is None else kept_apart(self._purpose)
        with lock, unfiltered_tracebacks(), apart, self._budget.timed(), _silence(), kept:
            yield


def as_it_is(call: Call, transform: Transform) -> Callable[[], Any]:
    """The call on the caller's own arguments, to be run when the caller asks for it; it raises what it raises."""

    def run() -> Any:
        return transform(call.function)(*call.arguments, **call.keywords)

    return run


def _applied(call: Call, function: Function, traced: list[Any], bound: tuple[bool, ...], *, copied: bool) -> Any:
    rest = iter(traced)
    pairs = zip(call.leaves, bound, strict=True)
    flat = [_own(leaf.value, copied) if is_bound else _like(leaf.value, next(rest)) for leaf, is_bound in pairs]
    arguments, keywords = jax.tree.unflatten(call.structure, flat)
    return function(*arguments, **keywords)


def _like(value: Any, traced: Any) -> Any:
    """What the function is given for an array: in the place of a mutable one (``jax.new_ref``), one of its own."""
    return jax.new_ref(traced) if isinstance(value, _Ref) else traced


def _own(value: Any, copied: bool) -> Any:
    """A value that the function may change or use up: NumPy arrays and iterators are copied.

    ``copied``: JAX arrays too, since a jitted function that is run may donate them.
    """
    if isinstance(value, np.ndarray):
        return value.copy()
    if copied and isinstance(value, jax.Array) and value.nbytes <= MOST_COPIED_BYTES:
        with jax.ensure_compile_time_eval():
            return jnp.copy(value)
    return stand_in_for(value) if is_used_up(value) else value


def _leaves_of(function: Function, traced: list[Any]) -> list[Any]:
    """The arrays of the result, without the structure that JAX would remember."""
    leaves: list[Any] = jax.tree.leaves(function(traced=traced))
    return leaves


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _leaves(value: Any) -> list[Any]:
    try:
        leaves: list[Any] = jax.tree.leaves(value)
    except Exception:  # a dict whose keys have no order, say
        return [value]
    return leaves


def _in_static_data(watch: _Watch) -> Iterator[Leftover]:
    """Traced values in what JAX takes for the static data of the result's tree."""
    waiting: list[Any] = [jax.tree.structure(watch.result)]
    while waiting:
        part = waiting.pop()
        waiting += part.children()
        kind, data = part.node_data() or (None, None)
        if kind not in (None, dict, list, tuple) and watch.is_left(list(_parts(data))):
            yield Leftover(f"the static data of the `{kind.__name__}` that is returned", None)


def _parts(data: Any) -> Iterator[Any]:
    """The values inside static data; a tracer among them is what matters."""
    if isinstance(data, (tuple, list, set, frozenset)):
        for part in data:
            yield from _parts(part)
    elif isinstance(data, dict):
        yield from _parts(list(data.values()))
    else:
        yield data


def _value_that_is_read(traceback: TracebackType | None) -> Any:
    """The tracer that JAX's innermost frames refuse to give as a number; None if none is seen there."""
    _, line = users_frame(traceback)
    frames = []
    while line is not None:
        line = line.tb_next
        frames += [line.tb_frame] if line is not None else []
    return tracer_in(reversed(frames))


class _Silent(io.TextIOBase):
    """A stream that drops what one thread writes, and passes on the rest."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._thread = stream, threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() != self._thread:
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


@contextmanager
def _silence() -> Iterator[None]:
    """The function is called several times: what it prints would be read as what it prints in one call."""
    before = sys.stdout
    sys.stdout = _Silent(before)
    try:
        yield
    finally:
        sys.stdout = before

"""Asking a function about shapes: what it makes of one example, and what the real vmap says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.call import Call, Leaf, Struct, is_key_dtype
from vmapdemo.diagnosis.fault import Fault, read_fault
from vmapdemo.diagnosis.records import Shape

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Example:
    """What the function makes of one example: its outputs, flat, or the error that it raised."""

    outputs: tuple[Struct, ...] = ()
    structure: Any = None
    paths: tuple[str, ...] = ()
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class Program:
    """The function of one example as a jaxpr, and for each of its inputs whether it is mapped."""

    jaxpr: Jaxpr
    mapped: tuple[bool, ...]


class Probe:
    """Asks ``jax.eval_shape`` about one function and remembers the answers, so that a search over axes stays cheap.

    ``binds_shared``: arguments that are not mapped are given by value, as eager vmap does (a function may use one as
    a Python number). Without it the answers depend on shapes alone, and one probe serves any values.
    """

    def __init__(self, *, binds_shared: bool, memory: int = 4096) -> None:
        self._binds_shared = binds_shared
        self._memory = memory
        self._answers: dict[Any, Any] = {}

    def example(self, call: Call, axes: tuple[Any, ...]) -> Example:
        """What the function makes of one example when the arrays are mapped along these axes."""
        return self.example_of(
            call, tuple(without(leaf.shape, axis) for leaf, axis in zip(call.leaves, axes, strict=True))
        )

    def example_of(self, call: Call, shapes: tuple[Shape, ...]) -> Example:
        """What the function makes of arrays of these shapes."""
        structs, bound = self._asked_about(call, shapes)
        key = ("example", *_identity(call), structs, bound)
        return self._remembered(key, lambda: self._example(call, structs, bound))

    def refusal(self, call: Call, axes: tuple[Any, ...], function: Callable[..., Any], key: Any) -> Exception | None:
        """What a batched form of the function raises for the call's own arrays, or None where it takes them.

        ``key`` tells the batched forms apart: two with the same key are taken for the same.
        """
        structs = tuple(leaf.struct for leaf in call.leaves)
        bound = tuple(self._is_bound(leaf, axis is None) for leaf, axis in zip(call.leaves, axes, strict=True))
        key = ("batched", *_identity(call), structs, bound, key)
        return self._remembered(key, lambda: self._refusal(call, function, structs, bound))

    def _is_bound(self, leaf: Leaf, is_shared: bool) -> bool:
        return leaf.struct is None or (self._binds_shared and is_shared and leaf.is_concrete)

    def fault(self, call: Call, axes: tuple[Any, ...]) -> Fault | None:
        """Where the function fails on one example, for axes along which it does; None where no line is known."""
        shapes = tuple(without(leaf.shape, axis) for leaf, axis in zip(call.leaves, axes, strict=True))
        structs, bound = self._asked_about(call, shapes)
        try:
            self._ask(call, structs, bound)
        except Exception as error:
            return read_fault(error)
        return None

    def program(self, call: Call, axes: tuple[Any, ...]) -> Program | None:
        """The function of one example as a jaxpr, and which of its inputs are mapped; None where it needs values."""
        shapes = tuple(without(leaf.shape, axis) for leaf, axis in zip(call.leaves, axes, strict=True))
        structs, bound = self._asked_about(call, shapes)
        mapped = tuple(axis is not None for axis, is_bound in zip(axes, bound, strict=True) if not is_bound)
        key = ("program", *_identity(call), structs, bound, mapped)
        return self._remembered(key, lambda: _program(call, structs, bound, mapped))

    def _asked_about(self, call: Call, shapes: tuple[Shape, ...]) -> tuple[tuple[Struct | None, ...], tuple[bool, ...]]:
        """What is known of each array where the function sees these shapes, and which ones it sees by value."""
        pairs = list(zip(call.leaves, shapes, strict=True))
        structs = tuple(_reshaped(leaf.struct, shape) for leaf, shape in pairs)
        return structs, tuple(self._is_bound(leaf, leaf.shape == shape) for leaf, shape in pairs)

    def _ask(self, call: Call, structs: tuple[Struct | None, ...], bound: tuple[bool, ...]) -> Any:
        """The outputs of one example as shapes; raises what the function raises."""
        try:
            return evaluated(call, in_one_example(call), structs, bound)
        except Exception as error:
            if not (self._binds_shared and _may_be_staging(error)):
                raise
        return _eagerly(call, structs, bound)

    def _example(self, call: Call, structs: tuple[Struct | None, ...], bound: tuple[bool, ...]) -> Example:
        try:
            return _described(self._ask(call, structs, bound))
        except Exception as error:
            return Example(error=error.with_traceback(None))

    def _refusal(
        self,
        call: Call,
        function: Callable[..., Any],
        structs: tuple[Struct | None, ...],
        bound: tuple[bool, ...],
    ) -> Exception | None:
        try:
            evaluated(call, function, structs, bound)
        except Exception as error:
            if self._binds_shared and _may_be_staging(error) and all(leaf.is_concrete for leaf in call.leaves):
                return _error_of(lambda: function(*call.arguments, **call.keywords))
            return error.with_traceback(None)
        return None

    def _remembered(self, key: Any, ask: Callable[[], Answer]) -> Answer:
        if key not in self._answers:
            if len(self._answers) >= self._memory:
                self._answers.clear()
            self._answers[key] = ask()
        answer: Answer = self._answers[key]
        return answer


def evaluated(
    call: Call, function: Callable[..., Any], structs: tuple[Struct | None, ...], bound: tuple[bool, ...]
) -> Any:
    """``jax.eval_shape`` of the function, with the bound arrays by value and the others by shape."""

    def given(traced: list[Any]) -> Any:
        return _called(call, function, traced, bound)

    return jax.eval_shape(given, [struct for struct, is_bound in zip(structs, bound, strict=True) if not is_bound])


def in_one_example(call: Call) -> Callable[..., Any]:
    """The function where its collectives find their axis: mapped over nothing, once."""
    if call.options.axis_name is None:
        return call.function

    def function(*arguments: Any, **keywords: Any) -> Any:
        once: Callable[[], Any] = jax.vmap(
            lambda: call.function(*arguments, **keywords), axis_name=call.options.axis_name, axis_size=1
        )
        return jax.tree.map(lambda output: output[0], once())

    return function


def _identity(call: Call) -> tuple[Any, ...]:
    """What tells apart the calls that one probe is asked about, beside their shapes."""
    return call.structure, repr(call.options), call.function_code, call.codes


def _called(call: Call, function: Callable[..., Any], traced: list[Any], bound: tuple[bool, ...]) -> Any:
    rest = iter(traced)
    flat = [leaf.value if is_bound else next(rest) for leaf, is_bound in zip(call.leaves, bound, strict=True)]
    arguments, keywords = jax.tree.unflatten(call.structure, flat)
    return function(*arguments, **keywords)


def _reshaped(struct: Struct | None, shape: Shape) -> Struct | None:
    return None if struct is None else Struct(shape, struct.dtype, weak_type=struct.weak_type)


def _described(result: Any) -> Example:
    flat, structure = jax.tree_util.tree_flatten_with_path(result)
    paths = tuple(jax.tree_util.keystr(path) for path, _ in flat)
    return Example(tuple(output for _, output in flat), structure, paths)


def _may_be_staging(error: Exception) -> bool:
    """Whether eager vmap might take what eval_shape refuses: ``int(jnp.sum(jnp.ones(3)))`` has a value only there.

    A wrong guess costs one more try and decides nothing, so that JAX's wording may be looked at.
    """
    if isinstance(error, (jax.errors.JAXTypeError, jax.errors.JAXIndexError)):
        return True
    return any(word in str(error) for word in ("Tracer", "concrete", "static"))


def _eagerly(call: Call, structs: tuple[Struct | None, ...], bound: tuple[bool, ...]) -> Any:
    """One example as eager vmap shows it to the function: what depends on no mapped array has a value."""
    traced = [_one_of(struct) for struct, is_bound in zip(structs, bound, strict=True) if not is_bound]
    batch_of_one: Callable[..., Any] = jax.vmap(
        lambda values: _called(call, call.function, values, bound), axis_size=1, axis_name=call.options.axis_name
    )
    return jax.tree.map(lambda output: Struct(output.shape[1:], output.dtype), batch_of_one(traced))


def _program(
    call: Call, structs: tuple[Struct | None, ...], bound: tuple[bool, ...], mapped: tuple[bool, ...]
) -> Program | None:
    traced = [struct for struct, is_bound in zip(structs, bound, strict=True) if not is_bound]
    try:
        closed = jax.make_jaxpr(lambda values: _called(call, in_one_example(call), values, bound))(traced)
    except Exception:
        return None
    return Program(closed.jaxpr, mapped)


def _one_of(struct: Struct | None) -> Any:
    """A batch of one array of this shape; its numbers do not matter, since vmap shows them to nobody."""
    assert struct is not None  # what is no array is bound
    if is_key_dtype(struct.dtype):
        return jnp.broadcast_to(jax.random.key(0), (1, *struct.shape))
    return jnp.zeros((1, *struct.shape), struct.dtype)


def _error_of(run: Callable[[], Any]) -> Exception | None:
    try:
        run()
    except Exception as error:
        return error.with_traceback(None)
    return None

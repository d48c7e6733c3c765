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
class Asked:
    """What a function is asked about: arrays by shape, or by value where they are ``bound``.

    ``size``: that of the named batch axis, which collectives see; None where it has no name.
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
        return None if call.options.axis_name is None else [(call.options.axis_name, self.size or 1)]


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
        return self.example_of(call, inside_shapes(call, axes), batch_size(call, axes))

    def example_of(self, call: Call, shapes: tuple[Shape, ...], size: int | None = None) -> Example:
        """What the function makes of arrays of these shapes; collectives see a batch of that size."""
        asked = self._asked_about(call, shapes, size)
        return self._remembered(("example", *_identity(call), asked), lambda: self._example(call, asked))

    def refusal(self, call: Call, axes: tuple[Any, ...], function: Callable[..., Any], key: Any) -> Exception | None:
        """What a batched form of the function raises for the call's own arrays, or None where it takes them.

        ``key`` tells the batched forms apart: two with the same key are taken for the same.
        """
        structs = tuple(leaf.struct for leaf in call.leaves)
        bound = tuple(self._is_bound(leaf, axis is None) for leaf, axis in zip(call.leaves, axes, strict=True))
        asked = Asked(structs, bound)
        key = ("batched", *_identity(call), asked, key)
        return self._remembered(key, lambda: self._refusal(call, function, asked))

    def _is_bound(self, leaf: Leaf, is_shared: bool) -> bool:
        return leaf.struct is None or (self._binds_shared and is_shared and leaf.is_concrete)

    def fault(self, call: Call, axes: tuple[Any, ...]) -> Fault | None:
        """Where the function fails on one example, for axes along which it does; None where no line is known."""
        try:
            self._ask(call, self._asked_about(call, inside_shapes(call, axes), batch_size(call, axes)))
        except Exception as error:
            return read_fault(error)
        return None

    def program(self, call: Call, axes: tuple[Any, ...]) -> Program | None:
        """The function of one example as a jaxpr, and which of its inputs are mapped; None where it needs values."""
        asked = self._asked_about(call, inside_shapes(call, axes), batch_size(call, axes))
        mapped = tuple(axis is not None for axis, is_bound in zip(axes, asked.bound, strict=True) if not is_bound)
        return self._remembered(("program", *_identity(call), asked, mapped), lambda: _program(call, asked, mapped))

    def _asked_about(self, call: Call, shapes: tuple[Shape, ...], size: int | None) -> Asked:
        pairs = list(zip(call.leaves, shapes, strict=True))
        structs = tuple(_reshaped(leaf.struct, shape) for leaf, shape in pairs)
        bound = tuple(self._is_bound(leaf, leaf.shape == shape) for leaf, shape in pairs)
        return Asked(structs, bound, None if call.options.axis_name is None else size)

    def _ask(self, call: Call, asked: Asked) -> Any:
        """The outputs of one example as shapes; raises what the function raises."""
        try:
            return evaluated(call, asked)
        except Exception as error:
            if not (self._binds_shared and _may_be_staging(error)):
                raise
        return _eagerly(call, asked)

    def _example(self, call: Call, asked: Asked) -> Example:
        try:
            return _described(self._ask(call, asked))
        except Exception as error:
            return Example(error=error.with_traceback(None))

    def _refusal(self, call: Call, function: Callable[..., Any], asked: Asked) -> Exception | None:
        try:
            jax.eval_shape(lambda traced: _called(call, function, traced, asked.bound), asked.traced)
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


def inside_shapes(call: Call, axes: tuple[Any, ...]) -> tuple[Shape, ...]:
    """What the function sees of each array when they are mapped along these axes."""
    return tuple(without(leaf.shape, axis) for leaf, axis in zip(call.leaves, axes, strict=True))


def batch_size(call: Call, axes: tuple[Any, ...]) -> int | None:
    """How many examples these axes give; None where nothing is mapped and axis_size does not say it."""
    sizes = (leaf.shape[axis] for leaf, axis in zip(call.leaves, axes, strict=True) if axis is not None)
    return next(sizes, call.options.axis_size)


def evaluated(call: Call, asked: Asked) -> Any:
    """The outputs of one example as shapes; raises what the function raises."""

    def given(traced: list[Any]) -> Any:
        return _called(call, call.function, traced, asked.bound)

    if call.options.axis_name is None:
        return jax.eval_shape(given, asked.traced)
    return jax.make_jaxpr(given, axis_env=asked.axis_env(call), return_shape=True)(asked.traced)[1]


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


def _eagerly(call: Call, asked: Asked) -> Any:
    """One example as eager vmap shows it to the function: what depends on no mapped array has a value."""
    batch_of_one: Callable[..., Any] = jax.vmap(
        lambda values: _called(call, call.function, values, asked.bound),
        axis_size=1,
        axis_name=call.options.axis_name,
    )
    result = batch_of_one([_one_of(struct) for struct in asked.traced])
    return jax.tree.map(lambda output: Struct(output.shape[1:], output.dtype), result)


def _program(call: Call, asked: Asked, mapped: tuple[bool, ...]) -> Program | None:
    def given(traced: list[Any]) -> Any:
        return _called(call, call.function, traced, asked.bound)

    try:
        closed = jax.make_jaxpr(given, axis_env=asked.axis_env(call))(asked.traced)
    except Exception:
        return None
    return Program(closed.jaxpr, mapped)


def _one_of(struct: Struct) -> Any:
    """A batch of one array of this shape; its numbers do not matter, since vmap shows them to nobody."""
    if is_key_dtype(struct.dtype):
        return jnp.broadcast_to(jax.random.key(0), (1, *struct.shape))
    return jnp.zeros((1, *struct.shape), struct.dtype)


def _error_of(run: Callable[[], Any]) -> Exception | None:
    try:
        run()
    except Exception as error:
        return error.with_traceback(None)
    return None

"""Asking a function about shapes, never about values: what it makes of one example, and what the real vmap says."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jax

from vmapdemo.diagnosis.axes import without
from vmapdemo.diagnosis.records import Shape

Struct = jax.ShapeDtypeStruct
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One array among the arguments; ``struct`` is None where the value is no array at all."""

    path: str
    value: Any
    struct: Struct | None
    keyword: bool = False

    @property
    def shape(self) -> Shape:
        return () if self.struct is None else tuple(self.struct.shape)

    @property
    def is_concrete(self) -> bool:
        """Whether there is a value, not only a shape."""
        return not isinstance(self.value, (Struct, jax.core.Tracer))


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of jax.vmap beside the axes."""

    axis_name: Any = None
    axis_size: int | None = None
    spmd_axis_name: Any = None
    sum_match: bool = False

    def given(self) -> dict[str, Any]:
        """Those that differ from jax.vmap's defaults."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None and value is not False}


@dataclass(frozen=True, slots=True)
class Call:
    """``jax.vmap(function, in_axes, out_axes, **options)(*arguments, **keywords)``, with its arrays laid out flat.

    ``example_ndim``: how many axes each array has inside the function, where that is known.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    names: tuple[str, ...]
    in_axes: Any = 0
    out_axes: Any = 0
    options: Options = field(default_factory=Options)
    example_ndim: tuple[int | None, ...] | None = None
    leaves: tuple[Leaf, ...] = ()

    @property
    def function_name(self) -> str:
        """The name to write in code: a lambda is called ``f``."""
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return name if name.isidentifier() else "f"

    @property
    def structure(self) -> Any:
        """How the flat arrays make up the arguments and keywords."""
        return jax.tree.structure((self.arguments, self.keywords))

    def vmapped(self, in_axes: Any, out_axes: Any) -> Callable[..., Any]:
        """The real vmap of the function, with this call's options."""
        return jax.vmap(self.function, in_axes, out_axes, **self.options.given())


def struct_of(value: Any) -> Struct | None:
    """Shape and dtype of an array or number as JAX takes it; None for anything else (a string, say)."""
    try:
        aval = jax.typeof(value) if not isinstance(value, Struct) else value
    except TypeError:
        return None
    if not hasattr(aval, "shape") or not hasattr(aval, "dtype"):
        return None
    return Struct(aval.shape, aval.dtype, weak_type=getattr(aval, "weak_type", False))


def flat_leaves(arguments: tuple[Any, ...], keywords: dict[str, Any], names: tuple[str, ...]) -> tuple[Leaf, ...]:
    """Each array of the arguments with the path that names it: ``x``, ``params['w']``."""
    leaves = []
    for path, value in jax.tree_util.tree_flatten_with_path((arguments, keywords))[0]:
        kind, entry, *rest = path
        keyword = kind.idx == 1
        root = entry.key if keyword else names[entry.idx]
        leaves.append(Leaf(root + jax.tree_util.keystr(tuple(rest)), value, struct_of(value), keyword))
    return tuple(leaves)


def parameter_names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The function's own names for its positional arguments, or ``arg0``, ``arg1`` where it has none."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        parameters = []
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    return tuple(positional) + tuple(f"arg{index}" for index in range(len(positional), count))


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
        structs = tuple(_reshaped(leaf.struct, shape) for leaf, shape in zip(call.leaves, shapes, strict=True))
        bound = tuple(
            self._is_bound(leaf, leaf.shape == shape) for leaf, shape in zip(call.leaves, shapes, strict=True)
        )
        key = ("example", call.structure, call.options, structs, bound)
        return self._remembered(key, lambda: _example(call, structs, bound))

    def refusal(self, call: Call, axes: tuple[Any, ...], function: Callable[..., Any], key: Any) -> Exception | None:
        """What a batched form of the function raises for the call's own arrays, or None where it takes them.

        ``key`` tells the batched forms apart: two with the same key are taken for the same.
        """
        structs = tuple(leaf.struct for leaf in call.leaves)
        bound = tuple(self._is_bound(leaf, axis is None) for leaf, axis in zip(call.leaves, axes, strict=True))
        key = ("batched", call.structure, call.options, structs, bound, key)
        return self._remembered(key, lambda: _error_of(call, function, structs, bound))

    def _is_bound(self, leaf: Leaf, is_shared: bool) -> bool:
        return leaf.struct is None or (self._binds_shared and is_shared and leaf.is_concrete)

    def _remembered(self, key: Any, ask: Callable[[], Answer]) -> Answer:
        if key not in self._answers:
            if len(self._answers) >= self._memory:
                self._answers.clear()
            self._answers[key] = ask()
        answer: Answer = self._answers[key]
        return answer


def _reshaped(struct: Struct | None, shape: Shape) -> Struct | None:
    return None if struct is None else Struct(shape, struct.dtype, weak_type=struct.weak_type)


def _example(call: Call, structs: tuple[Struct | None, ...], bound: tuple[bool, ...]) -> Example:
    function = call.function if call.options.axis_name is None else _under_axis_name(call)
    try:
        result = _evaluate(call, function, structs, bound)
    except Exception as error:
        return Example(error=error.with_traceback(None))
    paths, outputs = (
        zip(*jax.tree_util.tree_flatten_with_path(result)[0], strict=True) if jax.tree.leaves(result) else ((), ())
    )
    return Example(tuple(outputs), jax.tree.structure(result), tuple(jax.tree_util.keystr(path) for path in paths))


def _under_axis_name(call: Call) -> Callable[..., Any]:
    """The function where its collectives find their axis: mapped over nothing, once."""

    def function(*arguments: Any, **keywords: Any) -> Any:
        once: Callable[[], Any] = jax.vmap(
            lambda: call.function(*arguments, **keywords), axis_name=call.options.axis_name, axis_size=1
        )
        return jax.tree.map(lambda output: output[0], once())

    return function


def _error_of(
    call: Call, function: Callable[..., Any], structs: tuple[Struct | None, ...], bound: tuple[bool, ...]
) -> Exception | None:
    try:
        _evaluate(call, function, structs, bound)
    except Exception as error:
        return error.with_traceback(None)
    return None


def _evaluate(
    call: Call, function: Callable[..., Any], structs: tuple[Struct | None, ...], bound: tuple[bool, ...]
) -> Any:
    """``jax.eval_shape`` with the bound arrays by value and the others by shape."""

    def given(traced: list[Any]) -> Any:
        rest = iter(traced)
        flat = [leaf.value if is_bound else next(rest) for leaf, is_bound in zip(call.leaves, bound, strict=True)]
        arguments, keywords = jax.tree.unflatten(call.structure, flat)
        return function(*arguments, **keywords)

    return jax.eval_shape(given, [struct for struct, is_bound in zip(structs, bound, strict=True) if not is_bound])

"""The call that is explained, with its arrays laid out flat and named."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MethodType
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.call.annotated_ndim import annotated_ndim
from vmapdemo.diagnosis.call.axes import spread
from vmapdemo.diagnosis.records import Shape

Struct = jax.ShapeDtypeStruct

PLACEHOLDER = "f"
"""Stands in code for a function that has no name there: a lambda, or the result of a call."""


def is_key_dtype(dtype: Any) -> bool:
    """Whether arrays of this dtype hold random keys, made by ``jax.random.key``."""
    return bool(jnp.issubdtype(dtype, jax.dtypes.prng_key))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One array among the arguments; ``struct`` is None if the value is no array at all.

    ``argument``: the position of the argument that it belongs to, None if that is given by keyword. ``keys`` lead
    to it inside that.
    """

    path: str
    value: Any
    struct: Struct | None
    argument: int | None = None
    keys: tuple[Any, ...] = ()

    @property
    def shape(self) -> Shape:
        return () if self.struct is None else tuple(self.struct.shape)

    @property
    def keyword(self) -> bool:
        """Whether JAX maps it along axis 0 whatever in_axes says, since it is given by keyword."""
        return self.argument is None

    @property
    def is_concrete(self) -> bool:
        """Whether there is a value, not only a shape."""
        return not isinstance(self.value, (Struct, jax.core.Tracer))

    @property
    def is_key(self) -> bool:
        """Whether it holds random keys, made by ``jax.random.key``."""
        return self.struct is not None and is_key_dtype(self.struct.dtype)


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of jax.vmap besides the axes."""

    axis_name: Any = None
    axis_size: int | None = None
    spmd_axis_name: Any = None
    sum_match: bool = False

    def given(self) -> dict[str, Any]:
        """Those that differ from jax.vmap's defaults."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None and value is not False}


@dataclass(frozen=True)
class Call:
    """``jax.vmap(function, in_axes, out_axes, **options)(*arguments, **keywords)``, with its arrays laid out flat.

    ``names``: what the positional arguments are called; ``codes``: what to write for each, if that is more than its
    name, and ``keyword_codes`` for keywords. ``example_ndim``: how many axes each argument has inside the function,
    if that is known: a number, None, or a tree of these as for in_axes.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    names: tuple[str, ...]
    in_axes: Any = 0
    out_axes: Any = 0
    options: Options = field(default_factory=Options)
    example_ndim: tuple[Any, ...] | None = None
    codes: tuple[str, ...] = ()
    keyword_codes: tuple[tuple[str, str], ...] = ()
    function_code: str = ""

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Each array of the arguments, then of the keywords, with the path that names it: ``x``, ``params['w']``."""
        return flat_leaves(self.arguments, self.keywords, self.names)

    @cached_property
    def leaf_ndim(self) -> tuple[int | None, ...]:
        """How many axes each array has inside the function, None if that is not known."""
        return _leaf_ndim(self, self.example_ndim or ())

    @property
    def function_name(self) -> str:
        """What messages call the function: a lambda is called ``f``."""
        inner = self.function
        while isinstance(inner, partial):
            inner = inner.func
        name = getattr(inner, "__name__", None) or type(inner).__name__
        return name if isinstance(name, str) and name.isidentifier() else "f"

    @property
    def written_function(self) -> str:
        """What to write for the function."""
        return self.function_code or (self.function_name if _is_called_so(self.function) else PLACEHOLDER)

    @property
    def written_arguments(self) -> tuple[str, ...]:
        """What to write for each argument."""
        by_keyword = dict(self.keyword_codes)
        return (self.codes or self.names) + tuple(f"{name}={by_keyword.get(name, name)}" for name in self.keywords)

    @cached_property
    def structure(self) -> Any:
        """How the flat arrays make up the arguments and keywords."""
        return jax.tree.structure((self.arguments, self.keywords))

    def batched(self, in_axes: Any, out_axes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """The real vmap with these axes and this call's options: what to apply to the function."""
        return partial(_vmapped, in_axes=in_axes, out_axes=out_axes, options=self.options.given())


def _vmapped(
    function: Callable[..., Any], *, in_axes: Any, out_axes: Any, options: dict[str, Any]
) -> Callable[..., Any]:
    vmapped: Callable[..., Any] = jax.vmap(function, in_axes, out_axes, **options)
    return vmapped


def _is_called_so(function: Any) -> bool:
    """Whether the function's own name leads to it: that of ``jax.grad(loss)`` is ``loss``, which leads elsewhere.

    An object that is called, a bound method and a partial have no name of their own.
    """
    name = getattr(function, "__name__", None)
    if not isinstance(name, str) or isinstance(function, (partial, MethodType)):
        return False
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    return getattr(module, name, function) is function or not hasattr(function, "__wrapped__")


def make_call(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    in_axes: Any,
    out_axes: Any,
    *,
    options: Options | None = None,
    example_ndim: Any = None,
    names: tuple[str, ...] | None = None,
    function_code: str = "",
) -> Call:
    """A Call; ``names`` falls back to the function's own parameter names, and ``example_ndim`` to its annotations."""
    own = parameter_names(function, len(arguments))
    called = (*(names or ()), *own[len(names or ()) :])[: len(arguments)]
    codes = tuple(name if name.isidentifier() else code for name, code in zip(called, own, strict=True))
    known = annotated_ndim(function, len(arguments)) if example_ndim is None else _ndim_of_each(example_ndim, called)
    options = options or Options()
    return Call(
        function, arguments, keywords, called, in_axes, out_axes, options, known, codes, function_code=function_code
    )


def _ndim_of_each(example_ndim: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """One entry for each argument, also if one number stands for all, or a dict names them."""
    if isinstance(example_ndim, dict):
        entries = tuple(example_ndim.get(name) for name in names)
    elif isinstance(example_ndim, (tuple, list)):
        entries = tuple(example_ndim)
    else:
        entries = (example_ndim,) * len(names)
    return tuple(entry if is_ndim(entry) else None for entry in entries)


def is_ndim(entry: Any) -> bool:
    """Whether an entry, or all of a tree of them, is a number of axes or None."""
    return all(type(number) is int and number >= 0 for number in jax.tree.leaves(entry))


def struct_of(value: Any) -> Struct | None:
    """Shape and dtype of an array or number as JAX takes it; None for anything else: a text, a masked array."""
    try:
        aval = jax.typeof(value) if not isinstance(value, Struct) else value
    except OverflowError:  # 2**40 is a number, though no array can hold it
        return Struct((), jnp.result_type(int), weak_type=True)
    except Exception:
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
        argument = None if keyword else entry.idx
        path_text = root + jax.tree_util.keystr(tuple(rest))
        leaves.append(Leaf(path_text, value, struct_of(value), argument, tuple(rest)))
    return tuple(leaves)


def positional_parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters that can be given by position; none if the function does not say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return ()
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


def parameter_names(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The function's own names for its positional arguments, or ``arg0``, ``arg1`` if it has none."""
    positional = positional_parameters(function)[:count]
    return positional + tuple(f"arg{index}" for index in range(len(positional), count))


def _leaf_ndim(call: Call, entries: tuple[Any, ...]) -> tuple[int | None, ...]:
    """The entries spread over the arrays; one number for an argument of several arrays says nothing of them."""
    if len(entries) == len(call.leaves) != len(call.arguments):
        return entries
    padded = (entries + (None,) * len(call.arguments))[: len(call.arguments)]
    flat = [ndim for entry, argument in zip(padded, call.arguments, strict=True) for ndim in _spread(entry, argument)]
    return tuple(flat) + (None,) * (len(call.leaves) - len(flat))


def _spread(entry: Any, argument: Any) -> list[int | None]:
    count = len(jax.tree.leaves(argument))
    if entry is None or (isinstance(entry, int) and count != 1):
        return [None] * count
    try:
        return list(spread(entry, argument))
    except (ValueError, TypeError):
        return [None] * count

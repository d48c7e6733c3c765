"""The call as Python text, to show and to paste."""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.call.axes import spread
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.call.reach import is_library

LONGEST = 160
"""A tree of axes that is longer when it is written out is built from the argument instead."""


def vmap_expression(function: str, in_axes: str, out_axes: str, **options: Any) -> str:
    """``jax.vmap(convolve, in_axes=(1, 0), out_axes=0)``, with further options if given."""
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"jax.vmap({function}, in_axes={in_axes}, out_axes={out_axes}{more})"


def vmap_code(call: Call, in_axes: Any, out_axes: Any) -> str:
    """The whole call with these axes, in the caller's names."""
    written = axes_code(call, in_axes), literal(out_axes) or repr(out_axes)
    return vmap_expression(call.written_function, *written, **call.options.given()) + _arguments(call)


def nested_vmap_code(call: Call, in_axes: list[Any], out_axes: Any, names: tuple[str, ...] = ()) -> str:
    """The whole call as nested vmaps, the first of in_axes outermost, in the caller's names."""
    named = [f", axis_name={name!r}" for name in names] or [""] * len(in_axes)
    function = call.written_function
    for axes, name in list(zip(in_axes, named, strict=True))[:0:-1]:
        function = f"jax.vmap({function}, in_axes={axes_code(call, axes)}{name})"
    last = "" if out_axes == 0 and out_axes is not False else f", out_axes={literal(out_axes) or repr(out_axes)}"
    return f"jax.vmap({function}, in_axes={axes_code(call, in_axes[0])}{last}{named[0]}){_arguments(call)}"


def _arguments(call: Call) -> str:
    return f"({', '.join(call.written_arguments)})"


def axes_code(call: Call, in_axes: Any) -> str:
    """in_axes as Python that builds the same axes from the caller's names."""
    if type(in_axes) not in (list, tuple) or len(in_axes) != len(call.arguments):
        return literal(in_axes) or repr(in_axes)
    codes = call.codes or call.names
    entries = [_entry_code(*parts) for parts in zip(in_axes, call.arguments, codes, strict=True)]
    if isinstance(in_axes, list):
        return f"[{', '.join(entries)}]"
    return f"({', '.join(entries)}{',' if len(entries) == 1 else ''})"


def _entry_code(entry: Any, argument: Any, code: str) -> str:
    written = literal(entry)
    if written is not None and len(written) <= LONGEST:
        return written
    try:
        wanted = list(spread(entry, argument))
    except (ValueError, TypeError):
        return written or repr(entry)
    leaves = jax.tree.leaves(argument)
    for text, axis_of in _RULES:
        if [axis_of(leaf) for leaf in leaves] == wanted:
            return f"jax.tree.map({_in_equinox(text, argument)}, {code})"
    return f"jax.tree.unflatten(jax.tree.structure({code}), {wanted!r})"


_IF_ARRAY = "lambda leaf: 0 if isinstance(leaf, jax.Array) else None"

_RULES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    (_IF_ARRAY, lambda leaf: 0 if isinstance(leaf, jax.Array) else None),
    ("lambda leaf: 0 if jnp.ndim(leaf) else None", lambda leaf: 0 if getattr(leaf, "ndim", 0) else None),
)
"""Rules that people write for the axes of a tree, as text and as a function of a leaf."""


def _in_equinox(text: str, argument: Any) -> str:
    """Equinox has a name for the rule; its users know it."""
    equinox = sys.modules.get("equinox")
    return "eqx.if_array(0)" if text == _IF_ARRAY and equinox and isinstance(argument, equinox.Module) else text


def literal(value: Any) -> str | None:
    """Python that builds the value: plain containers, NamedTuples, dataclasses; None for any other object."""
    if value is None or type(value) in (bool, int, float, str):
        return repr(value)
    if type(value) is dict:
        return _joined([(f"{key!r}: ", part) for key, part in value.items()], "{", "}")
    if type(value) is list:
        return _joined([("", part) for part in value], "[", "]")
    if type(value) is tuple:
        return _joined([("", part) for part in value], "(", ",)" if len(value) == 1 else ")")
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields = list(zip(value._fields, value, strict=True))
    elif _is_plain_dataclass(value):
        fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.init]
    else:
        return None
    return _joined([(f"{name}=", part) for name, part in fields], f"{public_name(type(value))}(", ")")


def _joined(parts: list[tuple[str, Any]], start: str, end: str) -> str | None:
    written = [(label, literal(part)) for label, part in parts]
    if any(text is None for _, text in written):
        return None
    return f"{start}{', '.join(f'{label}{text}' for label, text in written)}{end}"


def _is_plain_dataclass(value: Any) -> bool:
    """Whether its class can be called with the fields: it has no __init__ of its own, and checks nothing."""
    kind = type(value)
    if not dataclasses.is_dataclass(kind) or hasattr(kind, "__post_init__") or hasattr(kind, "__check_init__"):
        return False
    return (
        all(hasattr(value, field.name) for field in dataclasses.fields(kind) if field.init)
        and kind.__init__.__module__ == kind.__module__
    )


def public_name(value: Any) -> str:
    """What a class or function of a library is called by its users: ``optax.EmptyState``, ``jnp.dot``."""
    name = value.__name__
    for prefix, module in (
        ("jnp", jnp),
        ("jax", jax),
        ("jax.nn", jax.nn),
        ("jax.lax", jax.lax),
        ("jax.random", jax.random),
    ):
        if getattr(module, name, None) is value:
            return f"{prefix}.{name}"
    root = str(getattr(value, "__module__", "")).partition(".")[0]
    package = sys.modules.get(root)
    is_public = root != "builtins" and is_library(root) and getattr(package, name, None) is value
    return f"{root}.{name}" if is_public else str(name)


def replaced_code(code: str, tree: Any, leaf: Leaf, new: str) -> str:
    """Python for the tree with another value in the place of one leaf."""
    return _replaced(code, tree, leaf.keys, new)


def _replaced(code: str, tree: Any, keys: tuple[Any, ...], new: str) -> str:
    if not keys:
        return new
    first, *rest = keys
    if isinstance(first, jax.tree_util.DictKey) and type(tree) is dict:
        inner = _replaced(f"{code}[{first.key!r}]", tree[first.key], tuple(rest), new)
        return f"{{**{code}, {first.key!r}: {inner}}}"
    if isinstance(first, jax.tree_util.SequenceKey) and type(tree) in (list, tuple):
        inner = _replaced(f"{code}[{first.idx}]", tree[first.idx], tuple(rest), new)
        parts = f"*{code}[:{first.idx}], {inner}, *{code}[{first.idx + 1}:]"
        return f"[{parts}]" if type(tree) is list else f"({parts})"
    if isinstance(first, jax.tree_util.GetAttrKey):
        inner = _replaced(f"{code}.{first.name}", getattr(tree, first.name), tuple(rest), new)
        if hasattr(tree, "_replace"):
            return f"{code}._replace({first.name}={inner})"
        if dataclasses.is_dataclass(tree):
            return f"dataclasses.replace({code}, {first.name}={inner})"
    path = f"{code}{jax.tree_util.keystr(keys)}"
    return f"jax.tree.map(lambda leaf: {new} if leaf is {path} else leaf, {code})"

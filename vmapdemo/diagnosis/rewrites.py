"""Other ways to pass the same arguments, and other options of vmap: each a Call, to be judged like any other."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.axes import exists
from vmapdemo.diagnosis.call import Call, Struct, is_key_dtype, positional_parameters
from vmapdemo.diagnosis.meaning import meant_axes
from vmapdemo.diagnosis.records import Culprit
from vmapdemo.diagnosis.verdict import Verdict
from vmapdemo.diagnosis.wording import listed

MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call that passes the same differently, or has other options: what that says of the culprit, and why."""

    call: Call
    culprit: Culprit
    why: str


def rewrites(call: Call, verdict: Verdict) -> Iterator[Rewrite]:
    """Everything that might mend a refused call beside its axes, the smallest changes first."""
    yield from keyword_rewrites(call)
    yield from _stacked(call)
    yield from split_keys(call, verdict.size or _batch_size(call))
    yield from _unpacked(call)
    yield from _named(call, verdict)
    yield from _unsized(call)


def split_keys(call: Call, size: int | None) -> Iterator[Rewrite]:
    """One random key made into as many as there are examples, where their number is known."""
    if size is None:
        return
    for position, argument in enumerate(call.arguments):
        if is_lone_key(argument):
            name = call.names[position]
            keys = _split(argument, size)
            changed = _with_argument(call, position, keys, f"jax.random.split({_code(call, position)}, {size})")
            yield Rewrite(changed, "arguments", f"split `{name}` into one key for each example")


def _batch_size(call: Call) -> int | None:
    """How many examples the other arrays have, as far as in_axes says it of them."""
    axes = zip(call.leaves, meant_axes(call), strict=True)
    sizes = [leaf.shape[axis] for leaf, axis in axes if type(axis) is int and exists(axis, len(leaf.shape))]
    return sizes[0] if sizes else call.options.axis_size


def is_lone_key(argument: Any) -> bool:
    """Whether the argument is one random key; an old one is two uint32 numbers, as any two such numbers are."""
    if not hasattr(argument, "dtype") or not hasattr(argument, "shape"):
        return False
    is_new = is_key_dtype(argument.dtype)
    return tuple(argument.shape) == (() if is_new else (2,)) and (is_new or argument.dtype == jnp.uint32)


def _split(key: Any, size: int) -> Any:
    if isinstance(key, Struct):
        return Struct((size, *key.shape), key.dtype)
    return jax.random.split(jnp.asarray(key) if not isinstance(key, jax.Array) else key, size)


def keyword_rewrites(call: Call) -> Iterator[Rewrite]:
    """Keywords passed by position, or bound beforehand: first whatever suits what they hold."""
    if not call.keywords:
        return
    unmappable = tuple(leaf for leaf in call.leaves if leaf.keyword and leaf.struct is None)
    ways = [_by_position(call), *_bound(call)]
    yield from filter(None, reversed(ways) if unmappable else ways)


def _by_position(call: Call) -> Rewrite | None:
    """All keywords as positional arguments, if the function takes them so without a gap."""
    count = len(call.arguments)
    following = positional_parameters(call.function)[count : count + len(call.keywords)]
    if set(following) != set(call.keywords):
        return None
    changed = replace(
        call,
        arguments=(*call.arguments, *(call.keywords[name] for name in following)),
        keywords={},
        names=call.names + following,
        codes=(call.codes or call.names) + following,
        in_axes=_with_axes_of_keywords(call.in_axes, count, len(following)),
    )
    return Rewrite(changed, "arguments", f"pass {listed(following)} by position, since JAX maps keywords along axis 0")


def _with_axes_of_keywords(in_axes: Any, count: int, keywords: int) -> Any:
    """in_axes as they are where they speak of the keywords already, else with the 0 that JAX takes for those."""
    if isinstance(in_axes, (tuple, list)):
        return in_axes if len(in_axes) == count + keywords else type(in_axes)((*in_axes, *(0,) * keywords))
    return in_axes if in_axes == 0 and in_axes is not False else ((in_axes,) * count + (0,) * keywords)


def _bound(call: Call) -> Iterator[Rewrite]:
    """The keywords that hold no batch bound with functools.partial, then all of them."""
    without_axes = [
        name for name, value in call.keywords.items() if not any(getattr(leaf, "ndim", 0) for leaf in _leaves(value))
    ]
    for names in dict.fromkeys((tuple(without_axes), tuple(call.keywords))):
        if names:
            yield _with_bound(call, names)


def _with_bound(call: Call, names: tuple[str, ...]) -> Rewrite:
    bound = ", ".join(f"{name}={name}" for name in names)
    rest = {name: value for name, value in call.keywords.items() if name not in names}
    in_axes = call.in_axes
    if isinstance(in_axes, (tuple, list)) and len(in_axes) > len(call.arguments):
        in_axes = in_axes[: len(call.arguments)]
    changed = replace(
        call,
        function=partial(call.function, **{name: call.keywords[name] for name in names}),
        function_code=f"functools.partial({call.written_function}, {bound})",
        keywords=rest,
        in_axes=in_axes,
    )
    return Rewrite(changed, "arguments", f"bind {listed(names)} beforehand, since JAX maps keywords along axis 0")


def _stacked(call: Call) -> Iterator[Rewrite]:
    """Lists of examples made into arrays: all of them, then each alone."""
    stacks = {
        position: stack for position, argument in enumerate(call.arguments) if (stack := _stack(argument)) is not None
    }
    if len(stacks) > 1:
        changed = call
        for position, (make, code) in stacks.items():
            changed = _with_argument(changed, position, make(), code.format(_code(call, position)))
        yield Rewrite(changed, "arguments", f"make {listed(tuple(call.names[p] for p in stacks))} into arrays")
    for position, (make, code) in stacks.items():
        changed = _with_argument(call, position, make(), code.format(_code(call, position)))
        yield Rewrite(changed, "arguments", f"make the list `{call.names[position]}` into an array with a batch axis")


def _stack(argument: Any) -> tuple[Callable[[], Any], str] | None:
    """How to make one array, or one tree of arrays, of a list of examples; None where it is no such list."""
    if type(argument) not in (list, tuple) or not argument or not _are_alike(argument):
        return None
    if any(isinstance(leaf, Struct) for leaf in _leaves(argument)):
        return (lambda: _stacked_trees(argument)), "jnp.stack({})"
    if all(jnp.ndim(entry) > 0 and not isinstance(entry, (list, tuple)) for entry in argument if _is_array(entry)):
        if all(map(_is_array, argument)):
            return (lambda: jnp.stack(argument)), "jnp.stack({})"
        if not any(isinstance(entry, (list, tuple, int, float, complex)) for entry in argument):
            return (lambda: _stacked_trees(argument)), "jax.tree.map(lambda *each: jnp.stack(each), *{})"
    return (lambda: jnp.array(argument)), "jnp.array({})"


def _are_alike(examples: Any) -> bool:
    """Whether all entries have one structure and arrays or numbers of the same shapes in it."""
    described = {(jax.tree.structure(entry), tuple(map(_shape, _leaves(entry)))) for entry in examples}
    return len(described) == 1 and all(_shape(leaf) is not None for leaf in _leaves(examples))


def _shape(leaf: Any) -> tuple[int, ...] | None:
    if isinstance(leaf, (bool, int, float, complex)):
        return ()
    return tuple(leaf.shape) if _is_array(leaf) else None


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _stacked_trees(examples: Any) -> Any:
    def stack(*each: Any) -> Any:
        if isinstance(each[0], Struct):
            return Struct((len(each), *each[0].shape), each[0].dtype)
        return jnp.stack(each)

    return jax.tree.map(stack, *examples)


def _unpacked(call: Call) -> Iterator[Rewrite]:
    """One tuple of arguments passed as the arguments themselves."""
    if len(call.arguments) != 1 or type(call.arguments[0]) not in (tuple, list) or call.keywords:
        return
    values = tuple(call.arguments[0])
    names = positional_parameters(call.function)
    if not 1 < len(values) == len(names):
        return
    axes = call.in_axes
    if isinstance(axes, (tuple, list)) and len(axes) == 1:
        axes = axes[0]
    changed = replace(
        call, arguments=values, names=names, codes=(f"*{_code(call, 0)}",), in_axes=axes, example_ndim=None
    )
    yield Rewrite(changed, "arguments", f"pass the entries of `{call.names[0]}` as arguments of their own")


def _named(call: Call, verdict: Verdict) -> Iterator[Rewrite]:
    """A name for the batch axis that a collective asks for: a text in the function's code, or in JAX's words."""
    refusal = verdict.example.refusal if verdict.example is not None else None
    if refusal is None or not refusal.is_a(NameError):
        return
    words = re.findall(r"[\w-]+", refusal.message)
    texts = list(_texts(getattr(call.function, "__code__", None)))
    names = dict.fromkeys([*(text for text in texts if text in words), *texts, *words])
    for name in [name for name in names if name != call.options.axis_name][:MAX_NAMES]:
        options = replace(call.options, axis_name=name)
        yield Rewrite(replace(call, options=options), "axis_name", f'name the batch axis "{name}"')


def _texts(code: CodeType | None) -> Iterator[str]:
    for constant in code.co_consts if code else ():
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _texts(constant)


def _unsized(call: Call) -> Iterator[Rewrite]:
    if call.options.axis_size is not None:
        options = replace(call.options, axis_size=None)
        yield Rewrite(replace(call, options=options), "axis_size", "leave out axis_size: the arrays say it")


def _with_argument(call: Call, position: int, value: Any, code: str) -> Call:
    """The call with another value in one place, mapped along axis 0 where its entry cannot stay."""
    codes = call.codes or call.names
    axes = call.in_axes
    if isinstance(axes, (tuple, list)) and len(axes) == len(call.arguments):
        axes = type(axes)((*axes[:position], 0, *axes[position + 1 :]))
    elif axes is None:
        axes = tuple(0 if index == position else None for index in range(len(call.arguments)))
    return replace(
        call,
        arguments=(*call.arguments[:position], value, *call.arguments[position + 1 :]),
        codes=(*codes[:position], code, *codes[position + 1 :]),
        in_axes=axes,
    )


def _code(call: Call, position: int) -> str:
    return (call.codes or call.names)[position]


def _leaves(value: Any) -> list[Any]:
    leaves: list[Any] = jax.tree.leaves(value)
    return leaves

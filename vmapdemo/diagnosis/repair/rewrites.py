"""Other ways to pass the same arguments, and other options of vmap: each a Call, to be judged like any other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.advice.numpy_twins import twin_of
from vmapdemo.diagnosis.call.call import Call, Leaf, Struct, positional_parameters
from vmapdemo.diagnosis.probe.refusal import Refusal
from vmapdemo.diagnosis.records import Culprit
from vmapdemo.diagnosis.repair.collectives import missing_names
from vmapdemo.diagnosis.repair.keys import batch_of_others, key_batches, splits
from vmapdemo.diagnosis.repair.replacing import codes_of, with_leaf
from vmapdemo.diagnosis.repair.stacking import Stack, stack_of
from vmapdemo.diagnosis.wording import listed

MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call that passes the same differently, or has other options: what that says of the culprit, and why."""

    call: Call
    culprit: Culprit
    why: str


def rewrites(call: Call, refusal: Refusal | None) -> Iterator[Rewrite]:
    """Everything besides axes that might fix a refused call, the smallest changes first."""
    yield from keyword_rewrites(call)
    yield from _stacked(call)
    yield from split_keys(call, batch_of_others(call))
    yield from _unpacked(call)
    yield from _named(call, refusal)
    yield from _unsized(call)


def split_keys(call: Call, size: int | None) -> Iterator[Rewrite]:
    """Lone random keys made into as many as there are examples, if their number is known."""
    for split in splits(call, size):
        each = "" if len(split.names) == 1 else ", each"
        yield Rewrite(split.call, "arguments", f"split {listed(split.names)}{each} into one key for each example")


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
    """in_axes unchanged if it covers the keywords, else with JAX's 0 appended for each."""
    if isinstance(in_axes, (tuple, list)):
        return in_axes if len(in_axes) == count + keywords else _like(in_axes, (*in_axes, *(0,) * keywords))
    return in_axes if in_axes == 0 and in_axes is not False else ((in_axes,) * count + (0,) * keywords)


def _like(in_axes: Any, entries: tuple[Any, ...]) -> Any:
    """These entries as a list if in_axes is one, else as a tuple: a NamedTuple takes no more than its fields."""
    return list(entries) if isinstance(in_axes, list) else entries


def _bound(call: Call) -> Iterator[Rewrite]:
    """The keywords that hold no batch bound with functools.partial, then all of them."""
    without_axes = [
        name
        for name, value in call.keywords.items()
        if not any(getattr(leaf, "ndim", 0) for leaf in jax.tree.leaves(value))
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


def fewer_keys(call: Call, size: int) -> Iterator[Rewrite]:
    """The first keys of those that are given, as many as there are examples."""
    for index, leaf in enumerate(call.leaves):
        if any(leaf is other and count > size for other, count in key_batches(call)) and leaf.is_concrete:
            changed = with_leaf(call, index, leaf.value[:size], f"{leaf.path}[:{size}]")
            yield Rewrite(changed, "arguments", f"take the first {size} keys of `{leaf.path}`")


def _stacked(call: Call) -> Iterator[Rewrite]:
    """Lists of examples made into arrays: all of them, then each alone."""
    given: dict[int | str, Any] = dict((*enumerate(call.arguments), *call.keywords.items()))
    found = {place: stack_of(argument) for place, argument in given.items()}
    stacks = {place: stack for place, stack in found.items() if stack is not None and _can_be_made(stack)}
    if len(stacks) > 1:
        changed = call
        for place, stack in stacks.items():
            changed = _with_stack(changed, place, stack)
        yield Rewrite(changed, "arguments", f"make {listed(_name(call, place) for place in stacks)} into arrays")
    for place, stack in stacks.items():
        changed = _with_stack(call, place, stack)
        yield Rewrite(changed, "arguments", f"make the list `{_name(call, place)}` {stack.why}")


def _can_be_made(stack: Stack) -> bool:
    """Whether JAX makes an array of the entries: not of texts, nor of keys and numbers, nor of ``2**40``."""
    try:
        stack.make()
    except Exception:
        return False
    return True


def _with_stack(call: Call, place: int | str, stack: Stack) -> Call:
    """The call with a list in its place, or under its keyword, made into an array."""
    if isinstance(place, int):
        return _with_argument(call, place, stack.make(), stack.code.format(_code(call, place)))
    code = stack.code.format(dict(call.keyword_codes).get(place, place))
    keywords = {**call.keywords, place: stack.make()}
    return replace(call, keywords=keywords, keyword_codes=(*call.keyword_codes, (place, code)))


def _name(call: Call, place: int | str) -> str:
    return call.names[place] if isinstance(place, int) else place


def as_floats(call: Call) -> Iterator[Rewrite]:
    """Each array of whole numbers made into floats: all of them, then each alone."""
    whole = [index for index, leaf in enumerate(call.leaves) if _is_whole(leaf)]
    if len(whole) > 1:
        changed = call
        for index in whole:
            changed = _with_floats(changed, index)
        yield Rewrite(changed, "arguments", f"make {listed(call.leaves[index].path for index in whole)} floats")
    for index in whole:
        yield Rewrite(_with_floats(call, index), "arguments", f"make `{call.leaves[index].path}` floats")


def _is_whole(leaf: Leaf) -> bool:
    if leaf.struct is None or leaf.is_key:
        return False
    dtype = leaf.struct.dtype
    return bool(jnp.issubdtype(dtype, jnp.integer) or jnp.issubdtype(dtype, jnp.bool_))


def _with_floats(call: Call, index: int) -> Call:
    leaf = call.leaves[index]
    code = f"{leaf.path}.astype(float)" if hasattr(leaf.value, "astype") else f"float({leaf.path})"
    return with_leaf(call, index, _floats(leaf), code)


def _floats(leaf: Leaf) -> Any:
    if isinstance(leaf.value, Struct):
        return Struct(leaf.shape, jnp.result_type(float))
    return leaf.value.astype(float) if hasattr(leaf.value, "astype") else float(leaf.value)


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


def twin_function(call: Call) -> Iterator[Rewrite]:
    """JAX's twin of a function of NumPy, math or Python that needs numbers."""
    found = twin_of(call.function)
    if found is not None:
        changed = replace(call, function=found.function, function_code=found.name)
        why = f"write `{found.name}` for `{found.instead_of}`, which needs numbers: under vmap there are none yet"
        yield Rewrite(changed, "function", why)


def _named(call: Call, refusal: Refusal | None) -> Iterator[Rewrite]:
    """A name for the batch axis that a collective asks for: a text in the function's code, or in JAX's words."""
    for name in missing_names(call, refusal)[:MAX_NAMES]:
        options = replace(call.options, axis_name=name)
        yield Rewrite(replace(call, options=options), "axis_name", f'name the batch axis "{name}"')


def _unsized(call: Call) -> Iterator[Rewrite]:
    if call.options.axis_size is not None:
        options = replace(call.options, axis_size=None)
        yield Rewrite(replace(call, options=options), "axis_size", "leave out axis_size: the arrays say it")


def _with_argument(call: Call, position: int, value: Any, code: str) -> Call:
    """The call with a different value in one place, mapped along axis 0 if its entry cannot stay."""
    codes = codes_of(call)
    axes = call.in_axes
    if isinstance(axes, (tuple, list)) and len(axes) == len(call.arguments):
        axes = _like(axes, (*axes[:position], 0, *axes[position + 1 :]))
    elif axes is None:
        axes = tuple(0 if index == position else None for index in range(len(call.arguments)))
    return replace(
        call,
        arguments=(*call.arguments[:position], value, *call.arguments[position + 1 :]),
        codes=(*codes[:position], code, *codes[position + 1 :]),
        in_axes=axes,
    )


def _code(call: Call, position: int) -> str:
    return codes_of(call)[position]

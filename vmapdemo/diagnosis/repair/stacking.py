"""Lists of examples in the place of arrays with a batch axis: how to stack them, and why some cannot be stacked."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.diagnosis.call.call import Call, Leaf, Struct

MOST_SHAPES = 4

_INTO_ARRAY = "into an array with a batch axis"

_NUMBERS = (bool, int, float, complex)


@dataclass(frozen=True, slots=True)
class Stack:
    """How to make one array, or one tree of arrays, of a list of examples; ``code`` has a place for the list's name."""

    make: Callable[[], Any]
    code: str
    why: str


def stack_of(argument: Any) -> Stack | None:
    """How to stack the entries of a list, a tuple or the like; None if it is none, or if they are not alike.

    A dict, say, that has a list of examples in each of its places is stacked list by list.
    """
    if not _is_list(argument):
        return _stack_of_lists(argument)
    examples = list(argument)
    if not _are_alike(examples):
        return None
    listed = "{}" if type(argument) in (list, tuple) else "[*{}]"
    if any(isinstance(leaf, Struct) for leaf in jax.tree.leaves(examples)):
        return Stack(lambda: _stacked(examples), f"jnp.stack({listed})", _INTO_ARRAY)
    if all(map(_is_array, examples)):
        return Stack(lambda: jnp.stack(examples), f"jnp.stack({listed})", _INTO_ARRAY)
    if all(map(_is_of_numbers, examples)):
        return Stack(lambda: jnp.array(examples), f"jnp.array({listed})", _INTO_ARRAY)
    code = "jax.tree.map(lambda *each: jnp.stack(each), *{})"
    return Stack(lambda: _stacked(examples), code, "into one tree, stacked leaf by leaf")


def _stack_of_lists(argument: Any) -> Stack | None:
    parts = jax.tree.leaves(argument, is_leaf=_is_list)
    if not parts or not all(type(part) is list and _are_alike(part) and all(map(_is_array, part)) for part in parts):
        return None
    code = "jax.tree.map(jnp.stack, {}, is_leaf=lambda part: isinstance(part, list))"
    return Stack(lambda: jax.tree.map(_stacked, argument, is_leaf=_is_list), code, "into arrays, each list into one")


def _is_list(argument: Any) -> bool:
    """Whether it holds examples in an order: a NamedTuple has fields, and an iterator is used up by a look at it."""
    return type(argument) in (list, tuple, deque, range, type({}.values())) and bool(argument)


def _are_alike(examples: Any) -> bool:
    """Whether all entries have one structure, and arrays or numbers of the same shapes in it."""
    described = {(jax.tree.structure(entry), tuple(map(_shape, jax.tree.leaves(entry)))) for entry in examples}
    leaves = jax.tree.leaves(examples)
    return len(described) == 1 and bool(leaves) and all(_shape(leaf) is not None for leaf in leaves)


def _shape(leaf: Any) -> tuple[int, ...] | None:
    if isinstance(leaf, _NUMBERS):
        return ()
    return tuple(leaf.shape) if _is_array(leaf) else None


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _is_of_numbers(value: Any) -> bool:
    """Whether it is a number, or plain lists of numbers, which ``jnp.array`` takes."""
    if type(value) in (list, tuple):
        return all(map(_is_of_numbers, value))
    return isinstance(value, _NUMBERS)


def _stacked(examples: Any) -> Any:
    def stack(*each: Any) -> Any:
        if isinstance(each[0], Struct):
            return Struct((len(each), *each[0].shape), each[0].dtype)
        return jnp.stack(each)

    return jax.tree.map(stack, *examples)


def ragged_advice(call: Call, mapped: Iterable[Leaf]) -> tuple[str, ...]:
    """What to do about mapped lists of examples that have different sizes, which no batch axis can hold."""
    names = {leaf.path.removesuffix(jax.tree_util.keystr(leaf.keys)) for leaf in mapped}
    return tuple(advice for name, value in _given(call) if name in names for advice in _of_ragged(name, value))


def iterator_advice(call: Call) -> tuple[str, ...]:
    """What to do about an argument that yields its examples one after the other, such as a generator."""
    return tuple(
        f"`{name}` is a {type(value).__name__}, which yields its examples once: make a list of them, "
        f"`{name} = list({name})`, and stack that into arrays, `jnp.stack({name})`, or leaf by leaf if each is a "
        f"tree: `jax.tree.map(lambda *each: jnp.stack(each), *{name})`."
        for name, value in _given(call)
        if isinstance(value, Iterator)
    )


def _given(call: Call) -> Iterator[tuple[str, Any]]:
    yield from zip(call.names, call.arguments, strict=True)
    yield from call.keywords.items()


def _of_ragged(name: str, argument: Any) -> Iterator[str]:
    """The advice on a list, or on the first that needs one in a dict, say, of lists."""
    parts = jax.tree_util.tree_flatten_with_path(argument, is_leaf=_is_list)[0]
    found = (_of_ragged_list(name + jax.tree_util.keystr(path), part) for path, part in parts if _is_list(part))
    yield from itertools.islice(itertools.chain.from_iterable(found), 1)


def _of_ragged_list(name: str, argument: Any) -> Iterator[str]:
    if len(argument) < 2 or len({jax.tree.structure(entry) for entry in argument}) != 1:
        return
    columns = list(zip(*(jax.tree_util.tree_flatten_with_path(entry)[0] for entry in argument), strict=True))
    shapes = {jax.tree_util.keystr(column[0][0]): [_shape(leaf) for _, leaf in column] for column in columns}
    differ = {path: column for path, column in shapes.items() if len(set(column)) > 1}
    is_of_one_rank = all(None not in column and len({len(s or ()) for s in column}) == 1 for column in shapes.values())
    if not differ or not is_of_one_rank:
        return
    path, column = next(iter(differ.items()))
    more = ", ..." if len(column) > MOST_SHAPES else ""
    told = ", ".join(map(str, column[:MOST_SHAPES])) + more
    where = f" in `{path}`" if path else ""
    others = f" ({len(differ)} arrays differ)" if len(differ) > 1 else ""
    yield (
        f"`{name}` is a list of examples of different sizes{where}: {told}{others}. A batch axis needs one size: pad "
        "each to the largest with `jnp.pad`, stack them, and pass a mask that says what is real."
    )

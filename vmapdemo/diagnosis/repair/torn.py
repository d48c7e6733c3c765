"""Why JAX cannot flatten the arguments of a call."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.repair.stacking import iterator_advice


@dataclass(frozen=True, slots=True)
class Torn:
    """Which argument it is and why, and what to do about it."""

    reason: str
    advice: tuple[str, ...]


def why_torn(call: Call, error: Exception) -> Torn:
    """The reason for an error that flattening the call's arguments raised."""
    given = (*zip(call.names, call.arguments, strict=True), *call.keywords.items())
    for name, value in given:
        if isinstance(value, Iterator):  # JAX warns of it, and is to refuse it one day
            return Torn(
                f"vmap can map arrays and numbers; `{name}` is of type {type(value).__name__}.", iterator_advice(call)
            )
        if _holds_itself(value):
            return Torn(f"`{name}` holds itself, so that its tree has no end.", ("Pass the arrays alone.",))
        if _is_torn(value):
            return _unsorted(name, value) or Torn(
                f"`{name}` has a part that raises {type(error).__name__} when JAX flattens it.",
                ("A class that is registered as a pytree has to give its parts for any values, tracers included.",),
            )
    return Torn("Every argument has to be a tree of arrays.", ())


def _is_torn(value: Any) -> bool:
    try:
        jax.tree.leaves(value)
    except Exception:
        return True
    return False


def _holds_itself(value: Any, around: frozenset[int] = frozenset()) -> bool:
    """Whether a plain container is among its own parts."""
    if not isinstance(value, (dict, list, tuple)):
        return False
    within = around | {id(value)}
    parts = value.values() if isinstance(value, dict) else value
    return id(value) in around or any(_holds_itself(part, within) for part in parts)


def _unsorted(name: str, value: Any) -> Torn | None:
    for keys in _keys(value):
        try:
            sorted(keys)
        except TypeError:
            kinds = " and ".join(sorted({type(key).__name__ for key in keys}))
            return Torn(
                f"JAX sorts the keys of a dict, and a dict in `{name}` has keys that have no order: {kinds}.",
                ("Use strings alone, or integers alone, as the keys of each dict.",),
            )
    return None


def _keys(value: Any) -> Iterator[list[Any]]:
    """The keys of every dict in plain containers."""
    if isinstance(value, dict):
        yield list(value)
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _keys(part)

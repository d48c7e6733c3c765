"""What people believe of keywords, random keys and dicts of arrays."""

from dataclasses import replace

import jax
import numpy as np

from vmapdemo.lessons.answers import Answer, Refused, numbers
from vmapdemo.lessons.calls import Axis, Call, is_key, mapped_sizes, walked


def keyword_shared(call: Call) -> Call | None:
    """What comes by keyword is shared by all examples, since in_axes has no entry for it."""
    return _with_keywords(call, None)


def keyword_follows(call: Call) -> Call | None:
    """in_axes holds for what comes by keyword too."""
    first = next((axis for axis in call.layer.axes if axis is not None), None)
    if any(by_keyword and axis == first for by_keyword, axis in zip(call.by_keyword, call.layer.axes, strict=True)):
        return None
    return _with_keywords(call, first)


def keyword_refused(call: Call) -> Answer | None:
    """A vmapped function takes no keywords."""
    return Refused("axes") if any(call.by_keyword) else None


def drawn_anew(call: Call) -> Call | None:
    """Each example draws anew, also from the key that it shares with the others."""
    if not any(is_key(array) and not array.ndim for array in call.arrays):
        return None
    size = max(mapped_sizes(call), default=1)
    arrays = [jax.random.split(one, size) if is_key(one) and not one.ndim else one for one in call.arrays]
    axes = [0 if is_key(array) else axis for array, axis in zip(call.arrays, call.layer.axes, strict=True)]
    return replace(call, arrays=tuple(arrays)).with_layer(axes=tuple(axes))


def nothing_drawn(call: Call) -> Answer | None:
    """A shared key is used up by the first example: the others get no noise."""
    result = walked(call)
    mapped = [array for array, axis in zip(call.arrays, call.layer.axes, strict=True) if axis is not None]
    if result is None or len(mapped) != 1 or is_key(mapped[0]) or not any(map(is_key, call.arrays)):
        return None
    plain = np.asarray(mapped[0])
    return None if plain.shape != result.shape else numbers(np.concatenate([result[:1], plain[1:]]))


def key_refused(call: Call) -> Answer | None:
    """A key cannot be used twice: JAX refuses it."""
    return Refused("axes") if any(map(is_key, call.arrays)) and None in call.layer.axes else None


def leaf_by_leaf(call: Call) -> Answer | None:
    """in_axes needs an entry for each array in a dict."""
    return Refused("axes") if any(argument.entry_key for argument in call.arguments) else None


def one_per_entry(call: Call) -> Call | None:
    """An axis for a dict is that of its first array alone, and the others are shared."""
    parts = [position for position, argument in enumerate(call.arguments) if argument.entry_key]
    if len(parts) < 2:
        return None
    kept = max(parts)
    return call.with_axes(lambda position, axis: None if position in parts and position != kept else axis)


def _with_keywords(call: Call, axis: Axis) -> Call | None:
    if not any(call.by_keyword):
        return None
    return call.with_axes(lambda position, old: axis if call.by_keyword[position] else old)

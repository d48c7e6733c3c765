"""Stand-ins for what changes with its use and cannot be set back: iterators, and caches of results."""

import functools
import gc
import itertools
import operator
import warnings
from typing import Any

from vmapdemo.parsing import read_literal

LruCache = type(functools.lru_cache(lambda: None))
_ABSENT: Any = object()


def is_used_up(value: Any) -> bool:
    """Whether a value changes with its use and cannot be restored: an iterator, or a cache of results."""
    return _is_iterator(value) or isinstance(value, LruCache)


def stand_in_for(value: Any) -> Any:
    """An iterator at the same place, or a cache over what the given one holds."""
    if isinstance(value, LruCache):
        return _fresh_cache(value)
    try:
        return _same_place(value)
    except Exception:
        return _Closed(value)


class CannotLookError(Exception):
    """The function reads what can be read once."""


class _Closed:
    """In the place of an iterator that nobody can copy, such as a generator: to read it would use it up."""

    def __init__(self, iterator: Any) -> None:
        self._kind = type(iterator).__name__

    def __iter__(self) -> "_Closed":
        return self

    def __next__(self) -> Any:
        raise CannotLookError(f"a {self._kind} gives each value once, and to look at this call would use them up")

    def send(self, _: Any) -> Any:
        return next(self)


def _same_place(iterator: Any) -> Any:
    """A new iterator that goes on where the given one stands, which is not read."""
    if isinstance(iterator, itertools.count):  # Python 3.14 can no longer take it apart
        place = read_literal(repr(iterator).removeprefix("count"))
        return itertools.count(*place) if isinstance(place, tuple) else itertools.count(place)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        kind, arguments, *state = iterator.__reduce__()
    again = kind(*(_same_place(part) if _is_iterator(part) else part for part in arguments))
    if state and state[0] is not None:
        again.__setstate__(_own_state(state[0]))
    return again


def _own_state(state: Any) -> Any:
    """The state of an iterator without what the other one changes."""
    if isinstance(state, tuple):
        return tuple(map(_own_state, state))
    return list(state) if isinstance(state, list) else _same_place(state) if _is_iterator(state) else state


def _is_iterator(value: Any) -> bool:
    """Whether it is an iterator of Python's own; one of the caller's class has attributes, which are kept."""
    return hasattr(type(value), "__next__") and type(value).__module__ in ("builtins", "itertools")


def has_moved(before: Any, now: Any) -> bool:
    """Whether an iterator was read, as far as it shows."""
    if isinstance(before, itertools.count):
        return repr(before) != repr(now)
    return _is_iterator(before) and operator.length_hint(before, -1) != operator.length_hint(now, -1)


def _fresh_cache(cache: Any) -> Any:
    """A cache of its own over what the other one knows, so that nothing new gets into that."""
    known = _entries(cache)
    function = cache.__wrapped__

    @functools.wraps(function)
    def looked_up(*arguments: Any, **keywords: Any) -> Any:
        if keywords:
            return function(*arguments, **keywords)
        key = arguments[0] if len(arguments) == 1 and type(arguments[0]) in (int, str) else arguments
        found = known.get(key, _ABSENT)
        return function(*arguments) if found is _ABSENT else found

    fresh = functools.lru_cache(**cache.cache_parameters())(looked_up)
    vars(fresh).update(vars(cache))
    return fresh


def _entries(cache: Any) -> dict[Any, Any]:
    """The results that an ``lru_cache`` holds. CPython shows them to the garbage collector alone; elsewhere: none."""
    size = cache.cache_info().currsize
    shown = gc.get_referents(cache)
    table = next((held for held in shown if type(held) is dict and held is not vars(cache) and len(held) == size), {})
    if cache.cache_parameters()["maxsize"] is None:
        return dict(table)
    # The entries of a bounded cache are shown as their type, their key and their result, one after the other.
    found = zip(shown, shown[1:], shown[2:], strict=False)
    entries = {id(key): result for kind, key, result in found if getattr(kind, "__name__", "") == "_lru_list_elem"}
    return {key: entries[id(key)] for key in table if id(key) in entries}

"""What the caller calls a function: the name to write in code that is to be pasted."""

import functools
import inspect
import sys
import types
from types import FrameType
from typing import Any

from vmapdemo.diagnosis.call.code import public_name

HELD_BY_FRAME = 3
"""How many references ``sys.getrefcount`` counts of a dict that only its frame has: its own two are among them."""


def name_in(frame: FrameType | None, function: Any) -> str:
    """The name by which a frame's code reaches the function; empty if it has none.

    ``model`` for an object that is called, ``model.predict`` for a bound method, ``jnp.dot`` for a function of JAX.
    """
    own = getattr(function, "__name__", "")
    names = _names(frame)
    if names.get(own) is function:
        return str(own)
    if isinstance(function, types.MethodType):
        holder = _name_of(names, function.__self__)
        return f"{holder}.{own}" if holder else ""
    return _name_of(names, function) or _public(function)


def _names(frame: FrameType | None) -> dict[str, Any]:
    return {} if frame is None else {**frame.f_globals, **_locals(frame)}


def _locals(frame: FrameType) -> dict[str, Any]:
    """A frame's local names; until Python 3.13 a frame keeps what is read of it, and so arrays that the caller deletes.

    Whoever has called ``locals()`` has the frame's own dict: that one is left alone.
    """
    kept = frame.f_locals
    found = dict(kept)
    is_copy = isinstance(kept, dict) and bool(frame.f_code.co_flags & inspect.CO_OPTIMIZED)
    if is_copy and sys.getrefcount(kept) == HELD_BY_FRAME:
        kept.clear()
    return found


def _name_of(names: dict[str, Any], value: Any) -> str:
    """The first name of a value, those without an underscore first."""
    found = [name for name, held in names.items() if held is value and name.isidentifier()]
    return min(found, key=lambda name: name.startswith("_"), default="")


def _public(function: Any) -> str:
    """The name under which a library exports the function."""
    if isinstance(function, functools.partial) or not isinstance(getattr(function, "__name__", None), str):
        return ""
    name = public_name(function)
    return name if "." in name else ""

"""What the caller calls a function: the name to write in code that is to be pasted."""

import functools
import types
from collections.abc import Iterator
from types import FrameType
from typing import Any

from vmapdemo.diagnosis.code import public_name


def name_in(frame: FrameType | None, function: Any) -> str:
    """The name by which a frame's code reaches the function; empty where it has none.

    ``model`` for an object that is called, ``model.predict`` for a bound method, ``jnp.dot`` for a function of JAX.
    """
    own = getattr(function, "__name__", "")
    names = dict(_names(frame))
    if names.get(own) is function:
        return str(own)
    if isinstance(function, types.MethodType):
        holder = _name_of(names, function.__self__)
        return f"{holder}.{own}" if holder else ""
    return _name_of(names, function) or _public(function)


def _names(frame: FrameType | None) -> Iterator[tuple[str, Any]]:
    if frame is not None:
        yield from frame.f_globals.items()
        yield from frame.f_locals.items()


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

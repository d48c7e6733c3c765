"""The calls of ``jax.vmap`` that an error came through, read from the frames of its traceback.

What is read are the local variables of ``vmap`` and of the function that it returns, by name, in JAX's own frames:
no public API gives them. Where JAX renames one, nothing is found, and a test says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from traceback import walk_tb
from types import FrameType
from typing import Any, cast

import jax

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation

PARAMETERS = ("in_axes", "out_axes", "axis_name", "axis_size", "spmd_axis_name", "sum_match")
_MAKES, _CALLS, _RERAISES = "vmap", "vmap_f", "reraise_with_filtered_traceback"


@dataclass(frozen=True, slots=True)
class FailedCall:
    """``jax.vmap(fun, **parameters)(*args, **kwargs)``, which raised ``error``.

    ``args`` is None where ``jax.vmap(fun, **parameters)`` itself was refused, before there were any: ``fun`` may then
    be no function at all. Inside another transformation the arrays are its tracers: shapes without values.
    """

    fun: Any
    parameters: dict[str, Any]
    args: tuple[Any, ...] | None
    kwargs: dict[str, Any]
    error: BaseException

    def explained(self) -> Explanation | None:
        """The Explanation, or None where it does not account for this error: no arguments, or no such failure."""
        if self.args is None:
            return None
        found = explain(self.fun, **self.parameters)(*self.args, **self.kwargs)
        same = found.jax_error is not None and found.jax_error.startswith(f"{type(self.error).__name__}: ")
        return found if same else None


def failed_calls(error: BaseException) -> tuple[FailedCall, ...]:
    """The calls of jax.vmap that the error came through, innermost first; those that JAX makes itself are left out.

    Where the error has none, its cause or the error that was being handled is looked at.
    """
    for shown, link in _chain(error):
        calls = tuple(call for frame in _frames(link) if (call := _call(frame, shown)) is not None)
        if calls:
            return calls
    return ()


def hides_a_call(error: BaseException) -> bool:
    """Whether an error without ``failed_calls`` may have come through a jax.vmap that cannot be read.

    With ``jax_traceback_filtering`` at ``quiet_remove_frames`` JAX drops its frames and leaves a note that it did.
    """
    links = [link for _, link in _chain(error)]
    frames = [frame for link in links for frame in _frames(link)]
    noted = any(getattr(link, "__notes__", ()) for link in links)
    return any(_is_vmap(frame) for frame in frames) or (
        noted and any("vmap" in frame.f_code.co_names for frame in frames if not _is_of_jax(frame))
    )


def _chain(error: BaseException) -> Iterator[tuple[BaseException, BaseException]]:
    """Each error that Python would print, and where its frames are: JAX may keep them in a cause of its own making."""
    seen: set[int] = set()
    shown, link = error, cast(BaseException | None, error)
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        shown = shown if type(link).__name__ == "UnfilteredStackTrace" else link
        yield shown, link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _frames(error: BaseException) -> tuple[FrameType, ...]:
    """The frames that the error came through, innermost first.

    Those that JAX took out of the traceback still hold the others together: ``f_back`` leads through them.
    """
    listed = [frame for frame, _ in walk_tb(error.__traceback__)]
    found: dict[FrameType, None] = {}
    for start in reversed(listed):
        frame: FrameType | None = start
        while frame is not None and frame not in found:
            found[frame] = None
            frame = None if frame is listed[0] else frame.f_back
    return tuple(found)


def _call(frame: FrameType, error: BaseException) -> FailedCall | None:
    """What a frame of jax.vmap was called with; None for any other frame, and where a name is missing."""
    if not _is_vmap(frame):
        return None
    held = frame.f_locals
    refused = frame.f_code.co_name == _MAKES
    if "fun" not in held or not (refused or "args" in held):
        return None
    args = None if refused else tuple(held["args"])
    return FailedCall(held["fun"], _parameters(held), args, dict(held.get("kwargs", {})), error)


def _parameters(held: dict[str, Any]) -> dict[str, Any]:
    """The parameters of jax.vmap among the locals; ``vmap`` marks the missing axis name by a bare object."""
    return {name: held[name] for name in PARAMETERS if name in held and type(held[name]) is not object}


def _is_vmap(frame: FrameType) -> bool:
    return frame.f_code.co_name in (_MAKES, _CALLS) and _is_of_jax(frame) and not _is_made_by_jax(frame)


def _is_of_jax(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == jax.__name__


def _is_made_by_jax(frame: FrameType) -> bool:
    """Whether it is a vmap that JAX writes itself, in jax.jacfwd or jnp.vectorize: their callers wrote none."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_name == _RERAISES:
        caller = caller.f_back
    return caller is not None and _is_of_jax(caller) and "vmap" in caller.f_code.co_names

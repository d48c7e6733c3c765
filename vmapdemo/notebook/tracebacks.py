"""The calls of ``jax.vmap`` that an error came through, read from the frames of its traceback."""

from collections.abc import Iterator
from dataclasses import dataclass
from traceback import walk_tb
from types import FrameType
from typing import Any, cast

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.jax_internals import UNFILTERED, is_frame_of_jax, is_vmap_frame, vmap_frame


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
    return any(is_vmap_frame(frame) for frame in frames) or (
        noted and any("vmap" in frame.f_code.co_names for frame in frames if not is_frame_of_jax(frame))
    )


def _chain(error: BaseException) -> Iterator[tuple[BaseException, BaseException]]:
    """Each error that Python would print, and where its frames are: JAX may keep them in a cause of its own making."""
    seen: set[int] = set()
    shown, link = error, cast(BaseException | None, error)
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        shown = shown if type(link).__name__ == UNFILTERED else link
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
    """What a frame of jax.vmap was called with; None for any other frame."""
    found = vmap_frame(frame)
    return None if found is None else FailedCall(found.fun, found.parameters, found.args, found.kwargs, error)

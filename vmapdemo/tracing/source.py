"""The caller's line that an operation comes from."""

import linecache
import sysconfig
from pathlib import Path
from typing import Any

import jax
import jaxlib
from jax.extend.core import Jaxpr, JaxprEqn

from vmapdemo.tracing.records import Source

_HERE = str(Path(__file__).parent)
_JAX = tuple(str(Path(module.__file__ or "").parent) for module in (jax, jaxlib))
_PATHS = sysconfig.get_paths()
_INSTALLED = (_PATHS["purelib"], _PATHS["platlib"])


def source_of(equation: JaxprEqn, jaxpr: Jaxpr, caller: Source | None) -> Source | None:
    """The innermost line outside JAX that made this equation of ``jaxpr``, or None where there is none.

    ``caller``: the line that called the jaxpr, where it is a jitted function or a body. JAX keeps the programs of its
    own jitted functions with the lines of their first call (``jnp.where`` on line 3 would point at line 1), so such
    lines count only where they were reached through ``caller``.
    """
    frames = _frames(equation)
    own = _innermost(frames)
    if caller is None or (own is not None and not is_library(jaxpr)):
        return own
    through_caller = any(_is_at(frame, caller) for frame in frames)
    return own if own is not None and through_caller else caller


def is_library(jaxpr: Jaxpr) -> bool:
    """Whether the function that the jaxpr was traced from is JAX's own, or unknown."""
    debug_info = getattr(jaxpr, "debug_info", None)
    file = getattr(debug_info, "func_filename", None)
    return file is None or is_jax_file(file)


def is_jax_file(file: str) -> bool:
    """Whether a file is part of JAX."""
    return file.startswith(_JAX)


def _frames(equation: JaxprEqn) -> list[Any]:
    """The Python stack at the time of tracing, innermost first; empty where JAX gives none."""
    traceback = getattr(getattr(equation, "source_info", None), "traceback", None)
    return list(getattr(traceback, "frames", ()))


def _innermost(frames: list[Any]) -> Source | None:
    for frame in frames:
        if frame.file_name.startswith(_HERE):
            return None
        if not _is_skipped(frame.file_name):
            text = linecache.getline(frame.file_name, frame.line_num).strip()
            return Source(Path(frame.file_name).name, frame.line_num, text, frame.function_name)
    return None


def _is_skipped(file: str) -> bool:
    """JAX's own files, and those of Python's standard library (a context manager's wrapper, say)."""
    is_standard = file.startswith(_PATHS["stdlib"]) and not file.startswith(_INSTALLED)
    return is_standard or is_jax_file(file) or file.startswith("<frozen")


def _is_at(frame: Any, source: Source) -> bool:
    return bool(frame.line_num == source.line and Path(frame.file_name).name == source.file)

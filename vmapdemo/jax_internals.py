"""Everything that is read of JAX beyond its documented interface, so that a new release is one file's work.

Each function has a fallback for a JAX that lacks what it reads: less is said then, and nothing breaks.
``tests/test_jax_internals.py`` has a test for each, which fails on a JAX that has it under a different name.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import FrameType
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "remat2": "jaxpr",
    "checkpoint": "jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
}
"""Primitives that only call a function, and the parameter that holds it."""

BODIES = {
    "scan": {"jaxpr": "body"},
    "while": {"cond_jaxpr": "test", "body_jaxpr": "body"},
    "cond": {"branches": "branch"},
}
"""Loops and conditions: the parameters that hold their bodies, and what each is called in a trace."""

VMAP_PARAMETERS = ("in_axes", "out_axes", "axis_name", "axis_size", "spmd_axis_name", "sum_match")
UNFILTERED = "UnfilteredStackTrace"
"""The type of the error in which JAX keeps the frames that it took out of a traceback."""

_MAKES, _CALLS, _RERAISES = "vmap", "vmap_f", "reraise_with_filtered_traceback"


def bind(equation: JaxprEqn, inputs: Sequence[Any], params: dict[str, Any] | None = None) -> list[Any]:
    """Apply the equation's primitive to other inputs, under the settings that it was traced with.

    ``params`` replace its parameters. Raises what the primitive raises.
    """
    primitive: Any = equation.primitive
    written = dict(equation.params) if params is None else params
    made = primitive.get_bind_params(written) if hasattr(primitive, "get_bind_params") else written
    with getattr(getattr(equation, "ctx", None), "manager", None) or nullcontext():
        results = primitive.bind(*inputs, **made)
    return list(results) if primitive.multiple_results else [results]


def frames_of(equation: JaxprEqn) -> list[Any]:
    """The Python stack when the equation was traced, innermost first; empty if JAX gives none.

    A frame has ``file_name``, ``line_num`` and ``function_name``.
    """
    traceback = getattr(getattr(equation, "source_info", None), "traceback", None)
    return list(getattr(traceback, "frames", ()))


def is_backward(equation: JaxprEqn) -> bool:
    """Whether the equation belongs to the backward pass of a derivative, as the names of its scopes tell."""
    return "transpose(" in str(getattr(getattr(equation, "source_info", None), "name_stack", ""))


def function_file(jaxpr: Jaxpr) -> str | None:
    """The file of the function that a jaxpr was traced from, if JAX knows it."""
    file: str | None = getattr(getattr(jaxpr, "debug_info", None), "func_filename", None)
    return file


def function_name(jaxpr: Jaxpr) -> str | None:
    """The name of the function that a jaxpr was traced from, if JAX knows it."""
    name: str | None = getattr(getattr(jaxpr, "debug_info", None), "func_name", None)
    return name


def open_jaxpr(held: ClosedJaxpr | Jaxpr) -> Jaxpr:
    """The program itself: a parameter may hold it with or without its constants."""
    return held.jaxpr if isinstance(held, ClosedJaxpr) else held


def scan_carry(equation: JaxprEqn) -> tuple[int, int]:
    """The first input of a scan that is carried, and the first after those.

    Read from shapes, since JAX names the parameters that say it otherwise from version to version: what is carried has
    the same rank inside and outside of the body, while columns have one axis more outside.
    """
    body = open_jaxpr(equation.params["jaxpr"])
    carried = sum(_have_one_rank(out, inner) for out, inner in zip(equation.outvars, body.outvars, strict=True))
    columns = sum(not _have_one_rank(given, inner) for given, inner in zip(equation.invars, body.invars, strict=True))
    last = len(equation.invars) - columns
    return last - carried, last


def _have_one_rank(outside: Any, inside: Any) -> bool:
    return len(outside.aval.shape) == len(inside.aval.shape)


def while_constants(equation: JaxprEqn) -> tuple[int, int]:
    """How many of the first inputs of a while loop its test alone reads, and how many of the next its body alone."""
    return int(equation.params["cond_nconsts"]), int(equation.params["body_nconsts"])


def setting(name: str) -> Any:
    """The value of one of JAX's settings; None if it has no such setting."""
    return getattr(jax.config, name, None)


def kept_apart(mark: int) -> AbstractContextManager[Any]:
    """Inside the block JAX finds nothing that it traced without this mark, and keeps what it traces for this mark.

    It remembers jitted functions and the bodies of loops by the metadata of their operations, among others.
    """
    try:
        from jax.experimental.xla_metadata import set_xla_metadata
    except ImportError:
        return nullcontext()
    manager: AbstractContextManager[Any] = set_xla_metadata(vmapdemo=mark)
    return manager


def name_in_jax(value: Any) -> str:
    """The name of a function of JAX, ``grad`` for the one that ``jax.grad(f)`` wraps; empty for any other value."""
    code = getattr(value, "__code__", None)
    if code is not None and "<locals>" in code.co_qualname:
        module, name = str(value.__globals__.get("__name__", "")), code.co_qualname.partition(".")[0]
    else:
        module, name = str(getattr(value, "__module__", "")), str(getattr(value, "__name__", ""))
    return name if _is_jax(module) else ""


def wrapped_by_jax(function: Any) -> Any:
    """The function inside of ``jax.grad(f)`` and the like, however many are around it; None if JAX wraps nothing.

    Any decorator has a ``__wrapped__``: that of a derivative is in a function of JAX's.
    """
    wrapped = None
    while _is_written_in_jax(function) and hasattr(function, "__wrapped__"):
        wrapped = function = function.__wrapped__
    return wrapped


def _is_written_in_jax(function: Any) -> bool:
    return str(getattr(function, "__globals__", {}).get("__name__", "")).startswith("jax.")


def tracer_in(frames: Iterable[FrameType]) -> Any:
    """The first tracer among the local variables of these frames of JAX's; None if there is none."""
    values = (value for frame in frames for value in frame.f_locals.values())
    return next((value for value in values if isinstance(value, jax.core.Tracer)), None)


@dataclass(frozen=True, slots=True)
class VmapFrame:
    """``jax.vmap(fun, **parameters)(*args, **kwargs)``; ``args`` is None in the frame of ``jax.vmap`` itself."""

    fun: Any
    parameters: dict[str, Any]
    args: tuple[Any, ...] | None
    kwargs: dict[str, Any]


def vmap_frame(frame: FrameType) -> VmapFrame | None:
    """What a frame of jax.vmap was called with; None for any other frame, and if a variable is missing.

    Its local variables are read by name, since no public API gives them.
    """
    if not is_vmap_frame(frame):
        return None
    held = frame.f_locals
    is_made = frame.f_code.co_name == _MAKES
    if "fun" not in held or not (is_made or "args" in held):
        return None
    # ``vmap`` marks the missing axis name by a bare object.
    parameters = {name: held[name] for name in VMAP_PARAMETERS if name in held and type(held[name]) is not object}
    return VmapFrame(held["fun"], parameters, None if is_made else tuple(held["args"]), dict(held.get("kwargs", {})))


def is_vmap_frame(frame: FrameType) -> bool:
    """Whether it is a frame of jax.vmap, or of what that returns, in a call that JAX did not make itself."""
    return frame.f_code.co_name in (_MAKES, _CALLS) and is_frame_of_jax(frame) and not _is_made_by_jax(frame)


def is_frame_of_jax(frame: FrameType) -> bool:
    """Whether a frame runs code of JAX."""
    return _is_jax(str(frame.f_globals.get("__name__", "")))


def _is_made_by_jax(frame: FrameType) -> bool:
    """Whether it is a vmap that JAX writes itself, in jax.jacfwd or jnp.vectorize: their callers wrote none."""
    caller = frame.f_back
    while caller is not None and caller.f_code.co_name == _RERAISES:
        caller = caller.f_back
    return caller is not None and is_frame_of_jax(caller) and "vmap" in caller.f_code.co_names


def _is_jax(module: str) -> bool:
    return module.partition(".")[0] == jax.__name__

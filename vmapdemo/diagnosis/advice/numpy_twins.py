"""A function of NumPy, SciPy or math in the place of its twin in JAX."""

import ast
import importlib
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.diagnosis.probe.failing_line import Fault


def numpy_inside(fault: Fault) -> str | None:
    """A function of NumPy, SciPy or math that was given a traced array: its twin in JAX."""
    for call in fault.calls:
        module = fault.module_of(call) or ""
        package = module.split(".")[0]
        if package in ("numpy", "scipy", "math") and isinstance(call.func, (ast.Attribute, ast.Name)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
            written, twin = ast.unparse(call.func), _twin(module, name)
            because = f"`{written}` needs numbers, and under vmap there are none yet"
            if twin is None:
                return f"{because}: compute it outside, or with `jax.pure_callback`, since JAX has no `{name}`"
            return f"{because}: write `{twin}({', '.join(map(ast.unparse, call.args))})`"
    return None


def _twin(module: str, name: str) -> str | None:
    """The function of JAX that does the same: ``jnp.convolve``, ``jax.scipy.special.erf``."""
    if module.startswith("scipy"):
        return f"jax.{module}.{name}" if _has(f"jax.{module}", name) else None
    if module.startswith("numpy.") and _has(f"jax.{module}", name):
        return f"jnp.{module.removeprefix('numpy.')}.{name}"
    return f"jnp.{name}" if hasattr(jnp, name) else None


PYTHON = {
    "max": "jnp.max",
    "min": "jnp.min",
    "sorted": "jnp.sort",
    "any": "jnp.any",
    "all": "jnp.all",
    "round": "jnp.round",
}
"""Functions of Python's that read each number, and what does it for arrays."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A function of JAX, its public name, and what it stands instead of."""

    function: Any
    name: str
    instead_of: str


def twin_of(function: Any) -> Twin | None:
    """The function of JAX that does what a function of NumPy, SciPy, math or Python does; None if there is none."""
    if isinstance(function, np.vectorize):
        return Twin(function.pyfunc, "f.pyfunc", "np.vectorize")
    name = getattr(function, "__name__", "")
    module = str(getattr(function, "__module__", None) or ("numpy" if isinstance(function, np.ufunc) else ""))
    if module == "builtins":
        written, instead = PYTHON.get(name), name
    elif module.partition(".")[0] in ("numpy", "math", "scipy"):
        written, instead = _twin(module, name), f"{module}.{name}".replace("numpy", "np", 1)
    else:
        return None
    found = None if written is None else _resolved(written)
    return Twin(found, str(written), instead) if callable(found) else None


def _resolved(written: str) -> Any:
    """The function behind ``jnp.linalg.norm``, say."""
    root, *names = written.split(".")
    value: Any = jnp if root == "jnp" else jax
    for name in names:
        value = getattr(value, name, None)
    return value


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False

"""A function of NumPy, SciPy or math in the place of its twin in JAX."""

import ast
import importlib

import jax.numpy as jnp

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


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False

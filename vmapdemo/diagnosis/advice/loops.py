"""Loops and branches of JAX: what goes in and what comes out have to be alike, and some have no reverse mode."""

import ast
import re

from vmapdemo.diagnosis.probe.failing_line import Fault

LOOPS = frozenset(("scan", "while_loop", "fori_loop"))
BRANCHES = frozenset(("cond", "switch"))
REVERSE = frozenset(("grad", "value_and_grad", "vjp", "jacrev", "jacobian", "hessian"))

REVERSE_MODE = (
    "Reverse mode cannot go back through a loop whose length is only known when it runs: `jax.lax.while_loop`, or "
    "`jax.lax.fori_loop` with traced bounds. Write `jax.lax.scan` over a fixed number of steps (or `fori_loop` with "
    "Python numbers as bounds), or take the derivative in forward mode: `jax.jacfwd`, `jax.jvp`"
)


def carry(fault: Fault) -> str | None:
    """What a loop carries, or what branches return, is not alike."""
    if not fault.error.is_a(TypeError) or fault.error.reads_a_value:
        return None
    for call in fault.calls:
        name = _name_of(call)
        if name in LOOPS:
            return (
                f"What goes into `{name}` and what its body returns, the carry, need the same structure, shapes and "
                f"dtypes{_difference(fault)}. Start with the dtype that comes back (`0.0` for `0`), return the "
                "containers that went in (`jnp.stack` makes an array of a list), and keep the shape (`.at[i].set`)"
            )
        if name in BRANCHES:
            return (
                f"The branches of `{name}` have to return the same structure, shapes and dtypes{_difference(fault)}. "
                "Cast with `.astype`, and return as many results from each branch"
            )
    return None


def _difference(fault: Fault) -> str:
    """Where they differ, in JAX's words; empty if these do not say it."""
    said = [" ".join(part.split()) for part in fault.error.message.split("\n\n")]
    told = [part for part in said if " but " in part and re.search(r"differ|not match", part)]
    found = next((part for part in told if "but they differ" not in part), "")
    return f': "{found.rstrip(".")}"' if found else ""


def reverse_mode(fault: Fault) -> str | None:
    """A gradient, taken inside the function, of something with a loop of unknown length."""
    if not fault.error.is_a(ValueError) or not fault.reaches & {"while_loop", "fori_loop"}:
        return None
    # The line may call the gradient by a name of its own; then JAX's words decide.
    is_in_words = "reverse-mode" in fault.error.message.lower() and bool(fault.reaches & REVERSE)
    return REVERSE_MODE if is_in_words or any(map(_takes_gradient, fault.calls)) else None


def _takes_gradient(call: ast.Call) -> bool:
    return any(
        isinstance(node, (ast.Name, ast.Attribute))
        and (getattr(node, "attr", "") or getattr(node, "id", "")) in REVERSE
        for node in ast.walk(call.func)
    )


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")

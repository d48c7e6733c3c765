"""What to write instead if a function's body cannot be traced: each rule knows one pattern.

The kind of error and the syntax of the failing line decide; JAX's wording does not.
"""

import ast
from collections.abc import Callable

import numpy as np

from vmapdemo.diagnosis.advice import branching, lengths, loops, static
from vmapdemo.diagnosis.advice import numpy_twins as twins
from vmapdemo.diagnosis.probe.failing_line import Fault

Rule = Callable[[Fault], str | None]

UPDATES = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}


def body_advice(fault: Fault) -> str | None:
    """One sentence that says what to write instead, and which line it is; None for an error of another kind."""
    found = next(filter(None, (rule(fault) for rule in RULES)), None)
    if found is None and fault.error.reads_a_value:
        found = (
            "Under vmap a mapped argument stands for all examples at once, so that Python cannot read a value from it: "
            "write it with jax.numpy and jax.lax"
        )
    return None if found is None else f"{found} ({fault.where})."


def is_certain(fault: Fault) -> bool:
    """Whether the body is to blame whatever the axes are.

    A gradient of several numbers, or branches that differ, may come of a batch axis that is left inside.
    """
    return fault.error.reads_a_value or any(rule(fault) for rule in RULES if rule not in (_gradient, loops.carry))


def _assignment(fault: Fault) -> str | None:
    """``a[i] = v`` and ``a[i] += v``, on a JAX array or, with traced values, on a NumPy array."""
    if fault.error.is_a(NameError):
        return None
    target = fault.first(ast.Subscript)
    statement = fault.nodes[-1] if fault.nodes else None
    if not isinstance(statement, (ast.Assign, ast.AugAssign)):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    target = next((one for one in targets if isinstance(one, ast.Subscript)), None)
    if target is None or not _fails_at(fault, target, statement):
        return None
    base, index = ast.unparse(target.value), ast.unparse(target.slice)
    update = "set" if isinstance(statement, ast.Assign) else UPDATES.get(type(statement.op))
    value = ast.unparse(statement.value)
    written = f"{base} = {base}.at[{index}].{update}({value})" if update else f"{base} = {base}.at[{index}].set(...)"
    held = fault.values.get(base)
    begin = f", and make `{base}` with `jnp`" if isinstance(held, np.ndarray) else ""
    return f"JAX arrays cannot be changed in place: write `{written}`{begin}"


def _fails_at(fault: Fault, target: ast.Subscript, statement: ast.stmt) -> bool:
    """Whether storing is what fails, not the value or the index."""
    return fault.nodes[0] in (target, statement)


def _gradient(fault: Fault) -> str | None:
    for call in fault.calls:
        text = ast.unparse(call.func)
        if fault.error.is_a(TypeError) and text.split("(")[0].split(".")[-1] in ("grad", "value_and_grad"):
            return GRADIENT
    return None


GRADIENT = (
    "A gradient is of one number, and this function gives several: map the gradient of one example, "
    "`jax.vmap(jax.grad(f))`, or sum first; for all derivatives of several results use `jax.jacobian`"
)


def _formatting(fault: Fault) -> str | None:
    if not fault.error.is_a(TypeError) or fault.first(ast.FormattedValue, ast.JoinedStr) is None:
        return None
    return "A traced value cannot be formatted: write `jax.debug.print` with `{}` in the text"


def _hashing(fault: Fault) -> str | None:
    if not fault.error.is_a(TypeError) or "unhashable" not in fault.error.message:
        return None
    return "A traced value cannot be a key of a dict or a member of a set: look it up in an array, `table[index]`"


RULES: tuple[Rule, ...] = (
    static.nondifferentiable,
    branching.branch,
    lengths.mask,
    lengths.number_of_results,
    static.unknown_size,
    loops.carry,
    loops.reverse_mode,
    twins.numpy_inside,
    _assignment,
    lengths.cast,
    lengths.traced_shape,
    lengths.traced_range,
    lengths.traced_index,
    lengths.traced_slice,
    static.traced_parameter,
    _gradient,
    _formatting,
    _hashing,
)

"""Python needs a number for a length, a bound or an index, and each example has another."""

import ast

import jax
import numpy as np

from vmapdemo.diagnosis.probe.failing_line import Fault

CASTS = {"float": "float", "int": "int", "bool": "bool", "complex": "complex"}
READERS = ("item", "tolist")
SHAPED = {
    *("zeros", "ones", "full", "empty", "arange", "linspace", "eye", "tile", "repeat", "reshape", "broadcast_to"),
    *("identity", "tri", "split", "array_split", "one_hot", "normal", "uniform", "iota", "resize"),
}
SIZED = {"nonzero", "flatnonzero", "argwhere", "unique", "where", "union1d", "intersect1d", "setdiff1d"}


def cast(fault: Fault) -> str | None:
    if not fault.error.reads_a_value:
        return None
    for call in fault.calls:
        if isinstance(call.func, ast.Name) and call.func.id in CASTS and call.args:
            value = ast.unparse(call.args[0])
            return _wanted_as_number(fault, value) or (
                f"`{call.func.id}()` makes a single Python number, but each example has its own: "
                f"write `jnp.asarray({value}).astype({call.func.id})`, or convert outside of the mapped function"
            )
        if isinstance(call.func, ast.Attribute) and call.func.attr in READERS:
            value = ast.unparse(call.func.value)
            return _wanted_as_number(fault, value) or (
                f"`.{call.func.attr}()` reads a single Python number, but each example has its own: "
                f"leave `{value}` an array (`.astype` changes its dtype), or read it outside of the mapped function"
            )
    return None


def _wanted_as_number(fault: Fault, value: str) -> str | None:
    """The advice on what the number is read for, if that is the fault: a length, a range, a bound or an index."""
    subscript = fault.first(ast.Subscript)
    if subscript is not None and not _has_slice(subscript):
        base = ast.unparse(subscript.value)
        return f"An array can be read at a traced index: write `{base}[{value}]` without making a number of it"
    return _sliced(fault) or _ranged(fault) or _shaped(fault)


def mask(fault: Fault) -> str | None:
    if not fault.error.is_a(jax.errors.NonConcreteBooleanIndexError):
        return None
    found = fault.first(ast.Subscript)
    value, mask = (ast.unparse(found.value), ast.unparse(found.slice)) if found is not None else ("x", "mask")
    return (
        "A boolean mask selects a different number of entries in each example. Keep them all: "
        f"`jnp.where({mask}, {value}, 0)`"
    )


def number_of_results(fault: Fault) -> str | None:
    """jnp.nonzero and its kin, whose result is as long as the values say."""
    if not fault.error.reads_a_value:
        return None
    for call in fault.calls:
        name = _name_of(call)
        if name in SIZED and not (name == "where" and len(call.args) > 1):
            return (
                f"`{name}` gives a different number of results for each example: say how many with `size=` "
                "(and `fill_value=`), or use a mask with `jnp.where`"
            )
    return None


def traced_range(fault: Fault) -> str | None:
    return _ranged(fault) if fault.error.is_a(jax.errors.TracerIntegerConversionError) else None


def _ranged(fault: Fault) -> str | None:
    for call in fault.calls:
        if _name_of(call) == "range":
            return (
                f"`{ast.unparse(call)}` needs a number, and each example has another: write `jax.lax.fori_loop`, or "
                "`jax.lax.scan` over a fixed number of steps with `jnp.where`"
            )
    return None


def traced_index(fault: Fault) -> str | None:
    """A list, or a NumPy array, read at a traced index."""
    found = fault.first(ast.Subscript)
    if not fault.error.reads_a_value or found is None or _has_slice(found):
        return None
    base, index = ast.unparse(found.value), ast.unparse(found.slice)
    if isinstance(fault.values.get(base), np.ndarray):
        return f"A NumPy array cannot be read at a traced index: write `jnp.asarray({base})[{index}]`"
    if fault.error.is_a(jax.errors.TracerIntegerConversionError):
        return (
            f"A Python list cannot be read at a traced index: write `jnp.array({base})[{index}]`, or `jax.lax.switch` "
            "if it holds functions"
        )
    return None


def traced_slice(fault: Fault) -> str | None:
    return _sliced(fault) if fault.error.reads_a_value or _has_traced_bounds(fault) else None


def _has_traced_bounds(fault: Fault) -> bool:
    """Whether a slice has a traced bound; an index too many raises the same kind of error."""
    found = fault.first(ast.Subscript)
    if found is None or not fault.error.is_a(IndexError, TypeError):
        return False
    bounds = [part for part in ast.walk(found.slice) if isinstance(part, ast.Slice)]
    names = (node.id for bound in bounds for node in ast.walk(bound) if isinstance(node, ast.Name))
    return any(isinstance(fault.values.get(name), jax.core.Tracer) for name in names)


def _sliced(fault: Fault) -> str | None:
    found = fault.first(ast.Subscript)
    if found is None or not _has_slice(found):
        return None
    base = ast.unparse(found.value)
    cut = next(part for part in ast.walk(found.slice) if isinstance(part, ast.Slice))
    start = ast.unparse(cut.lower) if cut.lower is not None else "0"
    length = _fixed_length(cut)
    if length is not None:
        return (
            f"A slice takes no traced bounds, even if its length is always {length}: write "
            f"`jax.lax.dynamic_slice({base}, ({start},), ({length},))`"
        )
    stop = ast.unparse(cut.upper) if cut.upper is not None else f"len({base})"
    return (
        "A slice whose bounds are traced has a different length for each example: write "
        f"`jax.lax.dynamic_slice({base}, ({start},), (length,))` with a fixed length, or keep all and use a mask: "
        f"`jnp.where(jnp.arange(len({base})) < {stop}, {base}, 0)`"
    )


def _fixed_length(cut: ast.Slice) -> str | None:
    """The ``3`` of ``a[i : i + 3]``."""
    lower, upper = cut.lower, cut.upper
    if lower is None or not isinstance(upper, ast.BinOp) or not isinstance(upper.op, ast.Add):
        return None
    return ast.unparse(upper.right) if ast.dump(upper.left) == ast.dump(lower) else None


def traced_shape(fault: Fault) -> str | None:
    return _shaped(fault) if fault.speaks_of_tracers else None


def _shaped(fault: Fault) -> str | None:
    for call in fault.calls:
        if _name_of(call) in SHAPED:
            return (
                f"`{ast.unparse(call)}` would have a different shape for each example: give it a static size that is "
                "large enough for all (a Python number, the same for every example) and blank the rest with `jnp.where`"
            )
    return None


def _has_slice(subscript: ast.Subscript) -> bool:
    return any(isinstance(part, ast.Slice) for part in ast.walk(subscript.slice))


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")

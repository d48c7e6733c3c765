"""What to write instead where a function's body cannot be traced: each rule knows one pattern.

The kind of error and the syntax of the failing line decide; JAX's wording does not.
"""

import ast
import copy
import importlib
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.diagnosis.fault import Fault

Rule = Callable[[Fault], str | None]

TRACER_ERRORS = (jax.errors.JAXTypeError, jax.errors.JAXIndexError)
TWINS = {"max": "jnp.maximum", "min": "jnp.minimum", "sorted": "jnp.sort", "any": "jnp.any", "all": "jnp.all"}
CASTS = {"float": "float", "int": "int", "bool": "bool", "complex": "complex"}
READERS = ("item", "tolist", "__float__")
SHAPED = {
    *("zeros", "ones", "full", "empty", "arange", "linspace", "eye", "tile", "repeat", "reshape", "broadcast_to"),
    *("identity", "tri", "split", "array_split", "one_hot", "normal", "uniform", "iota", "resize"),
}
SIZED = {"nonzero", "flatnonzero", "argwhere", "unique", "where", "union1d", "intersect1d", "setdiff1d"}
UPDATES = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}


def body_advice(fault: Fault) -> str | None:
    """One sentence that says what to write instead, and which line it is; None for an error of another kind."""
    found = next(filter(None, (rule(fault) for rule in RULES)), None)
    if found is None and isinstance(fault.error, TRACER_ERRORS):
        found = (
            "Under vmap a mapped argument stands for all examples at once, so that Python cannot read a value from it: "
            "write it with jax.numpy and jax.lax"
        )
    return None if found is None else f"{found} ({fault.where})."


def _branch(fault: Fault) -> str | None:
    if not isinstance(fault.error, jax.errors.TracerBoolConversionError):
        return None
    why = "Python asks for one answer where there is one for each example"
    choice = fault.first(ast.IfExp)
    if choice is not None:
        test, body, orelse = _array_test(choice.test), ast.unparse(choice.body), ast.unparse(choice.orelse)
        return f"{why}: write `jnp.where({test}, {body}, {orelse})`, or `jax.lax.cond` with two functions"
    return _of_statement(fault, why) or _of_call(fault, why) or _of_operator(fault, why) or f"{why}: use `jnp.where`"


def _of_statement(fault: Fault, why: str) -> str | None:
    statement = fault.first(ast.If, ast.While, ast.Assert)
    if isinstance(statement, ast.If):
        test = _array_test(statement.test)
        return (
            f"{why}: instead of `if`, compute both and choose with `jnp.where({test}, ..., ...)`, "
            f"or write `jax.lax.cond({test}, ..., ...)` with two functions"
        )
    if isinstance(statement, ast.While):
        return (
            f"{why}: instead of `while {ast.unparse(statement.test)}`, write `jax.lax.while_loop(cond, body, start)`, "
            "which goes on until the last example is done"
        )
    if isinstance(statement, ast.Assert):
        return f"{why}: check it outside of the mapped function, or with `jax.experimental.checkify`"
    return None


def _of_call(fault: Fault, why: str) -> str | None:
    for call in fault.calls:
        if isinstance(call.func, ast.Name) and call.func.id in TWINS:
            twin = TWINS[call.func.id]
            return f"{why}: write `{twin}` for Python's `{call.func.id}`, or `jnp.where`"
    return None


def _of_operator(fault: Fault, why: str) -> str | None:
    found = fault.first(ast.BoolOp, ast.UnaryOp, ast.Compare)
    if isinstance(found, ast.Compare) and isinstance(found.ops[0], (ast.In, ast.NotIn)):
        return f"{why}: write `jnp.isin` for `in`, or `jnp.where`"
    return None if found is None else f"{why}: write `{_array_test(found)}`, and choose with `jnp.where`"


class _WithArrays(ast.NodeTransformer):
    """``a and not b`` -> ``jnp.logical_and(a, jnp.logical_not(b))``, and ``0 < a < 1`` likewise."""

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        return _folded("jnp.logical_and" if isinstance(node.op, ast.And) else "jnp.logical_or", node.values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return _folded("jnp.logical_not", [node.operand]) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) == 1:
            return node
        sides = [node.left, *node.comparators]
        pairs = [
            ast.Compare(left, [operator], [right])
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return _folded("jnp.logical_and", list(pairs))


def _folded(function: str, operands: list[ast.expr]) -> ast.expr:
    name: ast.expr = ast.Name(function)
    if len(operands) <= 2:
        return ast.Call(name, operands, [])
    return ast.Call(name, [operands[0], _folded(function, operands[1:])], [])


def _array_test(test: ast.AST) -> str:
    # A copy: the syntax belongs to the fault, and other rules read it too.
    return ast.unparse(ast.fix_missing_locations(_WithArrays().visit(copy.deepcopy(test))))


def _numpy_inside(fault: Fault) -> str | None:
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


def _cast(fault: Fault) -> str | None:
    if not isinstance(fault.error, TRACER_ERRORS):
        return None
    for call in fault.calls:
        if isinstance(call.func, ast.Name) and call.func.id in CASTS and call.args:
            value = ast.unparse(call.args[0])
            return (
                f"`{call.func.id}()` makes one Python number where there is one for each example: "
                f"write `jnp.asarray({value}).astype({call.func.id})`, or convert outside of the mapped function"
            )
        if isinstance(call.func, ast.Attribute) and call.func.attr in READERS:
            value = ast.unparse(call.func.value)
            return (
                f"`.{call.func.attr}()` reads a Python number where there is one for each example: "
                f"leave `{value}` an array (`.astype` changes its dtype), or read it outside of the mapped function"
            )
    return None


def _assignment(fault: Fault) -> str | None:
    """``a[i] = v`` and ``a[i] += v``, on an array of JAX or, with traced values, on one of NumPy."""
    if isinstance(fault.error, NameError):
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
    return f"Arrays of JAX cannot be changed in place: write `{written}`{begin}"


def _fails_at(fault: Fault, target: ast.Subscript, statement: ast.stmt) -> bool:
    """Whether storing is what fails, not the value or the index."""
    return fault.nodes[0] in (target, statement)


def _mask(fault: Fault) -> str | None:
    if not isinstance(fault.error, jax.errors.NonConcreteBooleanIndexError):
        return None
    found = fault.first(ast.Subscript)
    value, mask = (ast.unparse(found.value), ast.unparse(found.slice)) if found is not None else ("x", "mask")
    return (
        "A boolean mask picks another number of entries for each example: keep them all and write "
        f"`jnp.where({mask}, {value}, 0)`"
    )


def _number_of_results(fault: Fault) -> str | None:
    """jnp.nonzero and its kin, whose result is as long as the values say."""
    if not isinstance(fault.error, TRACER_ERRORS):
        return None
    for call in fault.calls:
        name = _name_of(call)
        if name in SIZED and not (name == "where" and len(call.args) > 1):
            return (
                f"`{name}` gives another number of results for each example: say how many with `size=` "
                "(and `fill_value=`), or use a mask with `jnp.where`"
            )
    return None


def _traced_range(fault: Fault) -> str | None:
    if not isinstance(fault.error, jax.errors.TracerIntegerConversionError):
        return None
    for call in fault.calls:
        if _name_of(call) == "range":
            return (
                f"`{ast.unparse(call)}` needs a number, and each example has another: write `jax.lax.fori_loop`, or "
                "`jax.lax.scan` over a fixed number of steps with `jnp.where`"
            )
    found = fault.first(ast.Subscript)
    if found is not None and not _has_slice(found):
        base, index = ast.unparse(found.value), ast.unparse(found.slice)
        return (
            f"A Python list cannot be read at a traced index: write `jnp.array({base})[{index}]`, or `jax.lax.switch` "
            "where it holds functions"
        )
    return None


def _traced_slice(fault: Fault) -> str | None:
    found = fault.first(ast.Subscript)
    if found is None or not _has_slice(found) or isinstance(fault.error, NameError):
        return None
    if not isinstance(fault.error, (*TRACER_ERRORS, IndexError, TypeError)):
        return None
    base = ast.unparse(found.value)
    cut = next(part for part in ast.walk(found.slice) if isinstance(part, ast.Slice))
    start = ast.unparse(cut.lower) if cut.lower is not None else "0"
    stop = ast.unparse(cut.upper) if cut.upper is not None else f"len({base})"
    return (
        "A slice whose bounds are traced has another length for each example: write "
        f"`jax.lax.dynamic_slice({base}, ({start},), (length,))` with a fixed length, or keep all and use a mask: "
        f"`jnp.where(jnp.arange(len({base})) < {stop}, {base}, 0)`"
    )


def _traced_shape(fault: Fault) -> str | None:
    if not isinstance(fault.error, (*TRACER_ERRORS, TypeError)):
        return None
    for call in fault.calls:
        name = _name_of(call)
        if name in SHAPED and _speaks_of_tracers(fault):
            return (
                f"`{ast.unparse(call)}` would have another shape for each example: give it a static size that is large "
                "enough for all (a Python number, the same for every example), and blank the rest with `jnp.where`"
            )
    return None


def _speaks_of_tracers(fault: Fault) -> bool:
    """Whether a TypeError is about a traced number in a shape; other ones (a shape that does not fit) are not."""
    return isinstance(fault.error, TRACER_ERRORS) or "Tracer" in str(fault.error)


def _gradient(fault: Fault) -> str | None:
    for call in fault.calls:
        text = ast.unparse(call.func)
        if isinstance(fault.error, TypeError) and text.split("(")[0].split(".")[-1] in ("grad", "value_and_grad"):
            return GRADIENT
    return None


GRADIENT = (
    "A gradient is of one number, and this function gives several: map the gradient of one example, "
    "`jax.vmap(jax.grad(f))`, or sum first; for all derivatives of several results use `jax.jacobian`"
)


def _formatting(fault: Fault) -> str | None:
    if not isinstance(fault.error, TypeError) or fault.first(ast.FormattedValue, ast.JoinedStr) is None:
        return None
    return "A traced value cannot be formatted: write `jax.debug.print` with `{}` in the text"


def _hashing(fault: Fault) -> str | None:
    if not isinstance(fault.error, TypeError) or "unhashable" not in str(fault.error):
        return None
    return "A traced value cannot be a key of a dict or a member of a set: look it up in an array, `table[index]`"


def _has_slice(subscript: ast.Subscript) -> bool:
    return any(isinstance(part, ast.Slice) for part in ast.walk(subscript.slice))


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


RULES: tuple[Rule, ...] = (
    _branch,
    _mask,
    _number_of_results,
    _numpy_inside,
    _assignment,
    _cast,
    _traced_shape,
    _traced_range,
    _traced_slice,
    _gradient,
    _formatting,
    _hashing,
)

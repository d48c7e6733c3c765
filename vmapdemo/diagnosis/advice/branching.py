"""Python asks a traced value for a truth: ``if``, ``while``, ``and``, ``max`` and their like."""

import ast
import copy

import jax

from vmapdemo.diagnosis.probe.failing_line import Fault

TWINS = {"max": "jnp.maximum", "min": "jnp.minimum", "sorted": "jnp.sort", "any": "jnp.any", "all": "jnp.all"}


def branch(fault: Fault) -> str | None:
    if not fault.error.is_a(jax.errors.TracerBoolConversionError) or not fault.asks_the_array:
        return None
    why = "Python needs a single True or False here, but each example has its own"
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

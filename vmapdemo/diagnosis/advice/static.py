"""Parameters of JAX's functions that have to be Python numbers: sizes of results, axes, counts, and the like."""

import ast
import inspect
from collections.abc import Collection
from typing import Any

import jax

from vmapdemo.diagnosis.probe.failing_line import Fault

SIZES = ("size", "num_segments", "length", "total_repeat_length", "num_classes")
"""Parameters that set the length of a result, which otherwise depends on values."""

_NUMBERS = """
axes axis axis1 axis2 deg diagonal dimension dimensions dtype indices_or_sections k length mode M N n ndim newshape num
num_classes num_segments offset order repeats reps sections shape size total_repeat_length unroll window_size
"""
NUMBERS = frozenset(_NUMBERS.split())
"""Parameters that many functions of JAX want as Python numbers."""


def nondifferentiable(fault: Fault) -> str | None:
    """A traced value in a place that ``nondiff_argnums`` of a custom derivative names."""
    for call in fault.calls:
        for name in _functions_named(call):
            places = getattr(fault.resolved(name), "nondiff_argnums", ())
            traced = [call.args[place] for place in places if place < len(call.args)]
            found = next((argument for argument in traced if _is_traced(fault, argument)), None)
            if found is not None:
                return nondifferentiable_at(ast.unparse(found), ast.unparse(name))
    return None


def _functions_named(call: ast.Call) -> list[ast.expr]:
    """What is called, and where that is made by a call, ``jax.grad(f)``, what that is made of."""
    return [node for node in ast.walk(call.func) if isinstance(node, (ast.Name, ast.Attribute))]


def nondifferentiable_at(given: str, function: str) -> str:
    """The sentence for what is given in such a place of a function."""
    return (
        f"`{given}` is traced, and `nondiff_argnums` of `{function}` names its place: such arguments may not be arrays "
        "that are mapped or traced. Take it out of `nondiff_argnums` and return None, or zeros, as its derivative, or "
        "pass a Python number"
    )


def unknown_size(fault: Fault) -> str | None:
    """A result whose length the values say, from a function that has a parameter for it."""
    if not fault.error.reads_a_value:
        return None
    for call in fault.calls:
        function = fault.resolved(call.func)
        given = {keyword.arg for keyword in call.keywords} | set(list(_parameters(function))[: len(call.args)])
        name = size_parameter(function, given)
        if name is not None:
            return unknown_size_of(ast.unparse(call.func), name)
    return None


def unknown_size_of(function: str, parameter: str) -> str:
    """The sentence for a function that has this parameter for the length of its result."""
    return (
        f"`{function}` gives a different number of results for each example: say how many there are at most with "
        f"`{parameter}=`, a Python number that is the same for all"
    )


def size_parameter(function: Any, given: Collection[str | None]) -> str | None:
    """The parameter of a function that would say how long its result is, if it is not among those given."""
    parameters = _parameters(function)
    left_out = [name for name in SIZES if name in parameters and name not in given]
    return next((name for name in left_out if parameters[name].default is None), None)


def traced_parameter(fault: Fault) -> str | None:
    """A traced value for a parameter that has to be a Python number."""
    if not fault.speaks_of_tracers:
        return None
    for call in fault.calls:
        for name, argument in _bound(fault, call):
            if name in NUMBERS and _is_traced(fault, argument):
                function, given = ast.unparse(call.func), ast.unparse(argument)
                return (
                    f"`{name}` of `{function}` has to be a Python number, the same for all examples, and here it is "
                    f"the traced `{given}`. Bind it beforehand, `functools.partial(f, {given}=3)`, or compute for the "
                    "largest and choose with `jnp.where`"
                )
    return None


def _bound(fault: Fault, call: ast.Call) -> list[tuple[str, ast.expr]]:
    """The arguments of a call with the names of their parameters."""
    names = list(_parameters(fault.resolved(call.func)))
    by_position = list(zip(names, call.args, strict=False))
    return by_position + [(keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None]


def _parameters(function: Any) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except (ValueError, TypeError):
        return {}


def _is_traced(fault: Fault, expression: ast.expr) -> bool:
    names = (node.id for node in ast.walk(expression) if isinstance(node, ast.Name))
    return any(isinstance(fault.values.get(name), jax.core.Tracer) for name in names)

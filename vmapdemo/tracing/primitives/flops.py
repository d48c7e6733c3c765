"""Arithmetic operations of one equation, by a simple count that a reader can redo by hand."""

import math
from typing import Any

from jax.extend.core import JaxprEqn

_KINDS = {
    "moves": """
        all_gather all_to_all axis_index bitcast_convert_type broadcast_in_dim concatenate convert_element_type copy
        copy_p device_put dynamic_slice dynamic_update_slice empty empty2 gather imag iota name optimization_barrier pad
        ppermute random_unwrap random_wrap real reshape rev scatter slice split squeeze stop_gradient transpose
    """,
    "result": """
        abs acos acosh add add_any and asin asinh atan atan2 atanh cbrt ceil clamp clz complex conj cos cosh digamma div
        eq eq_to erf erf_inv erfc exp exp2 expm1 floor ge gt integer_pow is_finite le le_to lgamma log log1p logistic lt
        lt_to max min mul ne neg nextafter not or population_count pow rem round rsqrt select_n shift_left
        shift_right_arithmetic shift_right_logical sign sin sinh sqrt square sub tan tanh xor
    """,
    "input": """
        argmax argmin cumlogsumexp cummax cummin cumprod cumsum pmax pmin psum reduce_and reduce_max reduce_min
        reduce_or reduce_prod reduce_sum reduce_xor
    """,
    "update": "scatter-add scatter-max scatter-min scatter-mul",
}
"""Which array has a number for each operation; those that only move numbers do no arithmetic."""

_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}


def count_flops(equation: JaxprEqn) -> int | None:
    """Arithmetic operations of the equation, integers counted like floats; None if no simple count is known.

    A product of (m, k) and (k, n) counts 2 * m * n * k, elementwise operations 1 for each number of the result (an
    exponential too), reductions 1 for each number of the input. Loops, conditions, sorting, random numbers and
    factorisations have no count.
    """
    match _KIND.get(equation.primitive.name):
        case "moves":
            return 0
        case "result":
            return math.prod(_shape(equation.outvars[0]))
        case "input":
            return math.prod(_shape(equation.invars[0]))
        case "update":
            return math.prod(_shape(equation.invars[2]))
    return _product(equation)


def _product(equation: JaxprEqn) -> int | None:
    """Twice the number of terms that every number of the result sums."""
    if equation.primitive.name == "dot_general":
        contracted: tuple[int, ...] = equation.params["dimension_numbers"][0][0]
        shape = _shape(equation.invars[0])
        terms = math.prod(shape[axis] for axis in contracted)
    elif equation.primitive.name == "conv_general_dilated":
        features: int = equation.params["dimension_numbers"].rhs_spec[0]
        kernel = _shape(equation.invars[1])
        terms = math.prod((*kernel[:features], *kernel[features + 1 :]))
    else:
        return None
    return 2 * math.prod(_shape(equation.outvars[0])) * terms


def _shape(var: Any) -> tuple[int, ...]:
    return tuple(var.aval.shape)

"""Arithmetic operations of one equation, by a simple count that a reader can redo by hand."""

import math
from typing import Any

from jax.extend.core import JaxprEqn

_MOVES = frozenset(
    """
    all_gather all_to_all axis_index bitcast_convert_type broadcast_in_dim concatenate convert_element_type copy copy_p
    device_put dynamic_slice dynamic_update_slice empty empty2 expand_dims gather imag iota optimization_barrier pad
    ppermute random_unwrap random_wrap real reshape rev scatter slice split squeeze stop_gradient transpose pbroadcast
    """.split()
)
"""These move or reinterpret numbers: no arithmetic."""

_ELEMENTWISE = frozenset(
    """
    abs acos acosh add add_any and asin asinh atan atan2 atanh cbrt ceil clamp clz complex conj cos cosh digamma div eq
    erf erf_inv erfc exp exp2 expm1 floor ge gt integer_pow is_finite le lgamma log log1p logistic lt max min mul ne neg
    nextafter not or population_count pow rem round rsqrt select_n shift_left shift_right_arithmetic
    shift_right_logical sign sin sinh sqrt square sub tan tanh xor
    """.split()
)
"""One operation for each number of the result."""

_ONE_PER_INPUT = frozenset(
    """
    argmax argmin cumlogsumexp cummax cummin cumprod cumsum pmax pmin psum psum_invariant reduce_and reduce_max
    reduce_min reduce_or reduce_prod reduce_sum reduce_xor
    """.split()
)
"""One operation for each number of the (first) input."""

_ONE_PER_UPDATE = frozenset({"scatter-add", "scatter_add", "scatter-mul", "scatter_mul", "scatter-min", "scatter-max"})


def count_flops(equation: JaxprEqn) -> int | None:
    """Arithmetic operations of the equation, integers counted like floats; None where no simple count is known.

    A product of (m, k) and (k, n) counts 2 * m * n * k, elementwise operations 1 for each number of the result (an
    exponential too), reductions 1 for each number of the input. Loops, conditions, sorting, random numbers and
    factorisations have no count.
    """
    name = equation.primitive.name
    if name in _MOVES:
        return 0
    if name in _ELEMENTWISE:
        return _size(equation.outvars[0])
    if name in _ONE_PER_INPUT:
        return _size(equation.invars[0])
    if name in _ONE_PER_UPDATE:
        return _size(equation.invars[2])
    return _product(equation)


def _product(equation: JaxprEqn) -> int | None:
    if equation.primitive.name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        shape = equation.invars[0].aval.shape
        return 2 * _size(equation.outvars[0]) * math.prod(shape[axis] for axis in contracted)
    if equation.primitive.name == "conv_general_dilated":
        kernel, out_features = equation.invars[1].aval.shape, equation.params["dimension_numbers"].rhs_spec[0]
        return 2 * _size(equation.outvars[0]) * math.prod(kernel) // max(kernel[out_features], 1)
    return None


def _size(var: Any) -> int:
    return math.prod(var.aval.shape)

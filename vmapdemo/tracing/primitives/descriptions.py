"""What each of JAX's primitives does, in a sentence."""

import inspect
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp

_SENTENCES = {
    "abs": "The absolute value of each number.",
    "acos": "The inverse cosine of each number.",
    "acosh": "The inverse hyperbolic cosine of each number.",
    "add": "Adds two arrays, number by number.",
    "add_any": "Adds two arrays, number by number; gradients are summed with it.",
    "addupdate": "Adds to what is in a mutable array.",
    "all_gather": "Gives each example the arrays of all examples along a named axis.",
    "all_to_all": "Exchanges pieces between all examples along a named axis.",
    "and": "Logical or bitwise and of two arrays.",
    "approx_top_k": "The largest or smallest values, approximately, with their places.",
    "argmax": "The place of the largest value along an axis.",
    "argmin": "The place of the smallest value along an axis.",
    "asin": "The inverse sine of each number.",
    "asinh": "The inverse hyperbolic sine of each number.",
    "atan": "The inverse tangent of each number.",
    "atan2": "The angle of each point (x, y).",
    "atanh": "The inverse hyperbolic tangent of each number.",
    "axis_index": "The number of the example along a named axis.",
    "bessel_i0e": "The exponentially scaled Bessel function of order 0.",
    "bessel_i1e": "The exponentially scaled Bessel function of order 1.",
    "bitcast_convert_type": "Reads the same bits as another dtype.",
    "broadcast_in_dim": "Copies an array along new axes or along axes of size 1.",
    "cbrt": "The cube root of each number.",
    "ceil": "Rounds each number up.",
    "cholesky": "The Cholesky factor of a symmetric positive matrix.",
    "clamp": "Limits each number to lie between two bounds.",
    "clz": "Counts the leading zero bits of each integer.",
    "complex": "Makes complex numbers of real and imaginary parts.",
    "concatenate": "Joins arrays along an axis.",
    "cond": "Runs one of several branches, as an index says.",
    "conj": "The complex conjugate of each number.",
    "conv_general_dilated": "Slides kernels along an image or signal: a convolution.",
    "convert_element_type": "Converts each number to another dtype.",
    "copy": "Copies an array.",
    "copy_p": "Copies an array.",
    "cos": "The cosine of each number.",
    "cosh": "The hyperbolic cosine of each number.",
    "cumlogsumexp": "The running logarithm of a sum of exponentials along an axis.",
    "cummax": "The running maximum along an axis.",
    "cummin": "The running minimum along an axis.",
    "cumprod": "The running product along an axis.",
    "cumsum": "The running sum along an axis.",
    "custom_linear_solve": "Solves a linear system with a solver of its own, differentiable.",
    "custom_vmap_call": "Calls a function that brings its own rule for batching.",
    "debug_callback": "Calls a Python function for its effect, such as printing.",
    "device_put": "Puts an array on a device.",
    "digamma": "The derivative of the logarithm of the gamma function.",
    "div": "Divides two arrays, number by number.",
    "dot_general": "Multiplies two arrays and sums over shared axes: dot, matmul and einsum are made of it.",
    "dynamic_slice": "Cuts a piece of fixed size out of an array, starting where a computed index says.",
    "dynamic_update_slice": "Writes a piece into an array, starting where a computed index says.",
    "eig": "Eigenvalues and eigenvectors of a square matrix.",
    "eigh": "Eigenvalues and eigenvectors of a symmetric matrix.",
    "empty2": "An array for results that are still to be written.",
    "eq": "Compares number by number: equal.",
    "eq_to": "Compares number by number, in a total order: equal.",
    "erf": "The error function of each number.",
    "erf_inv": "The inverse of the error function of each number.",
    "erfc": "One minus the error function of each number.",
    "exp": "The exponential of each number.",
    "exp2": "2 to the power of each number.",
    "expm1": "The exponential of each number, minus 1.",
    "fft": "A Fourier transform along the last axes.",
    "floor": "Rounds each number down.",
    "gather": "Collects numbers or pieces from the places that an index array names.",
    "ge": "Compares number by number: greater or equal.",
    "get": "Reads from a mutable array.",
    "gt": "Compares number by number: greater.",
    "hessenberg": "Reduces a square matrix to upper Hessenberg form.",
    "householder_product": "Multiplies Householder reflections out, as QR needs it.",
    "igamma": "The regularised lower incomplete gamma function.",
    "igamma_grad_a": "The derivative of the lower incomplete gamma function in its first argument.",
    "igammac": "The regularised upper incomplete gamma function.",
    "imag": "The imaginary part of each number.",
    "integer_pow": "A fixed whole power of each number.",
    "io_callback": "Calls a Python function that has effects.",
    "iota": "Counts 0, 1, 2, ... along an axis.",
    "is_finite": "Whether each number is finite.",
    "le": "Compares number by number: less or equal.",
    "le_to": "Compares number by number, in a total order: less or equal.",
    "lgamma": "The logarithm of the gamma function of each number.",
    "log": "The logarithm of each number.",
    "log1p": "The logarithm of 1 plus each number.",
    "log2": "The logarithm to base 2 of each number.",
    "logistic": "The logistic function (sigmoid) of each number.",
    "lt": "Compares number by number: less.",
    "lt_to": "Compares number by number, in a total order: less.",
    "lu": "The LU factors of a matrix, with pivoting.",
    "max": "The larger of two numbers, place by place.",
    "min": "The smaller of two numbers, place by place.",
    "mul": "Multiplies two arrays, number by number.",
    "mulhi": "Multiplies whole numbers and keeps the upper half of the bits.",
    "name": "Gives an array a name; changes nothing.",
    "ne": "Compares number by number: not equal.",
    "neg": "Changes the sign of each number.",
    "nextafter": "The next floating-point number in a direction.",
    "not": "Logical or bitwise not of each number.",
    "one_minus_square": "One minus the square of each number.",
    "optimization_barrier": "Keeps the compiler from moving operations across; changes nothing.",
    "or": "Logical or bitwise or of two arrays.",
    "pad": "Puts a fill value around an array, or between its numbers.",
    "pmax": "The maximum over all examples along a named axis.",
    "pmin": "The minimum over all examples along a named axis.",
    "polygamma": "The polygamma function, a derivative of digamma.",
    "population_count": "Counts the set bits of each integer.",
    "pow": "Raises numbers to powers, place by place.",
    "ppermute": "Passes arrays between examples along a named axis.",
    "psum": "The sum over all examples along a named axis.",
    "pure_callback": "Calls a Python function on the host.",
    "qr": "The QR factors of a matrix.",
    "random_bits": "Draws random bits from a key.",
    "random_clone": "Makes a key that may be used again.",
    "random_fold_in": "Makes a new key of a key and a number.",
    "random_gamma": "Draws numbers of a gamma distribution from a key.",
    "random_seed": "Makes a key of a seed.",
    "random_split": "Makes several new keys of one.",
    "random_unwrap": "The raw numbers of a key.",
    "random_wrap": "Takes raw numbers for a key.",
    "real": "The real part of each number.",
    "reduce": "Combines the numbers along axes with a function.",
    "reduce_and": "Whether all are true along axes.",
    "reduce_max": "The largest value along axes.",
    "reduce_min": "The smallest value along axes.",
    "reduce_or": "Whether any is true along axes.",
    "reduce_precision": "Rounds each number to fewer bits.",
    "reduce_prod": "The product along axes.",
    "reduce_sum": "The sum along axes.",
    "reduce_window": "Combines the numbers in a sliding window with a function.",
    "reduce_window_max": "The largest value in a sliding window.",
    "reduce_window_min": "The smallest value in a sliding window.",
    "reduce_window_sum": "The sum in a sliding window.",
    "reduce_xor": "Exclusive or along axes.",
    "regularized_incomplete_beta": "The regularised incomplete beta function.",
    "rem": "The remainder of a division, number by number.",
    "reshape": "Reads the same numbers in a different shape.",
    "rev": "Reverses the order along axes.",
    "rng_bit_generator": "Draws random bits and moves a state on.",
    "round": "Rounds each number to a whole one.",
    "rsqrt": "One over the square root of each number.",
    "scan": "A loop of fixed length that carries values and stacks results.",
    "scatter": "Writes numbers or pieces to the places that an index array names.",
    "scatter-add": "Adds numbers or pieces at the places that an index array names.",
    "scatter-max": "Keeps the larger value at the places that an index array names.",
    "scatter-min": "Keeps the smaller value at the places that an index array names.",
    "scatter-mul": "Multiplies at the places that an index array names.",
    "schur": "The Schur form of a square matrix.",
    "select_and_gather_add": "Picks the places of the largest values in a sliding window, for its gradient.",
    "select_and_scatter_add": "The gradient of a sliding maximum.",
    "select_n": "Picks from one of several arrays, place by place.",
    "sharding_constraint": "Says on which devices an array lies; changes nothing.",
    "shift_left": "Shifts bits to the left.",
    "shift_right_arithmetic": "Shifts bits to the right and keeps the sign.",
    "shift_right_logical": "Shifts bits to the right and fills with zeros.",
    "sign": "The sign of each number.",
    "sin": "The sine of each number.",
    "sinh": "The hyperbolic sine of each number.",
    "slice": "Cuts a piece out of an array, at fixed places.",
    "sort": "Sorts along an axis, one array or several together.",
    "split": "Cuts an array into pieces along an axis.",
    "sqrt": "The square root of each number.",
    "square": "The square of each number.",
    "squeeze": "Drops axes of size 1.",
    "stack": "Joins arrays along a new axis.",
    "stop_gradient": "Passes values on and stops gradients.",
    "sub": "Subtracts two arrays, number by number.",
    "svd": "The singular values, and vectors, of a matrix.",
    "swap": "Writes into a mutable array, and gives what was there.",
    "tan": "The tangent of each number.",
    "tanh": "The hyperbolic tangent of each number.",
    "threefry2x32": "Scrambles keys and counters into random bits.",
    "tile": "Repeats an array along its axes.",
    "top_k": "The k largest values along the last axis, with their places.",
    "transpose": "Puts the axes into another order.",
    "triangular_solve": "Solves a linear system with a triangular matrix.",
    "tridiagonal": "Reduces a symmetric matrix to three diagonals.",
    "tridiagonal_solve": "Solves a linear system with a tridiagonal matrix.",
    "unstack": "Takes an array apart along an axis.",
    "while": "Repeats its body as long as its test is true.",
    "xor": "Logical or bitwise exclusive or of two arrays.",
    "zeta": "The Hurwitz zeta function.",
}


_PUBLIC = (jax.lax, jax.lax.linalg, jnp, jax.nn, jax.scipy.special, jax.random)
"""Where JAX has functions that are called like the primitive that they bind."""

_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_END = re.compile(r"\.(?=\s|$)|:$")


def describe(primitive: str, params: Mapping[str, Any] = MappingProxyType({})) -> str:
    """What a primitive does, in a sentence.

    One that is not known here is described by the first sentence of its documentation: that of JAX's function of the
    same name, or that of the object in ``params`` that a general primitive calls. Else there is its name alone.

    >>> describe("rev")
    'Reverses the order along axes.'
    >>> describe("some_kernel")
    'The operation "some kernel", of which JAX says no more.'
    """
    words = primitive.replace("_", " ").replace("-", " ").strip()
    return _SENTENCES.get(primitive) or next(
        filter(None, map(_first_sentence, _documentation(primitive, params))),
        f'The operation "{words}", of which JAX says no more.',
    )


def _documentation(primitive: str, params: Mapping[str, Any]) -> Iterator[str]:
    for value in params.values():
        if callable(getattr(value, "batch", None)):  # a primitive of higher level, with rules of its own
            yield type(value).__doc__ or ""
    name = primitive.replace("-", "_")
    for module in _PUBLIC:
        if callable(function := getattr(module, name, None)):
            yield function.__doc__ or ""


def _first_sentence(documentation: str) -> str:
    """The first sentence without markup; empty if there is none, or if it is a formula."""
    paragraph = " ".join(inspect.cleandoc(documentation).split("\n\n")[0].split())
    plain = _ROLE.sub(r"`\1`", paragraph).replace("``", "`")
    sentence = _END.split(plain)[0].strip()
    return "" if not sentence or "\\" in sentence else f"{sentence[0].upper()}{sentence[1:]}."

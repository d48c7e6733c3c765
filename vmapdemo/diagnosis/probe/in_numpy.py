"""JAX's operations in NumPy, as far as NumPy has them: they need no compiling, so that one look takes microseconds."""

import math
import string
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import JaxprEqn

from vmapdemo.diagnosis.probe.numpy_indexing import gathered, scattered

Params = dict[str, Any]
Operation = Callable[..., Any]
"""From the parameters of an equation and its inputs to its output, or a list of them."""


def is_known(equation: JaxprEqn) -> bool:
    """Whether NumPy does the operation: random keys and what is special of JAX it does not."""
    atoms = (*equation.invars, *equation.outvars)
    return equation.primitive.name in _TABLE and not any(_is_special(atom.aval) for atom in atoms)


def _is_special(aval: Any) -> bool:
    return bool(jnp.issubdtype(getattr(aval, "dtype", np.dtype("float32")), jax.dtypes.extended))


def run(equation: JaxprEqn, given: Sequence[Any]) -> list[np.ndarray]:
    """The outputs of an operation that ``is_known``, in the dtypes that JAX gives them. Raises what NumPy raises."""
    found = exactly(equation, given)
    return [_cast(value, var.aval) for value, var in zip(found, equation.outvars, strict=True)]


def exactly(equation: JaxprEqn, given: Sequence[Any]) -> list[Any]:
    """The outputs as NumPy makes them of these inputs: of 64 bits in whole numbers of 64 bits."""
    with np.errstate(all="ignore"):
        found = _TABLE[equation.primitive.name](equation.params, *(np.asarray(value) for value in given))
    return found if isinstance(found, list) else [found]


def _cast(value: Any, aval: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(value).astype(aval.dtype).reshape(aval.shape)


def _converted(params: Params, value: np.ndarray) -> Any:
    """XLA limits a float to the range of a whole number; in C the result is undefined."""
    dtype = np.dtype(params["new_dtype"])
    if jnp.issubdtype(dtype, jnp.integer) and jnp.issubdtype(value.dtype, jnp.floating):
        range_ = jnp.iinfo(dtype)
        value = np.clip(np.nan_to_num(value.astype("float64")), float(range_.min), float(range_.max))
        return np.where(value >= float(range_.max), range_.max, value).astype(dtype)
    return value.astype(dtype)


def _divided(params: Params, a: np.ndarray, b: np.ndarray) -> Any:
    if jnp.issubdtype(a.dtype, jnp.integer):
        return np.where(b == 0, -1, np.sign(a) * np.sign(b) * (abs(a) // np.where(b == 0, 1, abs(b))))
    return a / b


def _selected(params: Params, which: np.ndarray, *cases: np.ndarray) -> Any:
    found = cases[0]
    for index, case in enumerate(cases[1:], start=1):
        found = np.where(which == index, case, found)
    return found


def _broadcast(params: Params, value: np.ndarray, *sizes: Any) -> Any:
    shape, places = tuple(params["shape"]), params["broadcast_dimensions"]
    between = [1] * len(shape)
    for place, size in zip(places, value.shape, strict=True):
        between[place] = size
    return np.broadcast_to(value.reshape(between), shape)


def _sliced(params: Params, value: np.ndarray) -> Any:
    starts, ends = params["start_indices"], params["limit_indices"]
    steps = params["strides"] or (1,) * len(starts)
    return value[tuple(slice(*cut) for cut in zip(starts, ends, steps, strict=True))]


def _cut(value: np.ndarray, starts: Sequence[Any], sizes: Sequence[int]) -> tuple[slice, ...]:
    """Where a piece of these sizes is; a start beyond the end is moved back, as XLA does."""
    begins = (
        min(max(int(start), 0), all_ - size) for start, all_, size in zip(starts, value.shape, sizes, strict=True)
    )
    return tuple(slice(begin, begin + size) for begin, size in zip(begins, sizes, strict=True))


def _dynamic_slice(params: Params, value: np.ndarray, *starts: Any) -> Any:
    return value[_cut(value, starts, params["slice_sizes"])]


def _dynamic_update(params: Params, value: np.ndarray, piece: np.ndarray, *starts: Any) -> Any:
    changed = value.copy()
    changed[_cut(value, starts, piece.shape)] = piece
    return changed


def _iota(params: Params, *sizes: Any) -> Any:
    shape, axis = params["shape"], params["dimension"]
    along = [1] * len(shape)
    along[axis] = shape[axis]
    return np.broadcast_to(np.arange(shape[axis], dtype=params["dtype"]).reshape(along), shape)


def _split(params: Params, value: np.ndarray) -> Any:
    return np.split(value, np.cumsum(params["sizes"])[:-1], axis=params["axis"])


def _product(params: Params, a: np.ndarray, b: np.ndarray) -> Any:
    (contract_a, contract_b), (batch_a, batch_b) = params["dimension_numbers"]
    names = iter(string.ascii_letters)
    of_a = [next(names) for _ in a.shape]
    of_b = [next(names) for _ in b.shape]
    for place_a, place_b in zip((*contract_a, *batch_a), (*contract_b, *batch_b), strict=True):
        of_b[place_b] = of_a[place_a]
    free_a = [name for place, name in enumerate(of_a) if place not in (*contract_a, *batch_a)]
    free_b = [name for place, name in enumerate(of_b) if place not in (*contract_b, *batch_b)]
    result = [of_a[place] for place in batch_a] + free_a + free_b
    return np.einsum(f"{''.join(of_a)},{''.join(of_b)}->{''.join(result)}", a, b)


def _shifted_right(params: Params, value: np.ndarray, by: np.ndarray) -> Any:
    unsigned = np.dtype(f"uint{value.dtype.itemsize * 8}")
    return (value.view(unsigned) >> by.astype(unsigned)).view(value.dtype)


def _running(function: Any) -> Operation:
    def run(params: Params, value: np.ndarray) -> Any:
        axis = params["axis"]
        if params["reverse"]:
            return np.flip(function.accumulate(np.flip(value, axis), axis=axis), axis)
        return function.accumulate(value, axis=axis)

    return run


def _sorted(params: Params, *values: np.ndarray) -> Any:
    """Sorted by the first values, then by the others that are keys; all are put into that order."""
    axis, keys = params["dimension"], values[: params["num_keys"]]
    order = np.lexsort(tuple(reversed(keys)), axis=axis)
    return [np.take_along_axis(value, order, axis=axis) for value in values]


def _padded(params: Params, value: np.ndarray, fill: Any) -> Any:
    if any(low < 0 or high < 0 or between for low, high, between in params["padding_config"]):
        raise NotImplementedError("padding that cuts or comes between")
    around = [(int(low), int(high)) for low, high, _ in params["padding_config"]]
    return np.pad(value, around, constant_values=fill)


def _reread(params: Params, value: np.ndarray) -> Any:
    """The same bits as another dtype of the same size."""
    return np.ascontiguousarray(value).reshape(-1).view(np.dtype(params["new_dtype"])).reshape(value.shape)


def _scatter(ufunc: Any) -> Operation:
    return lambda params, operand, indices, updates: scattered(params, operand, indices, updates, ufunc)


_inverse_normal = np.vectorize(NormalDist().inv_cdf, otypes=["float64"])


def _erf_inv(value: np.ndarray) -> Any:
    inside = np.abs(value) < 1
    found = _inverse_normal((np.where(inside, value, 0).astype("float64") + 1) / 2) / math.sqrt(2)
    return np.where(inside, found, np.where(np.abs(value) == 1, np.sign(value) * np.inf, np.nan))


def _plain(function: Any) -> Operation:
    return lambda params, *values: function(*values)


def _over_axes(function: Any) -> Operation:
    return lambda params, value: function(value, axis=tuple(params["axes"]))


def _place(function: Any) -> Operation:
    return lambda params, value: function(value, axis=params["axes"][0])


_TABLE: dict[str, Operation] = {
    **{
        name: _plain(getattr(np, name))
        for name in (
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "exp2", "expm1", "log", "log1p", "sqrt", "cbrt"),
            *("abs", "sign", "floor", "ceil", "square", "real", "imag", "conj", "nextafter"),
        )
    },
    **{
        name: _plain(function)
        for name, function in {
            "asin": np.arcsin,
            "acos": np.arccos,
            "atan": np.arctan,
            "asinh": np.arcsinh,
            "acosh": np.arccosh,
            "atanh": np.arctanh,
            "atan2": np.arctan2,
            "neg": np.negative,
            "is_finite": np.isfinite,
            "rsqrt": lambda a: 1 / np.sqrt(a),
            "logistic": lambda a: 1 / (1 + np.exp(-a)),
            "erf": np.vectorize(math.erf, otypes=["float64"]),
            "erf_inv": _erf_inv,
            "lgamma": np.vectorize(math.lgamma, otypes=["float64"]),
            "erfc": np.vectorize(math.erfc, otypes=["float64"]),
            "add": np.add,
            "add_any": np.add,
            "sub": np.subtract,
            "mul": np.multiply,
            "rem": np.fmod,
            "pow": np.power,
            "max": np.maximum,
            "min": np.minimum,
            "clamp": lambda least, a, most: np.minimum(np.maximum(a, least), most),
            "and": np.bitwise_and,
            "or": np.bitwise_or,
            "xor": np.bitwise_xor,
            "not": np.invert,
            "shift_left": np.left_shift,
            "shift_right_arithmetic": np.right_shift,
            "eq": np.equal,
            "ne": np.not_equal,
            "lt": np.less,
            "le": np.less_equal,
            "gt": np.greater,
            "lt_to": np.less,
            "le_to": np.less_equal,
            "ge": np.greater_equal,
            "copy": np.asarray,
            "copy_p": np.asarray,
            "name": np.asarray,
            "stop_gradient": np.asarray,
            "reduce_precision": np.asarray,
        }.items()
    },
    **{
        name: _over_axes(function)
        for name, function in {
            "reduce_sum": np.sum,
            "reduce_prod": np.prod,
            "reduce_max": np.max,
            "reduce_min": np.min,
            "reduce_and": np.all,
            "reduce_or": np.any,
        }.items()
    },
    "argmax": _place(np.argmax),
    "argmin": _place(np.argmin),
    "cumsum": _running(np.add),
    "cumprod": _running(np.multiply),
    "cummax": _running(np.maximum),
    "cummin": _running(np.minimum),
    "div": _divided,
    "integer_pow": lambda params, a: a ** params["y"] if params["y"] >= 0 else 1 / a ** -params["y"],
    "round": lambda params, a: np.round(a) if int(params["rounding_method"]) else np.trunc(a + np.copysign(0.5, a)),
    "convert_element_type": _converted,
    "shift_right_logical": _shifted_right,
    "select_n": _selected,
    "broadcast_in_dim": _broadcast,
    "reshape": lambda params, a, *sizes: a.reshape(params["new_sizes"]),
    "squeeze": lambda params, a: np.squeeze(a, tuple(params["dimensions"])),
    "transpose": lambda params, a: np.transpose(a, params["permutation"]),
    "rev": lambda params, a: np.flip(a, tuple(params["dimensions"])),
    "concatenate": lambda params, *values: np.concatenate(values, params["dimension"]),
    "slice": _sliced,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update,
    "iota": _iota,
    "split": _split,
    "dot_general": _product,
    "gather": gathered,
    "scatter": _scatter(None),
    "scatter-add": _scatter(np.add),
    "scatter-mul": _scatter(np.multiply),
    "scatter-max": _scatter(np.maximum),
    "scatter-min": _scatter(np.minimum),
    "sort": _sorted,
    "pad": _padded,
    "bitcast_convert_type": _reread,
    "stack": lambda params, *values: np.stack(values, params["axis"]),
}
"""What NumPy does, by the names of JAX's primitives."""

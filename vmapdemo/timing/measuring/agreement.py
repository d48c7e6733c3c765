"""Whether two strategies compute the same thing: asked before either is timed."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def disagreement(result: Any, reference: Any, reference_name: str) -> str | None:
    """How the result differs from the reference, in one sentence; None if it does not.

    Any pytrees. Floats may differ by the square root of their precision (0.035 % for float32, the coarser of both
    sides), relative to the largest number of the array: strategies add in different orders. All else must be equal.
    Values are compared on the host, because comparing on the device would compile programs between the first calls.
    """
    leaves, tree = jax.tree.flatten(result)
    expected, expected_tree = jax.tree.flatten(reference)
    if tree != expected_tree:  # type: ignore[operator]
        return f"Its result has the structure {tree}, that of {reference_name} {expected_tree}."
    differences = (_difference(a, b, reference_name) for a, b in zip(leaves, expected, strict=True))
    return next((text for text in differences if text), None)


def _difference(leaf: Any, expected: Any, reference_name: str) -> str | None:
    found, wanted = np.asarray(leaf), np.asarray(expected)
    if found.shape != wanted.shape:
        return f"Its result has the shape {found.shape}, that of {reference_name} {wanted.shape}."
    if not (_is_number(found) and _is_number(wanted)):
        return None if np.array_equal(found, wanted) else f"Its result is not that of {reference_name}."
    found_64, wanted_64 = _widened(found), _widened(wanted)
    scale = np.max(np.abs(wanted_64), initial=0.0, where=np.isfinite(wanted_64))
    tolerance = max(_tolerance(found), _tolerance(wanted)) * float(scale)
    if np.allclose(found_64, wanted_64, rtol=0.0, atol=tolerance, equal_nan=True):
        return None
    return f"Its result differs from that of {reference_name}{_by_how_much(found_64, wanted_64)}."


def _by_how_much(found: np.ndarray, wanted: np.ndarray) -> str:
    both = np.isfinite(found) & np.isfinite(wanted)
    largest = np.max(np.abs(np.where(both, found, 0) - np.where(both, wanted, 0)), initial=0.0)
    return f" by up to {largest:.3g}" if largest > 0 else " in what is infinite or not a number"


def _tolerance(array: np.ndarray) -> float:
    if not jnp.issubdtype(array.dtype, jnp.inexact):
        return 0.0
    epsilon = float(jnp.finfo(array.dtype).eps)
    return math.sqrt(epsilon)


def _widened(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if jnp.issubdtype(array.dtype, jnp.complexfloating) else np.float64)


def _is_number(array: np.ndarray) -> bool:
    return bool(jnp.issubdtype(array.dtype, jnp.number) or array.dtype == np.bool_)

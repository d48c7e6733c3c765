"""Cautions that need the numbers themselves: the call is run, and looked at for overflow and for what is not finite."""

import math
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo.diagnosis.call import Call
from vmapdemo.diagnosis.randomness import dependence_on_batch
from vmapdemo.diagnosis.records import Caution
from vmapdemo.diagnosis.shapes import Probe
from vmapdemo.diagnosis.verdict import judge

MAX_NUMBERS = 100_000
"""Beyond so many numbers in the arguments, or ten times as many in the result, the call is not run."""


def value_cautions(call: Call, outputs: Any = None) -> tuple[Caution, ...]:
    """What the numbers of an accepted call show; nothing for shapes alone, tracers, or arrays beyond MAX_NUMBERS.

    ``outputs``: the call's result, where that is known already.
    """
    if not _has_moderate_values(call):
        return ()
    try:
        outputs = _run(call) if outputs is None else outputs
        return (*_nonfinite(call, outputs), *_overflow(call, outputs))
    except Exception:  # whatever the function raises only when it really runs
        return ()


def _has_moderate_values(call: Call) -> bool:
    if not all(leaf.is_concrete for leaf in call.leaves):
        return False
    return sum(math.prod(leaf.shape) for leaf in call.leaves) <= MAX_NUMBERS


def _run(call: Call) -> Any:
    return call.vmapped(call.in_axes, call.out_axes)(*call.arguments, **call.keywords)


def _nonfinite(call: Call, outputs: Any) -> Iterator[Caution]:
    """The result holds inf or NaN although every argument is finite."""
    if not all(np.isfinite(number).all() for number in _floats([leaf.value for leaf in call.leaves])):
        return
    for number in _floats(jax.tree.leaves(outputs)):
        wrong = ~np.isfinite(number)
        if wrong.any():
            what = "NaN" if np.isnan(number).any() else "inf"
            yield Caution(
                "nonfinite",
                f"{int(wrong.sum())} of the {number.size} numbers of the result are not finite (the first is at "
                f"{tuple(int(i) for i in np.argwhere(wrong)[0])}), although every argument is: {what} comes out.",
            )
            return


def _floats(values: list[Any]) -> Iterator[np.ndarray]:
    for value in values:
        if jnp.issubdtype(jnp.result_type(value) if not hasattr(value, "dtype") else value.dtype, jnp.floating):
            yield np.asarray(value, dtype="float64")


def _overflow(call: Call, outputs: Any) -> Iterator[Caution]:
    """The same call with 64-bit integers gives other whole numbers."""
    narrow = [leaf for leaf in jax.tree.leaves(outputs) if _is_signed(leaf)]
    if not narrow or not any(_is_signed(leaf.value) for leaf in call.leaves) or _draws(call):
        return
    wide = [leaf for leaf in jax.tree.leaves(_run_wide(call)) if _is_signed(leaf)]
    for found, wanted in zip(narrow, wide, strict=True):
        different = np.asarray(found) != np.asarray(wanted)
        if different.any():
            index = tuple(int(i) for i in np.argwhere(different)[0])
            yield Caution(
                "overflow",
                f"A whole number does not fit {found.dtype}: the result at {index} is {found[index].item():,}, "
                f"where 64 bits give {wanted[index].item():,}. Pass float32, or set jax_enable_x64.",
            )
            return


def _draws(call: Call) -> bool:
    """Whether random numbers are drawn: with 64 bits they are other ones."""
    probe = Probe(binds_shared=True)
    found = dependence_on_batch(call, judge(call, probe), probe)
    return found is None or found.draws


def _is_signed(value: Any) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return True
    return hasattr(value, "dtype") and bool(jnp.issubdtype(value.dtype, jnp.signedinteger))


def _run_wide(call: Call) -> Any:
    arguments, keywords = jax.tree.map(_wide, (call.arguments, call.keywords))
    with jax.enable_x64(True):
        result = call.vmapped(call.in_axes, call.out_axes)(*arguments, **keywords)
        return jax.tree.map(np.asarray, result)


def _wide(value: Any) -> Any:
    if _is_signed(value):
        return np.asarray(value, dtype="int64")
    if hasattr(value, "dtype") and jnp.issubdtype(value.dtype, jnp.floating):
        return np.asarray(value, dtype="float64")
    return value

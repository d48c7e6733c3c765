"""Cautions that need the numbers themselves: a small and pure program is run, and looked at operation by operation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr

from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.cost import cost_of
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.probe.real_run import Look, Wrapped, look, may_overflow
from vmapdemo.diagnosis.probe.refusal import Refusal
from vmapdemo.diagnosis.records import Caution


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the numbers of an accepted call show. ``note`` says why they were not looked at.

    ``raised``: what the run raised, so that the call is not accepted after all.
    """

    cautions: tuple[Caution, ...] = ()
    note: str = ""
    raised: Refusal | None = None


def look_at_numbers(
    call: Call, leaves: Sequence[Leaf], program: ClosedJaxpr, *, wanted: bool | None, derives: bool
) -> Numbers:
    """Run the batched program on its own arrays, those of ``leaves``, if that is small and pure, or ``wanted``.

    Nothing is run for shapes alone, for tracers, and where ``wanted`` is False. ``derives``: whether the function takes
    a derivative.
    """
    if wanted is False or not all(leaf.is_concrete for leaf in call.leaves):
        return Numbers()
    cost = cost_of(program)
    if not (wanted or cost.is_small):
        return Numbers(note=f"The numbers were not looked at, since {cost.why_not}; `values=True` looks at them.")
    found = look(program, [leaf.value for leaf in leaves])
    if found.raised is not None:
        return Numbers(raised=found.raised)
    return Numbers(tuple(number_cautions(call, found, derives=derives)))


def cautions_of_result(mapped: MappedCall, probe: Probe, result: Any) -> tuple[Caution, ...]:
    """The cautions on numbers if the result is known already: the program is run only if there is something to find.

    For functions of our own, which may be run.
    """
    call, program = mapped.call, probe.program(mapped)
    if program is None or not (_has_infinite(result) or may_overflow(program.jaxpr)):
        return ()
    batched = probe.batched_program(call, program)
    found = look(batched, [leaf.value for leaf in call.leaves]) if batched is not None else Look()
    return tuple(number_cautions(call, found, derives=False))


def _has_infinite(result: Any) -> bool:
    return not all(np.isfinite(number).all() for number in _floats([result]))


def number_cautions(call: Call, found: Look, *, derives: bool) -> Iterator[Caution]:
    """What a run showed, as cautions."""
    yield from _not_finite(call, found, derives)
    if found.wrapped is not None:
        yield Caution("overflow", _wrapped_text(found.wrapped))


def _not_finite(call: Call, found: Look, derives: bool) -> Iterator[Caution]:
    """The result holds inf or NaN that an operation made, although every argument is finite."""
    if not found.not_finite or not all(
        np.isfinite(number).all() for number in _floats([leaf.value for leaf in call.leaves])
    ):
        return
    for number in _floats(found.results):
        wrong = ~np.isfinite(number)
        if wrong.any():
            has_nan = bool(np.isnan(number).any())
            place = tuple(int(index) for index in np.argwhere(wrong)[0])
            text = (
                f"{int(wrong.sum())} of the {number.size} numbers of the result are not finite (the first is at "
                f"{place}), although every argument is: {'NaN' if has_nan else 'inf'} comes out."
            )
            yield Caution("nonfinite", f"{text} {_cause(found, derives and has_nan)}".rstrip())
            return


def _cause(found: Look, is_nan_of_derivative: bool) -> str:
    """Where the number that is not finite was made."""
    if is_nan_of_derivative and found.hidden is not None:
        return (
            f"`jnp.where` computes both branches, and the derivative of the one that is not taken is NaN or infinite "
            f"({found.hidden}). Give that branch a safe input too: `safe = jnp.where(condition, x, 1.0)`, and then "
            "`jnp.where(condition, g(safe), 0.0)`."
        )
    made = found.not_finite[0]
    return f"It is made in {made.line}." if made.line is not None else f"It is made by `{made.primitive}`."


def _floats(values: Sequence[Any]) -> Iterator[np.ndarray]:
    for value in values:
        dtype = value.dtype if hasattr(value, "dtype") else jnp.result_type(value)
        if jnp.issubdtype(dtype, jnp.floating):
            yield np.asarray(value, dtype="float64")


def _wrapped_text(wrapped: Wrapped) -> str:
    where = f"{wrapped.line}" if wrapped.line is not None else "an operation"
    instead = "Pass float32, or set jax_enable_x64" if wrapped.dtype == "int32" else "Pass int32"
    return (
        f"A whole number does not fit {wrapped.dtype}: {where} gives {wrapped.got:,}, and {wrapped.right:,} is right. "
        f"{instead}."
    )

"""The verb ``explain``, and ``diagnose`` behind it for callers that keep a probe."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Literal

from vmapdemo.diagnosis.advice.sizes import size_advice
from vmapdemo.diagnosis.any_size.symbols import any_size
from vmapdemo.diagnosis.call.axes import Problem
from vmapdemo.diagnosis.call.call import PLACEHOLDER, Call, Leaf, Options, is_ndim, make_call
from vmapdemo.diagnosis.call.mapped_call import MappedCall, unmapped
from vmapdemo.diagnosis.call.naming import name_in
from vmapdemo.diagnosis.cautions.shape_rules import cautions
from vmapdemo.diagnosis.cautions.value_rules import look_at_numbers
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.calling import Failed, Traced
from vmapdemo.diagnosis.probe.probe import DERIVATIVES, Probe
from vmapdemo.diagnosis.probe.refusal import Refusal, refusal_of
from vmapdemo.diagnosis.records import Fix, Later
from vmapdemo.diagnosis.remedies import Question, remedy
from vmapdemo.diagnosis.repair.axis_fixes import axis_fixes
from vmapdemo.diagnosis.repair.torn import why_torn
from vmapdemo.diagnosis.verdict.rows import argument_rows, outputs
from vmapdemo.diagnosis.verdict.verdict import Accepted, Refused, RefusedInside, Verdict, judge
from vmapdemo.diagnosis.wording import counted, listed

UNEXPLAINED = "the explanation itself failed with"
UNREAD_NDIM = "`example_ndim` was not read: it is a number of axes or None for each argument, or a tree of these."


def explain(
    fun: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    sum_match: bool = False,
    *,
    example_ndim: tuple[Any, ...] | None = None,
    names: tuple[str, ...] | None = None,
    values: bool | None = None,
) -> Callable[..., Explanation]:
    """Explain a call of ``jax.vmap``: change one word on the line that is unclear.

    Takes jax.vmap's parameters and returns a function of the same arguments, which returns an Explanation and does
    not raise for what the caller got wrong. It traces ``fun`` on shapes, at most 4 times if the call is right and some
    dozens of times if not, and leaves everything that ``fun`` can reach as it was. The program of a right call is run
    once, to look at its numbers, if it shows that it takes milliseconds and has no effects.

    ``example_ndim``: how many axes each argument has inside ``fun`` (a number or None for each, or a tree of these),
    which sharpens the fixes; by default it is read from annotations in the manner of jaxtyping. ``names``: how the
    answer calls the arguments, by default like the parameters. ``values``: None looks at the numbers if that is free,
    True runs the program whatever it costs or calls, False never runs it.

    >>> import jax.numpy as jnp
    >>> found = explain(jnp.outer, in_axes=1)(jnp.ones((5, 4)), jnp.ones((4, 3)))
    >>> found.ok, found.culprit, found.fixes[0].in_axes
    (False, 'in_axes', (1, 0))
    """
    written = name_in(_caller(), fun)
    options = Options(axis_name, axis_size, spmd_axis_name, sum_match)
    make = partial(make_call, fun, options=options, example_ndim=example_ndim, names=names, function_code=written)
    notes = () if is_ndim(example_ndim) else (UNREAD_NDIM,)
    return lambda *args, **kwargs: explain_call(make(args, kwargs, in_axes, out_axes), values=values, notes=notes)


def _caller() -> FrameType | None:
    """The frame that calls the function that asks for it."""
    frame = inspect.currentframe()
    for _ in range(2):
        frame = None if frame is None else frame.f_back
    return frame  # no variable here holds the frame of this function: that would be a cycle


def explain_call(call: Call, *, values: bool | None = None, notes: tuple[str, ...] = ()) -> Explanation:
    """The Explanation of a call of a function that is not ours: nothing that it can reach is changed."""
    found = explained_if_torn(call) or _explained(call, Probe.for_caller(call), values)
    return replace(found, notes=(*found.notes, *notes))


def _explained(call: Call, probe: Probe, values: bool | None) -> Explanation:
    try:
        diagnosis = diagnosed(call, probe)
        if isinstance(diagnosis.verdict, Refused):
            return diagnosis.explanation
        return _with_numbers(diagnosis.explanation, diagnosis.verdict, probe, values)
    except Exception as error:
        return in_words_of_jax(call, probe, error)


def in_words_of_jax(call: Call, probe: Probe, error: Exception) -> Explanation:
    """What is left to say if the explanation itself failed: whether JAX takes the call, in its own words."""
    batched, mapped = call.batched(call.in_axes, call.out_axes), MappedCall(call, (0,) * len(call.leaves))
    try:
        asked = probe.batched(mapped, batched, "in words of JAX")
    except Exception as another:  # values that cannot even be printed
        asked = Failed(refusal_of(another))
    is_refused = isinstance(asked, Failed)
    return Explanation(
        ok=not is_refused,
        culprit="function" if is_refused else None,
        headline=f"JAX {'refuses' if is_refused else 'takes'} this call of `{call.function_name}`.",
        reason=f"vmapdemo cannot explain it further: {UNEXPLAINED} {type(error).__name__}.",
        arguments=(),
        jax_error=asked.refusal.words if isinstance(asked, Failed) else None,
    )


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An explanation, and the verdict that it puts into words."""

    explanation: Explanation
    verdict: Verdict


def diagnose(call: Call, probe: Probe) -> Explanation:
    """The Explanation of a call from shapes alone; answers that the probe remembers are not asked again."""
    return explained_if_torn(call) or diagnosed(call, probe).explanation


def diagnosed(call: Call, probe: Probe) -> Diagnosis:
    """The explanation of a call whose arguments JAX can flatten, with its verdict."""
    verdict = judge(call, probe)
    if isinstance(verdict, Accepted):
        return Diagnosis(_accepted(verdict, probe), verdict)
    return Diagnosis(_refused(verdict, probe), verdict)


def _refused(verdict: Refused, probe: Probe) -> Explanation:
    words = _jax_words(verdict, probe)
    found = remedy(Question(verdict, probe))
    blamed = found.verdict
    return Explanation(
        ok=False,
        culprit=blamed.culprit,
        headline=blamed.problem.headline,
        reason=blamed.problem.reason,
        arguments=argument_rows(blamed),
        fixes=found.fixes,
        advice=found.advice,
        notes=(*_placeholder(verdict.call, found.fixes), *_not_tried(probe)),
        jax_error=words,
        batch_size=verdict.size,
    )


def explained_if_torn(call: Call) -> Explanation | None:
    """The Explanation of arguments that JAX cannot flatten, such as a dict whose keys have no order; else None."""
    try:
        _ = call.leaves
    except Exception as error:
        problem = why_torn(call, error)
        return Explanation(
            ok=False,
            culprit="arguments",
            headline="JAX cannot flatten the arguments.",
            reason=problem.reason,
            arguments=(),
            advice=problem.advice,
            jax_error=refusal_of(error).words,
        )
    return None


def _accepted(verdict: Accepted, probe: Probe) -> Explanation:
    mapped = verdict.mapped
    paths = [leaf.path for leaf in mapped.mapped]
    return Explanation(
        ok=True,
        culprit=None,
        headline=f"vmap runs `{verdict.call.function_name}` on {counted(verdict.size, 'example')}.",
        reason=f"{listed(paths) or 'No argument'} {'are' if len(paths) > 1 else 'is'} mapped; one example is "
        f"{mapped.in_words or 'without arguments'}.",
        arguments=argument_rows(verdict),
        output=outputs(verdict),
        cautions=cautions(verdict, probe),
        batch_size=verdict.size,
        sizes=Later(partial(_any_size, verdict, probe)),
    )


def _any_size(verdict: Accepted, probe: Probe) -> Any:
    """The shapes in symbols; asked for by the caller, so that it has a budget of its own."""
    return any_size(verdict, probe.with_new_budget())


def _with_numbers(found: Explanation, verdict: Accepted, probe: Probe, values: bool | None) -> Explanation:
    """The explanation of an accepted call after a look at its numbers, which may show that it raises all the same."""
    call, written, inputs = verdict.call, probe.written(verdict.mapped), probe.unbound(verdict.mapped)
    if not isinstance(written, Traced) or written.program is None:
        return found
    gone = _deleted(call, found, written.program, inputs)
    if gone is not None:
        return gone
    derives = bool(probe.names_of_jax() & DERIVATIVES)
    numbers = look_at_numbers(call, inputs, written.program, wanted=values, derives=derives)
    if numbers.raised is not None:
        return _raises(call, found, numbers.raised)
    notes = (*found.notes, *([numbers.note] if numbers.note else []))
    return replace(found, cautions=(*found.cautions, *numbers.cautions), notes=notes)


def _raises(call: Call, found: Explanation, raised: Refusal) -> Explanation:
    return replace(
        found,
        ok=False,
        culprit="function",
        headline=f"`{call.function_name}` raises {raised.kind.__name__} when it runs.",
        reason="The shapes are right and JAX can batch it; what is raised depends on the numbers.",
        output=(),
        cautions=(),
        advice=(f"It raises: {' '.join(raised.message.split())[:200]}",),
        jax_error=raised.words,
        sizes=Later(),
    )


def _deleted(call: Call, found: Explanation, program: ClosedJaxpr, inputs: tuple[Leaf, ...]) -> Explanation | None:
    """The Explanation of a call that uses an array whose buffer is gone, which no shape shows."""
    atoms = [atom for equation in program.jaxpr.eqns for atom in equation.invars] + list(program.jaxpr.outvars)
    used = {id(var) for var in atoms if not isinstance(var, Literal)}
    given = zip(inputs, program.jaxpr.invars, strict=True)
    values = [leaf.value for leaf, var in given if id(var) in used] + list(program.consts)
    gone = {id(value): value for value in values if _is_deleted(value)}
    if not gone:
        return None
    passed = [leaf for leaf in call.leaves if id(leaf.value) in gone]
    what = f"`{passed[0].path}`" if passed else f"An array that `{call.function_name}` reads from outside"
    copy = f"`jnp.copy({passed[0].path})`" if passed else "`jnp.copy`"
    return replace(
        found,
        ok=False,
        culprit="arguments" if passed else "function",
        headline=f"{what} has been deleted.",
        reason="Its buffer is gone: a jitted function took it over (`donate_argnums`), or it was deleted.",
        output=(),
        cautions=(),
        advice=(f"Use what that function returned in its place, or pass it a copy: {copy}.",),
        jax_error=_touched(passed[0].value if passed else next(iter(gone.values()))).words,
        sizes=Later(),
    )


def _is_deleted(value: Any) -> bool:
    return isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer) and value.is_deleted()


def _touched(value: Any) -> Refusal:
    """What JAX raises for a deleted array."""
    try:
        np.asarray(value)
    except Exception as error:
        return refusal_of(error)
    return Refusal(RuntimeError, "Array has been deleted.")


def _placeholder(call: Call, fixes: tuple[Fix, ...]) -> tuple[str, ...]:
    """What the placeholder in the code of the fixes stands for, if the function has a name that leads elsewhere."""
    if not fixes or call.written_function != PLACEHOLDER or call.function_name == PLACEHOLDER:
        return ()
    return (f"`{PLACEHOLDER}` in the code stands for the function that you passed.",)


def _not_tried(probe: Probe) -> tuple[str, ...]:
    """What the budget left out of a search."""
    if not probe.budget.stopped:
        return ()
    budget = probe.budget
    return (f"Not everything was tried: the search ended after {budget.calls} calls in {budget.spent_s:.1f} s.",)


def _jax_words(verdict: Refused, probe: Probe) -> str | None:
    """JAX's own words for the call as it was written."""
    call = verdict.call
    written = probe.written(verdict.mapped or MappedCall(call, (0,) * len(call.leaves)))
    return written.refusal.words if isinstance(written, Failed) else None


def diagnose_plain(call: Call, probe: Probe) -> Explanation:
    """The Explanation of the function called once, without vmap: its fixes batch the call."""
    mapped = unmapped(call)
    example = probe.example(mapped)
    if example.failed is not None:
        problem = _plain_problem(mapped)
        return _refused_plain(RefusedInside(call, "function", problem, mapped=mapped, failed=example.failed), probe)
    verdict = Accepted(mapped, example, (None,) * len(example.outputs), example.shapes)
    return Explanation(
        ok=True,
        culprit=None,
        headline=f"`{call.function_name}` runs once: nothing is mapped.",
        reason=f"It sees {mapped.in_words}.",
        arguments=argument_rows(verdict),
        output=outputs(verdict),
        cautions=cautions(verdict, probe),
    )


def _refused_plain(verdict: RefusedInside, probe: Probe) -> Explanation:
    return Explanation(
        ok=False,
        culprit="function",
        headline=verdict.problem.headline,
        reason=verdict.problem.reason,
        arguments=argument_rows(verdict),
        fixes=axis_fixes(verdict, probe),
        advice=size_advice(verdict.mapped, probe, verdict.failed),
        jax_error=verdict.refusal.words,
    )


def _plain_problem(mapped: MappedCall) -> Problem:
    name = mapped.call.function_name
    return Problem(f"`{name}` refuses these arguments.", f"Called once, it sees {mapped.in_words}.")

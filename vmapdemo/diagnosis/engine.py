"""The verb ``explain``, and ``diagnose`` behind it for callers that keep a probe."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vmapdemo.diagnosis.axes import Problem
from vmapdemo.diagnosis.cautions import cautions
from vmapdemo.diagnosis.fixes import axis_fixes, likely_axes, out_axes_fixes
from vmapdemo.diagnosis.records import Culprit, Explanation, Fix
from vmapdemo.diagnosis.shapes import Call, Options, Probe, flat_leaves, parameter_names
from vmapdemo.diagnosis.sizes import size_advice
from vmapdemo.diagnosis.verdict import Verdict, argument_rows, inside, judge, outputs


def explain(
    fun: Callable[..., Any],
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Any = None,
    axis_size: int | None = None,
    spmd_axis_name: Any = None,
    sum_match: bool = False,
    *,
    example_ndim: tuple[int, ...] | None = None,
    names: tuple[str, ...] | None = None,
) -> Callable[..., Explanation]:
    """Explain a call of ``jax.vmap``: change one word on the line that is unclear.

    Takes jax.vmap's parameters and gives a function of the same arguments, which returns an Explanation: what each
    array gives, what is wrong, and fixes that were checked. It does not raise for what the caller got wrong.
    ``example_ndim``: how many axes each argument has inside the function, which sharpens the fixes. ``names``: what
    the arguments are called in the answer, else the function's own parameter names.

    >>> import jax.numpy as jnp
    >>> found = explain(jnp.outer, in_axes=1)(jnp.ones((5, 4)), jnp.ones((4, 3)))
    >>> found.ok, found.culprit, found.fixes[0].in_axes
    (False, 'in_axes', (1, 0))
    """
    options = Options(axis_name, axis_size, spmd_axis_name, sum_match)

    def explained(*arguments: Any, **keywords: Any) -> Explanation:
        call = make_call(
            fun, arguments, keywords, in_axes, out_axes, options=options, example_ndim=example_ndim, names=names
        )
        return diagnose(call, Probe(binds_shared=True))

    return explained


def make_call(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    in_axes: Any,
    out_axes: Any,
    *,
    options: Options | None = None,
    example_ndim: tuple[int, ...] | None = None,
    names: tuple[str, ...] | None = None,
) -> Call:
    """A Call with its arrays laid out flat; ``names`` falls back to the function's own parameter names."""
    own = parameter_names(function, len(arguments))
    called = (*(names or ()), *own[len(names or ()) :])[: len(arguments)]
    leaves = flat_leaves(arguments, keywords, called)
    ndim = None
    if example_ndim is not None and len(example_ndim) == len(leaves):
        ndim = tuple(example_ndim)
    options = options or Options()
    return Call(function, arguments, keywords, called, in_axes, out_axes, options, ndim, leaves)


def diagnose(call: Call, probe: Probe) -> Explanation:
    """The Explanation of a call; answers that the probe remembers are not asked again."""
    verdict = judge(call, probe)
    if verdict.ok:
        return _accepted(call, verdict, probe)
    fixes = _fixes(call, verdict, probe)
    verdict = _blamed(call, verdict, fixes)
    advice = () if fixes else _advice(call, verdict, probe)
    return Explanation(
        ok=False,
        culprit=verdict.culprit,
        headline=verdict.problem.headline if verdict.problem else "",
        reason=verdict.problem.reason if verdict.problem else "",
        arguments=argument_rows(call, verdict),
        fixes=fixes,
        advice=advice,
        jax_error=_jax_error(call, verdict, probe),
        batch_size=verdict.size,
    )


def diagnose_plain(call: Call, probe: Probe) -> Explanation:
    """The Explanation of the function called once, without vmap: its fixes batch the call."""
    axes = tuple(None for _ in call.leaves)
    example = probe.example(call, axes)
    if example.ok:
        verdict = Verdict(axes, example=example, out_axes=tuple(None for _ in example.outputs))
        return Explanation(
            ok=True,
            culprit=None,
            headline=f"`{call.function_name}` runs once: nothing is mapped.",
            reason=f"It sees {inside(call, axes)}.",
            arguments=argument_rows(call, verdict),
            output=outputs(verdict),
            cautions=cautions(call, verdict, probe),
        )
    problem = Problem(f"`{call.function_name}` refuses these arguments.", f"Called once, it sees {inside(call, axes)}.")
    verdict = Verdict(axes, "function", problem, example=example)
    return Explanation(
        ok=False,
        culprit="function",
        headline=problem.headline,
        reason=problem.reason,
        arguments=argument_rows(call, verdict),
        fixes=axis_fixes(call, verdict, probe),
        advice=size_advice(call, verdict, probe),
        jax_error=_words(example.error) if example.error else None,
    )


def _accepted(call: Call, verdict: Verdict, probe: Probe) -> Explanation:
    size = verdict.size or 0
    mapped = [leaf.path for leaf, axis in zip(call.leaves, verdict.axes or (), strict=True) if axis is not None]
    return Explanation(
        ok=True,
        culprit=None,
        headline=f"vmap runs `{call.function_name}` on {size} {'example' if size == 1 else 'examples'}.",
        reason=f"{_listed(mapped)} {'is' if len(mapped) == 1 else 'are'} mapped; one example is "
        f"{inside(call, verdict.axes or ())}.",
        arguments=argument_rows(call, verdict),
        output=outputs(verdict),
        cautions=cautions(call, verdict, probe),
        batch_size=size,
    )


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted) or "No argument"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _fixes(call: Call, verdict: Verdict, probe: Probe) -> tuple[Fix, ...]:
    if verdict.culprit == "out_axes":
        return out_axes_fixes(call, verdict, probe) or axis_fixes(call, verdict, probe)
    return axis_fixes(call, verdict, probe)


def _blamed(call: Call, verdict: Verdict, fixes: tuple[Fix, ...]) -> Verdict:
    """A refused example is the fault of in_axes where other axes mend it, and the function sees wrong ranks now."""
    if verdict.culprit != "function" or not fixes or verdict.problem is None:
        return verdict
    problem = replace(
        verdict.problem,
        headline=f"With these axes `{call.function_name}` gets shapes that it cannot take.",
        reason=f"It sees {inside(call, verdict.axes or ())}; other axes fit.",
        offenders=tuple(index for index, leaf in enumerate(call.leaves) if leaf.shape),
    )
    blamed: Culprit = "in_axes"
    return replace(verdict, culprit=blamed, problem=problem)


def _advice(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """What to change where no axes mend it: a size, seen with the axes as they are or with the likeliest ones."""
    if verdict.culprit == "function":
        return size_advice(call, verdict, probe)
    axes = likely_axes(call, verdict)
    sizes = () if axes is None else size_advice(call, replace(verdict, axes=axes), probe)
    return ("No choice of axes mends it alone.", *sizes)


def _jax_error(call: Call, verdict: Verdict, probe: Probe) -> str | None:
    """JAX's own words for the call as it was written."""
    axes = verdict.axes or tuple(0 for _ in call.leaves)
    try:
        function = call.vmapped(call.in_axes, call.out_axes)
    except Exception as error:
        return _words(error)
    refusal = probe.refusal(call, axes, function, ("as written", repr(call.in_axes), repr(call.out_axes)))
    return None if refusal is None else _words(refusal)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

"""The verb ``explain``, and ``diagnose`` behind it for callers that keep a probe."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from vmapdemo.diagnosis.anysize import any_size
from vmapdemo.diagnosis.axes import Problem
from vmapdemo.diagnosis.body import advice_on_body, is_fault_of_body, is_gradient_of_several
from vmapdemo.diagnosis.call import Call, Options, make_call
from vmapdemo.diagnosis.cautions import cautions
from vmapdemo.diagnosis.fixes import MAX_FIXES, axis_fixes, likely_axes, out_axes_fixes
from vmapdemo.diagnosis.known import known_ndim
from vmapdemo.diagnosis.records import Culprit, Explanation, Fix
from vmapdemo.diagnosis.rewrites import is_lone_key
from vmapdemo.diagnosis.rows import argument_rows, outputs
from vmapdemo.diagnosis.shapes import Probe
from vmapdemo.diagnosis.sizes import size_advice
from vmapdemo.diagnosis.unfiltered import unfiltered_tracebacks
from vmapdemo.diagnosis.values import value_cautions
from vmapdemo.diagnosis.verdict import Verdict, inside, judge, unbound
from vmapdemo.diagnosis.ways import keyword_ways, other_ways, split_instead


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
) -> Callable[..., Explanation]:
    """Explain a call of ``jax.vmap``: change one word on the line that is unclear.

    Takes jax.vmap's parameters and gives a function of the same arguments, which returns an Explanation: what each
    array gives, what is wrong, and fixes that were checked. It does not raise for what the caller got wrong.
    ``example_ndim``: how many axes each argument has inside the function (a number or None for each, or a tree of
    these), which sharpens the fixes; else it is read from annotations in the manner of jaxtyping. ``names``: what
    the arguments are called in the answer, else the function's own parameter names.

    >>> import jax.numpy as jnp
    >>> found = explain(jnp.outer, in_axes=1)(jnp.ones((5, 4)), jnp.ones((4, 3)))
    >>> found.ok, found.culprit, found.fixes[0].in_axes
    (False, 'in_axes', (1, 0))
    """
    options = Options(axis_name, axis_size, spmd_axis_name, sum_match)

    def explained(*arguments: Any, **keywords: Any) -> Explanation:
        ndim = known_ndim(fun, len(arguments)) if example_ndim is None else example_ndim
        call = make_call(fun, arguments, keywords, in_axes, out_axes, options=options, example_ndim=ndim, names=names)
        with unfiltered_tracebacks():
            found = diagnose(call, Probe(binds_shared=True))
            return replace(found, cautions=(*found.cautions, *value_cautions(call))) if found.ok else found

    return explained


def diagnose(call: Call, probe: Probe) -> Explanation:
    """The Explanation of a call from shapes alone; answers that the probe remembers are not asked again."""
    torn = _not_a_tree(call)
    if torn is not None:
        return torn
    verdict = judge(call, probe)
    if verdict.ok:
        return _accepted(call, verdict, probe)
    remedy = _remedy(call, verdict, probe)
    blamed = remedy.verdict
    return Explanation(
        ok=False,
        culprit=blamed.culprit,
        headline=blamed.problem.headline if blamed.problem else "",
        reason=blamed.problem.reason if blamed.problem else "",
        arguments=argument_rows(call, blamed),
        fixes=remedy.fixes,
        advice=remedy.advice,
        jax_error=_jax_error(call, verdict, probe),
        batch_size=verdict.size,
    )


def _not_a_tree(call: Call) -> Explanation | None:
    """The Explanation of arguments that JAX cannot take apart: dict keys that have no order, for one."""
    try:
        _ = call.leaves
    except Exception as error:
        return Explanation(
            ok=False,
            culprit="arguments",
            headline="JAX cannot take the arguments apart.",
            reason="Every argument has to be a tree of arrays; the keys of a dict have to be of one kind.",
            arguments=(),
            advice=("Use strings alone, or integers alone, as the keys of each dict.",),
            jax_error=_words(error),
        )
    return None


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


@dataclass(frozen=True, slots=True)
class Remedy:
    """Whose fault it is in the end, and what to do about it."""

    verdict: Verdict
    fixes: tuple[Fix, ...] = ()
    advice: tuple[str, ...] = ()


def _remedy(call: Call, verdict: Verdict, probe: Probe) -> Remedy:
    """Other axes if they mend it, else other ways to pass the same, else other options, else advice for the body."""
    if verdict.advice:
        return Remedy(verdict, advice=verdict.advice)
    mismatch = unbound(call)
    if mismatch is not None:
        way = other_ways(call, verdict, probe)
        blamed = replace(verdict, culprit="arguments", problem=mismatch)
        return Remedy(blamed, way.fixes if way else ())
    if is_fault_of_body(call, verdict, probe):
        return Remedy(verdict, advice=advice_on_body(call, verdict, probe))
    way = keyword_ways(call, verdict, probe)
    if way is not None:
        return Remedy(way.blamed(verdict), way.fixes)
    fixes = _axis_fixes(call, verdict, probe)
    if fixes and not (all(fix.nested for fix in fixes) and is_gradient_of_several(call, verdict, probe)):
        split = split_instead(call, verdict, fixes[0], probe)
        if split is not None:
            return Remedy(split.blamed(verdict), (*split.fixes, *fixes)[:MAX_FIXES])
        return Remedy(_axes_blamed(call, verdict), fixes)
    way = other_ways(call, verdict, probe)
    if way is not None:
        return Remedy(way.blamed(verdict), way.fixes)
    keys = _about_lone_keys(call, verdict)
    if keys:
        return Remedy(replace(verdict, culprit="arguments"), advice=keys)
    return Remedy(verdict, advice=_advice(call, verdict, probe))


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
        sizes=cache(partial(any_size, call, verdict, probe)),
    )


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted) or "No argument"
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _axis_fixes(call: Call, verdict: Verdict, probe: Probe) -> tuple[Fix, ...]:
    if verdict.culprit == "out_axes":
        return out_axes_fixes(call, verdict, probe) or axis_fixes(call, verdict, probe)
    return axis_fixes(call, verdict, probe)


def _axes_blamed(call: Call, verdict: Verdict) -> Verdict:
    """What other axes mend is the fault of the axes, also where the function is what refuses."""
    if verdict.culprit in ("in_axes", "out_axes") or verdict.problem is None:
        return verdict
    blamed: Culprit = "in_axes"
    if verdict.culprit != "function":
        return replace(verdict, culprit=blamed)
    problem = replace(
        verdict.problem,
        headline=f"With these axes `{call.function_name}` gets shapes that it cannot take.",
        reason=f"It sees {inside(call, verdict.axes or ())}; other axes fit.",
        offenders=tuple(index for index, leaf in enumerate(call.leaves) if leaf.shape),
    )
    return replace(verdict, culprit=blamed, problem=problem)


def _advice(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """What to change where no axes mend it: a size, seen with the axes as they are or with the likeliest ones."""
    if verdict.culprit == "function":
        return advice_on_body(call, verdict, probe)
    axes = likely_axes(call)
    sizes = () if axes is None else size_advice(call, replace(verdict, axes=axes), probe)
    return ("No choice of axes mends it alone.", *sizes)


def _about_lone_keys(call: Call, verdict: Verdict) -> tuple[str, ...]:
    """A lone key has no batch axis, and how many are wanted is known to the caller alone."""
    offenders = {call.leaves[index].path for index in (verdict.problem.offenders if verdict.problem else ())}
    keys = [name for name, value in zip(call.names, call.arguments, strict=True) if is_lone_key(value)]
    return tuple(
        f"`{name}` is one random key: make one for each of n examples with `jax.random.split({name}, n)`."
        for name in keys
        if name in offenders
    )


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

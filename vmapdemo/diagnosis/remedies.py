"""Whose fault a refused call is in the end, and what to do about it: remedies in the order in which they are tried.

The order is the product's policy. The first remedy that applies is the answer.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from vmapdemo.diagnosis.advice.function_body import (
    advice_on_body,
    is_fault_of_body,
    is_gradient_of_several,
    place_of,
    reverse_mode_advice,
)
from vmapdemo.diagnosis.advice.sizes import size_advice
from vmapdemo.diagnosis.advice.unbatchable import unbatchable_advice
from vmapdemo.diagnosis.call.axes import Problem
from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.probe.batch_dependence import dependence_on_batch
from vmapdemo.diagnosis.probe.probe import DERIVATIVES, Probe
from vmapdemo.diagnosis.probe.stand_ins import CannotLookError
from vmapdemo.diagnosis.records import Culprit, Fix
from vmapdemo.diagnosis.repair.axis_fixes import MAX_FIXES, axis_fixes, likely_axes, named_nested_fix, out_axes_fixes
from vmapdemo.diagnosis.repair.collectives import asked_for, missing_names
from vmapdemo.diagnosis.repair.keys import batch_of_others, key_batches, lone_keys
from vmapdemo.diagnosis.repair.likelihood import knows_ranks, likely_fixes
from vmapdemo.diagnosis.repair.rewrite_fixes import (
    fewer_keys_ways,
    float_ways,
    keyword_ways,
    other_ways,
    split_instead,
    split_ways,
    twin_ways,
)
from vmapdemo.diagnosis.repair.stacking import iterator_advice, ragged_advice
from vmapdemo.diagnosis.verdict.verdict import Verdict, inside, output_axes, unbound
from vmapdemo.diagnosis.wording import listed

SUM_FIRST = (
    "Or one example is to have several numbers: a gradient is of one number, so sum the results first, or ask "
    "`jax.jacobian` for all derivatives."
)

MOST_NAMES = 4
"""Of the names that may be missing so many are tried in pairs."""


@dataclass(frozen=True, slots=True)
class Question:
    """A refused call, with the first verdict on it."""

    call: Call
    verdict: Verdict
    probe: Probe


@dataclass(frozen=True, slots=True)
class Remedy:
    """Whose fault it is in the end, and what to do about it."""

    verdict: Verdict
    fixes: tuple[Fix, ...] = ()
    advice: tuple[str, ...] = ()


def remedy(question: Question) -> Remedy:
    """The first remedy that applies."""
    found = (attempt(question) for attempt in REMEDIES)
    return next(filter(None, found), Remedy(question.verdict))


def _settled(question: Question) -> Remedy | None:
    """A problem that no other call could mend has its advice already."""
    return Remedy(question.verdict, advice=question.verdict.advice) if question.verdict.advice else None


def _cannot_look(question: Question) -> Remedy | None:
    """The function reads a generator, say, which gives its values once: nobody can look without using them up."""
    verdict, refusal = question.verdict, question.verdict.refusal
    if refusal is None or not refusal.is_a(CannotLookError):
        return None
    problem = Problem(
        f"vmapdemo cannot look at `{question.call.function_name}` and leave everything as it is.",
        f"The function reads from an iterator: {refusal.message}.",
    )
    advice = "Read from it before the call, and pass what it gives as an argument: under vmap it is read once for all."
    return Remedy(replace(verdict, problem=problem), advice=(advice, place_of(verdict)))


def _cannot_be_called_so(question: Question) -> Remedy | None:
    """Too many arguments, or keywords that the function does not take."""
    mismatch = unbound(question.call)
    if mismatch is None:
        return None
    way = other_ways(question.call, question.verdict, question.probe)
    return Remedy(replace(question.verdict, culprit="arguments", problem=mismatch), way.fixes if way else ())


def _wants_numbers(question: Question) -> Remedy | None:
    """The function itself is one of NumPy, math or Python that reads numbers, and JAX has another."""
    call, verdict, probe = question.call, question.verdict, question.probe
    refusal = verdict.refusal
    if refusal is None or not refusal.reads_a_value:
        return None
    if call.function in (float, int, bool, complex):
        name = call.function_name
        advice = f"`{name}` makes one Python number where there is one for each example: `lambda a: a.astype({name})`."
        return Remedy(verdict, advice=(advice,))
    way = twin_ways(call, probe)
    return None if way is None else Remedy(way.blamed(verdict), way.fixes)


def _fault_of_body(question: Question) -> Remedy | None:
    """Python reads a traced value, or changes an array in place, whatever the axes are."""
    call, verdict, probe = question.call, question.verdict, question.probe
    if not is_fault_of_body(call, verdict, probe):
        return None
    return Remedy(verdict, advice=advice_on_body(call, verdict, probe))


def _keywords(question: Question) -> Remedy | None:
    """A keyword disagrees with the rest: passed by position, or bound."""
    way = keyword_ways(question.call, question.verdict, question.probe)
    return None if way is None else Remedy(way.blamed(question.verdict), way.fixes)


def _axes(question: Question) -> Remedy | None:
    """Other axes, or other axes and a key for each example."""
    call, verdict, probe = question.call, question.verdict, question.probe
    fixes = _axis_fixes(question)
    is_of_several = bool(fixes) and fixes[0].nested and is_gradient_of_several(call, verdict, probe)
    if not fixes or (is_of_several and any(output.example_shape for output in fixes[0].output)):
        return None
    split = split_instead(call, verdict, fixes[0], probe)
    if split is not None:
        return Remedy(split.blamed(verdict), (*split.fixes, *fixes)[:MAX_FIXES])
    return Remedy(
        _axes_blamed(call, verdict),
        fixes,
        (*((SUM_FIRST,) if is_of_several else _advice_on_one_result(question)), *_size_instead(question, fixes)),
    )


def _size_instead(question: Question, fixes: tuple[Fix, ...]) -> tuple[str, ...]:
    """The size that would mend it, where the same arrays would only be mapped along other axes: either may be meant."""
    call, verdict, probe = question.call, question.verdict, question.probe
    if verdict.culprit != "function" or knows_ranks(call) or fixes[0].nested:
        return ()
    now = {leaf.path for leaf, axis in zip(call.leaves, verdict.axes or (), strict=True) if axis is not None}
    after = meant_axes(replace(call, in_axes=fixes[0].in_axes))
    then = {leaf.path for leaf, axis in zip(call.leaves, after, strict=True) if axis is not None}
    sizes = size_advice(call, verdict, probe) if now == then else ()
    return tuple(f"Or the axes are right and a size is wrong. {sentence}" for sentence in sizes[:1])


def _advice_on_one_result(question: Question) -> tuple[str, ...]:
    """How the examples come to share a result, such as a running mean, that out_axes=None promises."""
    call, verdict = question.call, question.verdict
    if verdict.culprit != "out_axes" or verdict.example is None:
        return ()
    out_axes = output_axes(call.out_axes, verdict.example)
    if isinstance(out_axes, Problem) or None not in out_axes:
        return ()
    name = call.options.axis_name or "batch"
    option = "" if call.options.axis_name else f", with axis_name={name!r}"
    return (
        f"To have one result for all, combine those of the examples inside: `jax.lax.pmean(x, {name!r})`{option} is "
        "their mean, `psum` their sum and `pmax` their largest. Or map it, and combine the whole afterwards, "
        "`.mean(axis=0)`.",
    )


def _axis_fixes(question: Question) -> tuple[Fix, ...]:
    call, verdict, probe = question.call, question.verdict, question.probe
    if verdict.culprit == "out_axes":
        return out_axes_fixes(call, verdict, probe) or axis_fixes(call, verdict, probe)
    return likely_fixes(call, verdict, probe)


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


def _passed_differently(question: Question) -> Remedy | None:
    """The same values as an array, as keys of their own, as single arguments; or other options of vmap."""
    way = other_ways(question.call, question.verdict, question.probe)
    return None if way is None else Remedy(way.blamed(question.verdict), way.fixes)


def _unbatchable(question: Question) -> Remedy | None:
    """An operation has no batched form."""
    call, verdict, probe = question.call, question.verdict, question.probe
    if not verdict.unbatchable:
        return None
    return Remedy(verdict, advice=unbatchable_advice(call, verdict, probe) or (place_of(verdict),))


def _keys(question: Question) -> Remedy | None:
    """One random key among the mapped arrays: one for each example. As an example it has no batch axis."""
    call, verdict, probe = question.call, question.verdict, question.probe
    size = batch_of_others(call)
    mapped = [index for index in lone_keys(call) if _is_mapped(verdict, index)]
    if size is None or not mapped:
        return None
    way = split_ways(call, size, probe)
    return None if way is None else Remedy(way.blamed(verdict), way.fixes)


def _is_mapped(verdict: Verdict, index: int) -> bool:
    return verdict.axes is None or verdict.axes[index] is not None


def _reverse_mode(question: Question) -> Remedy | None:
    """``jax.grad(f)``, where ``f`` has a loop of unknown length."""
    call, verdict, probe = question.call, question.verdict, question.probe
    refusal = verdict.refusal
    if verdict.culprit != "function" or refusal is None or not refusal.is_a(ValueError):
        return None
    found = reverse_mode_advice(call, verdict.axes or (), probe)
    return None if found is None else Remedy(verdict, advice=(found,))


def _floats(question: Question) -> Remedy | None:
    """A derivative at whole numbers: floats."""
    call, verdict, probe = question.call, question.verdict, question.probe
    refusal = verdict.refusal
    if verdict.culprit != "function" or refusal is None or not refusal.is_a(TypeError) or refusal.reads_a_value:
        return None
    if not probe.names_of_jax() & DERIVATIVES:
        return None
    way = float_ways(call, probe)
    if way is None:
        return None
    advice = "A derivative needs floats: at whole numbers there is none."
    return Remedy(way.blamed(verdict), way.fixes, (advice,))


def _two_names(question: Question) -> Remedy | None:
    """A collective over two batch axes that have no names, or of which only one has one."""
    call, verdict, probe = question.call, question.verdict, question.probe
    missing, given = missing_names(call, verdict)[:MOST_NAMES], call.options.axis_name
    names = [given, *missing] if isinstance(given, str) else missing
    if verdict.axes is None or not missing or len(names) < 2:
        return None
    pairs = (pair for pair in itertools.permutations(names, 2) if given is None or given in pair)
    tried = (named_nested_fix(call, verdict.axes, probe, pair) for pair in pairs)
    fix = next(filter(None, tried), None)
    return None if fix is None else Remedy(replace(verdict, culprit="axis_name"), (fix,))


def _one_name(question: Question) -> Remedy | None:
    """A collective asks for a name that no vmap gives, and no fix was found."""
    call, verdict = question.call, question.verdict
    missing = asked_for(call, verdict)
    if not missing:
        return None
    given = call.options.axis_name
    instead = f", or ask for `{given}` alone" if given is not None else ""
    advice = (
        f"A collective asks for the axis name {listed(missing)}, which no vmap gives: name the batch axis that is "
        f'meant, `jax.vmap(..., axis_name="{missing[0]}")`, in this vmap or in one around it{instead}.',
    )
    return Remedy(replace(verdict, culprit="axis_name"), advice=(*advice, place_of(verdict)))


def _other_number_of_keys(question: Question) -> Remedy | None:
    """More keys than examples, or fewer."""
    call, verdict, probe = question.call, question.verdict, question.probe
    offenders = {id(call.leaves[index]) for index in (verdict.problem.offenders if verdict.problem else ())}
    size = batch_of_others(call)
    keys = [(leaf, count) for leaf, count in key_batches(call) if id(leaf) in offenders and count != size]
    if size is None or not keys or verdict.culprit != "in_axes":
        return None
    advice = tuple(
        f"`{leaf.path}` holds {count} keys for {size} examples: make as many keys as there are examples, "
        f"`jax.random.split(key, {size})`."
        for leaf, count in keys
    )
    way = fewer_keys_ways(call, size, probe)
    return Remedy(replace(verdict, culprit="arguments"), way.fixes if way is not None else (), advice)


def _lone_keys(question: Question) -> Remedy | None:
    """A lone key without other arrays: how many are wanted is known to the caller alone."""
    call, verdict, probe = question.call, question.verdict, question.probe
    mapped = [call.leaves[index] for index in lone_keys(call) if _is_mapped(verdict, index)]
    advice = tuple(
        f"`{leaf.path}` is one random key{'' if leaf.is_key else ' of the old kind, two numbers'}: make one for each "
        f"of n examples with `jax.random.split({leaf.path}, n)`."
        for leaf in mapped
        if leaf.is_key or _is_drawn_from(call, probe)
    )
    return Remedy(replace(verdict, culprit="arguments"), advice=advice) if advice else None


def _is_drawn_from(call: Call, probe: Probe) -> bool:
    """Whether the function draws random numbers where everything is shared."""
    found = dependence_on_batch(call, tuple(None for _ in call.leaves), probe)
    return found is not None and found.draws


def _iterators(question: Question) -> Remedy | None:
    """A generator, say, where an array is due."""
    advice = iterator_advice(question.call)
    return Remedy(replace(question.verdict, culprit="arguments"), advice=advice) if advice else None


def _ragged(question: Question) -> Remedy | None:
    """Lists of examples that have different sizes."""
    advice = ragged_advice(question.call, question.verdict.axes)
    return Remedy(replace(question.verdict, culprit="arguments"), advice=advice) if advice else None


def _body(question: Question) -> Remedy | None:
    """What to change in the body: the pattern, or a size, and the line that fails."""
    call, verdict, probe = question.call, question.verdict, question.probe
    if verdict.culprit != "function":
        return None
    return Remedy(verdict, advice=advice_on_body(call, verdict, probe))


def _likeliest_axes(question: Question) -> Remedy | None:
    """No axes mend it alone: the size that is wrong, seen with the axes that would be tried first."""
    call, verdict, probe = question.call, question.verdict, question.probe
    if verdict.culprit not in ("in_axes", "out_axes"):
        return None
    axes = likely_axes(call)
    sizes = () if axes is None else size_advice(call, replace(verdict, axes=axes), probe)
    return Remedy(verdict, advice=("No choice of axes mends it alone.", *sizes))


REMEDIES: tuple[Callable[[Question], Remedy | None], ...] = (
    _settled,
    _cannot_look,
    _cannot_be_called_so,
    _wants_numbers,
    _fault_of_body,
    _unbatchable,
    _keys,
    _other_number_of_keys,
    _keywords,
    _reverse_mode,
    _floats,
    _axes,
    _passed_differently,
    _two_names,
    _one_name,
    _lone_keys,
    _iterators,
    _ragged,
    _body,
    _likeliest_axes,
)

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
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.call.mapped_call import MappedCall, unmapped
from vmapdemo.diagnosis.probe.batch_dependence import dependence_on_batch
from vmapdemo.diagnosis.probe.probe import DERIVATIVES, Probe
from vmapdemo.diagnosis.probe.stand_ins import CannotLookError
from vmapdemo.diagnosis.records import Fix
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
from vmapdemo.diagnosis.verdict.verdict import Refused, RefusedInside, output_axes, unbound
from vmapdemo.diagnosis.wording import listed

SUM_FIRST = (
    "Or one example is to have several numbers: a gradient is of one number, so sum the results first, or ask "
    "`jax.jacobian` for all derivatives."
)

MOST_NAMES = 4
"""At most this many of the names that may be missing are tried in pairs."""


@dataclass(frozen=True, slots=True)
class Question:
    """A refused call, with the first verdict on it."""

    verdict: Refused
    probe: Probe

    @property
    def call(self) -> Call:
        return self.verdict.call


@dataclass(frozen=True, slots=True)
class Remedy:
    """Whose fault it is in the end, and what to do about it."""

    verdict: Refused
    fixes: tuple[Fix, ...] = ()
    advice: tuple[str, ...] = ()


def remedy(question: Question) -> Remedy:
    """The first remedy that applies."""
    found = (attempt(question) for attempt in REMEDIES)
    return next(filter(None, found), Remedy(question.verdict))


def _settled(question: Question) -> Remedy | None:
    """A problem that no other call could fix has its advice already."""
    return Remedy(question.verdict, advice=question.verdict.advice) if question.verdict.advice else None


def _cannot_look(question: Question) -> Remedy | None:
    """The function reads a generator, say, which gives its values once: nobody can look without using them up."""
    verdict = question.verdict
    if not isinstance(verdict, RefusedInside) or not verdict.refusal.is_a(CannotLookError):
        return None
    problem = Problem(
        f"vmapdemo cannot look at `{question.call.function_name}` and leave everything as it is.",
        f"The function reads from an iterator: {verdict.refusal.message}.",
    )
    advice = "Read from it before the call, and pass what it gives as an argument: under vmap it is read once for all."
    return Remedy(replace(verdict, problem=problem), advice=(advice, place_of(verdict)))


def _cannot_be_called_so(question: Question) -> Remedy | None:
    """Too many arguments, or keywords that the function does not take."""
    mismatch = unbound(question.call)
    if mismatch is None:
        return None
    way = other_ways(question.verdict, question.probe)
    return Remedy(replace(question.verdict, culprit="arguments", problem=mismatch), way.fixes if way else ())


def _wants_numbers(question: Question) -> Remedy | None:
    """The function itself is NumPy's, math's or Python's and reads numbers, and JAX has a twin."""
    call, verdict = question.call, question.verdict
    if not isinstance(verdict, RefusedInside) or not verdict.refusal.reads_a_value:
        return None
    if call.function in (float, int, bool, complex):
        name = call.function_name
        advice = f"`{name}` makes a single Python number, but each example has its own: `lambda a: a.astype({name})`."
        return Remedy(verdict, advice=(advice,))
    way = twin_ways(call, question.probe)
    return None if way is None else Remedy(way.blamed(verdict), way.fixes)


def _fault_of_body(question: Question) -> Remedy | None:
    """Python reads a traced value, or changes an array in place, whatever the axes are."""
    verdict = question.verdict
    if not isinstance(verdict, RefusedInside) or not is_fault_of_body(verdict):
        return None
    return Remedy(verdict, advice=advice_on_body(verdict, question.probe))


def _keywords(question: Question) -> Remedy | None:
    """A keyword disagrees with the rest: passed by position, or bound."""
    way = keyword_ways(question.verdict, question.probe)
    return None if way is None else Remedy(way.blamed(question.verdict), way.fixes)


def _axes(question: Question) -> Remedy | None:
    """Other axes, or other axes and a key for each example."""
    verdict, probe = question.verdict, question.probe
    fixes = _axis_fixes(question)
    is_of_several = bool(fixes) and fixes[0].nested and _takes_gradient_of_several(question)
    if not fixes or (is_of_several and any(output.example_shape for output in fixes[0].output)):
        return None
    split = split_instead(question.call, fixes[0], probe)
    if split is not None:
        return Remedy(split.blamed(verdict), (*split.fixes, *fixes)[:MAX_FIXES])
    advice = (SUM_FIRST,) if is_of_several else _advice_on_one_result(question)
    return Remedy(_axes_blamed(verdict), fixes, (*advice, *_size_instead(question, fixes[0])))


def _takes_gradient_of_several(question: Question) -> bool:
    verdict = question.verdict
    return isinstance(verdict, RefusedInside) and is_gradient_of_several(verdict, question.probe)


def _size_instead(question: Question, fix: Fix) -> tuple[str, ...]:
    """The size that would fix it, if the fix maps the same arrays along other axes: either may be meant."""
    call, verdict = question.call, question.verdict
    if not isinstance(verdict, RefusedInside) or knows_ranks(call) or fix.nested:
        return ()
    now = {leaf.path for leaf in verdict.mapped.mapped}
    then = {leaf.path for leaf in MappedCall(call, meant_axes(replace(call, in_axes=fix.in_axes))).mapped}
    sizes = size_advice(verdict.mapped, question.probe, verdict.failed) if now == then else ()
    return tuple(f"Or the axes are right and a size is wrong. {sentence}" for sentence in sizes[:1])


def _advice_on_one_result(question: Question) -> tuple[str, ...]:
    """How the examples come to share a result, such as a running mean, that out_axes=None promises."""
    call, example = question.call, question.verdict.example
    if example is None:
        return ()
    out_axes = output_axes(call.out_axes, example)
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
    verdict, probe = question.verdict, question.probe
    if verdict.culprit == "out_axes":
        return out_axes_fixes(verdict, probe) or axis_fixes(verdict, probe)
    return likely_fixes(verdict, probe)


def _axes_blamed(verdict: Refused) -> Refused:
    """If other axes fix it, the axes are to blame, even if the function is what refuses."""
    if verdict.culprit == "out_axes":
        return verdict
    if not isinstance(verdict, RefusedInside):
        return replace(verdict, culprit="in_axes")
    call = verdict.call
    problem = replace(
        verdict.problem,
        headline=f"With these axes `{call.function_name}` gets shapes that it cannot take.",
        reason=f"It sees {verdict.mapped.in_words}; other axes fit.",
        offenders=tuple(index for index, leaf in enumerate(call.leaves) if leaf.shape),
    )
    return replace(verdict, culprit="in_axes", problem=problem)


def _passed_differently(question: Question) -> Remedy | None:
    """The same values as an array, as keys of their own, as single arguments; or other options of vmap."""
    way = other_ways(question.verdict, question.probe)
    return None if way is None else Remedy(way.blamed(question.verdict), way.fixes)


def _unbatchable(question: Question) -> Remedy | None:
    """An operation has no batched form."""
    verdict = question.verdict
    if not isinstance(verdict, RefusedInside) or not verdict.is_unbatchable:
        return None
    return Remedy(verdict, advice=unbatchable_advice(verdict.mapped, question.probe) or (place_of(verdict),))


def _keys(question: Question) -> Remedy | None:
    """One random key among the mapped arrays: one for each example. As an example it has no batch axis."""
    size = batch_of_others(question.call)
    if size is None or not _mapped_lone_keys(question):
        return None
    way = split_ways(question.call, size, question.probe)
    return None if way is None else Remedy(way.blamed(question.verdict), way.fixes)


def _mapped_lone_keys(question: Question) -> list[Leaf]:
    """The lone keys that are mapped, or all if it is not known what is."""
    call, mapped = question.call, question.verdict.mapped
    return [call.leaves[index] for index in lone_keys(call) if mapped is None or mapped.axes[index] is not None]


def _reverse_mode(question: Question) -> Remedy | None:
    """``jax.grad(f)``, and ``f`` has a loop of unknown length."""
    verdict = question.verdict
    if not isinstance(verdict, RefusedInside) or not verdict.refusal.is_a(ValueError):
        return None
    found = reverse_mode_advice(verdict.mapped, question.probe)
    return None if found is None else Remedy(verdict, advice=(found,))


def _floats(question: Question) -> Remedy | None:
    """A derivative at whole numbers: floats."""
    verdict, probe = question.verdict, question.probe
    if not isinstance(verdict, RefusedInside) or not verdict.refusal.is_a(TypeError) or verdict.refusal.reads_a_value:
        return None
    way = float_ways(question.call, probe) if probe.names_of_jax() & DERIVATIVES else None
    if way is None:
        return None
    advice = "A derivative needs floats: at whole numbers there is none."
    return Remedy(way.blamed(verdict), way.fixes, (advice,))


def _two_names(question: Question) -> Remedy | None:
    """A collective over two batch axes that have no names, or of which only one has one."""
    call, verdict = question.call, question.verdict
    missing, given = missing_names(call, verdict.refusal)[:MOST_NAMES], call.options.axis_name
    names = [given, *missing] if isinstance(given, str) else missing
    if verdict.mapped is None or not missing or len(names) < 2:
        return None
    pairs = (pair for pair in itertools.permutations(names, 2) if given is None or given in pair)
    tried = (named_nested_fix(verdict.mapped, question.probe, pair) for pair in pairs)
    fix = next(filter(None, tried), None)
    return None if fix is None else Remedy(replace(verdict, culprit="axis_name"), (fix,))


def _one_name(question: Question) -> Remedy | None:
    """A collective asks for a name that no vmap gives, and no fix was found."""
    call, verdict = question.call, question.verdict
    missing = asked_for(call, verdict.refusal)
    if not isinstance(verdict, RefusedInside) or not missing:
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
    call, verdict = question.call, question.verdict
    offenders = {id(call.leaves[index]) for index in verdict.problem.offenders}
    size = batch_of_others(call)
    keys = [(leaf, count) for leaf, count in key_batches(call) if id(leaf) in offenders and count != size]
    if size is None or not keys or verdict.culprit != "in_axes" or _fits_along_other_axes(question):
        return None
    advice = tuple(
        f"`{leaf.path}` holds {count} keys for {size} examples: make as many keys as there are examples, "
        f"`jax.random.split(key, {size})`."
        for leaf, count in keys
    )
    way = fewer_keys_ways(call, size, question.probe)
    return Remedy(replace(verdict, culprit="arguments"), way.fixes if way is not None else (), advice)


def _fits_along_other_axes(question: Question) -> bool:
    """Whether other axes give each array the axes that it is known to have inside: then these are at fault."""
    call = question.call
    if not knows_ranks(call):
        return False
    fixes = (fix for fix in _axis_fixes(question)[:1] if not fix.nested)
    return any(MappedCall(call, meant_axes(replace(call, in_axes=fix.in_axes))).fits_ndim for fix in fixes)


def _lone_keys(question: Question) -> Remedy | None:
    """A lone key without other arrays: how many are wanted is known to the caller alone."""
    advice = tuple(
        f"`{leaf.path}` is one random key{'' if leaf.is_key else ' of the old kind, two numbers'}: make one for each "
        f"of n examples with `jax.random.split({leaf.path}, n)`."
        for leaf in _mapped_lone_keys(question)
        if leaf.is_key or _is_drawn_from(question)
    )
    return Remedy(replace(question.verdict, culprit="arguments"), advice=advice) if advice else None


def _is_drawn_from(question: Question) -> bool:
    """Whether the function draws random numbers if everything is shared."""
    found = dependence_on_batch(unmapped(question.call), question.probe)
    return found is not None and found.draws


def _iterators(question: Question) -> Remedy | None:
    """A generator, say, in place of an array."""
    advice = iterator_advice(question.call)
    return Remedy(replace(question.verdict, culprit="arguments"), advice=advice) if advice else None


def _ragged(question: Question) -> Remedy | None:
    """Lists of examples that have different sizes."""
    mapped = question.verdict.mapped
    leaves = question.call.leaves if mapped is None else mapped.mapped
    advice = ragged_advice(question.call, leaves)
    return Remedy(replace(question.verdict, culprit="arguments"), advice=advice) if advice else None


def _body(question: Question) -> Remedy | None:
    """What to change in the body: the pattern, or a size, and the line that fails."""
    verdict = question.verdict
    if not isinstance(verdict, RefusedInside):
        return None
    return Remedy(verdict, advice=advice_on_body(verdict, question.probe))


def _likeliest_axes(question: Question) -> Remedy | None:
    """No axes alone fix it: the size that is wrong, seen with the axes that would be tried first."""
    verdict = question.verdict
    if verdict.culprit not in ("in_axes", "out_axes"):
        return None
    likely = likely_axes(question.call)
    sizes = () if likely is None else size_advice(likely, question.probe)
    return Remedy(verdict, advice=("No choice of axes alone fixes it.", *sizes))


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

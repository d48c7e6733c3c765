"""Fixes beyond axes: each rewrite of the call is judged like any call, and what JAX accepts is offered."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from vmapdemo.diagnosis.call.call import Call
from vmapdemo.diagnosis.call.lenient_axes import meant_axes
from vmapdemo.diagnosis.call.mapped_call import MappedCall
from vmapdemo.diagnosis.probe.batch_dependence import dependence_on_batch, draws_shared
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Culprit, Fix
from vmapdemo.diagnosis.repair.axis_fixes import MAX_FIXES, fix_as_it_is
from vmapdemo.diagnosis.repair.candidates import flat_candidates
from vmapdemo.diagnosis.repair.keys import lone_keys
from vmapdemo.diagnosis.repair.likelihood import knows_ranks, likely_fixes
from vmapdemo.diagnosis.repair.rewrites import (
    Rewrite,
    as_floats,
    fewer_keys,
    keyword_rewrites,
    rewrites,
    split_keys,
    twin_function,
)
from vmapdemo.diagnosis.verdict.verdict import Accepted, Refused, RefusedInside, judge


@dataclass(frozen=True, slots=True)
class Way:
    """The kind of change that fixes a call, and the fixes of that kind."""

    culprit: Culprit
    fixes: tuple[Fix, ...]

    def blamed(self, verdict: Refused) -> Refused:
        """The verdict with the culprit that the change speaks of."""
        return replace(verdict, culprit=self.culprit)


def other_ways(refused: Refused, probe: Probe) -> Way | None:
    """The first kind of rewrite that JAX accepts, alone or with other axes; pairs of rewrites if no single one works.

    If the function refuses legal axes, a rewrite has to fix it alone: with other axes too, many would by chance.
    """
    once = list(rewrites(refused.call, refused.refusal))
    with_axes = not isinstance(refused, RefusedInside) or knows_ranks(refused.call)
    return _first_accepted(once, probe, with_axes=with_axes) or _first_accepted(
        _twice(once, probe), probe, with_axes=with_axes
    )


def keyword_ways(refused: Refused, probe: Probe) -> Way | None:
    """Keywords passed differently, if one disagrees with the rest: few know that JAX maps them along axis 0."""
    call = refused.call
    if not any(call.leaves[index].keyword for index in refused.problem.offenders):
        return None
    return _first_accepted(keyword_rewrites(call), probe)


def split_ways(call: Call, size: int, probe: Probe) -> Way | None:
    """Keys split into one for each example, if the function draws from them."""
    return _first_accepted(split_keys(call, size), probe, draws)


def fewer_keys_ways(call: Call, size: int, probe: Probe) -> Way | None:
    """As many keys as there are examples, if there are more."""
    return _first_accepted(fewer_keys(call, size), probe)


def twin_ways(call: Call, probe: Probe) -> Way | None:
    """A function of JAX in the place of one that wants numbers."""
    return _first_accepted(twin_function(call), probe)


def float_ways(call: Call, probe: Probe) -> Way | None:
    """Whole numbers made into floats."""
    return _first_accepted(as_floats(call), probe)


def split_instead(call: Call, fix: Fix, probe: Probe) -> Way | None:
    """One key for each example, if the axes that were found would give all examples the same noise."""
    if fix.nested or not lone_keys(call):
        return None
    shared = replace(call, in_axes=fix.in_axes, out_axes=fix.out_axes)
    accepted = judge(shared, probe)
    if isinstance(accepted, Refused) or not draws_shared(accepted.mapped, probe):
        return None
    fixes = (_fixes(rewrite, probe) for rewrite in split_keys(shared, accepted.size))
    found = next(filter(None, fixes), ())
    return Way("arguments", found[:1]) if found else None


Check = Callable[[Call, Probe], bool]


def draws(call: Call, probe: Probe) -> bool:
    """Whether a function draws random numbers from what is mapped: two whole numbers may be no key."""
    mapped = MappedCall(call, meant_axes(call))
    found = dependence_on_batch(mapped, probe) if mapped.exists else None
    return found is None or (found.draws_own and not found.shared)


def _first_accepted(
    tried: Iterable[Rewrite], probe: Probe, check: Check = lambda call, probe: True, *, with_axes: bool = True
) -> Way | None:
    found: tuple[Fix, ...] = ()
    culprit: Culprit | None = None
    for rewrite in tried:
        if culprit in (None, rewrite.culprit):
            fixes = _fixes(rewrite, probe, with_axes) if check(rewrite.call, probe) else ()
            culprit = rewrite.culprit if fixes else culprit
            found += fixes[:2]
    return None if culprit is None else Way(culprit, _different(found)[:MAX_FIXES])


def _different(fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
    return tuple({fix.code: fix for fix in fixes}.values())


def _twice(once: Iterable[Rewrite], probe: Probe) -> Iterator[Rewrite]:
    for first in once:
        verdict = judge(first.call, probe)
        for second in rewrites(first.call, verdict.refusal if isinstance(verdict, Refused) else None):
            yield replace(second, why=f"{first.why} and {second.why}")


def _fixes(rewrite: Rewrite, probe: Probe, with_axes: bool = True) -> tuple[Fix, ...]:
    verdict = judge(rewrite.call, probe)
    if isinstance(verdict, Refused):
        return likely_fixes(verdict, probe, already=rewrite.why) if with_axes else ()
    as_it_is = fix_as_it_is(verdict, rewrite.why, axes_only=False)
    if _is_likeliest(verdict):
        return (as_it_is,)
    return (*likely_fixes(verdict, probe, already=rewrite.why), as_it_is)


def _is_likeliest(accepted: Accepted) -> bool:
    """Whether its axes fit what is known of the function's arguments; without that they are taken as written."""
    call, axes = accepted.call, accepted.mapped.axes
    if call.example_ndim is None:
        return True
    return any(candidate.levels == (axes,) for candidate in flat_candidates(call, meant_axes(call)))

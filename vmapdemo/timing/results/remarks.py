"""Figures -> sentences that explain them; a sentence is there only when the figures make it true.

Sentences that name a mechanism (vmap rewrites, jit compiles) look for the strategies "loop", "mathy", "vmap" and "jit".
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from vmapdemo.timing.measuring.blocks import LOWEST
from vmapdemo.timing.programs.hlo import ProgramMeters
from vmapdemo.timing.results.records import NO_LABELS, SAME, Conditions, Labels, Timing, renamed
from vmapdemo.timing.results.text import counted, format_percent, format_ratio, format_seconds, listed

# Prices predict the time of a call within 15 %.
_PREDICTED = 1.15


def remarks(timings: Sequence[Timing], conditions: Conditions) -> tuple[str, ...]:
    """The sentences for these figures, the most important first; none without timings."""
    return (*confidence(timings, conditions), *mechanisms(timings))


def headline(timings: Sequence[Timing], baseline: str, labels: Labels = NO_LABELS) -> tuple[str, ...]:
    """The answer in a sentence, and vmap's own figure if that is not in it; none without timings."""
    if not timings:
        return ()
    by_name = _by_name(timings, labels)
    best_s = min(timing.best_s for timing in timings)
    fastest = [timing for timing in by_name.values() if timing.best_s < SAME * best_s]
    base, vmap = by_name.get(baseline), by_name.get("vmap")
    names = listed([timing.name for timing in fastest])
    answer = f"{names} {'is' if len(fastest) == 1 else 'are'} fastest: {format_seconds(best_s)} a call"
    if base is None or base in fastest:
        return (f"{answer}.",)
    answer += f", {format_ratio(base.best_s / best_s)} times as fast as {base.name}."
    return (answer,) if vmap is None or vmap in (base, *fastest) else (answer, _by_itself(vmap, base))


def _by_itself(vmap: Timing, base: Timing) -> str:
    ratio = vmap.best_s / base.best_s
    if 1 / SAME < ratio < SAME:
        than = f"as long as {base.name}"
    elif ratio < 1:
        than = f"{format_ratio(1 / ratio)} times as fast as {base.name}"
    else:
        than = f"{format_ratio(ratio)} times as long as {base.name}"
    return f"{vmap.name} by itself takes {format_seconds(vmap.best_s)}, {than}."


def mechanisms(timings: Sequence[Timing], labels: Labels = NO_LABELS) -> tuple[str, ...]:
    """What the figures come from, as far as they show it."""
    by_name = _by_name(timings, labels)
    timings = tuple(by_name.values())
    return (
        *_dispatches(timings),
        *_vmap_against_loop(by_name),
        *_vmap_against_mathy(by_name),
        *_jit_against_vmap(by_name),
        *_when_compiling_pays(by_name),
        *_first_calls(timings),
        *_unwaited(timings),
    )


def _by_name(timings: Sequence[Timing], labels: Labels) -> dict[str, Timing]:
    """The figures by their strategies' names, themselves under the labels."""
    return dict(zip([timing.name for timing in timings], renamed(timings, labels), strict=True))


def program_remarks(programs: Mapping[str, ProgramMeters]) -> tuple[str, ...]:
    """What the compiled programs of the strategies, by name, have in common and where they differ."""
    sizes = {name: (program.instructions, program.fusions) for name, program in programs.items()}
    by_size = groupby(sorted(sizes, key=lambda name: sizes[name]), key=lambda name: sizes[name])
    return (
        *(_program_size(list(names), *size) for size, names in by_size),
        *_temporaries(programs),
    )


def _program_size(names: Sequence[str], instructions: int, fusions: int) -> str:
    each = " each" if len(names) > 1 else ""
    found = f"{counted(instructions, 'instruction')}, {counted(fusions, 'fusion')}"
    return f"Compiled as a whole: {listed(names)}, {found}{each}."


def _temporaries(programs: Mapping[str, ProgramMeters]) -> Iterator[str]:
    kept = {name: program.temporary_bytes for name, program in programs.items() if program.temporary_bytes is not None}
    some = [f"{name} {size:,}" for name, size in kept.items() if size > 0]
    none = [name for name, size in kept.items() if size == 0]
    if some:
        rest = f"; {listed(none)} none" if none else ""
        yield f"Bytes that a run holds between its instructions: {listed(some)}{rest}."


def prediction_remarks(timings: Sequence[Timing], predicted_s: Mapping[str, float]) -> tuple[str, ...]:
    """Which times are explained by what the dispatches should take (`predicted_s`, by name), and which are not."""
    known = [(one, predicted_s[one.name]) for one in timings if one.name in predicted_s]
    slower = [f"{one.name} {format_seconds(one.best_s - s)}" for one, s in known if s * _PREDICTED < one.best_s]
    quicker = [one.name for one, s in known if s > _PREDICTED * one.best_s]
    near = [one.name for one, s in known if 1 / _PREDICTED <= s / one.best_s <= _PREDICTED]
    sentences = {
        "The dispatches explain the time of {}, within 15 %.": near,
        "More than its dispatches take: {}, for arithmetic, memory or a busy machine.": slower,
        "Less than was predicted: {}. The prices were higher than now: measure again.": quicker,
    }
    return tuple(sentence.format(listed(names)) for sentence, names in sentences.items() if names)


def confidence(timings: Sequence[Timing], conditions: Conditions) -> tuple[str, ...]:
    """Whether the figures can be relied on, in one sentence; none without timings."""
    return (_confidence(timings, conditions),) if timings else ()


def _confidence(timings: Sequence[Timing], conditions: Conditions) -> str:
    doubtful = [timing for timing in timings if not timing.confirmed]
    worst = format_percent(max(timing.spread for timing in timings))
    spent = f"{counted(conditions.rounds, 'round')} in {conditions.spent_s:.1f} s"
    if not doubtful:
        return f"Confirmed: in {spent}, the three lowest runs of every strategy agree within {worst}."
    names = listed([timing.name for timing in doubtful])
    if conditions.rounds < LOWEST:
        return f"Not confirmed for {names}: only {spent}. Take the ratios as rough."
    why = _sharing(doubtful) or f"the three lowest runs differ by up to {worst}"
    return f"Not confirmed for {names}: after {spent}, {why}. {_ADVICE}"


def _sharing(doubtful: Sequence[Timing]) -> str | None:
    """What kept the strategy that other programs disturbed most from three runs with a processor to itself."""
    known = [(one.runs - one.undisturbed, one) for one in doubtful if one.undisturbed is not None]
    disturbed, most = max(known, key=lambda pair: pair[0] / pair[1].runs, default=(0, None))
    if most is None or most.runs - disturbed >= LOWEST:
        return None
    return f"other programs had the processor during {disturbed} of {most.runs} runs of {most.name}"


_ADVICE = "The machine is busy or the budget too short: take the ratios as rough, or measure again."


def _dispatches(timings: Sequence[Timing]) -> Iterator[str]:
    known = [f"{timing.name} {timing.dispatches:,}" for timing in timings if timing.dispatches is not None]
    if known:
        yield f"Operations dispatched by one call: {listed(known)}."


def _vmap_against_loop(by_name: Mapping[str, Timing]) -> Iterator[str]:
    loop, vmap = by_name.get("loop"), by_name.get("vmap")
    if loop is None or vmap is None or not _removes_the_batch_loop(loop, vmap):
        return
    verdict = _faster(vmap, loop) if vmap.best_s * SAME <= loop.best_s else _not_faster(vmap, loop)
    yield (
        f"{verdict}: vmap removes the loop over the batch ({loop.dispatches:,} dispatches become {vmap.dispatches:,}),"
        f" not the Python inside the function, whose loops run again on every call{_dearer_dispatch(vmap, loop)}."
    )


def _removes_the_batch_loop(loop: Timing, vmap: Timing) -> bool:
    """Whether `vmap` is eager (a jitted one has a single dispatch) and dispatches less than `loop`."""
    return loop.dispatches is not None and vmap.dispatches is not None and 1 < vmap.dispatches < loop.dispatches


def _dearer_dispatch(vmap: Timing, other: Timing) -> str:
    price, other_price = _price_s(vmap), _price_s(other)
    if price is None or other_price is None or price < SAME * other_price:
        return ""
    return (
        f"; and one dispatch costs {format_seconds(price)} instead of {format_seconds(other_price)},"
        " because vmap rewrites every operation anew each time"
    )


def _vmap_against_mathy(by_name: Mapping[str, Timing]) -> Iterator[str]:
    mathy, vmap = by_name.get("mathy"), by_name.get("vmap")
    if mathy is None or vmap is None or vmap.best_s < SAME * mathy.best_s:
        return
    if vmap.dispatches == mathy.dispatches and vmap.dispatches is not None and vmap.dispatches > 1:
        ratio = format_ratio(vmap.best_s / mathy.best_s)
        yield (
            f"{vmap.name} and {mathy.name} dispatch {vmap.dispatches:,} operations each; {vmap.name} takes {ratio}"
            " times as long, because it rewrites each of them on every call."
        )


def _jit_against_vmap(by_name: Mapping[str, Timing]) -> Iterator[str]:
    jit, vmap = by_name.get("jit"), by_name.get("vmap")
    if jit is None or vmap is None or jit.dispatches != 1 or vmap.dispatches is None or vmap.dispatches <= 1:
        return
    if jit.best_s * SAME <= vmap.best_s:
        yield f"{_faster(jit, vmap)}: one dispatch of a compiled program in place of {vmap.dispatches:,}."
    else:
        yield f"{_not_faster(jit, vmap)}, although it dispatches once in place of {vmap.dispatches:,} times."


def _when_compiling_pays(by_name: Mapping[str, Timing]) -> Iterator[str]:
    jit = by_name.get("jit")
    if jit is None:
        return
    # The whole of a first call stands in for a compile time that is not known: with one program it is little else.
    cost_s = jit.compile_s or (jit.first_call_s if jit.programs == 1 else None)
    if not cost_s:
        return
    what = f"Compiling {jit.name}" if jit.compile_s else f"The first call of {jit.name}"
    cost = f"{what} took {format_seconds(cost_s)}"
    for name in ("vmap", "loop"):
        if name not in by_name:
            continue
        other = by_name[name]
        saving_s = other.best_s - jit.best_s
        if saving_s <= 0:
            yield f"{cost} and saves nothing over {other.name}: it never pays for itself."
            continue
        calls = math.ceil(cost_s / saving_s)
        saved = f"saves {format_seconds(saving_s)} a call over a warm {other.name}"
        yield f"{cost} and {saved}: it pays for itself after {counted(calls, 'call')}."


def _first_calls(timings: Sequence[Timing]) -> Iterator[str]:
    cold = [timing for timing in timings if timing.programs and timing.first_call_s is not None]
    if not cold:
        return
    sentence = f"First calls, in this order: {listed([_first_call(timing) for timing in cold])}."
    eager = [timing.name for timing in cold if timing.dispatches is not None and timing.dispatches > 1]
    if eager:
        sentence += f" Eager JAX compiles too ({listed(eager)}): a small program for each new operation and shape."
    yield sentence


def _first_call(timing: Timing) -> str:
    return f"{timing.name} {format_seconds(timing.first_call_s or 0.0)} ({counted(timing.programs or 0, 'program')})"


def _unwaited(timings: Sequence[Timing]) -> Iterator[str]:
    for timing in timings:
        if timing.unwaited_s is not None:
            yield unwaited_sentence(timing.name, timing.best_s, timing.unwaited_s)


def _faster(fast: Timing, slow: Timing) -> str:
    ratio = format_ratio(slow.best_s / fast.best_s)
    return f"{fast.name} is {ratio} times as fast as {slow.name} ({_both(fast, slow)})"


def _not_faster(timing: Timing, other: Timing) -> str:
    return f"{timing.name} is not faster than {other.name} here ({_both(timing, other)})"


def _both(timing: Timing, other: Timing) -> str:
    return f"{format_seconds(timing.best_s)} against {format_seconds(other.best_s)}"


def _price_s(timing: Timing) -> float | None:
    return timing.best_s / timing.dispatches if timing.dispatches else None


def unwaited_sentence(name: str, best_s: float, unwaited_s: float, place: str = "") -> str:
    """What the two figures of one strategy say; `place`: where, as in " at 4,096"."""
    waited, returned = format_seconds(best_s), format_seconds(unwaited_s)
    without = f"Without block_until_ready {name}{place} would seem to take {returned}"
    if unwaited_s * SAME < best_s:
        ratio = format_ratio(best_s / unwaited_s) if unwaited_s else "infinitely many"
        return f"{without}, but it takes {waited}, {ratio} times as long: a call returns before its result is there."
    return f"{without}; it takes {waited}: so small a result is there before the call returns."

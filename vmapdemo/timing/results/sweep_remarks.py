"""A sweep's figures -> sentences that explain them; a sentence is there only when the figures make it true."""

import math
from collections.abc import Iterator

from vmapdemo.timing.results.records import NO_LABELS, SAME, Labels
from vmapdemo.timing.results.remarks import unwaited_sentence
from vmapdemo.timing.results.sweep import COPY, VARIED, Stages, Sweep
from vmapdemo.timing.results.text import format_ratio, format_seconds

# Exponents: what grows with more than the one certainly grows, what with less than the other does not.
_GROWS, _FLAT = 0.4, 0.2
# Compiling is timed once or a few times: two sizes say nothing of how it grows.
_ENOUGH = 3


def remarks(sweep: Sweep, labels: Labels = NO_LABELS) -> tuple[str, ...]:
    """The sentences for this sweep, the most important first; none before its first point."""
    if not sweep.points:
        return ()
    sweep, loop, vmap = sweep.under(labels), labels.get("loop", "loop"), labels.get("vmap", "vmap")
    return (
        *_fastest(sweep),
        *_crossings(sweep, loop, vmap),
        *_confidence(sweep),
        *_left_out(sweep),
        *_compiling(sweep),
        *_first_calls(sweep),
        *_unwaited(sweep),
    )


def _confidence(sweep: Sweep) -> Iterator[str]:
    count, sure = len(sweep.points), len(sweep.confirmed_cells)
    if count == sure:
        yield f"Confirmed: at all {count} points the three lowest runs agree within 5 %."
        return
    yield (
        f"Confirmed at {sure} of {count} points. At the others (open marks) the machine was busy, or the strategy too"
        " slow to be repeated eight times: take them as rough."
    )
    if sweep.busy_sizes:
        sizes = ", ".join(f"{size:,}" for size in sorted(sweep.busy_sizes))
        yield f"At {VARIED[sweep.vary]} {sizes} even the empty call took longer than elsewhere: the machine was busy."


def _left_out(sweep: Sweep) -> Iterator[str]:
    skipped = [one for one in sweep.skipped if one.part == "run"]
    if skipped:
        names = ", ".join(_skipped(sweep, name) for name in dict.fromkeys(one.name for one in skipped))
        yield f"Left out, because it would have taken too long: {names}. Dashed lines are predictions."
    visited = {one.size for one in sweep.points} | {one.size for one in sweep.skipped}
    missing = [f"{size:,}" for size in sorted(sweep.sizes) if size not in visited]
    if sweep.complete and missing:
        yield f"The {sweep.conditions.budget_s:g} s were over before {VARIED[sweep.vary]} {', '.join(missing)}."


def _skipped(sweep: Sweep, name: str) -> str:
    sizes = (f"{one.size:,}" for one in sweep.skipped_of(name, "run"))
    return f"{name} at {', '.join(sizes)}"


def _fastest(sweep: Sweep) -> Iterator[str]:
    """Who is fastest at the largest size that was measured, and how far it is from copying the same bytes."""
    size = max(point.size for point in sweep.points)
    timings = [timing for name in sweep.names if (timing := sweep.at(name, size)) is not None]
    if not timings:
        return
    best = min(timings, key=lambda timing: timing.best_s)
    sentence = f"At {VARIED[sweep.vary]} {size:,} {best.name} is fastest: {format_seconds(best.best_s)}"
    copy = sweep.at(COPY, size)
    if copy is None:
        yield f"{sentence}."
        return
    ratio = format_ratio(best.best_s / copy.best_s)
    yield f"{sentence}, {ratio} times as long as copying the arguments ({format_seconds(copy.best_s)})."


def _crossings(sweep: Sweep, loop: str, vmap: str) -> Iterator[str]:
    """From where on vmap is faster than the loop."""
    both = [(size, sweep.at(loop, size), sweep.at(vmap, size)) for size in sorted(sweep.sizes)]
    known = [(size, slow.best_s / fast.best_s) for size, slow, fast in both if slow is not None and fast is not None]
    first = next((place for place, (_, ratio) in enumerate(known) if ratio >= SAME), None)
    if first is None or any(ratio < SAME for _, ratio in known[first:]):
        return
    size, ratio = known[-1]
    since = "at every size" if first == 0 else f"from {VARIED[sweep.vary]} {known[first][0]:,} on"
    yield f"{vmap} is faster than {loop} {since}; at {size:,} it is {format_ratio(ratio)} times as fast."


def _compiling(sweep: Sweep) -> Iterator[str]:
    """What compiling grows with: a sentence for what grows, one for what does not, none for what may be noise."""
    grown: list[str] = []
    flat: list[str] = []
    busy = sweep.busy_sizes
    for name in sweep.names:
        stages = [one for one in sweep.stages_of(name) if one.size not in busy]
        if len(stages) >= _ENOUGH:
            growth = _growth(stages[0], stages[-1])
            text = f"{name} {_total(stages[0])}, {_total(stages[-1])}"
            grown += [text] * (growth > _GROWS)
            flat += [text] * (growth < _FLAT)
    if grown:
        yield f"Compiling grows with the length, where Python unrolls a loop over it: {'; '.join(grown)}."
    if flat:
        yield f"Compiling does not grow with the length: {'; '.join(flat)}."


def _growth(first: Stages, last: Stages) -> float:
    """The exponent of the size with which compiling grows."""
    return math.log(last.total_s / first.total_s) / math.log(last.size / first.size)


def _total(stages: Stages) -> str:
    return f"{format_seconds(stages.total_s)} at {stages.size:,}"


def _first_calls(sweep: Sweep) -> Iterator[str]:
    """What a new size costs: each compiles programs of its own, eager JAX too."""
    size = max(point.size for point in sweep.points)
    timings = [timing for name in sweep.names if (timing := sweep.at(name, size)) is not None]
    cold = [
        f"{timing.name} {format_seconds(timing.first_call_s)} ({timing.programs:,} compiled)"
        for timing in timings
        if timing.first_call_s is not None and timing.programs
    ]
    if cold:
        yield f"Every new size compiles anew. First calls at {size:,}: {', '.join(cold)}."


def _unwaited(sweep: Sweep) -> Iterator[str]:
    """The largest gap between a call that is waited for and one that is not."""
    shown = [point for point in sweep.points if point.timing.unwaited_s]
    if not shown:
        return
    worst = max(shown, key=lambda point: point.timing.best_s / (point.timing.unwaited_s or 1.0))
    yield unwaited_sentence(worst.name, worst.timing.best_s, worst.timing.unwaited_s or 0.0, f" at {worst.size:,}")

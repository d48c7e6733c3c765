"""A trace as plain data: the user's lines, the program of one example and the batched program, side by side.

A page draws it; nothing here knows how. Everything is text, numbers and lists of them, so that it travels as JSON.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vmapdemo.figures.listing import Listing, listing_of
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.display import shape_text
from vmapdemo.tracing.folding import fold
from vmapdemo.tracing.notation import makes, reads, short_dtype
from vmapdemo.tracing.records import Array, Result, Step

MOST_ROUNDS = 12
"""Of a block that is repeated more often, only so many rounds are listed."""

MOST_NAMED = 2


def side_by_side(trace: BatchTrace) -> dict[str, Any]:
    """The lines of the function, and a row for each step of the folded trace.

    A row's ``line`` is the number of its line in ``source``, or None where it comes from elsewhere. ``reads`` has the
    ids of the rows that made what it reads; ``parent`` that of the loop or condition that it is in. Rows of the same
    ``block`` are repeated together, ``times`` times; texts and names are those of the first round, and ``rounds`` has
    those of the next, as many as are shown. ``example_line`` and ``batched_line`` are the row in the two programs
    without parameters; the latter is the operation that makes the outputs, and ``became`` says what stands before it.
    """
    listing = listing_of(trace.function)
    rows = list(_rows(trace, listing))
    return {
        "ok": trace.ok,
        "headline": trace.explanation.headline,
        "function": trace.function_name,
        "batch_size": trace.batch_size,
        "arguments": [_array(array) | {"where": _where(array, trace.batch_size)} for array in trace.arguments],
        "results": [_result(result) for result in trace.results],
        "source": {"file": listing.file, "lines": [{"number": n, "text": text} for n, text in listing.numbered]},
        "rows": rows,
        "saved": flops_text(trace.saved_flops),
    }


@dataclass(slots=True)
class _Made:
    """How many rows and blocks there are so far."""

    rows: int = 0
    blocks: int = 0


def _rows(trace: BatchTrace, listing: Listing) -> Iterator[dict[str, Any]]:
    table = list(_placed(trace.steps, _Made(), None, 0))
    made_by = {array.name: placed.number for placed in table for step in placed.rounds for array in step.outputs}
    named = frozenset({*made_by, *(array.name for array in trace.arguments)})
    for placed in table:
        shares = _shares(placed.rounds[0], named, trace.batch_size)
        yield _row(placed, trace.batch_size or 0, listing, made_by) | {"shares": shares}


def _shares(step: Step, named: frozenset[str], size: int | None) -> str:
    """A sentence on what the step reads that is the same for all examples, numbers written out left aside."""
    shared = dict.fromkeys(array.name for array in step.inputs if array.axis is None and array.name in named)
    if step.shared or not shared:
        return ""
    names = " and ".join(f"`{name}`" for name in shared)
    return f"{names} {'is' if len(shared) == 1 else 'are'} shared by all {size}."


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step of a folded trace with its place in the table; ``rounds`` has the same step of every round."""

    number: int
    block: int
    parent: int | None
    depth: int
    rounds: tuple[Step, ...]


def _placed(steps: tuple[Step, ...], made: _Made, parent: int | None, depth: int) -> Iterator[_Placed]:
    for block in fold(steps):
        made.blocks += 1
        number_of_block = made.blocks
        for rounds in zip(*block.rounds, strict=True):
            made.rows += 1
            number = made.rows
            yield _Placed(number, number_of_block, parent, depth, rounds)
            yield from _placed(rounds[0].inner, made, number, depth + 1)


def _row(placed: _Placed, size: int, listing: Listing, made_by: dict[str, int]) -> dict[str, Any]:
    step = placed.rounds[0]
    read = {made_by[array.name] for step in placed.rounds for array in step.inputs if array.name in made_by}
    return {
        "id": placed.number,
        "block": placed.block,
        "times": len(placed.rounds),
        "depth": placed.depth,
        "parent": placed.parent,
        "line": listing.line_of(step),
        "source": _source(step),
        "within": list(step.within),
        "primitive": step.primitive,
        "description": step.description,
        "example": step.example_text,
        "batched": list(step.batched_text),
        "rewritten_to": list(step.rewritten_to),
        "became": _became(step),
        "example_line": _example_line(step),
        "batched_line": _batched_line(step),
        "inputs": [_array(array) for array in step.inputs],
        "outputs": [_array(array) for array in step.outputs],
        "rounds": [_round(later) for later in placed.rounds[1:MOST_ROUNDS]],
        "shared": step.shared,
        "once": _once(step, size),
        "note": step.note,
        "flops": flops_text(step.flops),
        "batched_flops": flops_text(step.batched_flops),
        "saved": flops_text(step.flops * (size - 1)) if step.shared and step.flops else "",
        "reads": sorted(read - {placed.number}),
    }


def _round(step: Step) -> dict[str, Any]:
    """What differs from round to round: names and texts."""
    return {
        "outputs": [array.name for array in step.outputs],
        "example": step.example_text,
        "batched": list(step.batched_text),
        "example_line": _example_line(step),
        "batched_line": _batched_line(step),
    }


def _example_line(step: Step) -> dict[str, Any]:
    return {"primitive": step.primitive, "operands": reads(step.example_text)}


def _batched_line(step: Step) -> dict[str, Any] | None:
    """The last operation of the part, or None where nothing is left of the step."""
    if not step.rewritten_to:
        return None
    last = step.batched_text[-1]
    makes_all = makes(last) == [array.name for array in step.outputs]
    return {"primitive": step.rewritten_to[-1], "operands": reads(last) if makes_all else ["…"]}


def _became(step: Step) -> str:
    """``cond → select_n, after 12 others``; "" where the operation stands there by itself.

    One that is something else in the batched program has an arrow.
    """
    if not step.rewritten_to:
        return f"{step.primitive} → nothing"
    *before, last = step.rewritten_to
    said = [] if step.primitive in step.rewritten_to else [f"{step.primitive} → {last}"]
    names = list(dict.fromkeys(before))
    if names:
        said.append(f"after {' + '.join(names) if len(names) <= MOST_NAMED else f'{len(before)} others'}")
    return ", ".join(said)


def _once(step: Step, size: int) -> str:
    """``ONCE for all 4: 8 operations instead of 32``; "" for what is not shared."""
    if not step.shared:
        return ""
    spared = f": {flops_text(step.flops)} instead of {step.flops * size:,}" if step.flops else ""
    return f"ONCE for all {size}{spared}"


def _source(step: Step) -> dict[str, Any] | None:
    source = step.source
    if source is None:
        return None
    return {"file": source.file, "line": source.line, "text": source.text, "function": source.function}


def _array(array: Array) -> dict[str, Any]:
    """``sizes`` has one entry for each axis in the whole batch and says which is that of the batch."""
    return {
        "name": array.name,
        "dtype": array.dtype,
        "type": short_dtype(array.dtype),
        "axis": array.axis,
        "shape": list(array.shape),
        "sizes": [{"size": size, "batch": place == array.axis} for place, size in enumerate(array.batched_shape)],
        "example_text": shape_text(array, batched=False),
        "batched_text": shape_text(array, batched=True),
    }


def _where(array: Array, size: int | None) -> str:
    return f"shared by all {size}" if array.axis is None else f"batch on axis {array.axis}"


def _result(result: Result) -> dict[str, Any]:
    where = "one for all examples" if result.array.axis is None else f"batch on axis {result.array.axis}"
    brought = f", brought there by {' + '.join(result.brought_by)}" if result.brought_by else ""
    found = {"found_axis": result.found_axis, "brought_by": list(result.brought_by), "where": f"{where}{brought}"}
    return _array(result.array) | found


def flops_text(flops: int | None) -> str:
    """``1,200 operations``; "" where there is no count, or none to do.

    >>> flops_text(1200), flops_text(1), flops_text(0), flops_text(None)
    ('1,200 operations', '1 operation', '', '')
    """
    if not flops:
        return ""
    return f"{flops:,} {'operation' if flops == 1 else 'operations'}"

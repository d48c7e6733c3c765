"""Repeats folded: a Python loop unrolls to the same operations over and over, which one round of them says as well."""

from collections.abc import Hashable
from dataclasses import dataclass

from vmapdemo.tracing.records import Step

LONGEST_ROUND = 128
"""Repeats of more steps than this are not looked for."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive steps that come ``times`` times; ``rounds`` has those of every round."""

    rounds: tuple[tuple[Step, ...], ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the first round, which stand for those of all."""
        return self.rounds[0]

    @property
    def times(self) -> int:
        return len(self.rounds)


def fold(steps: tuple[Step, ...]) -> tuple[Block, ...]:
    """The steps as blocks, in order: at each place the repeat that leaves the fewest steps to read.

    Steps are repeats of each other if they differ only in names, parameters and numbers written out.
    Steps that are not repeated share a block that comes once.
    """
    likenesses = _numbered(steps)
    blocks: list[Block] = []
    single: list[Step] = []
    at = 0
    while at < len(steps):
        length, times = _best_repeat(likenesses, at)
        if times == 1:
            single.append(steps[at])
            at += 1
            continue
        if single:
            blocks.append(Block((tuple(single),)))
            single = []
        blocks.append(Block(tuple(steps[start : start + length] for start in range(at, at + length * times, length))))
        at += length * times
    return (*blocks, Block((tuple(single),))) if single else tuple(blocks)


def _numbered(steps: tuple[Step, ...]) -> list[int]:
    """The same number for steps that are alike, so that comparing rounds is cheap."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(_likeness(step), len(numbers)) for step in steps]


def _likeness(step: Step) -> Hashable:
    arrays = [(a.dtype, a.shape, a.axis, a.batched_shape) for a in (*step.inputs, *step.outputs)]
    inner = tuple(_likeness(inside) for inside in step.inner)
    return (step.primitive, len(step.inputs), tuple(arrays), step.rewritten_to, step.source, step.within, inner)


def _best_repeat(likenesses: list[int], at: int) -> tuple[int, int]:
    """Length and times of the repeat that starts here and saves the most steps, the shorter if two save as many."""
    best = (1, 1)
    for length in range(1, min(LONGEST_ROUND, (len(likenesses) - at) // 2) + 1):
        times = _times(likenesses, at, length)
        if length * (times - 1) > best[0] * (best[1] - 1):
            best = (length, times)
    return best


def _times(likenesses: list[int], at: int, length: int) -> int:
    """How often the round of this length comes from here on."""
    end = at + length
    while end < len(likenesses) and likenesses[end] == likenesses[end - length]:
        end += 1
    return (end - at) // length

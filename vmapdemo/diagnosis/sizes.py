"""Which size would work: one dimension of one argument is varied while the others stay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vmapdemo.diagnosis.call import Call
from vmapdemo.diagnosis.probe.probe import Example, Probe, inside_shapes
from vmapdemo.diagnosis.records import Shape
from vmapdemo.diagnosis.verdict import Verdict

TRIED = range(1, 9)


@dataclass(frozen=True, slots=True)
class Remedy:
    """The sizes of one dimension of one array, inside the function, that would work."""

    leaf: int
    dimension: int
    sizes: tuple[int, ...]


def size_advice(call: Call, verdict: Verdict, probe: Probe) -> tuple[str, ...]:
    """One sentence per argument whose size alone would mend a refused example, the most definite first."""
    remedies = sorted(_remedies(call, verdict, probe, _is_full), key=lambda remedy: len(remedy.sizes))
    return tuple(_sentence(call, verdict, remedy) for remedy in remedies[:2])


def enough(call: Call, verdict: Verdict, probe: Probe) -> str:
    """A sentence on the size that would make an empty result hold something, or nothing."""
    remedies = list(_remedies(call, verdict, probe, _is_full))
    return _sentence(call, verdict, remedies[0]) if remedies else ""


def _is_full(example: Example) -> bool:
    return example.ok and all(0 not in output.shape for output in example.outputs)


def _remedies(call: Call, verdict: Verdict, probe: Probe, works: Callable[[Example], bool]) -> Iterator[Remedy]:
    shapes = inside_shapes(call, verdict.axes or ())
    for leaf, shape in enumerate(shapes):
        for dimension in range(len(shape)):
            sizes = tuple(
                n for n in TRIED if works(probe.example_of(call, _varied(shapes, leaf, dimension, n), verdict.size))
            )
            if sizes and len(sizes) < len(TRIED):
                yield Remedy(leaf, dimension, sizes)


def _varied(shapes: tuple[Shape, ...], leaf: int, dimension: int, size: int) -> tuple[Shape, ...]:
    shape = shapes[leaf]
    return (*shapes[:leaf], (*shape[:dimension], size, *shape[dimension + 1 :]), *shapes[leaf + 1 :])


def _sentence(call: Call, verdict: Verdict, remedy: Remedy) -> str:
    shape = inside_shapes(call, verdict.axes or ())[remedy.leaf]
    name = call.leaves[remedy.leaf].path
    where = f"of `{name}`" if len(shape) == 1 else f"along axis {remedy.dimension} of `{name}` inside the function"
    return f"It would work with {_sizes(remedy.sizes)} {where}; here there are {shape[remedy.dimension]}."


def _sizes(sizes: tuple[int, ...]) -> str:
    """``exactly 3 values``, ``at least 3 values`` or ``2 or 4 values``."""
    if sizes == tuple(range(sizes[0], TRIED[-1] + 1)):
        return f"at least {sizes[0]} values"
    if len(sizes) == 1:
        return f"exactly {sizes[0]} {'value' if sizes[0] == 1 else 'values'}"
    return f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]} values"

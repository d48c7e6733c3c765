"""A call together with axes: what one example is, and how many there are."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax

from vmapdemo.diagnosis.call.axes import exists, same_axis, without
from vmapdemo.diagnosis.call.call import Call, Leaf
from vmapdemo.diagnosis.records import Shape

LeafAxes = tuple[int | None, ...]


@dataclass(frozen=True)
class MappedCall:
    """A call and the axes that it is tried with: an entry for each array, None if all examples share it."""

    call: Call
    axes: tuple[Any, ...]

    @property
    def pairs(self) -> tuple[tuple[Leaf, Any], ...]:
        """Each array with its axis."""
        return tuple(zip(self.call.leaves, self.axes, strict=True))

    @property
    def exists(self) -> bool:
        """Whether every entry is None or an axis that its array has."""
        return all(axis is None or (type(axis) is int and exists(axis, len(leaf.shape))) for leaf, axis in self.pairs)

    @cached_property
    def example_shapes(self) -> tuple[Shape, ...]:
        """What the function sees of each array."""
        return tuple(without(leaf.shape, axis) for leaf, axis in self.pairs)

    @property
    def size(self) -> int | None:
        """How many examples there are; None if nothing is mapped and axis_size does not say it."""
        return next((leaf.shape[axis] for leaf, axis in self.pairs if axis is not None), self.call.options.axis_size)

    @property
    def mapped(self) -> tuple[Leaf, ...]:
        """The arrays that are mapped."""
        return tuple(leaf for leaf, axis in self.pairs if axis is not None)

    @property
    def in_words(self) -> str:
        """What the function sees of one example, with the names and shapes of the arrays."""
        seen = zip(self.call.leaves, self.example_shapes, strict=True)
        return ", ".join(f"`{leaf.path}` as {shape}" for leaf, shape in seen)

    @property
    def as_tree(self) -> tuple[Any, ...]:
        """The axes as in_axes takes them, with one entry wherever all arrays below have the same axis."""
        rest = iter(self.axes)
        arguments = self.call.arguments
        return tuple(_prefix(argument, [next(rest) for _ in jax.tree.leaves(argument)]) for argument in arguments)

    @property
    def fits_ndim(self) -> bool:
        """Whether each array has as many axes inside the function as ``example_ndim`` says."""
        return fits_ndim(self.call, self.example_shapes)

    def changes(self, written: tuple[Any, ...]) -> tuple[int, ...]:
        """The positions of the arrays that have a different axis here than as ``written``."""
        axes = enumerate(zip(written, self.pairs, strict=True))
        return tuple(index for index, (old, (leaf, new)) in axes if not same_axis(old, new, len(leaf.shape)))

    def with_axis(self, index: int, axis: int | None) -> "MappedCall":
        """The same call with a different axis for one array."""
        return MappedCall(self.call, (*self.axes[:index], axis, *self.axes[index + 1 :]))


def unmapped(call: Call) -> MappedCall:
    """The call with every array shared: the function is called once, without vmap."""
    return MappedCall(call, (None,) * len(call.leaves))


def fits_ndim(call: Call, example_shapes: tuple[Shape, ...]) -> bool:
    """Whether these shapes have as many axes as ``example_ndim`` says."""
    return all(wanted in (None, len(shape)) for wanted, shape in zip(call.leaf_ndim, example_shapes, strict=True))


def _prefix(tree: Any, axes: list[int | None]) -> Any:
    if len(set(axes)) <= 1:
        return axes[0] if axes else None
    children, structure = jax.tree.flatten(tree, is_leaf=lambda part: part is not tree)
    counts = [len(jax.tree.leaves(child)) for child in children]
    starts = [sum(counts[:index]) for index in range(len(counts))]
    parts = [
        _prefix(child, axes[start : start + count])
        for child, start, count in zip(children, starts, counts, strict=True)
    ]
    return jax.tree.unflatten(structure, parts)

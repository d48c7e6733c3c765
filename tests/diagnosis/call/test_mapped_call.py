"""A call with axes says what the real vmap makes of it."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.call.axes import spread
from vmapdemo.diagnosis.call.call import Options, make_call
from vmapdemo.diagnosis.call.mapped_call import MappedCall, unmapped

ARGUMENTS = ({"w": jnp.ones((4, 4, 2)), "b": jnp.ones((4,))}, jnp.ones((2, 4)))
CHOICES = list(itertools.product((0, None), (0, 1, -2, None), (1, -1, None)))
"""Axes of size 4 for each array, in the order of the tree's leaves."""


def _mapped(axes: tuple[int | None, ...], **more: Any) -> MappedCall:
    return MappedCall(make_call(lambda p, x: (p, x), ARGUMENTS, {}, 0, 0, **more), axes)


@pytest.mark.parametrize("axes", [axes for axes in CHOICES if any(axis is not None for axis in axes)])
def test_one_example_is_what_the_real_vmap_gives_the_function(axes: tuple[int | None, ...]) -> None:
    mapped, seen = _mapped(axes), []

    def look(*arguments: Any) -> jax.Array:
        seen.append(tuple(leaf.shape for leaf in jax.tree.leaves(arguments)))
        return jnp.zeros(())

    whole = jax.vmap(look, mapped.as_tree)(*ARGUMENTS)
    assert mapped.exists
    assert seen == [mapped.example_shapes]
    assert whole.shape == (mapped.size,)


@pytest.mark.parametrize("axes", CHOICES)
def test_the_tree_says_the_same_axes_with_as_few_entries_as_will_do(axes: tuple[int | None, ...]) -> None:
    tree = _mapped(axes).as_tree
    assert spread(tree, ARGUMENTS) == axes
    assert isinstance(tree[0], dict) == (axes[0] != axes[1])


def test_a_negative_axis_is_no_change() -> None:
    mapped = _mapped((0, 1, None))
    assert mapped.changes((0, -2, None)) == ()
    assert mapped.changes((0, 0, 0)) == (1, 2)
    assert mapped.with_axis(1, 0).changes((-1, -3, None)) == ()


def test_an_axis_that_the_array_lacks_does_not_exist() -> None:
    assert not _mapped((1, 0, None)).exists
    assert not _mapped(("?", 0, None)).exists  # type: ignore[arg-type]


def test_axis_size_counts_the_examples_where_nothing_is_mapped() -> None:
    assert unmapped(_mapped((None,) * 3).call).size is None
    assert _mapped((None,) * 3, options=Options(axis_size=7)).size == 7


def test_it_fits_the_known_ranks_or_not() -> None:
    assert _mapped((0, 0, 1), example_ndim=({"b": 0, "w": 2}, 1)).fits_ndim
    assert not _mapped((0, None, 1), example_ndim=({"b": 0, "w": 2}, 1)).fits_ndim

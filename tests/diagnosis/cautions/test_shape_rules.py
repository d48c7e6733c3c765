import itertools
from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.call.call import make_call
from vmapdemo.diagnosis.engine import diagnose, diagnose_plain, explain
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.strategies import convolve

Shapes = tuple[tuple[int, ...], tuple[int, ...]]

PAIRS: list[Shapes] = [
    ((4, 5), (4, 3)),
    ((5, 4), (4, 3)),
    ((4, 4), (4, 3)),
    ((3, 5), (3,)),
    ((3, 3), (3, 3)),
    ((3, 5), (3, 3)),
    ((4, 2), (4, 3)),
    ((2, 3), (2, 2)),
    ((3, 5, 3), (3, 3)),
    ((5,), (3, 3)),
    ((1, 5), (1, 3)),
    ((3, 3, 3), (3, 3)),
    ((5, 5), (5, 3)),
]
RIGHT: list[tuple[Shapes, Any]] = [
    (((4, 5), (4, 3)), 0),
    (((5, 4), (3, 4)), 1),
    (((5, 4), (4, 3)), (1, 0)),
    (((4, 5), (3,)), (0, None)),
    (((5,), (4, 3)), (None, 0)),
    (((3, 3), (3, 3)), 0),
    (((3, 5), (3,)), [0, None]),
    (((5, 4), (3, 4)), -1),
    (((4, 5), (4, 3)), -2),
    (((1, 5), (1, 3)), 0),
]


def _accepts(shapes: Shapes, in_axes: Any, out_axes: Any) -> bool:
    try:
        jax.eval_shape(jax.vmap(convolve, in_axes, out_axes), *(jnp.zeros(shape) for shape in shapes))
    except Exception:
        return False
    return True


def _inside(shape: tuple[int, ...], axis: int | None) -> tuple[int, ...]:
    return (
        shape if axis is None else tuple(size for position, size in enumerate(shape) if position != axis % len(shape))
    )


def _due(shapes: Shapes, in_axes: tuple[int | None, ...], out_axes: Any) -> Counter[str]:
    """The rules that an accepted call breaks, from shapes and from the real vmap alone."""
    due: Counter[str] = Counter()
    if any(len(_inside(shape, axis)) != 1 for shape, axis in zip(shapes, in_axes, strict=True)):
        due["rank"] = 1
    for index, (shape, axis) in enumerate(zip(shapes, in_axes, strict=True)):
        if axis is None or axis % len(shape) == 0 or shape[axis] != shape[0]:
            continue
        along_0 = (*in_axes[:index], 0, *in_axes[index + 1 :])
        due["ambiguous"] += any(_accepts(shapes, along_0, attempt) for attempt in (out_axes, 0))
    arguments = [jnp.zeros(shape) for shape in shapes]
    result = jax.eval_shape(jax.vmap(convolve, in_axes, out_axes), *arguments)
    due["empty"] = int(0 in result.shape)
    return +due


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
def test_cautions_are_given_exactly_where_they_are_due(shapes: Shapes) -> None:
    arguments, probe, accepted = tuple(jnp.zeros(shape) for shape in shapes), Probe(binds_shared=False), 0
    choices = [(None, *range(-len(shape), len(shape))) for shape in shapes]
    for in_axes, out_axes in itertools.product(itertools.product(*choices), (0, 1, -1, None)):
        found = diagnose(make_call(convolve, arguments, {}, in_axes, out_axes, example_ndim=(1, 1)), probe)
        if found.ok:
            accepted += 1
            assert Counter(caution.rule for caution in found.cautions) == _due(shapes, in_axes, out_axes), (
                f"{in_axes=}, {out_axes=}"
            )
        else:
            assert found.cautions == ()
    assert accepted


@pytest.mark.parametrize(("shapes", "in_axes"), RIGHT, ids=str)
@pytest.mark.parametrize("out_axes", [0, 1, -1])
def test_a_right_call_raises_no_caution(shapes: Shapes, in_axes: Any, out_axes: int) -> None:
    found = explain(convolve, in_axes, out_axes, example_ndim=(1, 1))(*(jnp.zeros(shape) for shape in shapes))
    assert found.ok, found.headline
    assert found.cautions == ()


def test_an_extra_rank_is_told_with_the_shape_that_is_seen_and_the_axes_that_were_meant() -> None:
    found = explain(convolve, example_ndim=(1, 1))(jnp.ones((3, 5)), jnp.arange(3.0))
    (caution,) = found.cautions
    assert caution.rule == "rank"
    assert (
        caution.text
        == "`convolve` is written for 1 axis of `y`, but with these axes it sees the shape (), a single number."
    )
    assert caution.fix is not None
    assert caution.fix.in_axes == (0, None)
    assert caution.fix.run().shape == (3, 3)


def test_without_known_ranks_there_is_no_caution_of_rank() -> None:
    assert explain(lambda x, y: convolve(x, y))(jnp.ones((3, 5)), jnp.arange(3.0)).cautions == ()


def test_an_ambiguous_axis_is_told_with_both_lengths_and_axis_0_as_its_fix() -> None:
    found = explain(convolve, (1, 0), example_ndim=(1, 1))(jnp.arange(16.0).reshape(4, 4), jnp.ones((4, 3)))
    (caution,) = found.cautions
    assert caution.rule == "ambiguous"
    assert caution.text.startswith("Axis 1 of `x` (4, 4) is mapped, but axis 0 has 4 entries too")
    assert caution.fix is not None
    assert caution.fix.in_axes == (0, 0)


def test_an_empty_result_is_told_with_the_length_that_would_do() -> None:
    (caution,) = explain(convolve, example_ndim=(1, 1))(jnp.ones((4, 2)), jnp.ones((4, 3))).cautions
    assert caution.rule == "empty"
    assert caution.text.startswith("The result is empty: one example gives (0,).")
    assert caution.text.endswith("It would work with at least 3 values of `x`; here there are 2.")


def test_an_empty_argument_may_give_an_empty_result() -> None:
    assert explain(convolve, example_ndim=(1, 1))(jnp.ones((0, 5)), jnp.ones((0, 3))).cautions == ()
    assert explain(convolve, example_ndim=(1, 1))(jnp.ones((4, 0)), jnp.ones((4, 3))).cautions == ()


def test_a_matrix_that_is_split_into_rows_is_told() -> None:
    found = explain(lambda w, v: w @ v, example_ndim=(2, 1))(jnp.ones((4, 5)), jnp.ones((4, 5)))
    (caution,) = found.cautions
    assert caution.rule == "rank"
    assert "written for 2 axes of `w`" in caution.text
    assert caution.fix is not None
    assert caution.fix.in_axes == (None, 0)


def test_a_single_call_on_an_extra_rank_is_cautioned() -> None:
    call = make_call(lambda a: a * 2, (jnp.ones((3, 4)),), {}, 0, 0, example_ndim=(1,))
    found = diagnose_plain(call, Probe(binds_shared=False))
    assert found.ok
    assert [caution.rule for caution in found.cautions] == ["rank"]


def _rules(function: Any, *arguments: Any, **parameters: Any) -> list[str]:
    found = explain(function, **parameters)(*arguments)
    assert found.ok, found.headline
    return [caution.rule for caution in found.cautions]


KEY, VECTOR = jax.random.key(3), jnp.arange(3.0)


def _noisy(key: jax.Array, a: jax.Array) -> jax.Array:
    return a + jax.random.normal(key, a.shape)


def test_one_key_for_all_is_told_and_split_by_the_fix() -> None:
    (caution,) = explain(_noisy, in_axes=(None, 0))(KEY, VECTOR).cautions
    assert caution.rule == "shared-random"
    assert caution.fix is not None
    assert caution.fix.code == "jax.vmap(_noisy, in_axes=(0, 0), out_axes=0)(jax.random.split(key, 3), a)"
    assert len(set((caution.fix.run() - VECTOR).tolist())) == 3


def test_a_key_that_the_function_brings_along_is_told() -> None:
    assert _rules(lambda a: _noisy(KEY, a), VECTOR) == ["shared-random"]
    assert _rules(jax.jit(lambda a: _noisy(jax.random.key(0), a)), VECTOR) == ["shared-random"]


def test_a_shared_key_that_is_told_apart_for_each_example_is_right() -> None:
    def folded(key: jax.Array, index: jax.Array, a: jax.Array) -> jax.Array:
        return _noisy(jax.random.fold_in(key, index), a)

    assert _rules(folded, KEY, jnp.arange(3), VECTOR, in_axes=(None, 0, 0)) == []

    def named(key: jax.Array, a: jax.Array) -> jax.Array:
        return _noisy(jax.random.fold_in(key, jax.lax.axis_index("i")), a)

    assert _rules(named, KEY, VECTOR, in_axes=(None, 0), axis_name="i") == []


def test_one_key_for_each_example_is_right() -> None:
    assert _rules(_noisy, jax.random.split(KEY, 3), VECTOR) == []


def test_a_function_that_reads_the_whole_batch_from_outside_is_told() -> None:
    (caution,) = explain(lambda row: VECTOR.sum())(VECTOR).cautions
    assert caution.rule == "constant"
    assert "reads all of `row` from outside" in caution.text


def test_a_result_that_is_the_same_for_all_on_purpose_is_right() -> None:
    assert _rules(lambda a: jnp.ones(3), VECTOR) == []
    assert _rules(lambda a, b: b, VECTOR, 2.0, in_axes=(0, None)) == []
    assert _rules(lambda _, state: state * 2, jnp.arange(3), VECTOR, in_axes=(0, None)) == []
    assert _rules(lambda a: (a, jnp.ones(3)), VECTOR) == []
    assert _rules(lambda a: jnp.ones(3), VECTOR, out_axes=None) == []
    assert _rules(lambda a: a, VECTOR, in_axes=None, axis_size=4) == []
    assert _rules(lambda a: jax.lax.axis_index("i"), VECTOR, axis_name="i") == []


def test_a_square_result_with_its_batch_behind_is_what_was_written() -> None:
    assert _rules(jnp.negative, jnp.ones((3, 3)), out_axes=1) == []
    assert _rules(jnp.negative, jnp.ones((3, 3)), in_axes=1, out_axes=1) == []


def test_an_axis_of_a_square_that_was_written_is_meant_where_no_rank_is_known() -> None:
    assert _rules(jnp.vdot, jnp.ones((4, 4)), jnp.ones((4, 4)), in_axes=(0, 1)) == []


def test_one_key_for_all_is_right_where_it_compares_or_where_there_are_many_keys() -> None:
    def cost(theta: jax.Array, key: jax.Array) -> jax.Array:
        return jnp.mean((theta + jax.random.normal(key, (8,))) ** 2)

    assert _rules(cost, VECTOR, KEY, in_axes=(0, None)) == []

    def of_all_keys(theta: jax.Array, keys: jax.Array) -> jax.Array:
        return jax.vmap(lambda key: theta + jax.random.normal(key, ()))(keys)

    assert _rules(of_all_keys, VECTOR, jax.random.split(KEY, 4), in_axes=(0, None)) == []


def test_a_product_of_stacks_that_makes_all_pairs_is_told_with_one_vmap_more() -> None:
    stacks = jnp.ones((3, 5, 2, 2)), jnp.ones((3, 5, 2, 2)) * 2
    (caution,) = explain(jnp.dot)(*stacks).cautions
    assert caution.rule == "rank"
    assert caution.fix is not None
    assert caution.fix.run().shape == (3, 5, 2, 2)
    assert _rules(jnp.matmul, *stacks) == []
    assert _rules(lambda a, b: jnp.tensordot(a, b, 2), jnp.ones((3, 4, 2, 2)), jnp.ones((3, 2, 2, 4))) == []

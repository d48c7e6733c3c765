import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.diagnosis.call.call import make_call
from vmapdemo.diagnosis.engine import diagnose, explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Fix
from vmapdemo.diagnosis.repair.axis_fixes import MAX_FIXES
from vmapdemo.diagnosis.repair.candidates import is_ambiguous
from vmapdemo.strategies import convolve

SEED = 23
X = jnp.array([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]])
Y = jnp.array([[2.0, 3, 4], [2, 3, 4], [2, 3, 4], [7, 4, 2]])
SHAPES = [
    ((5, 4), (4, 3)),
    ((4, 5), (4, 3)),
    ((3, 5), (3,)),
    ((5,), (4, 3)),
    ((2, 4, 5), (4, 3)),
    ((3, 3), (3, 3)),
    ((4, 5), (2, 3)),
    ((4, 2), (4, 3)),
]
IN_AXES = [0, 1, 2, None, True, 0.5, (1, 0), [0, 1], (0,), (None, None), (0, "a"), (-1, -1), ((0, 1), 0)]
OUT_AXES = [0, 1, 3, None]


@dataclass(frozen=True)
class Offer:
    """What explain offers on a call; ``label`` says which call."""

    label: str
    arguments: tuple[jax.Array, ...]
    in_axes: Any
    example_ndim: tuple[int, ...] | None
    found: Explanation

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (*self.found.fixes, *(caution.fix for caution in self.found.cautions if caution.fix is not None))


@cache
def _offers() -> tuple[Offer, ...]:
    """Every offer on a grid of calls, most of them wrong."""
    return tuple(_each_offer())


def _each_offer() -> Iterator[Offer]:
    random = np.random.default_rng(SEED)
    probe = Probe(binds_shared=False)
    for shapes in SHAPES:
        arguments = tuple(jnp.asarray(random.normal(size=shape), "float32") for shape in shapes)
        for in_axes, out_axes, ndim in itertools.product(IN_AXES, OUT_AXES, (None, (1, 1))):
            call = make_call(convolve, arguments, {}, in_axes, out_axes, example_ndim=ndim)
            label = f"{shapes}, {in_axes=}, {out_axes=}, example_ndim={ndim}"
            yield Offer(label, arguments, in_axes, ndim, diagnose(call, probe))


@cache
def _distinct() -> tuple[tuple[Offer, Fix], ...]:
    """One offer of each fix: those that say and compute the same are tried once."""
    seen = {(str([a.shape for a in o.arguments]), fix.code): (o, fix) for o in _offers() for fix in o.fixes}
    return tuple(seen.values())


def test_there_are_many_offers_to_try() -> None:
    assert sum(bool(offer.fixes) for offer in _offers()) > 300
    assert len(_distinct()) > 60


def test_every_fix_runs_and_gives_the_shapes_that_it_promises() -> None:
    for offer, fix in _distinct():
        result = fix.run()
        promised = [(output.shape, output.dtype) for output in fix.output]
        assert promised == [(result.shape, str(result.dtype))], f"{fix.code} for {offer.label}"


def test_the_code_of_every_fix_does_what_the_fix_does() -> None:
    for offer, fix in _distinct():
        names = {"jax": jax, "convolve": convolve, **dict(zip("xy", offer.arguments, strict=True))}
        got = eval(fix.code, names)
        assert np.array_equal(got, fix.run()), f"{fix.code} for {offer.label}, seed {SEED}"


def test_the_axes_of_a_fix_are_those_of_its_code() -> None:
    for offer, fix in _distinct():
        if not fix.nested:
            assert fix.code == f"jax.vmap(convolve, in_axes={fix.in_axes!r}, out_axes={fix.out_axes!r})(x, y)", (
                offer.label
            )


def test_a_call_that_a_fix_made_is_accepted() -> None:
    probe = Probe(binds_shared=False)
    for offer, fix in _distinct():
        after = diagnose(make_call(convolve, offer.arguments, {}, fix.in_axes, fix.out_axes), probe)
        assert fix.nested or after.ok, f"{fix.code} for {offer.label}"


def test_every_fix_says_what_it_does_in_one_sentence() -> None:
    for offer in _offers():
        for fix in offer.fixes:
            assert fix.why[0].isupper(), f"{fix.why} for {offer.label}"
            assert fix.why.endswith("."), f"{fix.why} for {offer.label}"


def test_at_most_three_fixes_are_offered_and_no_two_are_the_same() -> None:
    for offer in _offers():
        codes = [fix.code for fix in offer.found.fixes]
        assert len(codes) <= MAX_FIXES == 3
        assert len(set(codes)) == len(codes), offer.label


def test_a_list_stays_a_list_and_a_tuple_a_tuple() -> None:
    for offer in _offers():
        for fix in offer.found.fixes:
            if not fix.nested and isinstance(offer.in_axes, (list, tuple)):
                assert type(fix.in_axes) is type(offer.in_axes), f"{fix.code} for {offer.label}"


def test_a_fix_of_in_axes_fits_the_known_ranks() -> None:
    probe = Probe(binds_shared=False)
    for offer in _offers():
        if offer.example_ndim is None or offer.found.culprit != "in_axes":
            continue
        for fix in offer.found.fixes:
            if not fix.nested:
                rows = diagnose(make_call(convolve, offer.arguments, {}, fix.in_axes, fix.out_axes), probe).arguments
                assert [len(row.example_shape or ()) for row in rows] == [1, 1], f"{fix.code} for {offer.label}"


def test_wrong_axes_are_always_mended_where_right_ones_exist() -> None:
    mendable = {((5, 4), (4, 3)), ((4, 5), (4, 3)), ((3, 5), (3,)), ((5,), (4, 3)), ((3, 3), (3, 3))}
    for offer in _offers():
        shapes = tuple(array.shape for array in offer.arguments)
        if shapes in mendable and not offer.found.ok:
            assert offer.found.fixes, offer.label
            assert offer.found.culprit != "function", offer.label


@pytest.mark.parametrize(
    ("x", "y", "in_axes", "out_axes", "first", "result"),
    [
        (X.T, Y, 1, 0, (1, 0), (4, 3)),
        (X.T, Y, [1, 1], 0, [1, 0], (4, 3)),
        (X.T, Y, (-1, -1), 1, (-1, 0), (3, 4)),
        (X, Y, 1, 0, 0, (4, 3)),
        (X, Y, (True, 0), 0, (0, 0), (4, 3)),
        (X, Y, (0,), 0, (0, 0), (4, 3)),
        (X, Y[0], 0, 0, (0, None), (4, 3)),
        (X, Y, None, 0, 0, (4, 3)),
        (X.T, Y.T, 0, 0, 1, (4, 3)),
        (X[0], Y, 0, 0, (None, 0), (4, 3)),
    ],
)
def test_the_first_fix_is_what_was_meant(
    x: jax.Array, y: jax.Array, in_axes: Any, out_axes: Any, first: Any, result: tuple[int, ...]
) -> None:
    fix = explain(convolve, in_axes, out_axes, example_ndim=(1, 1))(x, y).fixes[0]
    assert repr(fix.in_axes) == repr(first)
    assert fix.run().shape == result


def test_the_notebooks_mismatch_gives_the_notebooks_numbers() -> None:
    fix = explain(convolve, in_axes=1, example_ndim=(1, 1), names=("x_batch", "y_batch"))(X.T, Y).fixes[0]
    assert fix.code == "jax.vmap(convolve, in_axes=(1, 0), out_axes=0)(x_batch, y_batch)"
    assert fix.why == "Map axis 0 of `y_batch`."
    assert fix.run().tolist() == [[11, 20, 29], [11, 20, 29], [3, 6, 19], [8, 21, 34]]


@pytest.mark.parametrize(
    ("out_axes", "offered"), [(3, [0, 1]), (-4, [0, 1]), (None, [0, 1]), (True, [0, 1]), ((0, 1), [0, 1])]
)
def test_a_wrong_out_axes_is_offered_every_one_that_the_result_has(out_axes: Any, offered: list[int]) -> None:
    found = explain(convolve, 0, out_axes)(X, Y)
    assert found.culprit == "out_axes"
    assert [(fix.in_axes, fix.out_axes) for fix in found.fixes] == [(0, axis) for axis in offered]


def test_two_wrongs_are_mended_together() -> None:
    fix = explain(convolve, 1, 7, example_ndim=(1, 1))(X.T, Y).fixes[0]
    assert (fix.in_axes, fix.out_axes) == ((1, 0), 0)
    assert fix.why == "Map axis 0 of `y` and put the batch on axis 0 of the result."


def test_a_batch_axis_too_many_takes_two_vmaps() -> None:
    batches = jnp.stack([X, X + 1])
    found = explain(convolve, 0, example_ndim=(1, 1))(batches, Y)
    fix = found.fixes[0]
    assert fix.nested
    assert fix.run().shape == fix.output[0].shape == (2, 4, 3)
    expected = jnp.stack([jax.vmap(convolve)(batch, Y) for batch in batches])
    assert np.array_equal(fix.run(), expected)


def test_the_function_alone_is_to_blame_where_no_axes_mend_it() -> None:
    found = explain(convolve, example_ndim=(1, 1))(X, Y[:, :2])
    assert found.culprit == "function"
    assert found.fixes == ()


@pytest.mark.parametrize(
    ("shape", "axis", "ambiguous"),
    [
        ((4, 4), 1, True),
        ((4, 4), -1, True),
        ((4, 4), 0, False),
        ((4, 4), -2, False),
        ((4, 5), 1, False),
        ((4, 4), None, False),
        ((3, 2, 3), 2, True),
        ((3, 2, 3), 1, False),
        ((3,), -1, False),
    ],
)
def test_an_axis_is_ambiguous_where_axis_0_is_as_long(
    shape: tuple[int, ...], axis: int | None, ambiguous: bool
) -> None:
    assert is_ambiguous(shape, axis) == ambiguous

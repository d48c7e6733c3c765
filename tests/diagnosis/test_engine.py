"""``explain`` agrees with the real ``jax.vmap``: it says ok exactly where JAX accepts the call."""

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.effort import some
from vmapdemo.diagnosis.call.call import make_call
from vmapdemo.diagnosis.engine import diagnose, diagnose_plain, explain
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.strategies import convolve

Shapes = tuple[tuple[int, ...], ...]

SEED = 19
ENTRIES = (None, -3, -2, -1, 0, 1, 2, 3, True, 0.0, "a", (0,), (0, 1))
OUT_AXES = (None, -3, -2, -1, 0, 1, 2, 3, True, 0.0, "a", (0,))
ODD_IN_AXES: tuple[Any, ...] = (
    *ENTRIES,
    (),
    (0, 0, 0),
    [0],
    [],
    [0, 0],
    [1, 0],
    [0, None],
    [None, None],
    [True, 0],
    [0, 1, 2],
    ((0,), 0),
    ([0], None),
    (((0,),), 0),
    {},
    {"x": 0},
    (None,),
    ((), 0),
    (0, ()),
    (None, {}),
    1j,
    (0, 1.0),
    "",
    ("", 0),
)
PAIRS: tuple[Shapes, ...] = (((5, 4), (4, 3)), ((3, 5), (3,)))
ODD_PAIRS: tuple[Shapes, ...] = (
    ((4, 5), (4, 3)),
    ((5,), (3,)),
    ((), (3,)),
    ((2, 4, 5), (4, 3)),
    ((3, 3), (3, 3)),
    ((2, 3), (3, 2)),
    ((0, 4), (0, 3)),
    ((1, 5), (1, 3)),
    ((4, 2), (4, 3)),
)


def _accepts(function: Callable[..., Any], arguments: Iterable[Any], in_axes: Any, out_axes: Any) -> bool:
    try:
        jax.eval_shape(jax.vmap(function, in_axes, out_axes), *arguments)
    except Exception:
        return False
    return True


def _mismatches(function: Callable[..., Any], shapes: Shapes, axes: Iterable[tuple[Any, Any]]) -> list[str]:
    """The axes on which explain and jax.vmap do not agree for arguments of these shapes."""
    arguments = tuple(jnp.zeros(shape) for shape in shapes)
    probe, wrong = Probe(binds_shared=False), []
    for in_axes, out_axes in axes:
        found = diagnose(make_call(function, arguments, {}, in_axes, out_axes), probe)
        if found.ok != _accepts(function, arguments, in_axes, out_axes):
            wrong.append(f"{shapes}, {in_axes=}, {out_axes=}: ok is {found.ok}")
    return wrong


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
def test_ok_is_said_exactly_where_jax_accepts_two_arguments(shapes: Shapes) -> None:
    axes = list(itertools.product(itertools.product(ENTRIES, ENTRIES), OUT_AXES))
    assert len(axes) == 2028
    assert _mismatches(convolve, shapes, some(axes, 500)) == []


@pytest.mark.parametrize("shapes", PAIRS + ODD_PAIRS, ids=str)
def test_ok_is_said_exactly_where_jax_accepts_odd_axes(shapes: Shapes) -> None:
    axes = list(itertools.product(ODD_IN_AXES, (0, -2, None, True)))
    assert _mismatches(convolve, shapes, some(axes, 60)) == []


ONE: list[tuple[Callable[..., Any], Shapes]] = [
    (jnp.sum, ((3, 4),)),
    (jnp.cumsum, ((2, 3, 4),)),
    (lambda a: a.T, ((2, 3),)),
    (lambda a: (a, a.sum()), ((2, 3),)),
    (lambda a: {"constant": jnp.ones(3), "own": a}, ((4,),)),
    (lambda a: a, ((),)),
    (lambda a: a @ jnp.ones(3), ((2, 3),)),
]
OUT_OF_TWO = (
    *OUT_AXES,
    (0, 0),
    [0, 0],
    (1, 0),
    (None, 0),
    (0, None),
    {"constant": None, "own": 0},
    {"constant": 0, "own": None},
    {"own": 0},
)


@pytest.mark.parametrize(("function", "shapes"), ONE)
def test_ok_is_said_exactly_where_jax_accepts_one_argument(function: Callable[..., Any], shapes: Shapes) -> None:
    in_axes = (None, -3, -1, 0, 1, True, "a", (), (0,), (None,), [2], ((0,),), {"a": 0})
    assert _mismatches(function, shapes, some(list(itertools.product(in_axes, OUT_OF_TWO)), 100)) == []


def _three(a: jax.Array, b: jax.Array, c: jax.Array) -> tuple[jax.Array, jax.Array]:
    return a @ b + c, c * 2


def test_ok_is_said_exactly_where_jax_accepts_three_arguments() -> None:
    random = np.random.default_rng(SEED)
    drawn = [(_drawn_entries(random), OUT_OF_TWO[int(random.integers(len(OUT_OF_TWO)))]) for _ in range(150)]
    axes = some(drawn, 50)
    for shapes in [((4, 2, 3), (4, 3), (4, 2)), ((2, 3), (3, 4), ()), ((3, 3), (3,), (3, 3))]:
        assert _mismatches(_three, shapes, axes) == [], f"seed {SEED}"


def _drawn_entries(random: np.random.Generator) -> Any:
    often = (None, 0, 0, 1, -1, 2)
    entries = [often[int(i)] for i in random.integers(len(often), size=int(random.choice([2, 3, 3, 3, 3, 4])))]
    if random.random() < 0.3:
        entries[int(random.integers(len(entries)))] = ENTRIES[int(random.integers(len(ENTRIES)))]
    return entries if random.random() < 0.3 else tuple(entries)


def _small_grid() -> Iterator[tuple[Shapes, Any, Any]]:
    for shapes in (*PAIRS, ((), (3,))):
        for in_axes in (0, 1, None, True, (1, 0), [0, None], (0,), (-1, -2), ("a", 0), (0, (1,))):
            for out_axes in (0, 1, None, 0.0):
                yield shapes, in_axes, out_axes


def test_the_verb_itself_says_what_a_run_of_vmap_does() -> None:
    random = np.random.default_rng(SEED)
    for shapes, in_axes, out_axes in some(list(_small_grid()), 50):
        arguments = [jnp.asarray(random.normal(size=shape), "float32") for shape in shapes]
        found = explain(convolve, in_axes, out_axes)(*arguments)
        message = f"{shapes}, {in_axes=}, {out_axes=}, seed {SEED}: {found.headline}"
        ran = _run(arguments, in_axes, out_axes)
        if isinstance(ran, Exception):
            assert not found.ok, message
            assert str(found.jax_error).startswith(f"{type(ran).__name__}: "), message
        else:
            assert found.ok, message
            assert [(output.shape, output.dtype) for output in found.output] == [(ran.shape, str(ran.dtype))], message


def _run(arguments: list[jax.Array], in_axes: Any, out_axes: Any) -> jax.Array | Exception:
    try:
        return jax.vmap(convolve, in_axes, out_axes)(*arguments)
    except Exception as error:
        return error


def test_the_words_of_jax_are_given_verbatim() -> None:
    arguments = jnp.ones((5, 4)), jnp.ones((4, 3))
    with pytest.raises(ValueError, match="inconsistent sizes") as caught:
        jax.vmap(convolve, in_axes=1)(*arguments)
    found = explain(convolve, in_axes=1)(*arguments)
    assert found.jax_error is not None
    assert found.jax_error.startswith("ValueError: vmap got inconsistent sizes for array axes to be mapped")
    assert str(caught.value).splitlines()[0] in found.jax_error


def test_explain_takes_the_parameters_of_vmap() -> None:
    ours = list(inspect.signature(explain).parameters.values())
    theirs = list(inspect.signature(jax.vmap).parameters.values())
    assert [(p.name, p.kind, p.default) for p in ours[: len(theirs)]] == [(p.name, p.kind, p.default) for p in theirs]
    extras = ours[len(theirs) :]
    assert [(p.name, p.default) for p in extras] == [("example_ndim", None), ("names", None), ("values", None)]
    assert {p.kind for p in extras} == {inspect.Parameter.KEYWORD_ONLY}


def test_arguments_are_called_by_their_names() -> None:
    arguments = jnp.ones((4, 5)), jnp.ones((4, 3))
    assert [row.path for row in explain(convolve)(*arguments).arguments] == ["x", "y"]
    assert [row.path for row in explain(convolve, names=("a", "b"))(*arguments).arguments] == ["a", "b"]
    assert [row.path for row in explain(convolve, names=("a",))(*arguments).arguments] == ["a", "y"]
    assert [row.path for row in explain(lambda *all: all[0])(*arguments).arguments] == ["arg0", "arg1"]


def test_arrays_inside_an_argument_are_called_by_their_paths() -> None:
    found = explain(lambda p: p["w"] @ p["b"][0])({"w": jnp.ones((4, 3)), "b": [jnp.ones((4, 3))]})
    assert found.ok
    assert [row.path for row in found.arguments] == ["p['b'][0]", "p['w']"]


def test_numpy_arrays_and_shapes_are_taken_like_arrays() -> None:
    assert explain(convolve)(np.ones((4, 5)), np.ones((4, 3), "int32")).ok
    assert explain(convolve)(jax.ShapeDtypeStruct((4, 5), "float32"), jax.ShapeDtypeStruct((4, 3), "float32")).ok


def test_a_shared_argument_may_be_used_as_a_number() -> None:
    found = explain(lambda a, n: a[:n], in_axes=(0, None))(jnp.ones((4, 5)), 3)
    assert found.ok
    assert found.output[0].shape == (4, 3)


def test_a_probe_that_is_kept_gives_the_same_answers() -> None:
    arguments, kept = (jnp.ones((5, 4)), jnp.ones((4, 3))), Probe(binds_shared=False)
    for in_axes in (0, 1, True, (1, 0), (0, 0)):
        call = make_call(convolve, arguments, {}, in_axes, 0)
        assert diagnose(call, kept) == diagnose(call, kept) == diagnose(call, Probe(binds_shared=False))


def test_true_is_not_taken_for_the_1_that_a_probe_remembers() -> None:
    arguments, probe = (jnp.ones((3, 3)), jnp.ones((3, 3))), Probe(binds_shared=False)
    oks = [diagnose(make_call(convolve, arguments, {}, axes, axes), probe).ok for axes in (1, True, 1.0, 1)]
    assert oks == [True, False, False, True]


def test_a_call_without_vmap_is_explained_as_one() -> None:
    call = make_call(convolve, (jnp.ones(5), jnp.ones(3)), {}, 0, 0)
    found = diagnose_plain(call, Probe(binds_shared=False))
    assert found.ok
    assert found.headline == "`convolve` runs once: nothing is mapped."
    assert (found.output[0].shape, found.output[0].axis, found.batch_size) == ((3,), None, None)


def test_a_batch_that_is_passed_without_vmap_is_offered_one() -> None:
    arguments = jnp.ones((4, 5)), jnp.ones((4, 3))
    found = diagnose_plain(make_call(convolve, arguments, {}, 0, 0, example_ndim=(1, 1)), Probe(binds_shared=False))
    assert not found.ok
    assert found.culprit == "function"
    assert found.fixes[0].run().shape == (4, 3)

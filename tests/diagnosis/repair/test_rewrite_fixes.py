"""Mistakes that axes alone do not mend: what is passed, and the options of vmap."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.diagnosis.engine import explain

VECTOR = jnp.arange(3.0)
ROWS = jnp.arange(15.0).reshape(3, 5)
KEY = jax.random.key(7)
OLD_KEY = jax.random.PRNGKey(7)


class Params(NamedTuple):
    w: jax.Array
    b: jax.Array


class Model:
    slope = 2.0

    def predict(self, x: jax.Array, scale: jax.Array) -> jax.Array:
        return x * self.slope * scale


def dense(params: Params, x: jax.Array) -> jax.Array:
    return params.w @ x + params.b


def net(layers: list[dict[str, jax.Array]], x: jax.Array) -> jax.Array:
    for layer in layers:
        x = layer["w"] @ x + layer["b"]
    return x


def reduced(x: jax.Array, mode: str) -> jax.Array:
    return x.sum() if mode == "sum" else x.mean()


def scaled(x: jax.Array, *, rate: jax.Array) -> jax.Array:
    return x * rate


def doubled(x: jax.Array, training: bool = False) -> jax.Array:
    return x * 2 if training else x


def dropout(key: jax.Array, x: jax.Array) -> jax.Array:
    return x * jax.random.bernoulli(key, 0.5, x.shape)


def product(x: jax.Array, y: jax.Array) -> jax.Array:
    return x * y


LAYERS = [{"w": jnp.eye(5) * 2, "b": jnp.ones(5)} for _ in range(4)]
PARAMS = Params(jnp.ones((2, 5)), jnp.ones(2))
NOISE = jnp.stack([dropout(key, x) for key, x in zip(jax.random.split(KEY, 3), ROWS, strict=True)])
OLD_NOISE = jnp.stack([dropout(key, x) for key, x in zip(jax.random.split(OLD_KEY, 3), ROWS, strict=True)])


@dataclass(frozen=True)
class Case:
    """A call, whose fault it is, the text of the first fix, and what that gives."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    culprit: str
    code: str
    meant: Any
    parameters: dict[str, Any] = field(default_factory=dict)
    keywords: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("parameters for all, as a NamedTuple", dense, (PARAMS, ROWS), "in_axes",
         "jax.vmap(dense, in_axes=(None, 0), out_axes=0)(params, x)", ROWS @ PARAMS.w.T + 1),
    Case("parameters for all, as a list of dicts", net, (LAYERS, ROWS), "in_axes",
         "jax.vmap(net, in_axes=(None, 0), out_axes=0)(layers, x)", jnp.stack([net(LAYERS, x) for x in ROWS])),
    Case("parameters as long as the batch", net, (LAYERS, jnp.ones((5, 5))), "in_axes",
         "jax.vmap(net, in_axes=(None, 0), out_axes=0)(layers, x)", jnp.stack([net(LAYERS, jnp.ones(5))] * 5)),
    Case("a number for a bound method", Model().predict, (ROWS, 3.0), "in_axes",
         "jax.vmap(f, in_axes=(0, None), out_axes=0)(x, scale)", ROWS * 6),
    Case("a text by position", reduced, (ROWS, "sum"), "in_axes",
         "jax.vmap(reduced, in_axes=(0, None), out_axes=0)(x, mode)", ROWS.sum(1)),
    Case("a text by keyword", reduced, (ROWS,), "arguments",
         "jax.vmap(functools.partial(reduced, mode=mode), in_axes=0, out_axes=0)(x)", ROWS.sum(1),
         keywords={"mode": "sum"}),
    Case("a number for a parameter that takes keywords alone", scaled, (VECTOR,), "arguments",
         "jax.vmap(functools.partial(scaled, rate=rate), in_axes=0, out_axes=0)(x)", VECTOR * 2,
         keywords={"rate": 2.0}),
    Case("a flag by keyword", doubled, (VECTOR,), "arguments",
         "jax.vmap(doubled, in_axes=(0, None), out_axes=0)(x, training)", VECTOR * 2, keywords={"training": True}),
    Case("a shared array by keyword", product, (ROWS,), "arguments",
         "jax.vmap(product, in_axes=(0, None), out_axes=0)(x, y)", ROWS * jnp.arange(5.0),
         keywords={"y": jnp.arange(5.0)}),
    Case("one key beside a batch", dropout, (KEY, ROWS), "arguments",
         "jax.vmap(dropout, in_axes=0, out_axes=0)(jax.random.split(key, 3), x)", NOISE),
    Case("one key of the old kind beside a batch", dropout, (OLD_KEY, ROWS), "arguments",
         "jax.vmap(dropout, in_axes=0, out_axes=0)(jax.random.split(key, 3), x)", OLD_NOISE),
    Case("in_axes as a dict by name", product, (VECTOR, 2.0), "in_axes",
         "jax.vmap(product, in_axes=(0, None), out_axes=0)(x, y)", VECTOR * 2,
         parameters={"in_axes": {"x": 0, "y": None}}),
    Case("a list of arrays", lambda a: a.sum(), ([jnp.ones(3), jnp.ones(3) * 2],), "arguments",
         "jax.vmap(f, in_axes=0, out_axes=0)(jnp.stack(a))", jnp.array([3.0, 6.0])),
    Case("a list of dicts", lambda d: d["a"].sum(), ([{"a": jnp.ones(3)}, {"a": jnp.ones(3) * 2}],), "arguments",
         "jax.vmap(f, in_axes=0, out_axes=0)(jax.tree.map(lambda *each: jnp.stack(each), *d))",
         jnp.array([3.0, 6.0])),
    Case("a tuple of arguments", product, ((VECTOR, VECTOR),), "arguments",
         "jax.vmap(product, in_axes=0, out_axes=0)(*x)", VECTOR**2),
    Case("axis_size of nothing", lambda a: a * 2, (ROWS,), "axis_size",
         "jax.vmap(f, in_axes=0, out_axes=0)(a)", ROWS * 2, parameters={"axis_size": 7}),
    Case("another axis_name", lambda a: a - jax.lax.pmean(a, "rows"), (VECTOR,), "axis_name",
         "jax.vmap(f, in_axes=0, out_axes=0, axis_name='rows')(a)", VECTOR - 1, parameters={"axis_name": "batch"}),
    Case("a name for axis_index", lambda a: a + jax.lax.axis_index("i"), (VECTOR,), "axis_name",
         "jax.vmap(f, in_axes=0, out_axes=0, axis_name='i')(a)", VECTOR * 2),
    Case("an entry of out_axes that one output lacks", lambda a: (a, a.sum()), (ROWS,), "out_axes",
         "jax.vmap(f, in_axes=0, out_axes=(1, 0))(a)", (ROWS.T, ROWS.sum(1)), parameters={"out_axes": (1, 1)}),
    Case("an array already bound", partial(product, VECTOR), (ROWS,), "in_axes",
         "jax.vmap(f, in_axes=1, out_axes=0)(y)", VECTOR * ROWS.T, parameters={"in_axes": 0}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_first_fix_gives_what_was_meant(case: Case) -> None:
    found = explain(case.function, **case.parameters)(*case.arguments, **case.keywords)
    assert not found.ok
    assert found.culprit == case.culprit
    assert found.fixes[0].code == case.code
    got = found.fixes[0].run()
    assert jax.tree.structure(got) == jax.tree.structure(case.meant)
    assert jax.tree.all(jax.tree.map(lambda a, b: a.shape == b.shape and bool(jnp.allclose(a, b)), got, case.meant))


def test_a_fix_that_passes_differently_is_no_matter_of_axes() -> None:
    found = explain(scaled)(VECTOR, rate=2.0)
    assert [fix.axes_only for fix in found.fixes] == [False]


def test_a_missing_argument_is_told_by_its_name() -> None:
    for in_axes in (0, (0, 0)):
        found = explain(product, in_axes=in_axes)(VECTOR)
        assert (found.ok, found.culprit) == (False, "arguments")
        assert "missing a required argument: 'y'" in found.reason


def test_a_call_in_place_of_a_function_is_told() -> None:
    found = explain(jnp.sum(ROWS))(ROWS)  # type: ignore[arg-type]
    assert found.culprit == "function"
    assert "Pass the function itself" in found.advice[0]


def test_a_key_alone_gets_advice_and_no_guess_of_how_many() -> None:
    found = explain(lambda k: jax.random.normal(k))(KEY)
    assert (found.culprit, found.fixes) == ("arguments", ())
    assert "jax.random.split(k, n)" in found.advice[0]


def test_what_jax_cannot_take_apart_is_told() -> None:
    found = explain(lambda d: d)({1: VECTOR, "a": VECTOR})
    assert (found.ok, found.culprit) == (False, "arguments")
    assert found.arguments == ()


def test_none_may_stand_among_the_arguments_and_in_the_result() -> None:
    assert explain(lambda a, b: (a, None), in_axes=(0, None))(VECTOR, None).ok
    assert explain(lambda a, b: {"a": None, "b": a}, in_axes=0)(VECTOR, None).ok


def test_inside_jit_a_call_is_explained_by_its_shapes() -> None:
    said = []

    @jax.jit
    def outer(x: jax.Array, y: jax.Array) -> jax.Array:
        said.append(explain(product, in_axes=(0, 1))(x, y))
        return x

    outer(ROWS, ROWS)
    assert (said[0].ok, said[0].culprit) == (False, "in_axes")
    assert said[0].fixes[0].in_axes == (0, 0)


def test_shapes_alone_are_explained_too() -> None:
    structs = jax.ShapeDtypeStruct((5, 4), "float32"), jax.ShapeDtypeStruct((4, 5), "float32")
    found = explain(lambda a, b: a @ b, in_axes=1)(*structs)
    assert [fix.in_axes for fix in found.fixes[:2]] == [(0, 1), (1, 0)]


def test_collectives_see_the_whole_batch() -> None:
    found = explain(lambda a: jax.lax.all_gather(a, "i"), axis_name="i")(jnp.ones((4, 2)))
    assert found.ok
    assert found.output[0].shape == (4, 4, 2)


def test_eager_vmap_may_read_what_does_not_depend_on_the_batch() -> None:
    assert explain(lambda a: a * int(jnp.sum(jnp.ones(3))))(VECTOR).ok
    assert explain(lambda a, n: a if n > 0 else -a, in_axes=(0, None))(VECTOR, jnp.array(3)).ok


def test_a_collective_does_not_hide_a_wrong_size() -> None:
    found = explain(lambda a, b: a + jax.lax.psum(b, "i"), axis_name="i")(VECTOR, jnp.ones(4))
    assert (found.ok, found.culprit) == (False, "in_axes")


def squared(params: jax.Array, x: jax.Array) -> jax.Array:
    return jnp.sum((params * x) ** 2)


def test_code_to_paste_calls_a_wrapped_function_by_a_name_that_leads_to_it() -> None:
    assert explain(jax.grad(squared))(jnp.ones(5), ROWS).fixes[0].code.startswith("jax.vmap(f, ")
    assert explain(squared)(jnp.ones(5), ROWS).fixes[0].code.startswith("jax.vmap(squared, ")

    @jax.jit
    def local(params: jax.Array, x: jax.Array) -> jax.Array:
        return squared(params, x)

    assert explain(local)(jnp.ones(5), ROWS).fixes[0].code.startswith("jax.vmap(local, ")


def test_the_argument_that_disagrees_is_named_and_not_the_others() -> None:
    params = {"w": jnp.ones((8, 5)), "b": jnp.ones(8), "v": jnp.ones((2, 8))}
    found = explain(lambda params, x, y: x)(params, jnp.ones((16, 5)), jnp.ones((16, 2)))
    assert found.headline == "`params` disagrees with the others on the batch size."
    assert "`x`" not in found.reason
    assert "the other mapped axes have 16" in found.reason

"""Random functions, trees and axes: nothing crashes, ok is said exactly where JAX runs the call, every fix runs."""

import ast
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.effort import some
from vmapdemo.diagnosis.engine import explain

SEEDS = some(range(20), 5)
CALLS = 12
SIZES = (1, 2, 3, 3, 3, 3, 3, 3)


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Drawn:
    """One call of jax.vmap, at random."""

    function: Callable[..., Any]
    parameters: dict[str, Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def run(self) -> Any:
        return jax.vmap(self.function, **self.parameters)(*self.arguments, **self.keywords)


def _array(draw: random.Random) -> Any:
    shape = tuple(draw.choice(SIZES) for _ in range(draw.choice((0, 1, 1, 2, 2, 3))))
    kind = draw.random()
    if kind < 0.05:
        return draw.choice((2.0, 3, True, "mode", None))
    if kind < 0.1:
        return np.ones(shape, "float32")
    return jnp.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape), draw.choice(("float32", "int32")))


def _tree(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.random()
    if depth > 1 or kind < 0.6:
        return _array(draw)
    parts = [_tree(draw, depth + 1) for _ in range(2)]
    if kind < 0.75:
        return {"w": parts[0], "b": parts[1]}
    if kind < 0.85:
        return Pair(*parts)
    return draw.choice((list, tuple))(parts)


def _entry(draw: random.Random) -> Any:
    return draw.choice((0, 0, 0, 0, 1, -1, None, None, 2, True, 1.0, "a"))


def _axes(draw: random.Random, tree: Any, depth: int = 0) -> Any:
    """A prefix of the tree, most of the time."""
    if (depth and draw.random() < 0.6) or not isinstance(tree, (dict, list, tuple)):
        return _entry(draw)
    if isinstance(tree, dict):
        return {name: _axes(draw, part, depth + 1) for name, part in tree.items() if draw.random() < 0.95}
    parts = [_axes(draw, part, depth + 1) for part in tree]
    return Pair(*parts) if isinstance(tree, Pair) else type(tree)(parts)


def _numbers(values: Any) -> list[Any]:
    return [leaf for leaf in jax.tree.leaves(values) if not isinstance(leaf, str)]


def _sums(*values: Any, **keywords: Any) -> Any:
    return sum(jnp.sum(number) for number in _numbers((values, keywords)))


def _broadcasts(*values: Any, **keywords: Any) -> Any:
    total: Any = 0.0
    for number in _numbers((values, keywords)):
        total = total + jnp.asarray(number)
    return {"total": total, "shapes": [jnp.zeros(total.shape)]}


def _multiplies(*values: Any, **keywords: Any) -> Any:
    first, *rest = [number for number in _numbers((values, keywords)) if jnp.ndim(number)]
    for number in rest:
        first = first @ number
    return first, None


def _branches(*values: Any, **keywords: Any) -> Any:
    for number in _numbers((values, keywords)):
        if jnp.sum(number) > 1:
            return jnp.asarray(number) * 2
    return jnp.zeros(2)


def _reads(*values: Any, **keywords: Any) -> Any:
    return values[0][: int(jnp.sum(jnp.ones(2)))]


def _fails(*values: Any, **keywords: Any) -> Any:
    raise RuntimeError("on purpose")


def _is_constant(*values: Any, **keywords: Any) -> Any:
    return jnp.ones(3), jnp.arange(2)


FUNCTIONS = (_sums, _broadcasts, _broadcasts, _multiplies, _multiplies, _branches, _reads, _fails, _is_constant)


def _drawn(draw: random.Random) -> Drawn:
    arguments = tuple(_tree(draw) for _ in range(draw.choice((1, 1, 2, 2, 3))))
    keywords = {"k": _tree(draw)} if draw.random() < 0.15 else {}
    parameters: dict[str, Any] = {}
    if draw.random() < 0.7:
        axes = _axes(draw, arguments) if draw.random() < 0.8 else _entry(draw)
        parameters["in_axes"] = list(axes) if isinstance(axes, tuple) and draw.random() < 0.2 else axes
    if draw.random() < 0.3:
        parameters["out_axes"] = draw.choice((0, 1, -1, None, 2, True, (0, 1), (0, None), {"total": 1, "shapes": 0}))
    if draw.random() < 0.1:
        parameters["axis_size"] = draw.choice((1, 3, 4))
    if draw.random() < 0.1:
        parameters["axis_name"] = "i"
    return Drawn(draw.choice(FUNCTIONS), parameters, arguments, keywords)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return error


def _check(drawn: Drawn, said: str) -> None:
    found = explain(drawn.function, **drawn.parameters)(*drawn.arguments, **drawn.keywords)
    ran = _outcome(drawn.run)
    assert found.ok != isinstance(ran, Exception), f"{said}: {found.headline} {ran!r:.300}"
    assert (found.culprit is None) == found.ok, said
    assert (found.jax_error is None) == found.ok, said
    if found.ok:
        shapes = [leaf.shape for leaf in jax.tree.leaves(ran)]
        assert [output.shape for output in found.output] == shapes, said
    for fix in (*found.fixes, *(caution.fix for caution in found.cautions if caution.fix is not None)):
        ast.parse(fix.code)
        shapes = [leaf.shape for leaf in jax.tree.leaves(fix.run())]
        assert [output.shape for output in fix.output] == shapes, f"{said}: {fix.code}"
    assert found.headline in str(found)
    assert found._repr_html_()


@pytest.mark.parametrize("seed", SEEDS)
def test_random_calls_are_explained_as_jax_runs_them(seed: int) -> None:
    draw = random.Random(seed)
    for number in range(CALLS):
        drawn = _drawn(draw)
        said = f"seed {seed}, call {number}: {drawn.function.__name__} {drawn.parameters} {drawn.arguments!r:.400}"
        _check(drawn, f"{said} {drawn.keywords!r:.100}")

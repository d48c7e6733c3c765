"""Mistakes that people make with jax.vmap, as data: what they wrote, what they meant, where the fault lies.

Run `python mistakes.py` to see what JAX itself says to each, and `python mistakes.py --explain` to see what
vmapdemo says. Each case was collected from public questions and issue threads or from the notebook's own example.
`meant` computes what the person wanted, without vmap's axes getting in the way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True)
class Case:
    """One mistake.

    `runs`: JAX accepts the call, so a caution is due, not an error. `advice`: one of these words is due in
    `Explanation.advice`.
    """

    name: str
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    vmap: dict[str, Any]
    culprit: str | None
    meant: Callable[[], Any] | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)
    runs: bool = False
    caution: str | None = None
    advice: tuple[str, ...] = ()
    example_ndim: tuple[int, ...] | None = None


def convolve(x, y):
    return jnp.array([jnp.dot(x[i - 1 : i + 2], y) for i in range(1, len(x) - 1)])


x = jnp.arange(5)
y = jnp.array([2.0, 3.0, 4.0])
x_batch = jnp.stack([x, x, x.at[1:-1].set(jnp.array([1, 0, 1])), x])
y_batch = jnp.stack([y, y, y, jnp.array([7.0, 4.0, 2.0])])


def rows(f, *batches):
    """The reference: one example at a time."""
    return jnp.stack([f(*example) for example in zip(*batches, strict=False)])


def _buffer(a, b):
    out = jnp.zeros(3)
    for i in range(3):
        out[i] = jnp.dot(a[i : i + 3], b)
    return out


square = jnp.arange(16.0).reshape(4, 4)
wide = jnp.arange(15.0).reshape(3, 5)
key = jax.random.key(0)

CASES = (
    # --- in_axes: sizes, rank, arity, type
    Case(
        "mapped sizes differ",
        convolve,
        (x_batch.T, y_batch),
        {"in_axes": 1},
        "in_axes",
        lambda: rows(convolve, x_batch, y_batch),
        example_ndim=(1, 1),
    ),
    Case(
        "one kernel for all",
        convolve,
        (x_batch, y),
        {"in_axes": 0},
        "in_axes",
        lambda: jnp.stack([convolve(r, y) for r in x_batch]),
        example_ndim=(1, 1),
    ),
    Case(
        "axis that is not there",
        convolve,
        (x_batch, y_batch),
        {"in_axes": 2},
        "in_axes",
        lambda: rows(convolve, x_batch, y_batch),
        example_ndim=(1, 1),
    ),
    Case(
        "tuple too short",
        convolve,
        (x_batch, y_batch),
        {"in_axes": (0,)},
        "in_axes",
        lambda: rows(convolve, x_batch, y_batch),
    ),
    Case(
        "nothing mapped",
        convolve,
        (x_batch, y_batch),
        {"in_axes": (None, None)},
        "in_axes",
        lambda: rows(convolve, x_batch, y_batch),
        example_ndim=(1, 1),
    ),
    Case(
        "shared scalar", lambda a, rate: a * rate, (jnp.arange(3.0), 0.1), {}, "in_axes", lambda: jnp.arange(3.0) * 0.1
    ),
    Case("axis is a float", jnp.sum, (wide,), {"in_axes": (0.0,)}, "in_axes", lambda: wide.sum(1)),
    Case("axis is a NumPy integer", jnp.sum, (wide,), {"in_axes": np.int64(0)}, "in_axes", lambda: wide.sum(1)),
    Case("axis is a bool", lambda a, b: a @ b, (square, square + 1), {"in_axes": (True, False)}, "in_axes"),
    Case(
        "two axes at once",
        lambda a, b: a + 10 * b,
        (wide, wide),
        {"in_axes": ((0, 1), (0, 1))},
        "in_axes",
        lambda: 11 * wide,
    ),
    Case(
        "one batch axis too many",
        convolve,
        (jnp.stack([x_batch, x_batch + 1]), y_batch),
        {"in_axes": 0},
        "in_axes",
        lambda: jnp.stack([rows(convolve, x_batch, y_batch), rows(convolve, x_batch + 1, y_batch)]),
        example_ndim=(1, 1),
    ),
    # --- keyword arguments and containers
    Case(
        "scalar by keyword",
        lambda a, rate: a * rate,
        (jnp.arange(3.0),),
        {},
        "arguments",
        lambda: jnp.arange(3.0) * 0.1,
        kwargs={"rate": 0.1},
    ),
    Case(
        "in_axes for a keyword",
        lambda a, k: a * k,
        (jnp.arange(3.0),),
        {"in_axes": (0, None)},
        "arguments",
        lambda: jnp.arange(3.0) * 2,
        kwargs={"k": 2.0},
    ),
    Case(
        "bare dict as in_axes", lambda d: d["a"] * 2, ({"a": wide},), {"in_axes": {"a": 0}}, "in_axes", lambda: wide * 2
    ),
    Case(
        "key missing in in_axes",
        lambda d: d["a"] + d["b"],
        ({"a": jnp.arange(3.0), "b": 1.0},),
        {"in_axes": ({"a": 0},)},
        "in_axes",
        lambda: jnp.arange(3.0) + 1,
    ),
    Case(
        "Python list as a batch", jnp.sum, ([[1.0, 2.0], [3.0, 4.0]],), {}, "arguments", lambda: jnp.array([3.0, 7.0])
    ),
    # --- out_axes
    Case(
        "out_axes that is not there",
        convolve,
        (x_batch, y_batch),
        {"out_axes": 3},
        "out_axes",
        lambda: rows(convolve, x_batch, y_batch),
    ),
    Case(
        "out_axes None",
        convolve,
        (x_batch, y_batch),
        {"out_axes": None},
        "out_axes",
        lambda: rows(convolve, x_batch, y_batch),
    ),
    Case("out_axes of a scalar", jnp.sum, (wide,), {"out_axes": 1}, "out_axes", lambda: wide.sum(1)),
    # --- the function's body
    Case("kernel of two taps", convolve, (x_batch, y_batch[:, :2]), {}, "function", advice=("3",), example_ndim=(1, 1)),
    Case(
        "Python if",
        lambda a: a if a > 0 else -a,
        (jnp.arange(3.0) - 1,),
        {},
        "function",
        advice=("jnp.where", "lax.cond"),
    ),
    Case("NumPy inside", lambda a, b: np.convolve(a, b), (wide, jnp.ones((3, 3))), {}, "function", advice=("jnp.",)),
    Case("assignment into an array", _buffer, (wide, jnp.ones((3, 3))), {}, "function", advice=(".at[",)),
    Case(
        "slice of traced length",
        lambda a, n: a[:n],
        (wide, jnp.arange(3)),
        {},
        "function",
        advice=("dynamic_slice", "mask", "jnp.where"),
    ),
    Case(
        "collective without a name",
        lambda a: a - jax.lax.pmean(a, "batch"),
        (jnp.arange(4.0),),
        {},
        "axis_name",
        lambda: jnp.arange(4.0) - 1.5,
    ),
    Case("one random key", lambda k: jax.random.normal(k, (2,)), (key,), {}, "arguments", advice=("split",)),
    # --- runs, but is hardly meant
    Case(
        "square, wrong axis",
        convolve,
        (square, y_batch),
        {"in_axes": (1, 0)},
        None,
        lambda: rows(convolve, square, y_batch),
        runs=True,
        caution="ambiguous",
        example_ndim=(1, 1),
    ),
    Case(
        "kernel length equals batch",
        convolve,
        (wide, y),
        {"in_axes": 0},
        None,
        lambda: jnp.stack([convolve(r, y) for r in wide]),
        runs=True,
        caution="rank",
        example_ndim=(1, 1),
    ),
    Case(
        "too short for the window",
        convolve,
        (x_batch[:, :2], y_batch),
        {},
        None,
        runs=True,
        caution="empty",
        example_ndim=(1, 1),
    ),
    Case(
        "matrix split into rows",
        lambda w, v: w @ v,
        (jnp.arange(20.0).reshape(4, 5), jnp.ones((4, 5))),
        {},
        None,
        lambda: jnp.stack([jnp.arange(20.0).reshape(4, 5) @ v for v in jnp.ones((4, 5))]),
        runs=True,
        caution="rank",
        example_ndim=(2, 1),
    ),
    Case(
        "same noise for everyone",
        lambda k, a: a + jax.random.normal(k, a.shape),
        (key, wide),
        {"in_axes": (None, 0)},
        None,
        runs=True,
        caution="shared-random",
    ),
    Case("int32 overflow", lambda a: a * a, (jnp.array([1, 70_000]),), {}, None, runs=True, caution="overflow"),
)


def jax_says(case: Case) -> str:
    try:
        out = jax.vmap(case.fn, **case.vmap)(*case.args, **case.kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return f"runs: {jax.tree.map(jnp.shape, out)}"


def shortfall(case: Case) -> str | None:
    """What vmapdemo.explain gets wrong on this case, or None."""
    import vmapdemo

    extra = {} if case.example_ndim is None else {"example_ndim": case.example_ndim}
    found = vmapdemo.explain(case.fn, **case.vmap, **extra)(*case.args, **case.kwargs)
    if found.ok != case.runs:
        return f"ok is {found.ok}, but JAX {'accepts' if case.runs else 'refuses'} it"
    if case.runs:
        cautions = [c for c in found.cautions if c.rule == case.caution]
        if not cautions:
            return f"no caution {case.caution!r}; has {[c.rule for c in found.cautions]}"
        fixes = tuple(c.fix for c in cautions if c.fix is not None)
    else:
        if found.culprit != case.culprit:
            return f"culprit is {found.culprit!r}, not {case.culprit!r}"
        fixes = tuple(found.fixes)
    if case.advice and not any(word in " ".join(found.advice) for word in case.advice):
        return f"advises none of {case.advice}"
    if case.meant is not None:
        if not fixes:
            return "no fix"
        got, want = fixes[0].run(), case.meant()
        same = jax.tree.structure(got) == jax.tree.structure(want) and all(
            jnp.shape(a) == jnp.shape(b) and bool(jnp.allclose(a, b))
            for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=False)
        )
        if not same:
            return f"first fix {fixes[0].code} is not what was meant"
    return None


def main(cases=CASES) -> int:
    if "--explain" not in sys.argv:
        for case in cases:
            print(f"{case.name:28} {jax_says(case)}")
        return 0
    short = 0
    for case in cases:
        try:
            problem = shortfall(case)
        except Exception as error:  # a crash is a shortfall like any other
            problem = f"{type(error).__name__}: {error}"
        short += problem is not None
        if problem:
            print(f"{case.name:28} {problem}")
    print(f"{len(cases) - short} of {len(cases)} cases explained and fixed")
    return short > 0


if __name__ == "__main__":
    sys.exit(main())

"""Every diagnosis as a call that gets it: the last line of each snippet is the call, written with ``explain``."""

from dataclasses import dataclass

PRELUDE = """\
import functools
import itertools
import math
import time
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo import explain

x_batch = jnp.array([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 0, 1, 4], [0, 1, 2, 3, 4]])
y_batch = jnp.array([[2.0, 3, 4], [2, 3, 4], [2, 3, 4], [7, 4, 2]])
rows, vector, numbers = jnp.ones((3, 5)), jnp.arange(3.0) - 1, jnp.arange(3)
square, key = jnp.arange(16.0).reshape(4, 4), jax.random.key(0)


def convolve(x, y):
    return jnp.array([jnp.dot(x[i - 1 : i + 2], y) for i in range(1, len(x) - 1)])


def scale(x, rate):
    return x * rate


def noisy(key, x):
    return x + jax.random.normal(key, x.shape)
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of mistakes: what it is called, what is said of it, and snippets by title."""

    title: str
    text: str
    snippets: dict[str, str]


SECTIONS = (
    Section(
        "in_axes",
        "The axes do not fit the arrays, and other axes do (a nested vmap is axes too).",
        {
            "The mapped sizes differ": "explain(convolve, in_axes=1)(x_batch.T, y_batch)",
            "One argument is meant for all": "explain(convolve)(x_batch, y_batch[0])",
            "The axis is not there": "explain(convolve, in_axes=2)(x_batch, y_batch)",
            "A single number is mapped": "explain(scale)(vector, 0.1)",
            "Too few entries": "explain(convolve, in_axes=(0,))(x_batch, y_batch)",
            "Nothing is mapped": "explain(convolve, in_axes=None)(x_batch, y_batch)",
            "An entry that is no axis": "explain(convolve, in_axes=(0.0, True))(x_batch, y_batch)",
            "A bare dict": 'explain(lambda d: d["a"] * 2, in_axes={"a": 0})({"a": rows})',
            "A prefix with a gap": 'explain(lambda d: d["a"] + d["b"], in_axes=({"a": 0},))({"a": vector, "b": 1.0})',
            "Parameters are mapped like the batch": (
                "def dense(params, x):\n"
                '    return params["w"] @ x + params["b"]\n\n'
                'explain(dense)({"w": jnp.ones((2, 5)), "b": jnp.ones(2)}, rows)'
            ),
            "A text among the arguments": (
                "def reduced(x, mode):\n"
                '    return x.sum() if mode == "sum" else x.mean()\n\n'
                'explain(reduced)(rows, "sum")'
            ),
            "One counter in a state": (
                'state = {"weights": rows, "step": jnp.array(7)}\n'
                'explain(lambda state, x: state["weights"] @ x + state["step"])(state, rows)'
            ),
            "Two batch axes": "explain(lambda w, x: w @ x)(jnp.ones((2, 3, 4, 5)), jnp.ones((2, 3, 5)))",
            "All pairs of two batches": (
                "def distance(a, b):\n"
                "    return jnp.sqrt(jnp.sum((a - b) ** 2))\n\n"
                "explain(distance)(jnp.ones((6, 2)), jnp.ones((4, 2)))"
            ),
            "The derivative of a function of one number": "explain(jax.grad(lambda a: a**2))(rows)",
            "Keys that the argument does not have": (
                'explain(lambda d: d["a"] + d["b"], in_axes=({"a": 0, "c": 0},))({"a": vector, "b": vector})'
            ),
            "Other static data than the argument": (
                "@jax.tree_util.register_dataclass\n"
                "@dataclass\n"
                "class Filter:\n"
                "    taps: object\n"
                '    mode: str = field(metadata={"static": True})\n\n\n'
                'explain(lambda g: g.taps * 2, in_axes=(Filter(0, "same"),))(Filter(rows, "valid"))'
            ),
            "A batch axis too many": "explain(convolve, example_ndim=(1, 1))(jnp.stack([x_batch, x_batch]), y_batch)",
            "Two batches of different sizes": "explain(convolve, example_ndim=(1, 1))(x_batch, y_batch[:3])",
        },
    ),
    Section(
        "out_axes",
        "The result has no such axis, or is not the same for all examples.",
        {
            "The axis is not there": "explain(convolve, out_axes=3)(x_batch, y_batch)",
            "One result for all is promised": "explain(convolve, out_axes=None)(x_batch, y_batch)",
            "Another structure than the result": "explain(lambda a: (a, a.sum()), out_axes=(0, 0, 0))(rows)",
            "An entry that is no axis": "explain(convolve, out_axes=0.5)(x_batch, y_batch)",
            "Running statistics that all examples share": (
                "def normalized(mean, x):\n"
                "    mean = 0.9 * mean + 0.1 * x.mean()\n"
                "    return x - mean, mean\n\n"
                "explain(normalized, in_axes=(None, 0), out_axes=(0, None))(0.0, rows)"
            ),
        },
    ),
    Section(
        "arguments",
        "The same values have to be passed differently.",
        {
            "A number by keyword": "explain(scale)(vector, rate=0.1)",
            "A text by keyword": (
                "def reduced(x, mode):\n"
                '    return x.sum() if mode == "sum" else x.mean()\n\n'
                'explain(reduced)(rows, mode="sum")'
            ),
            "A list of examples": "explain(jnp.sum)([[1.0, 2.0], [3.0, 4.0]])",
            "A list of trees": (
                'explain(lambda g: g["x"].sum())([{"x": vector, "mask": None}, {"x": vector, "mask": None}])'
            ),
            "A list of trees of different sizes": (
                'explain(lambda g: g["x"].sum() + g["n"])([{"x": vector, "n": 3.0}, {"x": vector[:2], "n": 2.0}])'
            ),
            "A tuple of arguments": "explain(scale)((vector, vector))",
            "A missing argument": "explain(scale)(vector)",
            "One random key beside a batch": "explain(noisy)(key, rows)",
            "One random key alone": "explain(lambda key: jax.random.normal(key))(key)",
            "One random key by keyword": "explain(lambda x, key: noisy(key, x))(rows, key=key)",
            "One random key in a dict": (
                'explain(lambda state: noisy(state["key"], state["x"]))({"key": key, "x": rows})'
            ),
            "One random key of the old kind": "explain(noisy)(jax.random.PRNGKey(0), rows)",
            "A value that is no array": "explain(lambda d: d)(object())",
            "A deleted array": ("gone = jnp.ones(3)\ngone.delete()\nexplain(jnp.sin)(gone)"),
            "A dict whose keys have no order": 'explain(lambda d: d)({1: vector, "a": vector})',
        },
    ),
    Section(
        "axis_name and axis_size",
        "An option of vmap is missing or wrong.",
        {
            "A collective without a name": 'explain(lambda a: a - jax.lax.pmean(a, "batch"))(vector)',
            "A collective over two names": (
                'explain(lambda a: jax.lax.psum(a, ("group", "batch")), axis_name="batch")(vector)'
            ),
            "A name that cannot be one": 'explain(lambda a: a, axis_name=["batch"])(vector)',
            "A size that no array has": "explain(lambda a: a * 2, axis_size=7)(rows)",
        },
    ),
    Section(
        "function",
        "The axes are legal, and one example is refused. The advice names the line, and what to write instead.",
        {
            "A size that the function does not take": "explain(convolve)(x_batch, y_batch[:, :2])",
            "A bias of another length": "explain(lambda row: row - jnp.ones(4))(rows)",
            "Shapes that do not multiply": (
                "weights = jnp.ones((4, 6))\n\ndef layer(x):\n    return jnp.tanh(weights @ x)\n\nexplain(layer)(rows)"
            ),
            "A call in place of the function": "explain(jnp.sum(rows))(rows)",
            "Python's if": "def f(a):\n    return a if 0 < a < 2 else -a\n\nexplain(f)(vector)",
            "An if statement": "def f(a):\n    if a > 0:\n        return a\n    return -a\n\nexplain(f)(vector)",
            "Python's while": "def f(a):\n    while a < 3:\n        a = a + 1\n    return a\n\nexplain(f)(vector)",
            "Python's max": "def f(a):\n    return max(a, 0.0)\n\nexplain(f)(vector)",
            "An assertion": "def f(a):\n    assert a > 0\n    return a\n\nexplain(f)(vector)",
            "A function of NumPy itself": "explain(np.convolve)(rows, rows)",
            "A function of math itself": "explain(math.sin)(vector)",
            "NumPy inside": "def f(a):\n    return np.convolve(a, a)\n\nexplain(f)(rows)",
            "math inside": "def f(a):\n    return math.sin(a)\n\nexplain(f)(vector)",
            "float()": "def f(a):\n    return float(a) * 2\n\nexplain(f)(vector)",
            ".item()": "def f(a):\n    return a.item() + 1\n\nexplain(f)(vector)",
            "Assignment into an array": (
                "def f(a):\n    out = jnp.zeros(3)\n    out[1] = a\n    return out\n\nexplain(f)(vector)"
            ),
            "A slice of traced length": "def f(a, n):\n    return a[:n]\n\nexplain(f)(rows, numbers)",
            "A shape of traced length": "def f(n):\n    return jnp.zeros(n)\n\nexplain(f)(numbers)",
            "range of a traced number": "def f(n):\n    return sum(range(n))\n\nexplain(f)(numbers)",
            "A list read at a traced index": "def f(i):\n    return [10, 20, 30][i]\n\nexplain(f)(numbers)",
            "A boolean mask": "def f(a):\n    return a[a > 1].sum()\n\nexplain(f)(rows)",
            "A result as long as the values say": "def f(a):\n    return jnp.nonzero(a)[0]\n\nexplain(f)(rows)",
            "A gradient of several numbers": "explain(jax.grad(lambda a: a * 2))(rows)",
            "A gradient of several numbers, inside": (
                "def f(a):\n    return jax.grad(lambda b: b * 2)(a)\n\nexplain(f)(rows)"
            ),
            "A gradient at whole numbers": "explain(jax.grad(lambda a: a * 2.0))(numbers)",
            "A gradient through a loop of unknown length": (
                "def halved(a):\n"
                "    return jax.lax.while_loop(lambda b: b > 1, lambda b: b / 2, a)\n\n"
                "explain(jax.grad(halved))(vector)"
            ),
            "A loop that changes what it carries": (
                "def f(a):\n"
                "    def step(total, b):\n"
                "        return total + b, b\n\n"
                "    return jax.lax.scan(step, jnp.int32(0), a)\n\n"
                "explain(f)(rows)"
            ),
            "Branches that differ": (
                "def f(a):\n    return jax.lax.cond(a > 0, lambda: (a, a), lambda: (a, 0))\n\nexplain(f)(vector)"
            ),
            "As many groups as the values say": (
                "def f(a, index):\n    return jax.ops.segment_sum(a, index)\n\nexplain(f)(rows, jnp.zeros((3, 5), int))"
            ),
            "A traced k": "def f(a, k):\n    return jax.lax.top_k(a, k)\n\nexplain(f)(rows, numbers)",
            "A traced axis": "def f(a, axis):\n    return jnp.sum(a, axis=axis)\n\nexplain(f)(rows, numbers)",
            "A traced argument that is not differentiated": (
                "@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))\n"
                "def power(n, a):\n"
                "    return a**n\n\n"
                "power.defvjp(lambda n, a: (a**n, a), lambda n, a, g: (n * a ** (n - 1) * g,))\n"
                "explain(jax.grad(power, argnums=1))(vector, vector)"
            ),
            "A callback without a batched form": (
                "def f(a):\n    return jax.pure_callback(np.sin, a, a)\n\nexplain(f)(vector)"
            ),
            "A rule that returns too little": (
                "@jax.custom_batching.custom_vmap\n"
                "def doubled(a):\n"
                "    return 2 * a\n\n"
                "@doubled.def_vmap\n"
                "def rule(size, is_mapped, a):\n"
                "    return 2 * a\n\n"
                "explain(lambda a: doubled(a) + 1)(vector)"
            ),
            "A generator inside": (
                "readings = (float(n) for n in range(9))\n\n"
                "def shifted(a):\n"
                "    return a + next(readings)\n\n"
                "explain(shifted)(vector)"
            ),
            "A formatted value": 'def f(a):\n    return f"{a:.2f}"\n\nexplain(f)(vector)',
            "A value as a key": "def f(a):\n    return {1: 2}[a]\n\nexplain(f)(numbers)",
            "A result that is no array": 'def f(a):\n    return "done"\n\nexplain(f)(vector)',
            "Another value that Python reads": 'def f(n):\n    return len("ab" * n)\n\nexplain(f)(numbers)',
        },
    ),
    Section(
        "Cautions",
        "The call runs, but is hardly meant. A right call gets none.",
        {
            "rank": "explain(convolve, example_ndim=(1, 1))(jnp.ones((3, 5)), jnp.arange(3.0))",
            "ambiguous": "explain(convolve, in_axes=(1, 0), example_ndim=(1, 1))(square, y_batch)",
            "shared-random": "explain(noisy, in_axes=(None, 0))(key, rows)",
            "shared-random (NumPy's)": "explain(lambda a: a + np.random.normal())(vector)",
            "clock": "explain(lambda a: a + time.time())(vector)",
            "counter": (
                "calls = itertools.count()\n\ndef numbered(a):\n    return a + next(calls)\n\nexplain(numbered)(vector)"
            ),
            "leaked-tracer": (
                "seen = []\n\ndef kept(a):\n    seen.append(a * 2)\n    return a\n\nexplain(kept)(vector)"
            ),
            "lost-batch": (
                "@jax.custom_batching.custom_vmap\n"
                "def total(a):\n"
                "    return a.sum()\n\n"
                "@total.def_vmap\n"
                "def rule(size, is_mapped, a):\n"
                "    return a.sum(axis=0), True\n\n"
                "explain(total)(rows)"
            ),
            "constant": "explain(lambda row: rows.sum())(rows)",
            "empty": "explain(convolve)(x_batch[:, :2], y_batch)",
            "nonfinite": "explain(jnp.log)(numbers)",
            "nonfinite (a gradient through where)": (
                "def root(a):\n"
                "    return jnp.where(a > 0, jnp.sqrt(a), 0.0)\n\n"
                "explain(jax.grad(root))(jnp.maximum(vector, 0))"
            ),
            "overflow": "explain(lambda a: a * a)(jnp.array([1, 70_000]))",
        },
    ),
    Section(
        "Notes",
        "What was not looked at, and why. The numbers of a result are looked at where the program is small and pure.",
        {
            "A large run": "explain(lambda a, b: jnp.exp(a - b), in_axes=(0, None))(jnp.ones(8_000), jnp.ones(8_000))",
            "An effect": ('def f(a):\n    jax.debug.print("{}", a)\n    return a\n\nexplain(f)(vector)'),
            "A loop of unknown length": (
                "def halved(a):\n"
                "    return jax.lax.while_loop(lambda b: b > 1, lambda b: b / 2, a)\n\n"
                "explain(halved)(vector)"
            ),
        },
    ),
)

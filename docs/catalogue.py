"""Every diagnosis as a call that gets it: the last line of each snippet is the call, written with ``explain``."""

from dataclasses import dataclass

PRELUDE = """\
import math

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
            "A tuple of arguments": "explain(scale)((vector, vector))",
            "A missing argument": "explain(scale)(vector)",
            "One random key beside a batch": "explain(noisy)(key, rows)",
            "One random key alone": "explain(lambda key: jax.random.normal(key))(key)",
            "A value that is no array": "explain(lambda d: d)(object())",
            "A dict whose keys have no order": 'explain(lambda d: d)({1: vector, "a": vector})',
        },
    ),
    Section(
        "axis_name and axis_size",
        "An option of vmap is missing or wrong.",
        {
            "A collective without a name": 'explain(lambda a: a - jax.lax.pmean(a, "batch"))(vector)',
            "A name that cannot be one": 'explain(lambda a: a, axis_name=["batch"])(vector)',
            "A size that no array has": "explain(lambda a: a * 2, axis_size=7)(rows)",
        },
    ),
    Section(
        "function",
        "The axes are legal, and one example is refused. The advice names the line, and what to write instead.",
        {
            "A size that the function does not take": "explain(convolve)(x_batch, y_batch[:, :2])",
            "A call in place of the function": "explain(jnp.sum(rows))(rows)",
            "Python's if": "def f(a):\n    return a if 0 < a < 2 else -a\n\nexplain(f)(vector)",
            "An if statement": "def f(a):\n    if a > 0:\n        return a\n    return -a\n\nexplain(f)(vector)",
            "Python's while": "def f(a):\n    while a < 3:\n        a = a + 1\n    return a\n\nexplain(f)(vector)",
            "Python's max": "def f(a):\n    return max(a, 0.0)\n\nexplain(f)(vector)",
            "An assertion": "def f(a):\n    assert a > 0\n    return a\n\nexplain(f)(vector)",
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
            "ambiguous": "explain(convolve, in_axes=(1, 0))(square, y_batch)",
            "shared-random": "explain(noisy, in_axes=(None, 0))(key, rows)",
            "constant": "explain(lambda a: jnp.ones(3))(vector)",
            "out-axis": "explain(jnp.negative, out_axes=1)(square)",
            "empty": "explain(convolve)(x_batch[:, :2], y_batch)",
            "nonfinite": "explain(jnp.log)(numbers)",
            "overflow": "explain(lambda a: a * a)(jnp.array([1, 70_000]))",
        },
    ),
)

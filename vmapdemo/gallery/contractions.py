"""``jnp.einsum`` with a spec that a visitor types: a function is made for each spec, with its source.

The source is kept where ``inspect`` looks for it, so that it is shown, exported and traced as a file's would be.
"""

import linecache
import re
from collections import OrderedDict
from threading import Lock
from typing import Any

import jax
import jax.numpy as jnp

from vmapdemo.gallery.entry import Entry, Example, Formulation, Parameter, Typed

MOST_LETTERS = 3
"""An array has no more axes, nor has a result that can be drawn with its batch."""
KEPT = 64
GRAMMAR = "Write letters, a comma, letters, an arrow and letters, such as ij,j->i."
SOURCE = """\
def contract(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.einsum({spec!r}, a, b)
"""
LOOP = """\
def looping_batch_contract(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.stack([contract(*example) for example in zip(a, b, strict=True)])
"""

_made: "OrderedDict[str, Entry]" = OrderedDict()
_making = Lock()


def checked(text: str) -> str:
    """The spec without its spaces. ValueError, with one sentence, for what is no spec of two arrays.

    >>> checked("ij, jk -> ik")
    'ij,jk->ik'
    """
    spec = text.replace(" ", "")
    parts = re.fullmatch(r"([a-z]*),([a-z]*)->([a-z]*)", spec)
    if parts is None:
        raise ValueError(f"{text!r:.40} is no spec here. {GRAMMAR}")
    *operands, result = parts.groups()
    if max(map(len, parts.groups())) > MOST_LETTERS:
        raise ValueError(f"An array has at most {MOST_LETTERS} letters here: {text!r:.40} has more.")
    unknown = [letter for letter in result if letter not in "".join(operands)]
    if unknown:
        raise ValueError(f"The result has the letter {unknown[0]}, which no argument has.")
    if len(set(result)) < len(result):
        raise ValueError(f"The result has a letter twice: {result}.")
    return spec


def contraction(spec: str) -> Entry:
    """The entry of one spec. ValueError, with one sentence, for what is no spec of two arrays."""
    spec = checked(spec)
    with _making:
        if spec not in _made:
            _made[spec] = _entry(spec)
        _made.move_to_end(spec)
        while len(_made) > KEPT:
            gone, _ = _made.popitem(last=False)
            for name in ("contract", "loop"):
                linecache.cache.pop(_file(name, gone), None)
        return _made[spec]


def _entry(spec: str) -> Entry:
    first, second = spec.partition("->")[0].split(",")
    names: dict[str, Any] = {"jax": jax, "jnp": jnp, "__name__": __name__}
    _define(_file("contract", spec), SOURCE.format(spec=spec), names)
    _define(_file("loop", spec), LOOP, names)
    return Entry(
        function=names["contract"],
        group="Linear algebra",
        story="einsum with a spec of your own: its letters name the axes of one example, and the batch has no letter.",
        parameters=(Parameter("a", len(first)), Parameter("b", len(second))),
        by_hand=(Formulation("loop", names["looping_batch_contract"], walks_examples=True),),
        intended=INTENDED,
        loud=LOUD,
        silent=SILENT,
        typed=Typed(DEFAULT, checked, contraction),
    )


def _file(name: str, spec: str) -> str:
    return f"<{name} {spec}>"


def _define(file: str, source: str, names: dict[str, Any]) -> None:
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)


A = (((1, 0, 2), (0, 1, 1)), ((3, 1, 0), (1, 1, 1)), ((2, 2, 0), (0, 0, 5)), ((1, 2, 3), (4, 5, 6)))
B = ((1, 2, 3), (0, 1, 0), (2, 0, 1), (1, 1, 1))

SQUARE = (((1, 2), (3, 4)), ((0, 1), (2, 0)), ((5, 0), (1, 1)))

DEFAULT = "ij,j->i"
INTENDED = Example("einsum", "einsum, spec typed", (A, B), 0, spec=DEFAULT)
LOUD = Example(
    "einsum-loud",
    "a letter for the batch",
    (A, B),
    0,
    spec="bij,bj->bi",
    told="The spec is that of one example: under vmap the batch has no letter.",
)
SILENT = Example(
    "einsum-silent",
    "i where j is meant",
    (SQUARE, ((1, 10), (2, 1), (0, 3))),
    0,
    spec="ij,i->j",
    told="The matrices are square, so that i fits where j is meant: columns are taken for rows.",
)
CONTRACT = contraction(DEFAULT)
ENTRIES = (CONTRACT,)

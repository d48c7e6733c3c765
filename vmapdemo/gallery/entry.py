"""What an entry of the gallery is: a function of one example, its story, its data, and the mistakes made with it."""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import jax
import numpy as np

from vmapdemo.parsing import parse

T = TypeVar("T")

STRATEGY_LABELS = {
    "loop": "Python loop",
    "mathy": "By hand",
    "vmap": "vmap",
    "jit": "jit of vmap",
    "shifted": "Shifted slices",
}
"""Every strategy's name and what it is called on a page, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Formulation:
    """The function batched by hand: it maps axis 0 of every argument and knows no other axes.

    ``walks_examples`` says that its cost grows with the batch size, not only with the size of one example.
    """

    name: str
    function: Callable[..., jax.Array]
    walks_examples: bool = False


Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
"""Random numbers of a shape: the last axes are those that the parameter has inside the function, others come first."""


def whole_numbers(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers from 1 to 9: what most functions take."""
    return random.integers(1, 10, shape)


def fractions(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers from 0 to 1."""
    return random.uniform(size=shape)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One array of a call: its name, ``params.w`` for an entry of a dict, its axes inside the function, its dtype.

    ``drawn`` gives random numbers that the function has an answer for.
    """

    name: str
    ndim: int
    dtype: str
    drawn: Draw = whole_numbers


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the function: its name on a page, how many axes it has inside the function, and its dtype.

    For a dict of arrays ``ndim`` has a number for each key, and ``dtype`` may have a text for each. The dtype ``key``
    is that of random keys. ``drawn`` gives random numbers that the function has an answer for.
    """

    name: str
    ndim: int | Mapping[str, int]
    dtype: str | Mapping[str, str] = "float32"
    drawn: Draw = whole_numbers

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Its arrays, in the order in which JAX lays out a dict."""
        if isinstance(self.ndim, int):
            return (Leaf(self.name, self.ndim, self._dtype(""), self.drawn),)
        keys = sorted(self.ndim)
        return tuple(Leaf(f"{self.name}.{key}", self.ndim[key], self._dtype(key), self.drawn) for key in keys)

    def assembled(self, leaves: Iterator[T]) -> Any:
        """What the function is given for the next of these, an array or a dict of arrays."""
        if isinstance(self.ndim, int):
            return next(leaves)
        return {key: next(leaves) for key in sorted(self.ndim)}

    def _dtype(self, key: str) -> str:
        return self.dtype if isinstance(self.dtype, str) else self.dtype[key]


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that a visitor types and that a function is made for.

    ``check`` gives it as it is kept; both raise ValueError, with one sentence, for any other text.
    """

    default: str
    check: Callable[[str], str]
    make: "Callable[[str], Entry]"


@dataclass(frozen=True, slots=True)
class Example:
    """A call of the function that has a name in links: ``values`` are nested numbers, or dicts of them, by parameter.

    ``told`` says in a sentence what it shows. ``transposed`` names the parameters that are passed as ``.T``, and
    ``keywords`` those that are passed by keyword. ``inner``: in_axes and out_axes of a vmap inside the vmap.
    ``spec``: the text that the function is made for. ``meant``: the in_axes that its numbers are made for, where these
    are not the ones of the entry's intended call.
    """

    name: str
    label: str
    values: tuple[Any, ...]
    in_axes: Any
    out_axes: Any = 0
    told: str = ""
    transposed: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    inner: tuple[Any, Any] | None = None
    spec: str | None = None
    meant: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A function of one example, and what its users need to know of it.

    ``intended`` is the call that is meant, on data whose rows and sizes all differ; ``loud`` is a mistake that JAX
    refuses, ``silent`` one that runs and gives something else. ``axis_name`` is the name that the function has for
    the axis of the batch, if it looks at other examples; its loop is then the only way to do without vmap.
    ``unrolls``: it is a loop in Python, so that its program grows with the arrays.
    """

    function: Callable[..., Any]
    group: str
    story: str
    parameters: tuple[Parameter, ...]
    by_hand: tuple[Formulation, ...]
    intended: Example
    loud: Example
    silent: Example
    others: tuple[Example, ...] = ()
    other_mistakes: tuple[Example, ...] = ()
    axis_name: str | None = None
    typed: Typed | None = None
    unrolls: bool = False

    @property
    def name(self) -> str:
        """The function's own name, under which code calls it."""
        return self.function.__name__

    @property
    def mistakes(self) -> tuple[Example, ...]:
        """Every call that is hardly meant."""
        return (self.loud, self.silent, *self.other_mistakes)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The arrays of a call, in the order of its parameters."""
        return tuple(leaf for parameter in self.parameters for leaf in parameter.leaves)

    @property
    def argument_names(self) -> tuple[str, ...]:
        """The names of the arrays, in the order of the call."""
        return tuple(leaf.name for leaf in self.leaves)

    @property
    def example_ndim(self) -> tuple[int, ...]:
        """How many axes each array has inside the function."""
        return tuple(leaf.ndim for leaf in self.leaves)

    @property
    def keyword_names(self) -> tuple[str, ...]:
        """What the function itself calls its parameters."""
        return tuple(inspect.signature(self.function).parameters)

    def assembled(self, leaves: Iterable[T]) -> tuple[Any, ...]:
        """What the function is given for each parameter: the arrays as they are, or dicts of them."""
        rest = iter(leaves)
        return tuple(parameter.assembled(rest) for parameter in self.parameters)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The names of the strategies that there are for it, in the order of STRATEGY_LABELS."""
        available = {"vmap", "jit", *(formulation.name for formulation in self.by_hand)}
        return tuple(name for name in STRATEGY_LABELS if name in available)

    def formulation(self, strategy: str) -> Formulation | None:
        """The strategy written by hand, or None for those that vmap makes."""
        return next((formulation for formulation in self.by_hand if formulation.name == strategy), None)

    @property
    def source(self) -> str:
        """The function's code, as it runs."""
        return source_of(self.function)


@cache
def source_of(function: Callable[..., Any]) -> str:
    """A function's code as it runs, without its docstring, which is told beside it, and the newline at its end."""
    source = inspect.getsource(function)
    documented = parse(source).body[0]
    lines = source.splitlines()
    if isinstance(documented, ast.FunctionDef) and ast.get_docstring(documented) is not None:
        docstring = documented.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines).strip()

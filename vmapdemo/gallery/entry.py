"""What an entry of the gallery is: a function of one example, its story, its data, and the mistakes made with it."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import numpy as np

from vmapdemo.parsing import parse

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
class Parameter:
    """A parameter of the function: its name on a page, and how many axes it has inside the function.

    ``drawn`` gives random numbers that the function has an answer for.
    """

    name: str
    ndim: int
    dtype: str = "float32"
    drawn: Draw = whole_numbers


@dataclass(frozen=True, slots=True)
class Example:
    """A call of the function that has a name in links: ``values`` are nested numbers, one for each parameter.

    ``told`` says in a sentence what it shows; ``transposed`` names the parameters that are passed as ``.T``.
    ``meant``: the in_axes that its numbers are made for, where these are not the ones of the entry's intended call.
    """

    name: str
    label: str
    values: tuple[Any, ...]
    in_axes: Any
    out_axes: Any = 0
    told: str = ""
    transposed: tuple[str, ...] = ()
    meant: Any = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A function of one example, and what its users need to know of it.

    ``intended`` is the call that is meant, on data whose rows and sizes all differ; ``loud`` is a mistake that JAX
    refuses, ``silent`` one that runs and gives something else.
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

    @property
    def name(self) -> str:
        """The function's own name, under which code calls it."""
        return self.function.__name__

    @property
    def mistakes(self) -> tuple[Example, ...]:
        """Every call that is hardly meant."""
        return (self.loud, self.silent, *self.other_mistakes)

    @property
    def argument_names(self) -> tuple[str, ...]:
        """The names of the arguments, in the order of the call."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def example_ndim(self) -> tuple[int, ...]:
        """How many axes each argument has inside the function."""
        return tuple(parameter.ndim for parameter in self.parameters)

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

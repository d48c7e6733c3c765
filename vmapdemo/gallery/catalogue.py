"""The catalogue of per-example functions: what each one means, and how it is batched by hand."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax

from vmapdemo import strategies
from vmapdemo.gallery import functions
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A function of one example, and what its users need to know of it.

    ``example_ndim``: how many axes each argument has inside the function. ``mistake``: what people get wrong with it.
    """

    function: Callable[..., Any]
    argument_names: tuple[str, ...]
    example_ndim: tuple[int, ...]
    story: str
    mistake: str
    by_hand: tuple[Formulation, ...]

    @property
    def name(self) -> str:
        """The function's own name, under which code calls it."""
        return self.function.__name__

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


FUNCTIONS = {
    "convolve": Entry(
        function=strategies.convolve,
        argument_names=("x_batch", "y_batch"),
        example_ndim=(1, 1),
        story="A kernel of three taps slides along a signal: each result is the dot product of kernel and window.",
        mistake="Three signals and one kernel of three taps under in_axes=0: the kernel's taps are taken for examples.",
        by_hand=(
            Formulation("loop", strategies.looping_batch_convolve, walks_examples=True),
            Formulation("mathy", strategies.mathy_batch_convolve),
            Formulation("shifted", strategies.shifted_batch_convolve),
        ),
    ),
    "clipped_step": Entry(
        function=functions.clipped_step,
        argument_names=("params", "gradients", "limit"),
        example_ndim=(1, 1, 0),
        story="A step against a gradient that is made no longer than a limit: a condition in every example.",
        mistake="A condition is meant to spare work: under vmap both of its branches run for every example.",
        by_hand=(Formulation("loop", functions.looping_batch_clipped_step, walks_examples=True),),
    ),
    "dense": Entry(
        function=functions.dense,
        argument_names=("features", "weights", "bias"),
        example_ndim=(1, 2, 1),
        story="A layer of a network: all examples share its weights, which are made of length 1 column by column.",
        mistake="in_axes=0, which takes the rows of the weights for examples, where it should be (0, None, None).",
        by_hand=(Formulation("loop", functions.looping_batch_dense, walks_examples=True),),
    ),
    "to_nearest": Entry(
        function=functions.to_nearest,
        argument_names=("points", "centres"),
        example_ndim=(1, 2),
        story="The way from a point to the nearest centre: every example looks up a row of one shared table.",
        mistake="As many points as centres under in_axes=0: each point is given one centre, and no table.",
        by_hand=(Formulation("loop", functions.looping_batch_to_nearest, walks_examples=True),),
    ),
    "newton_root": Entry(
        function=functions.newton_root,
        argument_names=("numbers",),
        example_ndim=(0,),
        story="A square root by Newton's method: each number needs rounds of its own, and vmap runs the most of them.",
        mistake="A matrix of numbers under one vmap: an example is then a row, and the test of a loop is one number.",
        by_hand=(Formulation("loop", functions.looping_batch_newton_root, walks_examples=True),),
    ),
}

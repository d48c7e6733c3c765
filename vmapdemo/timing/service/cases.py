"""A scenario -> what to sweep: its function at sizes that no scenario holds, with the same axes and dtypes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from vmapdemo import outcome
from vmapdemo.gallery.entry import STRATEGY_LABELS, whole_numbers
from vmapdemo.gallery.moved_batch import moved
from vmapdemo.scenario.argument import InputError, keys_of, struct
from vmapdemo.scenario.loops import looped
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.measuring.blocks import Candidate
from vmapdemo.timing.measuring.cold import time_compiling
from vmapdemo.timing.programs.inspection import inspect_trace
from vmapdemo.timing.results.records import Conditions
from vmapdemo.timing.results.sweep import COPY, EMPTY, VARIED, Sweep, Vary
from vmapdemo.timing.sweeping.task import Case, Task

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]

BATCH_SIZES = (1, 4, 16, 64, 256, 1024, 4096, 2, 8, 32, 128, 512, 2048)
"""In the order in which they are visited: should the time run out, the line is coarser, not shorter."""
LENGTHS = (5, 16, 64, 256, 8, 32, 128)
SIZES: Mapping[Vary, tuple[int, ...]] = {"batch": BATCH_SIZES, "length": LENGTHS}
WARM_UP: Mapping[Vary, int] = {"batch": 3, "length": 4}
"""A size that is not measured: the very first calls of a process find out much that has nothing to do with size."""
MOST_ELEMENTS = 2**22
"""In all arguments and the result: 16 MiB, of which a strategy may make several on its way."""
RETURN_EARLY = ("jit", "shifted")
"""The strategies that are shown without waiting too: one dispatch each, so that there is nothing else in the call."""
NO_LENGTH = "Every dimension of the arguments is mapped, so that no length is left to vary."
NO_SIZE = "jax.vmap takes no other {} here, so that there is nothing to vary."


def has_length(scenario: Scenario) -> bool:
    """Whether some argument has a dimension that is not mapped. Needs a scenario that vmap accepts."""
    return any(len(row.shape) > (row.axis is not None) for row in outcome.explanation(scenario).arguments)


def task_of(scenario: Scenario, vary: Vary, budget_s: float, *, shows_lie: bool = False) -> Task:
    """The task for a scenario that vmap accepts. InputError, one sentence, where there is nothing to vary.

    Compiling is taken apart where the length varies: what is compiled does not depend on the batch size.
    """
    here = Conditions.here(jax.devices()[0], labels(scenario, vary), budget_s)
    return Task(
        Sweep(vary, scenario.strategies, sizes(scenario, vary), here),
        partial(case, scenario, vary),
        WARM_UP[vary],
        inspect_trace,
        time_compiling if vary == "length" else None,
        RETURN_EARLY if shows_lie else (),
        STRATEGY_LABELS,
    )


def sizes(scenario: Scenario, vary: Vary) -> tuple[int, ...]:
    """The sizes that vmap accepts and that are not too large, in the order to visit them.

    InputError, one sentence, where there are none.
    """
    accepted = tuple(size for size in SIZES[vary] if _is_accepted(scenario, vary, size))
    if not accepted:
        raise InputError(NO_SIZE.format(VARIED[vary]))
    return accepted


def case(scenario: Scenario, vary: Vary, size: int) -> Case:
    """The strategies at this size, and random numbers that the function has an answer for."""
    arrays = _arrays(scenario, shapes(scenario, vary, size), np.random.default_rng(size))
    given = zip(arrays, scenario.arguments, strict=True)
    args = jax.block_until_ready(tuple(keys_of(a) if argument.is_key else jnp.asarray(a) for a, argument in given))
    batch = size if vary == "batch" else outcome.explanation(scenario).batch_size or 0
    strategies = {name: _strategy(scenario, name, batch) for name in scenario.strategies}
    return Case(strategies, args, (_copy(arrays), _empty(args)))


def _arrays(scenario: Scenario, wanted: Shapes, random: np.random.Generator) -> list[np.ndarray]:
    """An example of another rank than the function's own is a mistake: any numbers do for it."""
    rows, leaves = outcome.explanation(scenario).arguments, scenario.entry.leaves
    arrays = []
    for row, leaf, argument, shape in zip(rows, leaves, scenario.arguments, wanted, strict=True):
        is_mapped = row.axis is not None
        draw = leaf.drawn if len(shape) - is_mapped == leaf.ndim else whole_numbers
        axis = row.axis % len(shape) if is_mapped else 0
        batch_first = (shape[axis], *shape[:axis], *shape[axis + 1 :]) if is_mapped else shape
        drawn = draw(random, batch_first).astype("int32" if argument.is_key else argument.dtype)
        arrays.append(np.ascontiguousarray(np.moveaxis(drawn, 0, axis)) if axis else drawn)
    return arrays


def shapes(scenario: Scenario, vary: Vary, size: int) -> Shapes:
    """The arguments' shapes as passed, at this size. InputError where there is no length."""
    changed = _batch_dims(scenario) if vary == "batch" else _length_dims(scenario)
    return _with_size(_shapes(scenario), changed, size)


def labels(scenario: Scenario, vary: Vary) -> tuple[str, ...]:
    """The arguments as conditions name them, with a letter for what is varied: `int32[B, 5]`."""
    letter, marker = ("B", -1) if vary == "batch" else ("N", -1)
    named = zip(scenario.arguments, shapes(scenario, vary, marker), strict=True)
    return tuple(
        f"{argument.dtype}[{', '.join(letter if n == marker else str(n) for n in shape)}]" for argument, shape in named
    )


def _is_accepted(scenario: Scenario, vary: Vary, size: int) -> bool:
    wanted = shapes(scenario, vary, size)
    result = _result_size(scenario, wanted)
    return result is not None and result + sum(map(math.prod, wanted)) <= MOST_ELEMENTS


def _result_size(scenario: Scenario, wanted: Shapes) -> int | None:
    """How many elements the result has for arguments of these shapes; None where vmap refuses them."""
    structs = map(struct, wanted, (argument.dtype for argument in scenario.arguments))
    try:
        result = jax.eval_shape(scenario.form.vmapped(), *structs)
    except Exception:  # JAX raises many kinds for shapes that do not fit
        return None
    elements: int = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(result))
    return elements


Dims = tuple[tuple[int, int], ...]
"""Dimensions that change together, each as the argument's position and the dimension in it."""


def _batch_dims(scenario: Scenario) -> Dims:
    rows = enumerate(outcome.explanation(scenario).arguments)
    return tuple((position, row.axis % len(row.shape)) for position, row in rows if row.axis is not None)


@lru_cache(maxsize=64)
def _length_dims(scenario: Scenario) -> Dims:
    """The first dimension that is not mapped; where the function wants others of that length to follow, these too."""
    passed, mapped = _shapes(scenario), _batch_dims(scenario)
    free = [
        (position, dim)
        for position, shape in enumerate(passed)
        for dim in range(len(shape))
        if (position, dim) not in mapped
    ]
    if not free:
        raise InputError(NO_LENGTH)
    length = passed[free[0][0]][free[0][1]]
    same = tuple((position, dim) for position, dim in free if passed[position][dim] == length)
    for dims in ((free[0],), same):
        if all(_result_size(scenario, _with_size(passed, dims, size)) is not None for size in (length + 1, length + 2)):
            return dims
    raise InputError(NO_SIZE.format(VARIED["length"]))


def _shapes(scenario: Scenario) -> Shapes:
    return tuple(argument.shape for argument in scenario.arguments)


def _with_size(passed: Shapes, dims: Dims, size: int) -> Shapes:
    return tuple(
        tuple(size if (position, dim) in dims else n for dim, n in enumerate(shape))
        for position, shape in enumerate(passed)
    )


def _strategy(scenario: Scenario, name: str, batch: int) -> Callable[..., Any]:
    """As `outcome.callables` has it, for another batch size; jit of vmap is made anew, so that it knows no program."""
    if name in ("vmap", "jit"):
        batched = scenario.form.vmapped()
        return jax.jit(batched) if name == "jit" else batched
    if scenario.inner is not None:
        outer, within = outcome.loops(scenario)
        return looped(scenario, (replace(outer, size=batch), within))
    by_hand = scenario.form.by_hand(name)
    if not outcome.is_moved(scenario):
        return by_hand
    return moved(by_hand, outcome.mapped_axes(scenario), scenario.out_axes, batch)


def _copy(arrays: list[np.ndarray]) -> Candidate:
    pairs = [(np.empty_like(array), array) for array in arrays]

    def copy() -> None:
        for target, source in pairs:
            np.copyto(target, source)

    return Candidate(COPY, copy)


def _empty(args: tuple[Any, ...]) -> Candidate:
    empty = jax.jit(lambda *values: 0)
    empty(*args).block_until_ready()
    return Candidate(EMPTY, empty, args, lambda result: result.block_until_ready())

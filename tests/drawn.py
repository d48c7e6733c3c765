"""Random arguments, axes and scenarios for the property tests."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.scenario import Level, Scenario, check_axes

HARD_NUMBERS = (0.0, -0.0, 1e-45, -1e-40, 3.4028235e38, -3.4028235e38, 0.1, 16777216.0, 1e20, 1 / 3)
HARD_INTS = (0, -1, 2**31 - 1, -(2**31))
HARD_TEXTS = ("a", "a, b", "&in_axes=0", "100%", "a+b", "~_~~", "'\"", "\\", "\n\t", " ", "é", "\x00", "#?;")


def arguments(name: str, max_dims: int = 3) -> st.SearchStrategy[Argument]:
    """Arguments of 0 to ``max_dims`` axes and both dtypes, with the numbers that are hard to write down."""
    shapes = npst.array_shapes(min_dims=0, max_dims=max_dims, min_side=1, max_side=4)
    floats = st.floats(width=32, allow_nan=False, allow_infinity=False) | st.sampled_from(HARD_NUMBERS)
    ints = st.integers(-(2**31), 2**31 - 1) | st.sampled_from(HARD_INTS)
    of_floats = npst.arrays(np.float32, shapes, elements=floats.map(np.float32).map(float))
    of_ints = npst.arrays(np.int32, shapes, elements=ints)
    drawn = st.tuples(of_floats | of_ints, st.booleans())
    return drawn.map(lambda pair: Argument(name, pair[0], str(pair[0].dtype), pair[1]))


def axes() -> st.SearchStrategy[Any]:
    """Whatever can be written for in_axes: every kind of literal, bare and nested."""
    numbers = st.integers(-3, 3) | st.booleans() | st.sampled_from([0.0, -0.0, 0.5, 1e300, 1j, -1j, 1 - 2j])
    texts = st.sampled_from(HARD_TEXTS) | st.text(max_size=8)
    leaves = st.none() | numbers | texts
    nested = st.recursive(leaves, _containers, max_leaves=6)
    return nested.filter(_is_within_limits)


def scenarios() -> st.SearchStrategy[Scenario]:
    """Calls of convolve, most of them wrong."""
    both = st.tuples(arguments("x_batch"), arguments("y_batch"))
    keywords = st.sampled_from([(), ("y_batch",), ("x_batch", "y_batch")])
    levels = st.none() | st.builds(Level, axes(), axes())
    return st.builds(Scenario, st.just("convolve"), both, axes(), axes(), st.booleans(), keywords, levels)


def _containers(entries: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists, tuples and dicts of these."""
    names = st.sampled_from(["w", "b", *HARD_TEXTS])
    return st.lists(entries, max_size=3).flatmap(_list_or_tuple) | st.dictionaries(names, entries, max_size=3)


def _list_or_tuple(entries: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([entries, tuple(entries)])


def _is_within_limits(value: Any) -> bool:
    try:
        check_axes(value)
    except InputError:
        return False
    return True

"""Data that nobody sees before a call is tried on it: numbers that all differ, on axes whose sizes all differ."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.scenario import Scenario

SIZES = ((4, 5, 3, 6), (6, 4, 5, 3))
"""What the letters stand for, in the order in which they first come, each time that a call is tried."""


def tries(scenario: Scenario, shapes: Mapping[str, str]) -> Iterator[Scenario]:
    """The call on other arrays, as often as there are SIZES.

    ``shapes``: by argument, its axes as stored, such as ``"b n"``: a letter is a size of its own, a number that size.
    InputError for anything else.
    """
    missing = {argument.name for argument in scenario.arguments} ^ shapes.keys()
    if missing:
        raise InputError(f"The shapes of other data have to be given for each argument: see {sorted(missing)[0]!r}.")
    letters = list(dict.fromkeys(re.findall(r"[a-z]", " ".join(shapes.values()))))
    for number, sizes in enumerate(SIZES):
        free = [size for size in sizes if str(size) not in " ".join(shapes.values()).split()]
        known = dict(zip(letters, free, strict=False))
        arguments = tuple(
            _drawn(argument, [_size(name, known) for name in shapes[argument.name].split()], number)
            for argument in scenario.arguments
        )
        yield replace(scenario, arguments=arguments)


def _size(name: str, known: Mapping[str, int]) -> int:
    if name not in known and not name.isdecimal():
        raise InputError(f"{name!r} is no axis of other data: it is a small letter, four at most, or a number.")
    return known[name] if name in known else int(name)


def _drawn(argument: Argument, shape: Sequence[int], number: int) -> Argument:
    """Numbers that all differ, and that are the same in each try of that number."""
    count = int(np.prod(shape, dtype=int))
    values = random.Random(f"{argument.name} {number}").sample(range(1, max(60, 2 * count)), count)
    return replace(argument, values=np.reshape(values, shape).tolist())

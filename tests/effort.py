"""How much is tried: a part of it as a rule, all of it in a long run, and in a check only what is quick."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

LONG = os.environ.get("VMAPDEMO_TESTS") == "long"
"""``make test-long``"""
QUICK = os.environ.get("VMAPDEMO_TESTS") == "quick"
"""``make check``"""

SEED = 20240517
T = TypeVar("T")


def some(cases: Sequence[T], count: int) -> list[T]:
    """So many of the cases, in their order and always the same ones; all of them in a long run."""
    if LONG or len(cases) <= count:
        return list(cases)
    return [cases[index] for index in sorted(random.Random(SEED).sample(range(len(cases)), count))]

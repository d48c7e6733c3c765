"""How much is tried: a part of it as a rule, all of it in a long run, and in a check only what is quick."""

import os
import random
from collections.abc import Sequence
from typing import TypeVar

LONG = os.environ.get("VMAPDEMO_TESTS") == "long"
"""``make test-long``"""
QUICK = os.environ.get("VMAPDEMO_TESTS") == "quick"
"""``make check``"""

MEASURING = (
    "tests/timing/measuring/test_processor.py",
    "tests/timing/service/test_pool.py",
    "tests/timing/service/test_worker.py",
    "tests/timing/test_main.py",
    "tests/faults/test_server.py",
    "tests/browser/test_faults.py",
    "tests/browser/test_sweep.py",
    "tests/browser/test_timing.py",
    "tests/browser/test_why.py",
)
"""What measures in processes of its own, one file after another: side by side they would measure each other."""

SLOW = (
    "benchmarks/test_hostile_core.py",
    "benchmarks/test_hostile_wire.py",
    "browser",
    "deploy",
    "diagnosis/probe/test_in_numpy.py",
    "diagnosis/test_blame.py",
    "diagnosis/test_economy.py",
    "diagnosis/test_engine.py",
    "diagnosis/test_never_raises.py",
    "diagnosis/test_random.py",
    "diagnosis/test_reports.py",
    "diagnosis/test_right_calls.py",
    "diagnosis/test_untouched.py",
    "docs",
    "evaluator",
    "examples",
    "faults",
    "hosting/test_memory_of_server.py",
    "hosting/test_server.py",
    "lessons",
    "peers",
    "timing/service",
    "timing/test_main.py",
    "views",
)
"""What ``make check`` leaves to ``make test``."""

SEED = 20240517
T = TypeVar("T")


def some(cases: Sequence[T], count: int) -> list[T]:
    """So many of the cases, in their order and always the same ones; all of them in a long run."""
    if LONG or len(cases) <= count:
        return list(cases)
    return [cases[index] for index in sorted(random.Random(SEED).sample(range(len(cases)), count))]

"""What the benchmark of strategies and peers skips, and what it prints, mostly for made-up figures."""

from dataclasses import replace

import pytest

from benchmarks.peers import COPY, STRATEGIES, Column, claims, growth_factor, measure_size, table, why_not
from vmapdemo.peers.catalogue import Growth, available

SMALL, MIDDLE = (4, 5), (1024, 64)
EAGER, JITTED = STRATEGIES[0], STRATEGIES[3]
NUMPY = next(peer for peer in available() if peer.takes == "numpy")
COLUMN = Column(
    SMALL, {COPY: 1e-6, "loop": 3e-3, "jit": 8e-6, "shifted": 1.5e-6, NUMPY.name: 9e-6}, frozenset({"jit"}), {}
)


@pytest.mark.parametrize(
    ("growth", "factor"),
    [("fixed", 1), ("windows", 62 / 3), ("examples", 256), ("windows and examples", 256 * 62 / 3)],
)
def test_operations_grow_with_examples_and_windows(growth: Growth, factor: float) -> None:
    assert growth_factor(growth, SMALL, MIDDLE) == pytest.approx(factor)


def test_what_would_take_too_long_is_not_run_and_the_table_says_why() -> None:
    assert why_not(EAGER, MIDDLE, COLUMN) == "not run: 15.9 s a call"
    assert why_not(EAGER, MIDDLE, replace(COLUMN, best_s={**COLUMN.best_s, "loop": 1e-4})) == ""
    assert why_not(EAGER, SMALL, None) == ""


def test_what_was_not_run_is_not_run_at_a_larger_size() -> None:
    assert why_not(JITTED, MIDDLE, replace(COLUMN, skipped={"jit": "wrong"})) == "not run"


def test_a_program_that_is_too_large_is_not_compiled() -> None:
    assert why_not(JITTED, MIDDLE, COLUMN) == ""
    assert why_not(JITTED, (4, 3000), COLUMN).startswith("not run: compiles 1")


def test_the_table_has_a_ratio_or_a_reason_in_every_cell() -> None:
    found = table((EAGER, JITTED, NUMPY), (COLUMN, replace(COLUMN, skipped={"loop": "wrong"})))
    assert found.splitlines() == [
        "|  | 4x5 | 4x5 |",
        "| --- | ---: | ---: |",
        "| `np.copyto` of x | 1 (1 µs) | 1 (1 µs) |",
        "| Python loop | 3,000 | wrong |",
        "| jit of vmap | 8~ | 8~ |",
        "| NumPy, shifted slices | 9 | 9 |",
    ]


def test_the_claims_name_the_fastest_of_each_library() -> None:
    shifted, numpy = claims((*STRATEGIES, NUMPY), COLUMN)
    assert shifted == "Shifted slices at 4x5: 1.5 of the copy; claimed: at most 1.5."
    assert numpy == "numpy_shifted, the fastest that takes numpy's arrays: 6 times theirs; claimed: 4."


def test_claims_from_a_busy_machine_say_so() -> None:
    busy = replace(COLUMN, doubtful=frozenset({COPY}))
    assert claims(STRATEGIES, busy)[-1] == "The machine was busy: these are not confirmed."
    assert table((), (busy,)).splitlines()[-1] == "| `np.copyto` of x | 1~ (1 µs) |"


def test_what_disagrees_is_not_timed() -> None:
    wrong = replace(STRATEGIES[4], name="wrong", function=lambda x_batch, y_batch: x_batch[:, 2:] * 0)
    found = measure_size((STRATEGIES[4], wrong), SMALL, None, 0.02)
    assert set(found.best_s) == {COPY, "shifted"}
    assert found.skipped == {"wrong": "wrong"}

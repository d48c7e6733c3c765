"""In which runs the known truths hold, for made-up runs; and the whole of it once, with hardly any time to measure."""

import pytest

from benchmarks import truths
from benchmarks.truths import Run, rows


def test_a_run_holds_where_its_ratio_is_within_ten_percent() -> None:
    idle = [Run(1.0, 2.0, 400, True), Run(1.09, 2.19, 420, True), Run(1.11, 1.7, 300, True)]
    beside_two = [Run(0.9, 2.3, 410, True), Run(1, 2, 800, False)]
    beside_five = [Run(1, 2, 800, True), Run(1, 2, 800, False), Run(1, 2, 405, True)]
    found = rows({0: idle, 2: beside_two, 5: beside_five})
    assert [row.held for row in found] == [2, 2, 2, 1, 2, 1, 2]
    assert [row.confirmed for row in found] == [3, 3, 1, 1, 3, 1, 2]


def test_a_line_counts_the_runs_and_shows_the_range() -> None:
    line = str(rows({0: [Run(1.0, 2.0, 400, True), Run(1.25, 2, 400, False)], 2: [Run(1, 2, 3, True)], 5: []})[0])
    assert " ".join(line.split()) == "idle: against itself 1 1 of 2 1 1 to 1.25"


def test_the_benchmark_prints_every_truth(capsys: pytest.CaptureFixture[str]) -> None:
    truths.main(["--runs", "1", "--budget", "0.05"])
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 9
    assert all(" of   1" in line for line in printed[2:])

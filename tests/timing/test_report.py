import csv
import io
import json
import subprocess
import sys

import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from vmapdemo.timing.report import Comparison


def test_a_comparison_survives_json() -> None:
    comparison = notebook()
    assert Comparison.from_json(comparison.to_json()) == comparison


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"version": 2}',
        notebook().to_json().replace("best_s", "worst_s"),
        notebook().to_json().replace("0.0032", '"quick"'),
        notebook().to_json().replace('"baseline": "loop"', '"baseline": "none"'),
        notebook().to_json().replace('"arguments"', '"things"'),
    ],
)
def test_json_of_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="This is not a comparison that this version can read"):
        Comparison.from_json(text)


def test_figures_are_found_by_name() -> None:
    assert notebook()["vmap"].best_s == 3.1e-3


def test_a_rejected_strategy_has_no_figures_but_a_reason() -> None:
    with pytest.raises(KeyError, match="by up to 3"):
        notebook()["typo"]


def test_the_speedup_is_over_the_baseline() -> None:
    assert notebook().speedup("loop") == 1
    assert notebook().speedup("jit") == pytest.approx(400)


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline 'b' is none of the strategies a"):
        Comparison((timing("a", 1.0),), (), "b", CONDITIONS)


def test_two_strategies_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="different names"):
        Comparison((timing("a", 1.0), timing("a", 2.0)), (), "a", CONDITIONS)


def test_the_text_is_a_table_with_conditions_and_remarks() -> None:
    lines = str(notebook()).splitlines()
    assert " ".join(lines[0].split()) == "strategy best median IQR runs x loops first call compile speed-up"
    assert " ".join(lines[4].split()) == "jit 8 µs 8.8 µs 2.24 µs 52 x 8 34 ms 36 ms 400x"
    assert lines[5] == "typo: not timed. Its result differs from that of loop by up to 3."
    assert str(CONDITIONS) in lines
    assert lines[-1] == notebook().remarks[-1]


def test_the_columns_are_aligned() -> None:
    head, *rows = str(notebook()).splitlines()[:5]
    end = head.index("best") + len("best")
    assert all(row[end - 1] == "s" for row in rows)


def test_markup_in_names_and_messages_is_escaped() -> None:
    html = notebook()._repr_html_()
    assert "&lt;b&gt;boom&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_timeit_lines_give_mean_and_deviation_for_each_strategy() -> None:
    lines = notebook().timeit_lines()
    assert list(lines) == ["loop", "mathy", "vmap", "jit"]
    assert lines["jit"] == "9.6 µs ± 800 ns per loop (mean ± std. dev. of 52 runs, 8 loops each)"


def test_unconfirmed_strategies_are_marked_and_make_the_whole_unconfirmed() -> None:
    comparison = Comparison((timing("a", 1.0), timing("b", 1.0, confirmed=False)), (), "a", CONDITIONS)
    assert not comparison.confirmed
    assert str(comparison).splitlines()[2].endswith("not confirmed")


def test_without_its_baseline_a_comparison_has_no_speedups() -> None:
    comparison = Comparison((timing("b", 1.0),), notebook().rejected[:1], "typo", CONDITIONS)
    assert "-" in str(comparison)
    with pytest.raises(KeyError):
        comparison.speedup("b")


def test_the_json_is_plain() -> None:
    fields = json.loads(notebook().to_json())
    assert fields["version"] == 1
    assert fields["timings"][3]["best_s"] == 8e-6


def test_the_csv_has_a_line_for_each_strategy_with_speedup_and_conditions() -> None:
    rows = list(csv.DictReader(io.StringIO(notebook().to_csv())))
    assert [row["name"] for row in rows] == ["loop", "mathy", "vmap", "jit"]
    assert float(rows[3]["best_s"]) == 8e-6
    assert float(rows[3]["speedup"]) == pytest.approx(400)
    assert rows[0]["unwaited_s"] == ""
    assert {row["arguments"] for row in rows} == {"int32[4, 5]; float32[4, 3]"}
    assert {row["device"] for row in rows} == {CONDITIONS.device}


def test_the_csv_of_nothing_is_empty() -> None:
    empty = Comparison((), notebook().rejected, "typo", CONDITIONS)
    assert empty.to_csv().strip() == ""


def test_the_figure_is_that_of_the_page() -> None:
    assert notebook().figure().data[0].x == (3.2e-3, 0.7e-3, 3.1e-3, 8e-6)


def test_without_plotly_the_figure_says_what_to_install() -> None:
    code = """
import sys
sys.modules["plotly"] = None
from tests.timing.made_up import notebook
try:
    notebook().figure()
except ImportError as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert found.stdout == "A figure needs Plotly, which is not installed: pip install plotly\n"


def test_a_figure_that_was_not_waited_for_is_called_what_it_is() -> None:
    comparison = Comparison((timing("jit", 2e-4, unwaited_s=1e-5),), (), "jit", CONDITIONS)
    assert comparison.remarks[-1] == (
        "Without block_until_ready jit would seem to take 10 µs, but it takes 200 µs, 20 times as long:"
        " a call returns before its result is there."
    )
    assert "without block_until_ready" not in "".join(notebook().remarks).lower()

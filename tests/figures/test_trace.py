import functools
import inspect
import json
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.tracing.functions import Case, cases
from vmapdemo.figures.trace import MOST_ROUNDS, side_by_side
from vmapdemo.gallery.entry import source_of
from vmapdemo.strategies import convolve
from vmapdemo.tracing.engine import trace

ROWS = jnp.ones((4, 3))


def _drawn(case: Case) -> dict[str, Any]:
    return side_by_side(trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments))


def _convolve(length: int = 5) -> dict[str, Any]:
    return side_by_side(trace(convolve, in_axes=(0, None))(jnp.ones((4, length)), jnp.ones(3)))


@pytest.mark.parametrize("case", list(cases())[::2], ids=lambda case: case.name)
def test_the_picture_travels_as_json(case: Case) -> None:
    drawn = _drawn(case)
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


@pytest.mark.parametrize("case", list(cases())[::2], ids=lambda case: case.name)
def test_rows_refer_to_rows_that_are_there(case: Case) -> None:
    rows = _drawn(case)["rows"]
    numbers = [row["id"] for row in rows]
    assert numbers == list(range(1, len(rows) + 1))
    for row in rows:
        assert set(row["reads"]) <= set(numbers) - {row["id"]}
        assert row["parent"] is None or numbers.index(row["parent"]) < numbers.index(row["id"])
        assert (row["parent"] is None) == (row["depth"] == 0)


def test_rows_and_lines_belong_together() -> None:
    drawn = _convolve()
    lines = {line["number"]: line["text"] for line in drawn["source"]["lines"]}
    assert "\n".join(lines.values()) == source_of(convolve)
    first = inspect.getsourcelines(convolve)[1]
    written = inspect.getsource(convolve).splitlines()
    assert all(written[number - first] == text for number, text in lines.items())
    assert drawn["source"]["file"] == "strategies.py"
    assert [(row["primitive"], lines[row["line"]].strip()[:6]) for row in drawn["rows"]] == [
        ("slice", "output"),
        ("dot_general", "output"),
        ("broadcast_in_dim", "return"),
        ("concatenate", "return"),
    ]


def test_a_row_has_the_program_of_one_example_and_the_batched_one() -> None:
    row = _convolve()["rows"][1]
    assert row["example"] == "b:f32[] = dot_general[dimension_numbers=(((0,), (0,)), ((), ()))] a y"
    assert row["batched"] == ["b:f32[4] = dot_general[dimension_numbers=(((1,), (0,)), ((), ()))] a y"]
    assert row["outputs"][0]["sizes"] == [{"size": 4, "batch": True}]
    assert [array["sizes"] for array in row["inputs"]] == [
        [{"size": 4, "batch": True}, {"size": 3, "batch": False}],
        [{"size": 3, "batch": False}],
    ]
    assert (row["flops"], row["batched_flops"], row["shared"]) == ("6 operations", "24 operations", False)
    assert row["description"].startswith("Multiplies two arrays")


def test_repeats_are_one_row_each_and_know_what_all_rounds_read() -> None:
    short, long = _convolve(5)["rows"], _convolve(12)["rows"]
    assert [(row["id"], row["block"], row["times"], row["reads"]) for row in short] == [
        (1, 1, 3, []),
        (2, 1, 3, [1]),
        (3, 2, 3, [2]),
        (4, 3, 1, [3]),
    ]
    assert [row["times"] for row in long] == [10, 10, 10, 1]


def test_a_repeat_that_reads_what_the_round_before_made_says_so() -> None:
    def function(x: jax.Array) -> jax.Array:
        for _ in range(5):
            x = jnp.cos(jnp.sin(x))
        return x

    rows = side_by_side(trace(function)(ROWS))["rows"]
    assert [(row["times"], row["reads"]) for row in rows] == [(5, [2]), (5, [1])]


def test_what_is_shared_says_what_it_saves() -> None:
    drawn = side_by_side(trace(lambda x, y: x * jnp.sin(y), in_axes=(0, None))(ROWS, jnp.ones(3)))
    assert [(row["shared"], row["saved"]) for row in drawn["rows"]] == [(True, "9 operations"), (False, "")]
    assert drawn["saved"] == "9 operations"


def test_what_is_shared_says_with_and_without() -> None:
    rows = side_by_side(trace(lambda x, y: x * jnp.sin(y)[::-1], in_axes=(0, None))(ROWS, jnp.ones(3)))["rows"]
    assert [row["once"] for row in rows] == ["ONCE for all 4: 3 operations instead of 12", "ONCE for all 4", ""]
    assert [row["shares"] for row in rows] == ["", "", "`b` is shared by all 4."]


def test_numbers_written_out_are_not_said_to_be_shared() -> None:
    rows = side_by_side(trace(lambda x, y, z: x * 2 + y * z, in_axes=(0, None, 0))(ROWS, jnp.ones(3), ROWS))["rows"]
    assert [row["shares"] for row in rows] == ["", "`y` is shared by all 4.", ""]


def test_the_lines_of_the_two_programs_have_no_parameters() -> None:
    slices, dot, *_ = _convolve()["rows"]
    assert slices["example_line"] == slices["batched_line"] == {"primitive": "slice", "operands": ["x"]}
    assert dot["example_line"] == dot["batched_line"] == {"primitive": "dot_general", "operands": ["a", "y"]}
    assert slices["became"] == dot["became"] == ""


def test_a_condition_becomes_a_choice() -> None:
    def function(x: jax.Array) -> jax.Array:
        return jax.lax.cond(x[0] > 0, jnp.sin, jnp.cos, x)

    rows = side_by_side(trace(function)(ROWS))["rows"]
    cond = next(row for row in rows if row["primitive"] == "cond")
    others = len(cond["rewritten_to"]) - 1
    assert cond["became"] == f"cond → select_n, after {others} others"
    assert cond["batched_line"]["primitive"] == "select_n"
    assert "both branches run" in cond["note"]
    assert [row["within"] for row in rows if row["parent"] == cond["id"]] == [["branch 0"], ["branch 1"]]


def test_what_is_put_in_before_an_operation_is_named() -> None:
    rows = side_by_side(trace(lambda x, y: x + y, in_axes=(0, None))(ROWS, jnp.ones(3)))["rows"]
    assert [row["became"] for row in rows] == ["after broadcast_in_dim"]
    assert rows[0]["batched_line"] == {"primitive": "add", "operands": ["x", "a.1"]}


def test_the_rounds_of_a_repeat_are_listed_up_to_a_limit() -> None:
    few, many = _convolve(6)["rows"][0], _convolve(40)["rows"][0]
    assert [round_["outputs"] for round_ in few["rounds"]] == [["c"], ["e"], ["g"]]
    assert few["rounds"][0]["example"] == "c:f32[3] = slice[start_indices=(1,) limit_indices=(4,)] x"
    assert few["rounds"][0]["batched_line"] == {"primitive": "slice", "operands": ["x"]}
    assert (many["times"], len(many["rounds"])) == (38, MOST_ROUNDS - 1)


def test_arguments_and_results_say_where_the_batch_is() -> None:
    drawn = side_by_side(trace(convolve, (1, None), 1)(ROWS, jnp.ones(3)))
    assert [array["where"] for array in drawn["arguments"]] == ["batch on axis 1", "shared by all 3"]
    assert [array["where"] for array in drawn["results"]] == ["batch on axis 1, brought there by transpose"]


def test_steps_of_a_body_stand_under_their_loop() -> None:
    drawn = side_by_side(trace(lambda x: jax.lax.fori_loop(0, 3, lambda i, v: v * 2, x))(ROWS))
    loop, *inside = drawn["rows"]
    assert loop["primitive"] == "scan"
    assert {(row["parent"], row["depth"], tuple(row["within"])) for row in inside} == {(loop["id"], 1, ("body",))}


@pytest.mark.parametrize("wrap", [jax.jit, functools.partial, lambda f: functools.partial(jax.jit(f))])
def test_the_lines_are_those_of_the_function_that_is_wrapped(wrap: Any) -> None:
    drawn = side_by_side(trace(wrap(convolve))(jnp.ones((4, 5)), ROWS))
    assert drawn["source"]["lines"][0]["text"] == "def convolve(x: jax.Array, y: jax.Array) -> jax.Array:"
    assert {row["line"] for row in drawn["rows"]} <= {line["number"] for line in drawn["source"]["lines"]}


@pytest.mark.parametrize("function", [jnp.sin, eval("lambda x: x * 2")])
def test_a_function_without_lines_of_its_own_has_none(function: Any) -> None:
    drawn = side_by_side(trace(function)(ROWS))
    assert drawn["source"]["lines"] == []
    assert {row["line"] for row in drawn["rows"]} == {None}


def test_a_refused_call_has_no_rows_but_the_lines() -> None:
    drawn = side_by_side(trace(convolve)(ROWS, jnp.ones((5, 3))))
    assert (drawn["ok"], drawn["rows"], drawn["results"]) == (False, [], [])
    assert "disagree" in drawn["headline"]
    assert "\n".join(line["text"] for line in drawn["source"]["lines"]) == source_of(convolve)

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.tracing.functions import Case, cases
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.records import Step

CASES = {case.name: case for case in cases()}


def _steps(case: Case) -> tuple[Step, ...]:
    return trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments).all_steps


def _note(case: str, primitive: str) -> str:
    return next(step.note for step in _steps(CASES[case]) if step.primitive == primitive)


NOTES = [
    ("convolve", "dot_general", "A batch dimension was inserted: one product for each example"),
    ("convolve, shared kernel", "dot_general", "all examples share `y`"),
    ("convolve, shared signal", "dot_general", "The batch became one more dimension of the product"),
    ("convolve", "concatenate", "`dimension` counts the batch axis too: 0 became 1."),
    ("cond, own predicate", "cond", "both branches run for every example, and `select_n` picks"),
    ("switch", "cond", "all 3 branches run"),
    ("cond, shared predicate", "cond", "still only that one runs"),
    ("while, own predicate", "while", "until every example is done"),
    ("while, own count", "while", "until every example is done"),
    ("while, shared predicate", "while", "All examples take the same number of rounds"),
    ("scan", "scan", "Still one loop of 3 rounds: each round does the whole batch."),
    ("scan", "scan", "starts the same for all examples and then differs was copied"),
    ("fori loop, own bound", "while", "until every example is done"),
    ("dynamic slice", "dynamic_slice", "became a `gather`"),
    ("dynamic slice, shared", "dynamic_slice", "although the start is the same"),
    ("dynamic update", "dynamic_update_slice", "became a `scatter`"),
    ("dynamic update, shared", "dynamic_update_slice", "although the start is the same"),
    ("gather, own indices", "gather", "its own places in its own array"),
    ("gather, rows of a shared table", "gather", "the same array `table`, which is not copied"),
    ("add at", "scatter-add", "Each example writes to its own places"),
    ("convolution, shared kernel", "conv_general_dilated", "merged with the convolution's own batch dimension"),
    ("convolution, own kernels", "conv_general_dilated", "groups of features"),
    ("convolution, shared image", "conv_general_dilated", "merged with the features"),
    ("normal, own keys", "random_bits", "its own key"),
    ("split", "random_split", "a new key of its own"),
    ("fold in", "random_fold_in", "One key for all examples"),
    ("pmean", "psum", "A `transpose` was inserted"),
    ("cond, own predicate", "cond", "A `transpose` was inserted"),
    ("solve, shared matrix", "custom_linear_solve", "One matrix for all examples"),
    ("solve", "custom_linear_solve", "Each example has its own matrix"),
    ("psum", "psum", "Adds along the batch axis"),
    ("pmax", "pmax", "the maximum along the batch axis"),
    ("axis index", "axis_index", "0 to 3"),
    ("all gather", "all_gather", "Every example sees the arrays of all"),
    ("where", "select_n", "`broadcast_in_dim` was inserted"),
    ("inverse", "lu", "`transpose` was inserted"),
    ("reductions", "argmin", "`axes` counts the batch axis too: (1,) became (2,)."),
]


@pytest.mark.parametrize(("case", "primitive", "said"), NOTES)
def test_a_note_says_what_became_of_the_operation(case: str, primitive: str, said: str) -> None:
    assert said in _note(case, primitive)


def test_every_note_ends_like_a_sentence_and_names_only_what_is_there() -> None:
    steps = [step for case in CASES.values() for step in _steps(case)]
    assert [step.note for step in steps if step.note and not step.note.endswith(".")] == []
    assert [step for step in steps if step.shared and step.note] == []


def test_an_operation_that_is_replaced_says_by_what() -> None:
    changed = [
        step
        for case in CASES.values()
        for step in _steps(case)
        if not step.shared and step.rewritten_to != (step.primitive,)
    ]
    assert len(changed) > 50
    assert [(step.primitive, step.rewritten_to) for step in changed if not step.note] == []


def test_a_test_that_only_reads_a_flag_is_seen_too() -> None:
    def function(x: jax.Array) -> Any:
        return jax.lax.while_loop(lambda s: s[1], lambda s: (s[0] * 2, s[0].sum() < 9), (x, x.sum() < 9))

    (loop,) = [step for step in trace(function)(jnp.ones((4, 3))).steps if step.primitive == "while"]
    assert "until every example is done" in loop.note

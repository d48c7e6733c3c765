"""The trace agrees with JAX's own batched program, on functions that use most of JAX."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import jax
import pytest
from jax.extend.core import ClosedJaxpr, Jaxpr

from tests.tracing.functions import BATCH, Case, cases
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.records import BatchTrace

CASES = list(cases())
CALLS = ("jit", "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint", "closed_call")
BODIES = ("jaxpr", "cond_jaxpr", "body_jaxpr", "branches")


def _primitives(jaxpr: Jaxpr) -> Iterator[str]:
    """All primitives of a program: calls are looked into, loops and conditions count with what is in their bodies."""
    for equation in jaxpr.eqns:
        if equation.primitive.name not in CALLS:
            yield equation.primitive.name
        if equation.primitive.name in (*CALLS, "scan", "while", "cond"):
            for inner in _inner(equation.params):
                yield from _primitives(inner)


def _inner(params: dict[str, Any]) -> Iterator[Jaxpr]:
    for name in ("call_jaxpr", *BODIES):
        held = params.get(name, ())
        for inner in held if isinstance(held, tuple) else (held,):
            yield inner.jaxpr if isinstance(inner, ClosedJaxpr) else inner


def _traced(case: Case) -> BatchTrace:
    found = trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments)
    assert found.ok, str(found)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_parts_of_all_steps_make_up_the_program_of_jax(case: Case) -> None:
    found = _traced(case)
    ours = Counter(name for step in found.all_steps for name in step.rewritten_to)
    ours += Counter(name for result in found.results for name in result.brought_by)
    theirs = Counter(_primitives(jax.make_jaxpr(case.vmapped())(*case.arguments).jaxpr))
    assert ours == theirs


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_result_is_that_of_jax(case: Case) -> None:
    result = jax.tree.leaves(jax.eval_shape(case.vmapped(), *case.arguments))
    found = _traced(case)
    assert [array.shape for array in result] == [array.array.batched_shape for array in found.results]
    for made, array in zip(result, found.results, strict=True):
        assert str(made.dtype) == array.array.dtype
        axis = array.array.axis
        assert axis is None or made.shape[axis] == BATCH

from collections import Counter

import jax
import jax.numpy as jnp
import pytest

from tests.tracing.functions import Case, cases
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.marks import OUTPUTS, read_marks, run_to_the_end
from vmapdemo.tracing.program import read_program

WITHOUT_NAMES = [case for case in cases() if not case.options][::4]
ROW, ROWS = jnp.ones(3), jnp.ones((4, 3))


@pytest.mark.parametrize("case", WITHOUT_NAMES, ids=lambda case: case.name)
def test_a_marked_program_has_the_operations_of_the_program(case: Case) -> None:
    program = read_program(trace(case.function, case.in_axes, case.out_axes)(*case.arguments).example_jaxpr())
    structs = [jax.ShapeDtypeStruct(aval.shape, aval.dtype, weak_type=aval.weak_type) for aval in program.avals]
    marked = read_program(jax.make_jaxpr(run_to_the_end(program))(*structs))
    plain = Counter(operation.primitive for operation in program.walk())
    with_marks = Counter(operation.primitive for operation in marked.walk())
    assert with_marks - plain == Counter({"vmapdemo_mark": with_marks["vmapdemo_mark"]})


def test_a_mark_tells_where_vmap_left_the_batch_axis() -> None:
    example = read_program(jax.make_jaxpr(lambda x, y: (x * 2, y.sum(), jnp.ones(2)))(ROW, ROW))
    vmapped = jax.vmap(run_to_the_end(example), (1, None))
    reading = read_marks(read_program(jax.make_jaxpr(vmapped)(ROWS.T, ROW)), example)
    assert reading.axes(example.index) == (1, None)
    assert reading.shapes(example.index) == ((3, 4), (3,))
    assert reading.axes(OUTPUTS) == (1, None, None)
    closing = [operation.primitive for operation in reading.closing]
    assert closing == ["transpose", "broadcast_in_dim", "broadcast_in_dim"]


def test_what_comes_before_a_branch_belongs_to_the_condition() -> None:
    example = read_program(jax.make_jaxpr(lambda i, x: jax.lax.cond(i > 0, jnp.sin, jnp.cos, x))(1, ROW))
    vmapped = jax.vmap(run_to_the_end(example))
    reading = read_marks(read_program(jax.make_jaxpr(vmapped)(jnp.arange(4), ROWS)), example)
    parts = {operation.primitive: reading.parts[operation.index] for operation in example.walk()}
    assert [piece.primitive for piece in parts["sin"]] == ["sin"]
    assert Counter(piece.primitive for piece in parts["cond"])["select_n"] == 3

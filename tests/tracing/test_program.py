import jax
import jax.numpy as jnp
import pytest

from vmapdemo.tracing.program import Operation, Program, read_program

ROW = jnp.ones(3)


def _program(function: object, *arguments: object) -> Program:
    return read_program(jax.make_jaxpr(function)(*arguments))  # type: ignore[arg-type]


def _names(program: Program) -> list[str]:
    return [operation.primitive for operation in program.operations]


def test_calls_are_inlined_and_named() -> None:
    @jax.jit
    def outer(x: jax.Array) -> jax.Array:
        return jax.nn.relu(x) + 1

    program = _program(outer, ROW)
    assert _names(program) == ["max", "add"]
    assert [operation.within for operation in program.operations] == [("outer", "relu", "relu"), ("outer",)]


@pytest.mark.parametrize("function", [jax.checkpoint(jnp.sin), jax.jit(jnp.sin), jax.jit(jax.jit(jnp.sin))])
def test_a_call_alone_leaves_what_it_calls(function: object) -> None:
    assert _names(_program(function, ROW)) == ["sin"]


def test_a_number_written_out_in_a_call_is_a_constant_inside() -> None:
    program = _program(lambda x: jnp.where(x > 0, x, 0.5), ROW)
    assert _names(program) == ["gt", "convert_element_type", "broadcast_in_dim", "select_n"]
    (number,) = program.constants
    assert program.operations[1].inputs == (number,)
    assert float(program.constants[number]) == 0.5


def test_loops_and_conditions_keep_their_bodies() -> None:
    def function(x: jax.Array) -> jax.Array:
        x = jax.lax.while_loop(lambda v: v.sum() < 9, lambda v: v * 2, x)
        x, _ = jax.lax.scan(lambda c, v: (c + v, v), x, jnp.arange(3.0))
        return jax.lax.cond(x[0] > 0, jnp.sin, jnp.cos, x)

    program = _program(function, ROW)
    bodies = {operation.primitive: operation.bodies for operation in program.operations if operation.bodies}
    assert {name: len(held) for name, held in bodies.items()} == {"while": 2, "scan": 1, "cond": 2}
    assert [_names(body) for body in bodies["while"]] == [["reduce_sum", "lt"], ["mul"]]
    assert [body.operations[0].within for body in bodies["cond"]] == [("branch 0",), ("branch 1",)]


def _numbers(operation: Operation) -> list[int]:
    return [operation.index, *operation.outputs, *(number for body in operation.bodies for number in body.entering)]


def test_every_number_is_used_once() -> None:
    program = _program(lambda x: jax.lax.scan(lambda c, v: (c + jnp.where(v > 0, v, 1.0), v), 0.0, x), ROW)
    numbers = [number for operation in program.walk() for number in _numbers(operation)]
    assert len(set(numbers)) == len(numbers)


def test_a_value_that_a_call_passes_through_keeps_its_number() -> None:
    program = _program(jax.jit(lambda x, y: (y, x)), ROW, ROW)
    assert program.outputs == program.inputs[::-1]

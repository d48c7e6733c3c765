"""The trace agrees with JAX's own batched program, on functions that use most of JAX and on random ones."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from tests.tracing.functions import BATCH, Case, cases, need_the_size
from vmapdemo.diagnosis.call.axes import with_axis
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.program import Program, read_program

CASES = list(cases())
SEED = 23
CALLS = ("jit", "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint", "closed_call")
BODIES = ("call_jaxpr", "jaxpr", "cond_jaxpr", "body_jaxpr", "branches")


def _primitives(jaxpr: Jaxpr) -> Iterator[str]:
    """All primitives of a program: calls are looked into, loops and conditions count with what is in their bodies.

    The solvers inside a ``custom_linear_solve`` are not: the trace takes it as one operation.
    """
    for equation in jaxpr.eqns:
        if equation.primitive.name not in CALLS:
            yield equation.primitive.name
        if equation.primitive.name in (*CALLS, "scan", "while", "cond"):
            for inner in _inner(equation.params):
                yield from _primitives(inner)


def _inner(params: dict[str, Any]) -> Iterator[Jaxpr]:
    for name in BODIES:
        held = params.get(name, ())
        for inner in held if isinstance(held, tuple) else (held,):
            yield inner.jaxpr if isinstance(inner, ClosedJaxpr) else inner


@cache  # four tests look at each trace
def _traced(case: Case) -> BatchTrace:
    found = trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments)
    assert found.ok, str(found)
    return found


def _of_the_trace(found: BatchTrace) -> Counter[str]:
    names = Counter(name for step in found.all_steps for name in step.rewritten_to)
    return names + Counter(name for result in found.results for name in result.brought_by)


def _assert_same_primitives(found: BatchTrace, vmapped: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    assert _of_the_trace(found) == Counter(_primitives(jax.make_jaxpr(vmapped)(*arguments).jaxpr))


def test_there_are_enough_functions() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_parts_of_all_steps_make_up_the_program_of_jax(case: Case) -> None:
    _assert_same_primitives(_traced(case), case.vmapped(), case.arguments)


@pytest.mark.parametrize("case", list(need_the_size()), ids=lambda case: case.name)
def test_collectives_that_depend_on_the_size_agree_too(case: Case) -> None:
    _assert_same_primitives(_traced(case), case.vmapped(), case.arguments)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_result_is_that_of_jax(case: Case) -> None:
    result = jax.tree.leaves(jax.eval_shape(case.vmapped(), *case.arguments))
    found = _traced(case)
    assert [made.array.batched_shape for made in found.results] == [array.shape for array in result]
    assert [made.array.dtype for made in found.results] == [str(array.dtype) for array in result]
    for made, axis in zip(found.results, found.output_axes, strict=True):
        assert with_axis(made.array.shape, axis, BATCH) == made.array.batched_shape
        assert bool(made.brought_by) == (made.found_axis != axis)


def _assert_batch_put_in(found: BatchTrace, size: int, message: str = "") -> None:
    for step in found.all_steps:
        for array in (*step.inputs, *step.outputs):
            assert array.batched_shape == with_axis(array.shape, array.axis, size), (step.example_text, message)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_batched_shape_is_that_of_an_example_with_the_batch_put_in(case: Case) -> None:
    found = _traced(case)
    _assert_batch_put_in(found, BATCH)
    assert all(array.batched_shape == with_axis(array.shape, array.axis, BATCH) for array in found.arguments)


def _values(program: Program, numbers: list[int]) -> Callable[..., list[Any]]:
    """The program as a function of its inputs that gives these values."""

    def run(*arrays: Any) -> list[Any]:
        values = dict(zip(program.inputs, arrays, strict=True)) | program.constants
        for operation in program.operations:
            primitive = operation.equation.primitive
            read = [atom.val if isinstance(atom, Literal) else values[atom] for atom in operation.inputs]
            made = primitive.bind(*read, **primitive.get_bind_params(operation.equation.params))
            values.update(zip(operation.outputs, made if primitive.multiple_results else [made], strict=True))
        return [values[number] for number in numbers]

    return run


def _is_one_for_all(case: Case, found: BatchTrace, program: Program, numbers: list[int]) -> bool:
    """Whether JAX accepts ``out_axes=None`` for these values."""
    axes = tuple(array.axis for array in found.arguments)
    vmapped = jax.vmap(_values(program, numbers), axes, None, **case.options | {"axis_size": BATCH})
    try:
        jax.eval_shape(vmapped, *jax.tree.leaves(case.arguments))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_step_is_shared_exactly_where_jax_finds_one_value_for_the_whole_batch(case: Case) -> None:
    found = _traced(case)
    program = read_program(found.example_jaxpr())
    made = list(zip(found.steps, program.operations, strict=True))
    shared = [number for step, operation in made if step.shared for number in operation.outputs]
    assert _is_one_for_all(case, found, program, shared)
    arrays = [pair for step, operation in made for pair in zip(step.outputs, operation.outputs, strict=True)]
    batched = [number for array, number in arrays if array.axis is not None]
    for number in batched[:2] + batched[-2:]:
        assert not _is_one_for_all(case, found, program, [number])


def _random_program(random: np.random.Generator) -> Callable[..., Any]:
    """Operations in a random order, each of which takes what fits it from the values so far."""
    choices = [int(n) for n in random.integers(len(_MOVES), size=8)]
    picks = [int(n) for n in random.integers(1000, size=16)]

    def function(x: jax.Array, y: jax.Array) -> Any:
        values = [x, y]
        for place, choice in enumerate(choices):
            one, other = (values[picks[2 * place + k] % len(values)] for k in range(2))
            values.append(_MOVES[choice](one, other))
        return values[-1], values[-2]

    return function


_MOVES: list[Callable[[jax.Array, jax.Array], jax.Array]] = [
    lambda a, b: a.ravel()[:1] + b.ravel()[:1],
    lambda a, b: jnp.sin(a) * b.sum(),
    lambda a, b: a.T,
    lambda a, b: jnp.sum(a, axis=-1) if a.ndim else a,
    lambda a, b: jnp.outer(a, b)[:3, :3],
    lambda a, b: jnp.sort(a, axis=0) if a.ndim else -a,
    lambda a, b: jnp.cumsum(a.ravel()),
    lambda a, b: jnp.where(a > b.max(), a, 0.0),
    lambda a, b: jnp.dot(a.ravel()[:2], b.ravel()[:2]) if min(a.size, b.size) > 1 else a + 1,
    lambda a, b: a.ravel()[jnp.argmax(b) % a.size],
    lambda a, b: jnp.stack([a, a * 2], axis=-1) if a.ndim < 3 else a,
    lambda a, b: jax.lax.fori_loop(0, 2, lambda i, v: v * b.min() + i, a),
    lambda a, b: jax.lax.cond(b.sum() > 0, jnp.cos, lambda v: v + 1, a),
    lambda a, b: jnp.ones((2, 2)) * 3,
]


@pytest.mark.parametrize("number", range(25))
def test_random_programs_agree(number: int) -> None:
    random = np.random.default_rng([SEED, number])
    function, message = _random_program(random), f"seed {SEED}, program {number}"
    in_axes = [(0, None), (1, 0), (None, 2), (2, 1), (0, 0)][int(random.integers(5))]
    out_axes = [0, (0, -1), -1][int(random.integers(3))]
    shapes = [with_axis((2, 3), axis, BATCH) for axis in in_axes]
    arguments = tuple(jax.ShapeDtypeStruct(shape, "float32") for shape in shapes)
    found = trace(function, in_axes, out_axes)(*arguments)
    assert found.ok, f"{message}: {found}"
    _assert_batch_put_in(found, BATCH, message)
    vmapped = jax.vmap(function, in_axes, out_axes)
    theirs = Counter(_primitives(jax.make_jaxpr(vmapped)(*arguments).jaxpr))
    assert _of_the_trace(found) == theirs, message
    result = jax.eval_shape(vmapped, *arguments)
    assert [made.array.batched_shape for made in found.results] == [array.shape for array in result], message

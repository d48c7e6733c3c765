import jax
import jax.extend.core.primitives as public
import jax.numpy as jnp
import pytest
from jax.extend.core import Primitive

from tests.tracing.functions import cases
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.primitives.descriptions import describe

UNKNOWN = "JAX says no more"


def test_nearly_all_of_jax_have_a_sentence() -> None:
    names = {getattr(public, name).name for name in dir(public) if name.endswith("_p")}
    described = [name for name in names if UNKNOWN not in describe(name)]
    assert len(described) >= 80
    assert len(described) >= 0.9 * len(names)


def test_every_primitive_of_the_functions_that_we_trace_has_a_sentence() -> None:
    found = [trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments) for case in cases()]
    steps = [step for one in found for step in one.all_steps]
    assert sorted({step.primitive for step in steps if UNKNOWN in step.description}) == []
    rewritten = {name for step in steps for name in step.rewritten_to} - {step.primitive for step in steps}
    assert sorted(name for name in rewritten if UNKNOWN in describe(name)) == []


@pytest.mark.parametrize("name", ["slice", "dot_general", "some_kernel", "matrix_transpose", "polynomial", "log2"])
def test_a_description_is_one_sentence(name: str) -> None:
    said = describe(name)
    assert said.endswith(".")
    assert said[0].isupper()
    assert "\n" not in said
    assert ":func:" not in said


def test_a_primitive_that_is_not_known_here_is_described_by_the_function_of_its_name() -> None:
    assert "the last two" in describe("matrix_transpose")


def test_a_primitive_that_calls_another_is_described_by_that_one() -> None:
    class Searched:
        """Finds places in a sorted array. It has more to say."""

        def batch(self) -> None: ...

    assert describe("call_anything", {"_prim": Searched(), "width": 3}) == "Finds places in a sorted array."


def test_a_primitive_of_the_callers_own_can_be_traced() -> None:
    doubled = Primitive("doubled_here")
    doubled.def_impl(lambda x: 2 * x)
    doubled.def_abstract_eval(lambda x: x)
    jax.interpreters.batching.defvectorized(doubled)
    found = trace(lambda x: doubled.bind(x) + 1)(jnp.ones((4, 3)))
    assert [step.primitive for step in found.steps] == ["doubled_here", "add"]
    assert found.steps[0].description == f'The operation "doubled here", of which {UNKNOWN}.'

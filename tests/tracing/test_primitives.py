import jax.extend.core.primitives as public
import pytest

from tests.tracing.functions import cases
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.primitives import describe


def _is_described(name: str) -> bool:
    return f"`{name}`" not in describe(name)


def test_at_least_eighty_of_jax_have_a_sentence() -> None:
    names = {getattr(public, name).name for name in dir(public) if name.endswith("_p")}
    assert len([name for name in names if _is_described(name)]) >= 80


def test_every_primitive_of_the_functions_that_we_trace_has_a_sentence() -> None:
    found = [trace(case.function, case.in_axes, case.out_axes, **case.options)(*case.arguments) for case in cases()]
    steps = [step for one in found for step in one.all_steps]
    names = {step.primitive for step in steps} | {name for step in steps for name in step.rewritten_to}
    assert sorted(name for name in names if not _is_described(name)) == []


@pytest.mark.parametrize("name", ["slice", "dot_general", "some_kernel"])
def test_a_description_is_one_sentence(name: str) -> None:
    assert describe(name).endswith(".")
    assert describe(name)[0].isupper()

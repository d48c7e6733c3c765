"""What a traceback still has of a failing jax.vmap call, without IPython."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import pytest

from vmapdemo.jax_internals import VMAP_PARAMETERS
from vmapdemo.notebook.tracebacks import FailedCall, failed_calls, hides_a_call

X, Y = jnp.ones((5, 4)), jnp.ones((4, 3))
MODES = ("auto", "off", "tracebackhide", "remove_frames", "quiet_remove_frames")
READABLE = ("off", "tracebackhide", "remove_frames")


@pytest.fixture
def filtering() -> Iterator[Callable[[str], None]]:
    before = jax.config.jax_traceback_filtering
    yield lambda mode: jax.config.update("jax_traceback_filtering", mode)
    jax.config.update("jax_traceback_filtering", before)


def product(a: Any, b: Any) -> Any:
    return a @ b


def error_of(call: Callable[[], Any]) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call()
    return raised.value


def the_call(call: Callable[[], Any]) -> FailedCall:
    (found,) = failed_calls(error_of(call))
    return found


def test_jax_still_names_what_is_read() -> None:
    """Fails on a JAX whose frames are different: see ``VMAP_PARAMETERS`` and the names beside it."""
    called = the_call(
        lambda: jax.vmap(product, (0, 1), 2, axis_name="i", axis_size=7, spmd_axis_name="s", sum_match=True)(X, b=Y)
    )
    assert called.fun is product
    assert called.args is not None
    assert called.args[0] is X
    assert called.kwargs == {"b": Y}
    assert called.parameters == dict(zip(VMAP_PARAMETERS, ((0, 1), 2, "i", 7, ("s",), True), strict=True))
    made = the_call(lambda: jax.vmap(product, in_axes=0.5, out_axes=2))
    assert (made.fun, made.args, made.parameters["in_axes"], made.parameters["out_axes"]) == (product, None, 0.5, 2)


@pytest.mark.parametrize("mode", READABLE)
def test_a_refused_call_is_read_whatever_jax_shows_of_its_frames(filtering: Callable[[str], None], mode: str) -> None:
    filtering(mode)
    called = the_call(lambda: jax.vmap(product, in_axes=1)(X, Y))
    assert (called.fun, called.args, called.kwargs) == (product, (X, Y), {})
    assert (called.parameters["in_axes"], called.parameters["out_axes"]) == (1, 0)
    assert isinstance(called.error, ValueError)


@pytest.mark.parametrize("mode", MODES)
def test_a_call_that_fails_in_the_function_is_read_in_every_mode(filtering: Callable[[str], None], mode: str) -> None:
    filtering(mode)
    called = the_call(lambda: jax.vmap(product, in_axes=(0, None))(X, Y.T))
    assert [array.shape for array in called.args or ()] == [(5, 4), (3, 4)]
    assert isinstance(called.error, TypeError)
    assert called.explained() is not None


@pytest.mark.parametrize("mode", ["auto", "quiet_remove_frames"])
def test_frames_that_jax_dropped_leave_a_trace(filtering: Callable[[str], None], mode: str) -> None:
    filtering(mode)
    error = error_of(lambda: jax.vmap(product, in_axes=1)(X, Y))
    assert failed_calls(error) == ()
    assert hides_a_call(error)
    assert not hides_a_call(error_of(lambda: jnp.dot(X, X)))


def test_a_frame_without_the_names_is_no_call_but_leaves_a_trace() -> None:
    scope: dict[str, Any] = {"__name__": "jax._src.api"}
    exec("def vmap_f(arguments): return 1 / 0", scope)
    error = error_of(lambda: scope["vmap_f"](()))
    assert failed_calls(error) == ()
    assert hides_a_call(error)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "call",
    [
        lambda: 1 / 0,
        lambda: jnp.dot(X, X),
        lambda: jax.jacfwd(lambda a: a @ X)(X),
        lambda: jnp.vectorize(lambda a, b: a @ b.T, signature="(i),(j)->()")(X[:4], Y),
    ],
)
def test_an_error_that_no_vmap_of_the_caller_is_in_has_no_call(
    filtering: Callable[[str], None], mode: str, call: Callable[[], Any]
) -> None:
    filtering(mode)
    error = error_of(call)
    assert failed_calls(error) == ()
    assert not hides_a_call(error)


def test_nested_calls_come_innermost_first() -> None:
    rows = jax.vmap(product, in_axes=(0, None))
    inner, outer = failed_calls(error_of(lambda: jax.vmap(rows, in_axes=(None, 0))(X, Y)))
    assert (inner.fun, outer.fun) == (product, rows)
    assert outer.args == (X, Y)


def test_under_another_transformation_shapes_are_enough() -> None:
    called = the_call(lambda: jax.jit(jax.vmap(product, in_axes=1))(X, Y))
    found = called.explained()
    assert found is not None
    assert [row.shape for row in found.arguments] == [(5, 4), (4, 3)]


def test_an_inner_call_that_needs_the_outer_ones_axis_name_is_not_explained_alone() -> None:
    def summed(a: Any, b: Any) -> Any:
        return jax.lax.psum(a, "rows") @ b

    rows = jax.vmap(summed, in_axes=(0, None))
    wrong = error_of(lambda: jax.vmap(rows, in_axes=(0, 1), axis_name="rows")(jnp.ones((4, 2, 3)), jnp.ones((5, 4))))
    inner, outer = failed_calls(wrong)
    assert inner.explained() is None
    assert outer.explained() is not None


def _raised_from() -> None:
    try:
        jax.vmap(product, in_axes=1)(X, Y)
    except ValueError as error:
        raise KeyError("mine") from error


def _raised_while_handling() -> None:
    try:
        jax.vmap(product, in_axes=1)(X, Y)
    except ValueError:
        raise KeyError("mine")  # noqa: B904


@pytest.mark.parametrize("call", [_raised_from, _raised_while_handling])
def test_the_error_behind_the_one_that_is_shown_is_looked_at(call: Callable[[], Any]) -> None:
    called = the_call(call)
    assert isinstance(called.error, ValueError)
    assert called.explained() is not None


def test_errors_that_are_each_others_cause_end() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    assert failed_calls(first) == ()

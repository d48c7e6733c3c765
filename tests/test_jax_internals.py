"""Each thing that is read of JAX beyond its documented interface: a failure here says what a release has changed."""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, SimpleNamespace, TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.extend.core import ClosedJaxpr, JaxprEqn

from vmapdemo import jax_internals
from vmapdemo.jax_internals import (
    BODIES,
    CALLS,
    VMAP_PARAMETERS,
    bind,
    frames_of,
    function_file,
    function_name,
    is_backward,
    is_frame_of_jax,
    is_vmap_frame,
    kept_apart,
    name_in_jax,
    open_jaxpr,
    scan_carry,
    setting,
    tracer_in,
    vmap_frame,
    while_constants,
    wrapped_by_jax,
)

X = jnp.arange(3.0)


def _program(function: Callable[..., Any], *arguments: Any) -> ClosedJaxpr:
    return jax.make_jaxpr(function)(*arguments)


def _only(function: Callable[..., Any], *arguments: Any) -> JaxprEqn:
    (equation,) = _program(function, *arguments).jaxpr.eqns
    return equation


def _scanned(xs: jax.Array, scale: float = 2.0) -> Any:
    return jax.lax.scan(lambda total, x: (total + x * scale, total), xs[0], xs)


def _looped(x: jax.Array, least: jax.Array, step: jax.Array) -> jax.Array:
    return jax.lax.while_loop(lambda total: total < least, lambda total: total + step, x)


@jax.custom_vjp
def _with_own_derivative(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


_with_own_derivative.defvjp(lambda x: (x, None), lambda _, tangent: (tangent,))


@jax.custom_jvp
def _with_own_tangent(x: jax.Array) -> jax.Array:
    return jnp.sin(x)


_with_own_tangent.defjvp(lambda primals, tangents: (primals[0], tangents[0]))


@pytest.mark.parametrize(
    "function",
    [
        jax.jit(jnp.sin),
        jax.checkpoint(lambda x: jnp.sin(x)),  # type: ignore[attr-defined]
        _with_own_derivative,
        _with_own_tangent,
    ],
    ids=["jit", "checkpoint", "custom_vjp", "custom_jvp"],
)
def test_functions_that_are_only_called_are_in_a_parameter_that_is_known(function: Callable[..., Any]) -> None:
    equation = _only(function, X)
    name = str(equation.primitive.name)
    assert name in CALLS
    assert open_jaxpr(equation.params[CALLS[name]]).eqns


@pytest.mark.parametrize(
    ("function", "primitive"),
    [
        (_scanned, "scan"),
        (lambda x: _looped(x[0], x[1], x[2]), "while"),
        (lambda x: jax.lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), "cond"),
    ],
)
def test_the_bodies_of_loops_and_conditions_are_in_parameters_that_are_known(
    function: Callable[..., Any], primitive: str
) -> None:
    (equation,) = [e for e in _program(function, X).jaxpr.eqns if e.primitive.name == primitive]
    for name in BODIES[primitive]:
        held = equation.params[name]
        bodies = held if isinstance(held, tuple) else (held,)
        assert all(open_jaxpr(body).outvars for body in bodies)


@pytest.mark.parametrize("function", [jnp.sin, partial(jnp.sum, axis=0), jnp.sort, _scanned])
def test_an_equation_can_be_applied_to_other_inputs(function: Callable[..., Any]) -> None:
    closed = _program(function, X)
    values: dict[Any, Any] = dict(zip(closed.jaxpr.invars, [X + 1], strict=True))
    for equation in closed.jaxpr.eqns:
        given = [atom.val if hasattr(atom, "val") else values[atom] for atom in equation.invars]
        values.update(zip(equation.outvars, bind(equation, given), strict=True))
    made = [values[var] for var in closed.jaxpr.outvars]
    assert jax.tree.all(jax.tree.map(jnp.allclose, made, jax.tree.leaves(function(X + 1))))


def test_an_equation_is_applied_under_the_settings_that_it_was_traced_with() -> None:
    with jax.default_matmul_precision("highest"):
        equation = _only(jnp.sin, X)
    assert hasattr(equation, "ctx")
    assert hasattr(equation.ctx, "manager")
    assert hasattr(equation.primitive, "get_bind_params")


def test_an_equation_knows_the_stack_that_made_it() -> None:
    frames = frames_of(_only(lambda x: jax.lax.sin(x), X))
    (own,) = [frame for frame in frames if frame.file_name == __file__ and "lambda" in frame.function_name]
    line = sys._getframe().f_lineno - 2
    assert own.line_num == line


def test_the_backward_pass_of_a_derivative_has_a_scope_of_its_own() -> None:
    forward = _program(lambda x: jnp.sin(x).sum(), X).jaxpr.eqns
    backward = _program(jax.grad(lambda x: jnp.sin(x).sum()), X).jaxpr.eqns
    assert not any(map(is_backward, forward))
    assert any(map(is_backward, backward))


def test_a_program_knows_its_function() -> None:
    jaxpr = _program(_scanned, X).jaxpr
    assert function_name(jaxpr) == "_scanned"
    assert function_file(jaxpr) == __file__


def test_the_places_of_a_scan_are_read_from_shapes() -> None:
    def scanned(xs: jax.Array, scale: jax.Array, start: jax.Array) -> Any:
        return jax.lax.scan(lambda total, x: (total + x * scale, total), start, xs)

    equation = _only(scanned, X, X[0], X[1])
    assert scan_carry(equation) == (1, 2)


def test_the_constants_of_a_loop_come_first_those_of_its_test_before_those_of_its_body() -> None:
    assert while_constants(_only(_looped, X[0], X[1], X[2])) == (1, 1)


@pytest.mark.parametrize("name", ["jax_traceback_filtering", "jax_debug_nans", "jax_debug_infs"])
def test_a_setting_has_a_value(name: str) -> None:
    assert setting(name) is not None
    assert setting(f"{name}_of_no_release") is None


def test_what_is_traced_with_a_mark_is_kept_apart() -> None:
    seen: list[int] = []

    @jax.jit
    def counted(x: jax.Array) -> jax.Array:
        seen.append(1)
        return x * 2

    def trace(mark: int) -> None:
        with kept_apart(mark):
            _program(lambda x: counted(x), X)

    trace(-1)
    trace(-1)
    assert len(seen) == 1
    trace(-2)
    assert len(seen) == 2
    counted(X)
    assert len(seen) == 3


def _inside(wrapper: Any) -> Any:
    """What JAX's own wrapper holds, which filters the tracebacks."""
    return wrapper.__closure__[0].cell_contents


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (_inside(jax.grad(jnp.sum)), "grad"),
        (_inside(jax.vmap(jnp.sin)), "vmap"),
        (jnp.dot, "dot"),
        (jax.lax.psum, "psum"),
        (_scanned, ""),
        (sorted, ""),
    ],
)
def test_functions_of_jax_have_names(value: Any, name: str) -> None:
    assert name_in_jax(value) == name


def test_a_derivative_wraps_the_function_of_which_it_is_taken() -> None:
    def loss(x: jax.Array) -> jax.Array:
        return x.sum()

    assert wrapped_by_jax(jax.grad(loss)) is loss
    assert wrapped_by_jax(jax.grad(jax.grad(loss))) is loss
    assert wrapped_by_jax(loss) is None


def _frames(error: BaseException) -> list[FrameType]:
    frames, traceback = [], error.__traceback__
    while isinstance(traceback, TracebackType):
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    return frames


@pytest.fixture
def unfiltered() -> Any:
    before = setting("jax_traceback_filtering")
    jax.config.update("jax_traceback_filtering", "off")
    yield
    jax.config.update("jax_traceback_filtering", before)


@pytest.mark.usefixtures("unfiltered")
def test_a_traced_value_that_python_reads_is_in_a_frame_of_jax() -> None:
    with pytest.raises(jax.errors.TracerIntegerConversionError) as raised:
        jax.make_jaxpr(lambda n: list(range(n)))(3)
    inner = [frame for frame in _frames(raised.value) if is_frame_of_jax(frame)]
    assert isinstance(tracer_in(reversed(inner)), jax.core.Tracer)
    assert tracer_in([]) is None


@pytest.mark.usefixtures("unfiltered")
def test_the_frames_of_vmap_name_what_they_were_called_with() -> None:
    function = jax.vmap(_looped, (0, 1, 2), 3, axis_name="i", axis_size=7)
    with pytest.raises(ValueError, match="vmap") as raised:
        function(X, X, X)
    found = [held for frame in _frames(raised.value) if (held := vmap_frame(frame)) is not None]
    assert [held.fun for held in found] == [_looped]
    assert set(found[0].parameters) <= set(VMAP_PARAMETERS)
    assert (found[0].parameters["in_axes"], found[0].parameters["out_axes"]) == ((0, 1, 2), 3)
    assert [array is X for array in found[0].args or ()] == [True] * 3
    assert not is_vmap_frame(sys._getframe())


def test_without_what_jax_keeps_to_itself_less_is_said_and_nothing_breaks() -> None:
    bare: Any = SimpleNamespace(
        primitive=SimpleNamespace(bind=lambda *values, **params: (values, params), multiple_results=True),
        params={"axis": 0},
    )
    assert bind(bare, [1, 2]) == [(1, 2), {"axis": 0}]
    assert (frames_of(bare), is_backward(bare), function_file(bare), function_name(bare)) == ([], False, None, None)


def test_every_function_is_tested_here() -> None:
    public = {
        name
        for name, value in vars(jax_internals).items()
        if callable(value) and not name.startswith("_") and value.__module__ == jax_internals.__name__
    }
    assert public - {"VmapFrame"} <= globals().keys()

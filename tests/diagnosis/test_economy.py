"""How often the caller's function is called, what is kept of a call, and what threads do to each other."""

import ast
import functools
import gc
import io
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import vmapdemo.diagnosis
from tests.diagnosis.corpus import CORPUS
from tests.effort import some
from vmapdemo.diagnosis.call.call import make_call
from vmapdemo.diagnosis.engine import diagnose, explain, explain_call
from vmapdemo.diagnosis.probe.budget import MOST_CALLS
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.strategies import convolve
from vmapdemo.tracing.engine import trace

MOST_FOR_A_RIGHT_CALL = 4
VECTOR = jnp.arange(3.0)


def _counted(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[[], int]]:
    """The function with a count that ``explain`` does not set back: how much was written to a file in memory."""
    marks = io.BytesIO()

    @functools.wraps(function)
    def counted(*arguments: Any, **keywords: Any) -> Any:
        marks.write(b".")
        return function(*arguments, **keywords)

    return counted, lambda: len(marks.getvalue())


def test_a_function_is_called_seldom_and_never_by_what_shows_the_answer() -> None:
    for called in some(CORPUS, 60):
        counted, calls = _counted(called.function)
        found = called.by(explain, counted)
        of_explain = calls()
        is_right = found.ok and not found.cautions
        assert of_explain <= (MOST_FOR_A_RIGHT_CALL if is_right else MOST_CALLS), f"{called.name}: {of_explain}"
        assert str(found)
        assert repr(found)
        assert found._repr_html_()
        assert calls() == of_explain, called.name
        assert found == found
        followed = called.by(trace, counted)
        of_trace = calls()
        assert str(followed)
        assert followed._repr_html_()
        assert calls() == of_trace, called.name


def test_the_shapes_for_any_size_are_found_when_they_are_asked_for_and_then_shown() -> None:
    counted, calls = _counted(lambda a: a * 2)
    found = explain(counted)(jnp.ones((4, 3)))
    before, text = calls(), str(found)
    assert found.any_size is not None
    assert calls() > before
    asked = calls()
    assert found.any_size is not None
    assert str(found.any_size) in str(found)
    assert text != str(found)
    assert calls() == asked


def test_a_search_that_takes_too_long_ends_and_says_so() -> None:
    def slow(a: Any, b: Any) -> Any:
        time.sleep(0.15)
        raise ValueError("no shape will do")

    counted, calls = _counted(slow)
    found = explain(counted)(jnp.ones((4, 5)), jnp.ones((4, 3)))
    assert not found.ok
    (note,) = found.notes
    assert note.startswith("Not everything was tried: the search ended after ")
    assert calls() < 20


def test_a_tree_of_two_hundred_arrays_is_searched_within_the_budget() -> None:
    layers = {f"w{index:03d}": jnp.ones((6, 5)) for index in range(200)}
    counted, calls = _counted(lambda layers, x: sum(w @ x for w in layers.values()))
    found = explain(counted)(layers, jnp.ones((4, 5)))
    assert calls() <= MOST_CALLS
    assert found.fixes[0].run().shape == (4, 6)
    assert found.fixes[0].in_axes == (None, 0)


# --- What is kept


class _Model:
    """Something of the caller's that weak references can watch."""

    def __init__(self, w: Any) -> None:
        self.w = w

    def __call__(self, x: Any) -> Any:
        return self.w @ x


@pytest.mark.parametrize("verb", [explain, trace], ids=["explain", "trace"])
@pytest.mark.parametrize("in_axes", [0, 1, (0, None), 3])
def test_nothing_of_the_callers_is_held_once_the_answer_is_gone(verb: Any, in_axes: Any) -> None:
    for build in (_right_arguments, _wrong_arguments):
        model, x = build()
        watched = [weakref.ref(model), weakref.ref(x), weakref.ref(model.w)]
        found = verb(lambda x, y, model=model: model(x) + y, in_axes=in_axes)(x, jnp.ones(4))
        assert str(found)
        found.explanation if verb is trace else found.any_size  # noqa: B018 - what is found late is kept too
        del model, x, found, build
        gc.collect()
        assert [reference() is None for reference in watched] == [True, True, True]


def _right_arguments() -> tuple[_Model, Any]:
    return _Model(jnp.ones((2, 3))), jnp.ones((4, 3))


def _wrong_arguments() -> tuple[_Model, Any]:
    return _Model(jnp.ones((2, 5))), jnp.ones((4, 3))


def test_nothing_is_held_by_the_locals_of_the_function_that_asks() -> None:
    def asks() -> Any:
        model = _Model(jnp.ones((2, 3)))
        batch = np.ones((4, 3))
        explain(model)(batch)
        return weakref.ref(model), weakref.ref(batch)

    references = asks()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


def test_the_caller_may_keep_its_locals() -> None:
    batch = jnp.ones((4, 3))
    here = locals()
    explain(lambda a: a)(batch)
    assert here["batch"] is batch


def test_an_error_that_is_explained_keeps_no_frame() -> None:
    model, x = _wrong_arguments()
    reference = weakref.ref(x)
    found = explain(model)(x)
    assert found.jax_error is not None
    del x
    gc.collect()
    assert found.fixes == ()
    assert reference() is None


# --- Threads


def test_eight_threads_on_one_probe_get_what_one_gets() -> None:
    probe = Probe(binds_shared=False, memory=20)  # so small that answers are forgotten all the time
    shapes = [((4, 5), (4, 3)), ((4, 4), (3,)), ((3, 5, 3), (3, 3))]
    calls = [make_call(convolve, (jnp.zeros(a), jnp.zeros(b)), {}, axes, 0) for a, b in shapes for axes in (0, 1)]
    alone = [diagnose(call, Probe(binds_shared=False)) for call in calls]
    assert _in_threads(lambda: [diagnose(call, probe) for call in calls]) == [alone] * 8


def test_eight_threads_that_explain_one_stateful_function_leave_it_as_it_was() -> None:
    seen: list[Any] = []

    def kept(a: Any) -> Any:
        seen.append(a)
        return a * len(seen)

    found = _in_threads(lambda: str(explain_call(make_call(kept, (VECTOR,), {}, 0, 0))))
    assert len(set(found)) == 1
    assert seen == []


def _in_threads(work: Callable[[], Any]) -> list[Any]:
    results: list[Any] = []
    together = threading.Barrier(8)

    def one() -> None:
        together.wait()
        try:
            results.append(work())
        except BaseException as error:
            results.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# --- One room


def test_the_callers_function_is_called_in_one_room() -> None:
    folder = Path(vmapdemo.diagnosis.__file__).parent
    calling = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _is_the_function(node)
    }
    assert calling == {"probe/calling.py"}


def _is_the_function(call: ast.Call) -> bool:
    """Whether ``call.function`` is called here, or given to a transformation or to what calls it."""
    named = [call.func, *call.args] if isinstance(call.func, ast.Attribute) or call.args else [call.func]
    is_of_jax = isinstance(call.func, ast.Attribute) and ast.unparse(call.func).startswith("jax.")
    is_call = ast.unparse(call.func).endswith("call.function")
    return is_call or (is_of_jax and any(ast.unparse(argument).endswith("call.function") for argument in named[1:]))


def test_nothing_private_of_jax_is_imported() -> None:
    folder = Path(vmapdemo.diagnosis.__file__).parent.parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith("jax._") for name in names), path


def test_a_call_inside_jit_and_grad_is_explained_without_its_numbers() -> None:
    said = []

    @jax.jit
    def outer(a: Any) -> Any:
        said.append(explain(jnp.log)(a))
        return jax.vmap(jnp.log)(a)

    outer(jnp.zeros(3))
    assert (said[0].ok, said[0].cautions) == (True, ())


def test_what_jax_has_traced_stays_traced_and_what_it_has_not_is_not() -> None:
    counted, traces = _counted(lambda a: jnp.where(a > 0, a, 0.0))
    known = jax.jit(counted)
    known(1.0)
    explain(known)(VECTOR)
    before = traces()
    known(1.0)
    assert traces() == before
    counted, traces = _counted(lambda a: a * 2)
    unknown = jax.jit(counted)
    explain(unknown)(VECTOR)
    before = traces()
    jax.vmap(unknown)(VECTOR)
    assert traces() == before + 1

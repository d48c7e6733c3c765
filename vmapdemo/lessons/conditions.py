"""What an exercise can be judged by: a closed set of conditions by name. None of them reads Python from a file."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from vmapdemo import outcome
from vmapdemo.lessons.answers import Shape, cell
from vmapdemo.lessons.changing import changed
from vmapdemo.lessons.hidden import tries
from vmapdemo.lessons.questions import seen
from vmapdemo.lessons.task import Complaint, Task
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.scenario import Scenario

Condition = Callable[[Task, Scenario, Any], Complaint | None]


def keeps(task: Task, made: Scenario, what: str) -> Complaint | None:
    """What has to stay as it was at the start: ``"axes"``, ``"arrays"``, or the argument of that name."""
    if what == "axes":
        return None if _axes(made) == _axes(task.start) else Complaint("changed-axes", {})
    for old, new in zip(task.start.arguments, made.arguments, strict=True):
        if what in ("arrays", old.name) and old.stored.tolist() != new.stored.tolist():
            return Complaint("changed-array", {"argument": old.name})
    if what not in ("arrays", *(argument.name for argument in made.arguments)):
        raise InputError('keeps is "axes", "arrays" or the name of an argument.')
    return None


def at_most(task: Task, made: Scenario, count: int) -> Complaint | None:
    """So many numbers may be changed, and no shape."""
    before, now = ([argument.stored for argument in scenario.arguments] for scenario in (task.start, made))
    if [array.shape for array in before] != [array.shape for array in now]:
        return Complaint("changed-shapes", {})
    changes = sum(int(np.sum(old != new)) for old, new in zip(before, now, strict=True))
    return None if changes <= count else Complaint("too-many", {"count": changes, "most": count})


def refused(_: Task, made: Scenario, wanted: bool) -> Complaint | None:
    """Whether the call has to be refused."""
    found = outcome.explanation(made)
    if found.ok == (not wanted):
        return None
    return Complaint("runs", {}) if wanted else Complaint("call-refused", {"headline": found.headline})


def gives(_: Task, made: Scenario, wanted: Any) -> Complaint | None:
    """These numbers as the result."""
    found = outcome.explanation(made)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    return compared(np.array(wanted), outcome.result(made))


def sees(_: Task, made: Scenario, shapes: list[list[int]]) -> Complaint | None:
    """The shapes that the function sees of its arguments."""
    found = outcome.explanation(made)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    for argument, wanted, got in zip(made.arguments, shapes, seen(made)[0], strict=True):
        if got != tuple(wanted):
            parts = {"argument": argument.name, "wanted": tuple(wanted), "got": got}
            return Complaint("seen", parts)
    return None


def tells_apart(_: Task, made: Scenario, other: Mapping[str, Any]) -> Complaint | None:
    """A change of the call that must not give the same on these numbers."""
    found, meant = outcome.explanation(made), changed(made, other)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    if not outcome.explanation(meant).ok or not outcome.agree(outcome.result(made), outcome.result(meant)):
        return None
    return Complaint("same-result", {"call": _named(meant)})


def refuses(_: Task, made: Scenario, other: Mapping[str, Any]) -> Complaint | None:
    """A change of the call that must be refused on these arrays."""
    mistaken = changed(made, other)
    return Complaint("still-runs", {"call": _named(mistaken)}) if outcome.explanation(mistaken).ok else None


def runs_as(_: Task, made: Scenario, other: Mapping[str, Any]) -> Complaint | None:
    """A change of the call that must run on these arrays."""
    meant = changed(made, other)
    found = outcome.explanation(meant)
    return None if found.ok else Complaint("meant-refused", {"call": _named(meant), "headline": found.headline})


def all_differ(_: Task, made: Scenario, wanted: bool) -> Complaint | None:
    """Whether all numbers of the result have to differ from each other."""
    found = outcome.explanation(made)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    result = outcome.result(made)
    return Complaint("equal-numbers", {}) if wanted and len(np.unique(result)) < result.size else None


def holds(_: Task, made: Scenario, operation: str) -> Complaint | None:
    """An operation that has to be in the batched program."""
    found = outcome.explanation(made)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    program = jax.make_jaxpr(made.form.vmapped())(*outcome.arrays(made))
    names = {equation.primitive.name for equation in program.jaxpr.eqns}
    return None if operation in names else Complaint("without", {"operation": operation})


def loop(task: Task, made: Scenario, shapes: list[Mapping[str, str]]) -> Complaint | None:
    """What a Python loop gives for the model call: on the arrays at hand, and on others of these shapes.

    Those at hand come first, since they can be seen. Where they were changed, the model says nothing of them.
    """
    if _same_arrays(task.model, made):
        complaint = _as_loop(task.model, made)
        if complaint is not None:
            return complaint
    for one in shapes:
        for wanted, tried in zip(tries(task.model, one), tries(made, one), strict=True):
            complaint = _as_loop(wanted, tried)
            if complaint is not None:
                sizes = ", ".join(f"{argument.expression} {Shape(argument.shape).text}" for argument in tried.arguments)
                return Complaint("on-other-data", {"sizes": sizes, "complaint": complaint})
    return None


def _same_arrays(one: Scenario, other: Scenario) -> bool:
    pairs = zip(one.arguments, other.arguments, strict=True)
    return all(first.stored.tolist() == second.stored.tolist() for first, second in pairs)


def _as_loop(wanted: Scenario, tried: Scenario) -> Complaint | None:
    found = outcome.explanation(tried)
    if not found.ok:
        return Complaint("call-refused", {"headline": found.headline})
    expected, got = outcome.reference(wanted), outcome.result(tried)
    return compared(expected, got) or (
        Complaint("dtype", {"wanted": expected.dtype, "got": got.dtype}) if expected.dtype != got.dtype else None
    )


def compared(wanted: np.ndarray, got: np.ndarray) -> Complaint | None:
    """Where a result first differs from what is wanted: its shape before its numbers, and nothing is broadcast."""
    if wanted.shape != got.shape:
        return Complaint("shape", {"wanted": wanted.shape, "got": got.shape})
    for index in np.ndindex(wanted.shape):
        if not np.isclose(wanted[index], got[index], 1e-4, 1e-5, equal_nan=True):
            at = ", ".join(map(str, index))
            return Complaint("cell", {"at": at, "wanted": cell(wanted[index].item()), "got": cell(got[index].item())})
    return None


_ALL = (
    *(keeps, at_most, refused, gives, sees),
    *(tells_apart, refuses, runs_as, all_differ, holds, loop),
)
CONDITIONS = {condition.__name__: condition for condition in _ALL}
"""By name, in the order in which they are looked at."""


def _axes(scenario: Scenario) -> tuple[Any, ...]:
    """What the axes mean, however they are written."""
    found = outcome.explanation(scenario)
    given = [(row.axis, len(row.shape)) for row in found.arguments]
    given.append((scenario.out_axes, len(found.output[0].shape) if found.output else 0))
    axes = tuple(axis % ndim if type(axis) is int and -ndim <= axis < ndim else axis for axis, ndim in given)
    return axes, scenario.form.inner, scenario.keywords, scenario.batched


def _named(scenario: Scenario) -> str:
    return f"in_axes={scenario.in_axes!r}, out_axes={scenario.out_axes!r}"

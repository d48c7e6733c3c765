"""in_axes and out_axes as choices of one axis for each array, as the handles of a drawing offer them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Axes, Scenario

CUSTOM = "custom"
"""What a picker shows where in_axes or out_axes says something that a choice of one axis cannot."""


def inner_scenario(scenario: Scenario, shapes: Sequence[tuple[int, ...]]) -> Scenario:
    """One example of the outer vmap as a call in one vmap, on arrays of these shapes: what the inner choices are of.

    Needs a scenario that has an inner vmap; the numbers are not those of the call.
    """
    assert scenario.inner is not None  # it was asked for
    arguments = tuple(
        replace(argument, values=np.zeros(shape, dtype="int32"), transposed=False)
        for argument, shape in zip(scenario.arguments, shapes, strict=True)
    )
    inner = scenario.inner
    return replace(scenario, arguments=arguments, in_axes=inner.in_axes, out_axes=inner.out_axes, inner=None)


def with_inner_axis(scenario: Scenario, shapes: Sequence[tuple[int, ...]], index: int, axis: int | None) -> Scenario:
    """One array's axis of the inner vmap changed, where one example of the outer one has these shapes."""
    assert scenario.inner is not None  # it was asked for
    within = with_in_axis(inner_scenario(scenario, shapes), index, axis)
    return replace(scenario, inner=replace(scenario.inner, in_axes=within.in_axes), batched=True)


def in_axis(scenario: Scenario, index: int) -> int | str | None:
    """The axis of one array, counted from 0, None where it is shared, CUSTOM where in_axes says something else.

    JAX maps axis 0 of whatever is passed by keyword.
    """
    argument = scenario.arguments[index]
    if argument.root in scenario.keywords:
        return _choice(0, len(argument.shape))
    entry = _entry(scenario, argument)
    if argument.entry_key is not None and isinstance(entry, dict):
        entry = entry.get(argument.entry_key, CUSTOM)
    return _choice(entry, len(argument.shape))


def out_axis(scenario: Scenario, ndim: int) -> int | str | None:
    """The batch axis of a result of ``ndim`` axes, None where it has none, CUSTOM where out_axes says otherwise."""
    return _choice(scenario.out_axes, ndim)


def with_in_axis(scenario: Scenario, index: int, axis: int | None) -> Scenario:
    """One array's axis changed; a list stays a list, one integer for all stays one where it can.

    As it was for an array that is passed by keyword, which in_axes has no entry for.
    """
    argument, names = scenario.arguments[index], scenario.positional
    if argument.root not in names:
        return scenario
    axes, count = scenario.in_axes, len(names)
    entries = list(axes) if isinstance(axes, (tuple, list)) else [axes] * count
    entries = (entries + [0] * count)[:count]
    place = names.index(argument.root)
    entries[place] = axis if argument.entry_key is None else _with_key(scenario, argument, entries[place], axis)
    if isinstance(axes, list):
        return replace(scenario, in_axes=entries, batched=True)
    same = type(axes) is int and all(type(entry) is int and entry == entries[0] for entry in entries)
    return replace(scenario, in_axes=entries[0] if same else tuple(entries), batched=True)


def with_keywords_from(scenario: Scenario, root: str | None) -> Scenario:
    """That parameter and all after it passed by keyword; None passes all by position. in_axes keeps its entries."""
    names = tuple(parameter.name for parameter in scenario.entry.parameters)
    count = len(names) if root is None else names.index(root)
    axes = scenario.in_axes
    if isinstance(axes, (tuple, list)) and len(axes) == len(scenario.positional):
        entries = [*axes, *[0] * len(names)][:count]
        axes = entries if isinstance(axes, list) else tuple(entries)
    return replace(scenario, in_axes=axes, keywords=names[count:])


def _entry(scenario: Scenario, argument: Argument) -> Axes:
    """What in_axes says of the parameter that an array belongs to."""
    axes, names = scenario.in_axes, scenario.positional
    if not isinstance(axes, (tuple, list)):
        return axes
    return axes[names.index(argument.root)] if len(axes) == len(names) else CUSTOM


def _with_key(scenario: Scenario, argument: Argument, entry: Axes, axis: int | None) -> Axes:
    """The entry of a dict of arrays with one of them changed: a dict, or one axis if it is that of all of them."""
    keys = [other.entry_key for other in scenario.arguments if other.root == argument.root]
    each = {key: entry.get(key, 0) if isinstance(entry, dict) else _or_zero(entry) for key in keys}
    each[argument.entry_key] = axis
    values = list(each.values())
    return axis if all(type(value) is type(axis) and value == axis for value in values) else each


def _or_zero(entry: Axes) -> int | None:
    return entry if entry is None or type(entry) is int else 0


def _choice(axis: Any, ndim: int) -> int | str | None:
    if axis is None:
        return None
    return axis % ndim if type(axis) is int and -ndim <= axis < ndim else CUSTOM

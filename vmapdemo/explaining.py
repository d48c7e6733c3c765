"""Scenario -> Explanation: a call in one vmap, or in two, of which either may be at fault."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax

from vmapdemo.diagnosis.call.call import Call, Options, make_call
from vmapdemo.diagnosis.call.code import vmap_expression
from vmapdemo.diagnosis.engine import diagnose, diagnose_plain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.probe.probe import Probe
from vmapdemo.diagnosis.records import Fix
from vmapdemo.parsing import read_literal
from vmapdemo.scenario.argument import struct
from vmapdemo.scenario.form import Form
from vmapdemo.scenario.scenario import Scenario


def explained(scenario: Scenario, probe: Probe) -> Explanation:
    """The Explanation of a scenario, with a row for each of its arrays in their order."""
    call = call_of(scenario)
    if not scenario.batched:
        return _in_order(scenario, diagnose_plain(call, probe))
    found = _in_order(scenario, diagnose(call, probe))
    if scenario.inner is None or not _slices(found):
        return found
    within = explained_within(scenario, found, probe)
    return _of_both(found, within) if within.ok else _blamed_within(scenario, found, within)


def explained_within(scenario: Scenario, outer: Explanation, probe: Probe) -> Explanation:
    """The Explanation of the inner vmap of one example of the outer one, which can slice every array."""
    form = scenario.form
    assert form.inner is not None  # it was asked for
    structs = [
        struct(row.example_shape or (), argument.dtype)
        for row, argument in zip(outer.arguments, scenario.arguments, strict=True)
    ]
    within = replace(form, in_axes=form.inner[0], out_axes=form.inner[1], inner=None)
    return _in_order(scenario, diagnose(_call(within, structs, scenario), probe))


def call_of(scenario: Scenario) -> Call:
    """The call that the scenario is, with its arrays."""
    form = scenario.form if scenario.batched else replace(scenario.form, inner=None)
    return _call(form, [argument.passed for argument in scenario.arguments], scenario)


def shape_call(form: Form, shapes: Sequence[tuple[tuple[int, ...], str]]) -> Call:
    """The call of a form on arrays of these shapes and dtypes, under the function's own names."""
    arguments, keywords = form.called([struct(*shape) for shape in shapes])
    options = Options(**form.options)
    return make_call(form.target, arguments, keywords, *form.axes, options=options, example_ndim=_example_ndim(form))


def _call(form: Form, leaves: Sequence[Any], scenario: Scenario) -> Call:
    arguments, keywords = form.called(leaves)
    names = {argument.root: argument.expression for argument in scenario.arguments if argument.entry_key is None}
    return make_call(
        form.target,
        arguments,
        keywords,
        *form.axes,
        options=Options(**form.options),
        example_ndim=_example_ndim(form),
        names=tuple(names.get(name, name) for name in scenario.positional),
        function_code=target_code(form),
    )


def _example_ndim(form: Form) -> tuple[int, ...] | None:
    """How many axes each array has inside the function; inside an outer vmap nobody knows how many the inner takes."""
    if form.inner is not None:
        return None
    ndim = form.entry.example_ndim
    return tuple(ndim[position] for position in form.order)


def target_code(form: Form) -> str:
    """What the outer vmap maps, as Python: the function, or the inner vmap of it."""
    return form.function if form.inner is None else vmap_expression(form.function, *form.inner, **form.inner_options)


def _in_order(scenario: Scenario, found: Explanation) -> Explanation:
    """The rows in the order of the scenario's arrays; JAX has keywords in the order of their names."""
    if len(found.arguments) != len(scenario.arguments):
        return found
    rows = dict(zip(scenario.form.order, found.arguments, strict=True))
    return replace(found, arguments=tuple(rows[position] for position in range(len(rows))))


def _slices(outer: Explanation) -> bool:
    """Whether the outer vmap can slice every array: what is at fault then is inside, or in its out_axes."""
    sizes = {row.mapped_size for row in outer.arguments if row.mapped_size is not None}
    return len(sizes) == 1 and all(row.example_shape is not None for row in outer.arguments)


def _of_both(outer: Explanation, within: Explanation) -> Explanation:
    """What is said of two vmaps that run, or of an outer one that is at fault by itself."""
    if not outer.ok:
        return outer
    return replace(outer, reason=f"{outer.reason} Inside: {within.headline[:1].lower()}{within.headline[1:]}")


def _blamed_within(scenario: Scenario, outer: Explanation, within: Explanation) -> Explanation:
    """What is said where the inner vmap refuses one example of the outer one; its fixes change the inner axes."""
    offends = {row.path for row in within.arguments if row.offends}
    return replace(
        outer,
        culprit=within.culprit,
        headline=f"The inner vmap fails: {within.headline[:1].lower()}{within.headline[1:]}",
        reason=within.reason,
        arguments=tuple(replace(row, offends=row.path in offends) for row in outer.arguments),
        fixes=tuple(filter(None, (_outside(scenario, fix) for fix in within.fixes))),
        advice=within.advice,
    )


def _outside(scenario: Scenario, fix: Fix) -> Fix | None:
    """A fix of the inner vmap as one of the whole call; None unless JAX takes the whole."""
    if not fix.axes_only:
        return None
    form = replace(scenario.form, inner=(repr(fix.in_axes), repr(fix.out_axes)))
    call = _call(form, [argument.passed for argument in scenario.arguments], scenario)
    batched = jax.vmap(form.target, *form.axes, **form.options)
    try:
        whole = jax.eval_shape(batched, *call.arguments, **call.keywords)
    except Exception:  # JAX raises many kinds
        return None
    shapes = [tuple(leaf.shape) for leaf in jax.tree.leaves(whole)]
    vmapped = vmap_expression(target_code(form), form.in_axes, form.out_axes, **form.options)
    return replace(
        fix,
        in_axes=read_literal(form.in_axes),
        out_axes=read_literal(form.out_axes),
        code=f"{vmapped}({', '.join(call.written_arguments)})",
        why=f"Inside: {fix.why[:1].lower()}{fix.why[1:]}",
        output=tuple(replace(output, shape=shape) for output, shape in zip(fix.output, shapes, strict=True)),
        nested=True,
        axes_only=False,
        inner=(fix.in_axes, fix.out_axes),
        call=lambda: batched(*call.arguments, **call.keywords),
    )

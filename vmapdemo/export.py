"""Scenario -> the call as text, a Python script that runs by itself, a Jupyter notebook."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vmapdemo import outcome
from vmapdemo.diagnosis.call.code import vmap_expression
from vmapdemo.explaining import target_code
from vmapdemo.gallery.entry import STRATEGY_LABELS, source_of
from vmapdemo.scenario.argument import Argument, Sizes, number_text
from vmapdemo.scenario.loops import argument_code, loops_code
from vmapdemo.scenario.scenario import Scenario

NO_LOOPS = "# The call fails, so that there are no loops that do the same."
IMPORTS = "import jax\nimport jax.numpy as jnp"


def call(scenario: Scenario, strategy: str = "vmap") -> str:
    """The expression that the strategy evaluates, as Python."""
    if not scenario.batched:
        return f"{scenario.function}({passed(scenario)})"
    formulation = scenario.entry.formulation(strategy)
    if formulation is not None and scenario.inner is not None:
        return loops_code(scenario, outcome.loops(scenario)) if outcome.explanation(scenario).ok else NO_LOOPS
    if formulation is not None:
        return _by_hand(scenario, formulation.function.__name__)
    vmapped = vmap_expression(
        target_code(scenario.form), repr(scenario.in_axes), repr(scenario.out_axes), **scenario.form.options
    )
    return f"{f'jax.jit({vmapped})' if strategy == 'jit' else vmapped}({passed(scenario)})"


def source(scenario: Scenario, strategy: str = "vmap") -> str:
    """The functions that the strategy's call needs, and the call: what runs, as text."""
    formulation = scenario.entry.formulation(strategy) if scenario.batched and scenario.inner is None else None
    parts = [] if formulation is not None and strategy != "loop" else [scenario.entry.source]
    if formulation is not None:
        parts.append(source_of(formulation.function))
    return "\n\n\n".join([*parts, call(scenario, strategy)])


def script(scenario: Scenario) -> str:
    """A Python script that needs JAX alone: the arrays, every strategy, and what each one gives or says."""
    names = ("vmap", *(name for name in _strategies(scenario) if name != "vmap"))
    sections = [IMPORTS, *_functions(scenario), _arrays(scenario), *(_shown(scenario, name) for name in names)]
    return "\n\n\n".join(sections) + "\n"


def notebook(scenario: Scenario) -> str:
    """The script as a Jupyter notebook (format 4.5), one cell for each step."""
    names = _strategies(scenario)
    found = outcome.explanation(scenario)
    cells = [
        markdown_cell(f"# `{scenario.function}` and `jax.vmap`\n\n{scenario.entry.story}"),
        code_cell(IMPORTS),
        *(code_cell(part) for part in _functions(scenario)),
        code_cell(_arrays(scenario)),
        markdown_cell(f"{found.headline} {found.reason}"),
        *(code_cell(_shown(scenario, name)) for name in names),
    ]
    return notebook_of(cells)


def _strategies(scenario: Scenario) -> tuple[str, ...]:
    """The strategies that there is something to run for; the function's one call stands under the name of vmap."""
    if not scenario.batched or not scenario.has_numbers:
        return ("vmap",)
    has_loops = scenario.inner is None or outcome.explanation(scenario).ok
    return tuple(name for name in scenario.strategies if has_loops or name != "loop")


def notebook_of(cells: Sequence[dict[str, Any]]) -> str:
    """Cells as the text of a Jupyter notebook (format 4.5)."""
    numbered = [{**cell, "id": f"cell-{index}"} for index, cell in enumerate(cells)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": numbered, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def passed(scenario: Scenario) -> str:
    """The arguments as the call names them: ``x_batch.T, y_batch``, ``params, gain=gain``."""
    names = {argument.root: argument.expression for argument in scenario.arguments if argument.entry_key is None}
    roots = [parameter.name for parameter in scenario.entry.parameters]
    count = len(scenario.positional)
    by_keyword = zip(scenario.entry.keyword_names[count:], roots[count:], strict=True)
    by_position = [names.get(root, root) for root in roots[:count]]
    return ", ".join([*by_position, *(f"{keyword}={names.get(root, root)}" for keyword, root in by_keyword)])


def _by_hand(scenario: Scenario, name: str) -> str:
    """The call of a function that knows axis 0 alone, with every batch moved there and back."""
    if not outcome.is_moved(scenario):
        return f"{name}({passed(replace(scenario, keywords=()))})"
    size = outcome.explanation(scenario).batch_size
    axes = outcome.mapped_axes(scenario)
    codes = [_to_front(a, axis, size) for a, axis in zip(scenario.arguments, axes, strict=True)]
    roots = [parameter.name for parameter in scenario.entry.parameters]
    moved = ", ".join(map(argument_code, roots, scenario.entry.assembled(codes)))
    if scenario.out_axes is None:
        return f"{name}({moved})[0]"
    return f"{name}({moved})" if scenario.out_axes == 0 else f"jnp.moveaxis({name}({moved}), 0, {scenario.out_axes})"


def _to_front(argument: Argument, axis: int | None, size: int | None) -> str:
    if axis is None:
        shape = repr((size, *argument.shape))
        return f"jnp.broadcast_to({argument.expression}, {shape})"
    return argument.expression if axis == 0 else f"jnp.moveaxis({argument.expression}, {axis}, 0)"


def _functions(scenario: Scenario) -> list[str]:
    by_hand = scenario.entry.by_hand if scenario.batched and scenario.inner is None else ()
    return [scenario.entry.source, *(source_of(f.function) for f in by_hand)]


def _arrays(scenario: Scenario) -> str:
    """A line for each argument: an array, random keys, or a dict of them."""
    codes = scenario.entry.assembled(array_code(argument) for argument in scenario.arguments)
    roots = (parameter.name for parameter in scenario.entry.parameters)
    return "\n".join(f"{root} = {argument_code(root, code)}" for root, code in zip(roots, codes, strict=True))


def array_code(argument: Argument) -> str:
    """The code that makes an array, or random keys from their seeds; a shape alone is no array."""
    if isinstance(argument.values, Sizes):
        dtype = "jax.random.key(0).dtype" if argument.is_key else repr(argument.dtype)
        return f"jax.ShapeDtypeStruct({argument.shape}, {dtype})"
    numbers = _literal(argument.values, argument.dtype)
    if not argument.is_key:
        return f"jnp.array({numbers}, dtype={argument.dtype!r})"
    if argument.stored.ndim == 0:
        return f"jax.random.key({numbers})"
    over = "jax.random.key"
    for _ in range(argument.stored.ndim):
        over = f"jax.vmap({over})"
    return f"{over}(jnp.array({numbers}))"


def _literal(values: Any, dtype: str) -> str:
    if isinstance(values, tuple):
        return f"[{', '.join(_literal(value, dtype) for value in values)}]"
    return number_text(values, dtype)


def _shown(scenario: Scenario, strategy: str) -> str:
    """A print of the call; where it fails, the error is printed and the first fix runs below it."""
    text = _shown_call(scenario, strategy)
    label = STRATEGY_LABELS[strategy]
    if not _may_fail(scenario, strategy):
        return f'print("{label if scenario.batched else scenario.function}")\nprint({text})'
    lines = [f'print("{label}")', "try:", f"    print({text})", "except Exception as error:", "    print(error)"]
    if strategy == "vmap":
        lines += _repaired(scenario)
    return "\n".join(lines)


def _shown_call(scenario: Scenario, strategy: str = "vmap") -> str:
    """The call, or the shapes that it gives where its arrays have no more than these."""
    called, given = call(scenario, strategy), passed(scenario)
    if scenario.has_numbers:
        return called
    return f"jax.eval_shape({called.removesuffix(f'({given})')}, {given})"


def _may_fail(scenario: Scenario, strategy: str) -> bool:
    """Whether the script has to be ready for an error; a strategy written by hand may fail where vmap does not."""
    fails = not outcome.explanation(scenario).ok
    return fails or bool(outcome.explanation(scenario).cautions and scenario.entry.formulation(strategy))


def _repaired(scenario: Scenario) -> list[str]:
    afters = [scenario.after(fix) for fix in outcome.explanation(scenario).fixes]
    return [f'\nprint("repaired")\nprint({_shown_call(after)})' for after in afters if after is not None][:1]


def markdown_cell(text: str) -> dict[str, Any]:
    """A cell of prose for ``notebook_of``."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code_cell(text: str) -> dict[str, Any]:
    """A cell of Python for ``notebook_of``, not run yet."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}

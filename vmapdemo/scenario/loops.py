"""Two vmaps as two Python loops: text to show, and what that text gives."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from vmapdemo.scenario.scenario import Scenario

INDICES = ("i", "j")
"""The outer loop's and the inner one's: no argument of the gallery is called so."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One vmap as a loop: the axis of each array, None where all rounds share it, and where the results go."""

    axes: tuple[int | None, ...]
    out_axes: int | None
    size: int


def loops_code(scenario: Scenario, loops: Sequence[Loop]) -> str:
    """``jnp.stack([jnp.stack([f(x[i], y[j]) for j in range(2)]) for i in range(3)])``, the outer loop first."""
    code = f"{scenario.function}({', '.join(_passed(scenario, loops))})"
    for loop, index in reversed(list(zip(loops, INDICES, strict=False))):
        code = _stacked(code, index, loop)
    return code


def looped(scenario: Scenario, loops: Sequence[Loop]) -> Callable[..., Any]:
    """A function of the arrays, laid out flat, that does what ``loops_code`` says."""
    compiled = compile(loops_code(scenario, loops), "<loops>", "eval")

    def function(*leaves: Any) -> Any:
        return eval(compiled, _names(scenario, leaves))

    return function


def argument_code(name: str, value: Any) -> str:
    """The code of an argument: that of its array, or of a dict of arrays, unless it is the dict of that name itself."""
    if not isinstance(value, dict):
        return str(value)
    if all(code == f'{name}["{key}"]' for key, code in value.items()):
        return name
    entries = ", ".join(f'"{key}": {code}' for key, code in value.items())
    return f"{{{entries}}}"


def sliced(one: Callable[..., Any], loop: Loop, stack: Callable[[list[Any], int], Any]) -> Callable[..., Any]:
    """The function called on each slice of the arrays alone, the results stacked."""

    def function(*leaves: Any) -> Any:
        rounds = [one(*_slices(leaves, loop.axes, index)) for index in range(loop.size)]
        return rounds[0] if loop.out_axes is None else stack(rounds, loop.out_axes)

    return function


def _slices(leaves: Sequence[Any], axes: Sequence[int | None], index: int) -> Iterator[Any]:
    for leaf, axis in zip(leaves, axes, strict=True):
        yield leaf if axis is None else leaf[(slice(None),) * (axis % leaf.ndim) + (index,)]


def _stacked(code: str, index: str, loop: Loop) -> str:
    rounds = f"[{code} for {index} in range({loop.size})]"
    if loop.out_axes is None:
        return f"{rounds}[0]"
    return f"jnp.stack({rounds}{'' if loop.out_axes == 0 else f', axis={loop.out_axes}'})"


def _passed(scenario: Scenario, loops: Sequence[Loop]) -> Iterator[str]:
    """Each argument of the call, with the slices that one round sees."""
    form = scenario.form
    codes = [_leaf_code(scenario, position, loops) for position in range(len(scenario.arguments))]
    arguments, keywords = form.called(codes)
    names = [parameter.name for parameter in scenario.entry.parameters]
    for name, value in zip(names, arguments, strict=False):
        yield argument_code(name, value)
    for (keyword, value), name in zip(keywords.items(), scenario.keywords, strict=True):
        yield f"{keyword}={argument_code(name, value)}"


def _leaf_code(scenario: Scenario, position: int, loops: Sequence[Loop]) -> str:
    argument = scenario.arguments[position]
    code, ndim = argument.expression, len(argument.shape)
    for loop, index in zip(loops, INDICES, strict=False):
        axis = loop.axes[position]
        if axis is not None:
            code += f"[{':, ' * (axis % ndim)}{index}]"
            ndim -= 1
    return code


def _names(scenario: Scenario, leaves: Sequence[Any]) -> dict[str, Any]:
    """What the names of the code stand for."""
    given: dict[str, Any] = {"jnp": jnp, scenario.function: scenario.entry.function}
    for argument, leaf in zip(scenario.arguments, leaves, strict=True):
        if argument.entry_key is None:
            given[argument.name] = leaf.T if argument.transposed else leaf
        else:
            given.setdefault(argument.root, {})[argument.entry_key] = leaf
    return given

"""The data of a call as Python that is easy to read: a row of numbers a line."""

from typing import Any

from vmapdemo.export import array_code
from vmapdemo.scenario.argument import Argument, number_text
from vmapdemo.scenario.scenario import Scenario


def data_code(scenario: Scenario) -> str:
    """A statement for each argument; a dict of arrays has a line for each of them.

    >>> from vmapdemo.scenario.link import decode
    >>> print(data_code(decode("function=total&row=1_2~3_4")[0]))
    row = jnp.array([[1, 2],
                     [3, 4]])
    """
    codes = scenario.entry.assembled(_array(argument) for argument in scenario.arguments)
    roots = (parameter.name for parameter in scenario.entry.parameters)
    return "\n".join(_statement(root, code) for root, code in zip(roots, codes, strict=True))


def _statement(root: str, code: Any) -> str:
    if not isinstance(code, dict):
        return f"{root} = {_indented(code, len(root) + 3)}"
    entries = (f'    "{key}": {_indented(array, len(key) + 8)},' for key, array in code.items())
    return "\n".join([f"{root} = {{", *entries, "}"])


def _array(argument: Argument) -> str:
    if argument.is_key:
        return array_code(argument)
    return f"jnp.array({_rows(argument.values, argument.dtype, len('jnp.array(') + 1)})"


def _rows(values: Any, dtype: str, indent: int) -> str:
    if not isinstance(values, tuple):
        return number_text(values, dtype)
    between = f",\n{' ' * indent}" if isinstance(values[0], tuple) else ", "
    return f"[{between.join(_rows(value, dtype, indent + 1) for value in values)}]"


def _indented(code: str, indent: int) -> str:
    return code.replace("\n", "\n" + " " * indent)

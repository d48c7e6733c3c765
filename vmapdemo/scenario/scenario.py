"""Everything that decides an outcome: a function, its arguments, in_axes and out_axes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from vmapdemo.diagnosis.records import Fix
from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.gallery.entry import Entry
from vmapdemo.parsing import read_literal
from vmapdemo.scenario.argument import Argument, InputError

MAX_AXES_TEXT = 200
MAX_AXES_ENTRIES = 32

Axes = Any
"""What ``read_literal`` reads as None, a number, a bool, a string, or a nested tuple or list of these."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One call: ``jax.vmap(function, in_axes, out_axes)(*arguments)``, or ``function(*arguments)`` if not ``batched``.

    Wrong axes make a Scenario like any other. Raises InputError where the data is beyond the limits.

    >>> Scenario("convolve", (Argument("x_batch", [[0, 1, 2]]), Argument("y_batch", [[2, 3, 4]])), (0, 0)).in_axes
    (0, 0)
    """

    function: str
    arguments: tuple[Argument, ...]
    in_axes: Axes = 0
    out_axes: Axes = 0
    batched: bool = True
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise InputError(f"There is no function {self.function!r:.40} in the gallery.")
        object.__setattr__(self, "arguments", tuple(self.arguments))
        expected = self.entry.argument_names
        if tuple(argument.name for argument in self.arguments) != expected:
            raise InputError(f"{self.function} takes the arguments {', '.join(expected)}.")
        object.__setattr__(self, "in_axes", check_axes(self.in_axes))
        object.__setattr__(self, "out_axes", check_axes(self.out_axes))
        object.__setattr__(self, "_hash", hash(self.key))

    @property
    def entry(self) -> Entry:
        """The function's page in the gallery."""
        return FUNCTIONS[self.function]

    @property
    def key(self) -> tuple[Any, ...]:
        """What two equal scenarios share; axes as text, because True == 1 == 1.0 and lists cannot be hashed."""
        values = tuple((repr(a.values), a.name, a.dtype, a.transposed) for a in self.arguments)
        return (self.function, values, repr(self.in_axes), repr(self.out_axes), self.batched)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        return self is other or (self._hash == other._hash and self.key == other.key)

    def __hash__(self) -> int:
        return self._hash

    def argument(self, name: str) -> Argument:
        """The argument of that name; raises KeyError where there is none."""
        return {argument.name: argument for argument in self.arguments}[name]

    def with_argument(self, changed: Argument) -> "Scenario":
        """The same call with one argument replaced by the one of the same name."""
        arguments = tuple(changed if old.name == changed.name else old for old in self.arguments)
        return replace(self, arguments=arguments)

    def after(self, fix: Fix) -> "Scenario | None":
        """The scenario that a fix makes, or None where a scenario cannot say it (a nested vmap)."""
        if not fix.axes_only:
            return None
        return replace(self, in_axes=fix.in_axes, out_axes=fix.out_axes, batched=True)


def read_axes(text: str) -> Axes:
    """What the text means as Python; raises InputError, in one sentence, for text that is no such literal.

    >>> read_axes("[0, None]")
    [0, None]
    """
    text = text.strip()
    if not text:
        raise InputError("Write an axis, such as 0, None or (1, 0).")
    if len(text) > MAX_AXES_TEXT:
        raise InputError(f"The axes are {len(text):,} characters long; at most {MAX_AXES_TEXT} are read.")
    try:
        value = read_literal(text)
    except ValueError as error:
        shown = f"{text!r:.{MAX_AXES_TEXT + 2}}"
        raise InputError(f"{shown} is not a Python value: write 0, -1, None, (1, 0) or [0, None].") from error
    return check_axes(value)


def check_axes(value: Axes) -> Axes:
    """The axes as given, if they are a literal within the limits; raises InputError where not."""
    leaves = list(_leaves(value))
    if len(leaves) > MAX_AXES_ENTRIES:
        raise InputError(f"The axes have {len(leaves)} entries; at most {MAX_AXES_ENTRIES} are read.")
    for leaf in leaves:
        if not isinstance(leaf, (type(None), bool, int, float, str)):
            raise InputError(f"{leaf!r:.40} cannot stand in axes: write whole numbers, None, tuples or lists.")
        if isinstance(leaf, (int, float)) and not _is_moderate(leaf):
            raise InputError("A number in the axes is too large to be meant.")
    if len(repr(value)) > MAX_AXES_TEXT:
        raise InputError(f"The axes are too long; at most {MAX_AXES_TEXT} characters are read.")
    return value


def _is_moderate(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _leaves(value: Axes, depth: int = 0) -> Iterator[Any]:
    if not isinstance(value, (tuple, list)):
        yield value
        return
    if depth > 8:
        raise InputError("The axes are nested too deeply; 8 levels are read.")
    for entry in value:
        yield from _leaves(entry, depth + 1)


CUSTOM = "custom"
"""What a picker shows where in_axes or out_axes says something that a choice of one axis cannot."""


def in_axis(scenario: Scenario, index: int) -> int | str | None:
    """The axis of one argument, counted from 0, None where it is shared, CUSTOM where in_axes says something else."""
    axes, count = scenario.in_axes, len(scenario.arguments)
    if isinstance(axes, (tuple, list)):
        axes = axes[index] if len(axes) == count else CUSTOM
    return _choice(axes, len(scenario.arguments[index].shape))


def out_axis(scenario: Scenario, ndim: int) -> int | str | None:
    """The batch axis of a result of ``ndim`` axes, None where it has none, CUSTOM where out_axes says otherwise."""
    return _choice(scenario.out_axes, ndim)


def with_in_axis(scenario: Scenario, index: int, axis: int | None) -> Scenario:
    """One argument's axis changed; a list stays a list, one integer for all stays one where it can."""
    axes, count = scenario.in_axes, len(scenario.arguments)
    entries = list(axes) if isinstance(axes, (tuple, list)) else [axes] * count
    entries = (entries + [0] * count)[:count]
    entries[index] = axis
    if isinstance(axes, list):
        return replace(scenario, in_axes=entries, batched=True)
    same = type(axes) is int and all(type(entry) is int and entry == entries[0] for entry in entries)
    return replace(scenario, in_axes=entries[0] if same else tuple(entries), batched=True)


def _choice(axis: Axes, ndim: int) -> int | str | None:
    if axis is None:
        return None
    return axis % ndim if type(axis) is int and -ndim <= axis < ndim else CUSTOM

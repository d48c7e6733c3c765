"""Everything that decides an outcome: a function, its arguments, in_axes and out_axes."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from vmapdemo.diagnosis.records import Fix
from vmapdemo.gallery.catalogue import FUNCTIONS, entry_of
from vmapdemo.gallery.entry import Entry
from vmapdemo.parsing import read_literal
from vmapdemo.scenario.argument import KEY, Argument, InputError
from vmapdemo.scenario.form import Form

NESTED_STRATEGIES = ("loop", "vmap", "jit")
MAX_UNROLLED = 1024
"""What is traced of a loop in Python grows with its length."""
MAX_AXES_TEXT = 200
MAX_AXES_ENTRIES = 32

Axes = Any
"""What ``read_literal`` reads as None, a number, a bool, a string, or a nested tuple, list or dict of these."""


@dataclass(frozen=True, slots=True)
class Level:
    """The axes of a vmap inside the vmap."""

    in_axes: Axes = 0
    out_axes: Axes = 0


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One call: ``jax.vmap(function, in_axes, out_axes)(*arguments)``, or ``function(*arguments)`` if not ``batched``.

    ``arguments`` are its arrays in the order of the function's parameters, those of a dict one after the other.
    ``keywords``: the parameters that are passed by keyword, the last ones of the function. With an ``inner`` level the
    function is in two vmaps, and ``in_axes`` and ``out_axes`` are those of the outer one. ``spec`` is the text that the
    function is made for, if it takes one.

    Wrong axes make a Scenario like any other. Raises InputError where the data is beyond the limits.

    >>> Scenario("convolve", (Argument("x_batch", [[0, 1, 2]]), Argument("y_batch", [[2, 3, 4]])), (0, 0)).in_axes
    (0, 0)
    """

    function: str
    arguments: tuple[Argument, ...]
    in_axes: Axes = 0
    out_axes: Axes = 0
    batched: bool = True
    keywords: tuple[str, ...] = ()
    inner: Level | None = None
    spec: str | None = None
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise InputError(f"There is no function {self.function!r:.40} in the gallery.")
        object.__setattr__(self, "spec", _checked_spec(self.function, self.spec))
        object.__setattr__(self, "arguments", tuple(self.arguments))
        _check_arguments(self.entry, self.arguments)
        object.__setattr__(self, "in_axes", check_axes(self.in_axes))
        object.__setattr__(self, "out_axes", check_axes(self.out_axes))
        object.__setattr__(self, "keywords", _checked_keywords(self.entry, self.keywords))
        if self.inner is not None:
            object.__setattr__(self, "inner", Level(check_axes(self.inner.in_axes), check_axes(self.inner.out_axes)))
        object.__setattr__(self, "_hash", hash(self.key))

    @property
    def entry(self) -> Entry:
        """The function's page in the gallery."""
        return entry_of(self.function, self.spec)

    @property
    def key(self) -> tuple[Any, ...]:
        """What two equal scenarios share; axes as text, because True == 1 == 1.0 and lists cannot be hashed."""
        values = tuple((repr(a.values), a.name, a.dtype, a.transposed) for a in self.arguments)
        inner = None if self.inner is None else (repr(self.inner.in_axes), repr(self.inner.out_axes))
        return (self.form, values, self.batched, inner)

    @property
    def has_numbers(self) -> bool:
        """Whether there is something to compute with, and not shapes alone."""
        return all(argument.has_numbers for argument in self.arguments)

    @property
    def form(self) -> Form:
        """The call without its arrays. Where there is no vmap there is none inside it."""
        level = self.inner if self.batched else None
        inner = None if level is None else (repr(level.in_axes), repr(level.out_axes))
        return Form(self.function, repr(self.in_axes), repr(self.out_axes), self.keywords, inner, self.spec)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The names of the strategies that there are for it: by hand, two vmaps are two loops and nothing else."""
        names = self.entry.strategies
        if self.inner is None:
            return names
        # A function that looks at the other examples cannot be called on one of them in a loop.
        nested = ("vmap", "jit") if self.entry.axis_name else NESTED_STRATEGIES
        return tuple(name for name in names if name in nested)

    @property
    def positional(self) -> tuple[str, ...]:
        """The parameters that are passed by position, which in_axes has entries for."""
        names = tuple(parameter.name for parameter in self.entry.parameters)
        return names[: len(names) - len(self.keywords)]

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
        """The scenario that a fix makes, or None where a scenario cannot say it (three vmaps)."""
        if not fix.axes_only and fix.inner is None:
            return None
        inner = self.inner if fix.inner is None else Level(*fix.inner)
        return replace(self, in_axes=fix.in_axes, out_axes=fix.out_axes, inner=inner, batched=True)


def _checked_spec(function: str, spec: str | None) -> str | None:
    """The spec as the function's entry writes it; its default where none is given."""
    typed = FUNCTIONS[function].typed
    if typed is None:
        if spec is not None:
            raise InputError(f"{function} takes no spec.")
        return None
    try:
        return typed.check(typed.default if spec is None else spec)
    except ValueError as error:
        raise InputError(str(error)) from error


def _check_arguments(entry: Entry, arguments: tuple[Argument, ...]) -> None:
    if tuple(argument.name for argument in arguments) != entry.argument_names:
        raise InputError(f"{entry.name} takes the arguments {', '.join(entry.argument_names)}.")
    for argument, leaf in zip(arguments, entry.leaves, strict=True):
        if argument.is_key != (leaf.dtype == KEY):
            raise InputError(f"{argument.name} holds {'random keys' if leaf.dtype == KEY else 'numbers'}.")
        if entry.unrolls and max(argument.shape, default=1) > MAX_UNROLLED:
            raise InputError(f"{entry.name} is a loop in Python: {argument.name} can have {MAX_UNROLLED:,} on an axis.")


def _checked_keywords(entry: Entry, keywords: Iterable[str]) -> tuple[str, ...]:
    """Python takes no argument by position after one by keyword."""
    given = tuple(keywords)
    names = tuple(parameter.name for parameter in entry.parameters)
    if given != names[len(names) - len(given) :]:
        raise InputError(f"Only the last ones of {', '.join(names)} can be passed by keyword.")
    return given


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
            raise InputError(f"{leaf!r:.40} cannot stand in axes: write whole numbers, None, tuples, lists or dicts.")
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
    if not isinstance(value, (tuple, list, dict)):
        yield value
        return
    if depth > 8:
        raise InputError("The axes are nested too deeply; 8 levels are read.")
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        raise InputError('The keys of a dict in the axes are names, such as {"w": 0, "b": None}.')
    for entry in value.values() if isinstance(value, dict) else value:
        yield from _leaves(entry, depth + 1)

"""Keepers: what a mutable object held, and how it gets that back."""

import copy
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType
from typing import Any

import numpy as np

from vmapdemo.diagnosis.probe.stand_ins import has_moved, is_used_up, stand_in_for

MAX_COPIED_BYTES = 64_000_000
"""A NumPy array beyond this size is not copied, but locked while the function runs."""

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
ABSENT: Any = object()


class Keeper(ABC):
    """One mutable object as it was. ``path`` says what the caller calls it."""

    path: str

    @abstractmethod
    def restore(self) -> None:
        """Give the object back what it held."""

    def prepare(self) -> None:  # noqa: B027 - most keepers need nothing
        """Put stand-ins in the place of what cannot be restored: an iterator, a cache."""

    def news(self) -> Iterator[tuple[str, Any]]:
        """What the object holds now and did not hold before, with the path of each."""
        yield from ()

    def moved(self) -> Iterator[str]:
        """The paths of the iterators in it that were read."""
        yield from ()


@dataclass
class Slots(Keeper):
    """Named places: globals of a module, attributes of an object or a class, the cell of a closure.

    ``read(name)`` gives ABSENT for an empty place; ``write(name, ABSENT)`` empties it. ``names`` lists the places.
    """

    path: str
    names: Callable[[], list[str]]
    read: Callable[[str], Any]
    write: Callable[[str, Any], None]
    label: Callable[[str], str]
    held: dict[str, Any] = field(init=False)
    used_up: list[str] = field(init=False)
    stand_ins: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.held = {name: self.read(name) for name in self.names()}
        self.used_up = [name for name, value in self.held.items() if is_used_up(value)]

    def prepare(self) -> None:
        for name in self.used_up:
            self.stand_ins[name] = stand_in_for(self.held[name])
            self.write(name, self.stand_ins[name])

    def moved(self) -> Iterator[str]:
        yield from (self.label(name) for name in self.used_up if has_moved(self.held[name], self.stand_ins[name]))

    def restore(self) -> None:
        for name, _ in self._changed():
            self.write(name, self.held.get(name, ABSENT))

    def news(self) -> Iterator[tuple[str, Any]]:
        yield from ((self.label(name), value) for name, value in self._changed() if value is not ABSENT)

    def _changed(self) -> list[tuple[str, Any]]:
        now = {name: self.read(name) for name in dict.fromkeys((*self.held, *self.names()))}
        return [(name, value) for name, value in now.items() if value is not self.held.get(name, ABSENT)]


def of_namespace(namespace: dict[str, Any], names: list[str]) -> Slots:
    """The globals of these names."""
    return _of_dict("globals", namespace, lambda: names, lambda name: f"the global `{name}`")


def of_attributes(path: str, attributes: dict[str, Any]) -> Slots:
    """The attributes of an object, from its ``__dict__``."""
    return _of_dict(path, attributes, lambda: list(attributes), lambda name: f"`{path}.{name}`")


def _of_dict(path: str, holder: dict[str, Any], names: Callable[[], list[str]], label: Callable[[str], str]) -> Slots:
    def write(name: str, value: Any) -> None:
        if value is ABSENT:
            holder.pop(name, None)
        else:
            holder[name] = value

    def read(name: str) -> Any:
        return holder.get(name, ABSENT)

    return Slots(path, names, read, write, label)


def of_slots(path: str, holder: Any, names: list[str]) -> Slots:
    """The attributes of an object that has ``__slots__``; frozen ones are written all the same."""

    def write(name: str, value: Any) -> None:
        if value is ABSENT:
            object.__delattr__(holder, name)
        else:
            object.__setattr__(holder, name, value)

    def read(name: str) -> Any:
        return getattr(holder, name, ABSENT)

    return Slots(path, lambda: names, read, write, lambda name: f"`{path}.{name}`")


def of_class(path: str, kind: type) -> Slots:
    """The attributes of a class."""

    def write(name: str, value: Any) -> None:
        if value is ABSENT:
            type.__delattr__(kind, name)
        else:
            type.__setattr__(kind, name, value)

    def read(name: str) -> Any:
        return vars(kind).get(name, ABSENT)

    own = ("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__abstractmethods__", "_abc_impl")
    return Slots(
        path, lambda: [name for name in vars(kind) if name not in own], read, write, lambda name: f"`{path}.{name}`"
    )


def of_cell(name: str, cell: CellType) -> Slots:
    """A free variable of a function."""

    def write(_: str, value: Any) -> None:
        if value is ABSENT:
            del cell.cell_contents
        else:
            cell.cell_contents = value

    return Slots(
        name, lambda: [name], lambda _: contents(cell), write, lambda name: f"`{name}` of the enclosing function"
    )


def contents(cell: CellType) -> Any:
    """What a free variable holds; ABSENT if it has no value yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return ABSENT


def of_defaults(path: str, function: FunctionType) -> Slots:
    """The defaults of a function's parameters; what is in them has keepers of its own."""
    names = ["__defaults__", "__kwdefaults__"]

    def write(name: str, value: Any) -> None:
        setattr(function, name, value)

    return Slots(path, lambda: names, lambda name: getattr(function, name), write, lambda name: f"`{path}.{name}`")


Collection = list[Any] | dict[Any, Any] | set[Any] | deque[Any] | bytearray


@dataclass
class Contents(Keeper):
    """A list, dict, set, deque or bytearray."""

    path: str
    holder: Any
    held: list[Any] = field(init=False)
    used_up: list[tuple[Any, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.held = self._now()
        pairs = self.held if isinstance(self.holder, dict) else enumerate(self.held)
        can_replace = isinstance(self.holder, (dict, list, deque))
        self.used_up = [(key, value) for key, value in pairs if is_used_up(value)] if can_replace else []

    def _now(self) -> list[Any]:
        return list(self.holder.items()) if isinstance(self.holder, dict) else list(self.holder)

    def prepare(self) -> None:
        for key, value in self.used_up:
            self.holder[key] = stand_in_for(value)

    def restore(self) -> None:
        if _are_the_same(self._now(), self.held):
            return
        self.holder.clear()
        if isinstance(self.holder, (dict, set)):
            self.holder.update(self.held)
        else:
            self.holder.extend(self.held)

    def news(self) -> Iterator[tuple[str, Any]]:
        is_dict = isinstance(self.holder, dict)
        known = set(map(id, _flat(self.held)))
        for entry in self._now():
            # The keys of a dict are no tracers, and no counters.
            value = entry[1] if is_dict else entry
            if id(value) not in known:
                yield f"`{self.path}`", value


def _flat(entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        yield from entry if isinstance(entry, tuple) else (entry,)


def _are_the_same(now: list[Any], held: list[Any]) -> bool:
    if len(now) != len(held):
        return False
    return all(
        a is b or (type(a) is type(b) is tuple and len(a) == len(b) == 2 and a[0] is b[0] and a[1] is b[1])
        for a, b in zip(now, held, strict=True)
    )


@dataclass
class Numbers(Keeper):
    """A NumPy array: its numbers, or for a large one a lock."""

    path: str
    array: np.ndarray
    held: np.ndarray | None = field(init=False)

    def __post_init__(self) -> None:
        self.held = self.array.copy() if self.array.nbytes <= MAX_COPIED_BYTES else None

    def prepare(self) -> None:
        if self.held is None:
            self.array.flags.writeable = False

    def restore(self) -> None:
        if self.held is None:
            self.array.flags.writeable = True
        elif self.array.shape == self.held.shape and self.array.dtype == self.held.dtype:
            np.copyto(self.array, self.held)


@dataclass
class RandomState(Keeper):
    """A generator of random numbers, which moves on with each number that is drawn."""

    path: str
    read: Callable[[], Any]
    write: Callable[[Any], None]
    held: Any = field(init=False)

    def __post_init__(self) -> None:
        self.held = copy.deepcopy(self.read())

    def restore(self) -> None:
        if self.has_moved():
            self.write(self.held)

    def has_moved(self) -> bool:
        """Whether a number was drawn."""
        return not _equal(self.read(), self.held)


def of_generator(path: str, generator: Any) -> RandomState:
    """A generator of NumPy's or Python's; see ``GENERATORS``."""
    if isinstance(generator, random.Random):
        return RandomState(path, generator.getstate, generator.setstate)
    if isinstance(generator, np.random.RandomState):
        return RandomState(path, generator.get_state, generator.set_state)
    bits = generator.bit_generator

    def write(state: Any) -> None:
        bits.state = state

    return RandomState(path, lambda: bits.state, write)


def of_global_generators() -> tuple[RandomState, RandomState]:
    """Those behind the functions of ``random`` and ``numpy.random``."""
    return (
        RandomState("Python's `random`", random.getstate, random.setstate),
        RandomState("NumPy's `np.random`", np.random.get_state, np.random.set_state),
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, tuple) and any(isinstance(part, np.ndarray) for part in one):
        return len(one) == len(other) and all(map(_equal, one, other))
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other

"""What a function can reach and change: it is found once, and is as it was after every call of the function."""

import builtins
import functools
import inspect
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from vmapdemo.diagnosis.call.reach import Chain, is_library, loaded, may_change_something
from vmapdemo.diagnosis.probe import keepers
from vmapdemo.diagnosis.probe.keepers import GENERATORS, Keeper, RandomState
from vmapdemo.jax_internals import name_in_jax

MOST_REACHED = 5_000
"""A program keeps its whole state somewhere; the walk ends after this many objects, the nearest first."""

one_at_a_time = threading.RLock()
"""Two threads that explain one function would take each other's changes for its own, and restore them."""

_ATOMS = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.generic, np.dtype, jax.Array)
_UNSTEADY = frozenset(("random", "time", "datetime", "secrets", "uuid", "os"))
"""Modules of Python's that give something else each time."""

_HOLDERS = ("__main__", "collections", "types", "weakref")
"""Modules of Python's whose instances hold what the caller put there."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A value that the function left where it outlives the call; ``place`` says where."""

    place: str
    value: Any


class Surroundings:
    """The mutable objects that a function reaches through its closure, its globals, its object and what these hold.

    ``library``: the functions, classes and modules of libraries that its code names. Code of libraries is not read,
    so that what a library keeps in places of its own is not seen. ``codes``: the code that was read.
    """

    def __init__(self, function: Any, values: Iterable[Any] = ()) -> None:
        walk = _Walk()
        with one_at_a_time:
            walk.visit(function, _name_of(function))
            for value in values:
                walk.visit(value, "an argument")
            walk.finish()
            self._keepers: tuple[Keeper, ...] = (*walk.keepers(), *keepers.of_global_generators())
        self.library = tuple(walk.library.values())
        self.codes = tuple(walk.codes)

    @property
    def shows_a_trace(self) -> bool:
        """Whether a trace may show: in what the code changes, or because it reads random numbers or a clock."""
        roots = {str(getattr(value, "__module__", "")).partition(".")[0] for value in self.library}
        reads = bool(roots & _UNSTEADY) or any(isinstance(getattr(v, "__self__", v), GENERATORS) for v in self.library)
        return reads or any(map(may_change_something, self.codes))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Inside the block the function may run; after it everything is as it was."""
        begun: list[Keeper] = []
        try:
            for keeper in self._keepers:
                begun.append(keeper)
                keeper.prepare()
            yield
        finally:
            for keeper in reversed(begun):
                keeper.restore()

    def drawn(self) -> tuple[str, ...]:
        """The generators of random numbers that have moved; to be asked inside ``kept``."""
        return tuple(k.path for k in self._keepers if isinstance(k, RandomState) and k.has_moved())

    def moved(self) -> tuple[str, ...]:
        """The iterators that were read; to be asked inside ``kept``."""
        return tuple(path for keeper in self._keepers for path in keeper.moved())

    def leftovers(self, is_left: Callable[[Any], bool]) -> tuple[Leftover, ...]:
        """What the objects hold now and did not hold before, as far as it is wanted; to be asked inside ``kept``."""
        found = (Leftover(place, value) for keeper in self._keepers for place, value in keeper.news())
        return tuple(leftover for leftover in found if is_left(leftover.value))


def names_of_jax(library: Iterable[Any]) -> frozenset[str]:
    """The names of the functions of JAX among these; ``grad`` for what ``jax.grad(f)`` is."""
    return frozenset(filter(None, map(name_in_jax, library)))


def _name_of(function: Any) -> str:
    """What the caller's code calls the function; inside its own methods an object is ``self``."""
    if not isinstance(function, types.FunctionType):
        return "self"
    return function.__name__ if function.__name__.isidentifier() else "f"


class _Walk:
    """Visits every object once, the nearest first."""

    def __init__(self) -> None:
        self.library: dict[int, Any] = {}
        self.codes: dict[types.CodeType, None] = {}
        self._found: list[Keeper] = []
        self._globals: dict[int, tuple[dict[str, Any], dict[str, None]]] = {}
        self._seen: dict[int, Any] = {}
        self._waiting: deque[tuple[Any, str]] = deque()

    def keepers(self) -> Iterator[Keeper]:
        """A keeper for every mutable object that was visited."""
        for namespace, names in self._globals.values():
            yield keepers.of_namespace(namespace, list(names))
        yield from self._found

    def visit(self, value: Any, path: str) -> None:
        """Put an object on the way, unless it was on it before."""
        if not isinstance(value, _ATOMS) and id(value) not in self._seen and len(self._seen) < MOST_REACHED:
            self._seen[id(value)] = value
            self._waiting.append((value, path))

    def finish(self) -> None:
        """Visit everything that is on the way, and what that leads to."""
        while self._waiting:
            self._look(*self._waiting.popleft())

    def _look(self, value: Any, path: str) -> None:
        if isinstance(value, types.FunctionType):
            self._function(value, path)
        elif isinstance(value, types.MethodType):
            self._method(value, path)
        elif isinstance(value, functools.partial):
            self._each((value.func, *value.args, *value.keywords.values()), path)
        elif isinstance(value, types.ModuleType):
            if is_library(value.__name__):
                self._of_library(value)
        elif isinstance(value, type):
            self._class(value)
        elif isinstance(value, GENERATORS):
            self._found.append(keepers.of_generator(f"`{path}`", value))
        elif isinstance(value, np.ndarray):
            if value.flags.writeable and value.dtype != object:
                self._found.append(keepers.Numbers(path, value))
        elif isinstance(value, (list, dict, set, deque, bytearray)):
            self._collection(value, path)
        elif isinstance(value, (tuple, frozenset)):
            self._each(value, path)
        else:
            self._object(value, path)

    def _of_library(self, value: Any) -> None:
        self.library[id(value)] = value

    def _each(self, values: Iterable[Any], path: str) -> None:
        for value in values:
            self.visit(value, path)

    def _method(self, method: types.MethodType, path: str) -> None:
        """A bound method; those of ``random`` and ``np.random`` belong to generators that are kept in any case."""
        if isinstance(method.__self__, GENERATORS):
            self._of_library(method)
            return
        self.visit(method.__func__, path)
        self.visit(method.__self__, "self")

    def _function(self, function: types.FunctionType, path: str) -> None:
        wrapped = vars(function).get("__wrapped__")
        self.visit(wrapped, path)
        if is_library(str(function.__globals__.get("__name__", ""))):
            self._of_library(function)
            if wrapped is not None:
                # A wrapper of JAX's (jax.grad, jax.vmap) holds the caller's function, and what was made of it.
                held = (keepers.contents(cell) for cell in function.__closure__ or ())
                self._each((value for value in held if isinstance(value, types.FunctionType)), path)
            return
        self.codes[function.__code__] = None
        self._found.append(keepers.of_defaults(path, function))
        self._attributes(vars(function), path)
        self._each((*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()), path)
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        for name, cell in cells.items():
            self._found.append(keepers.of_cell(name, cell))
            self.visit(keepers.contents(cell), name)
        for chain in loaded(function.__code__):
            self._chain(chain, function.__globals__, cells)

    def _chain(self, chain: Chain, namespace: dict[str, Any], cells: dict[str, types.CellType]) -> None:
        """A name, and the attributes of modules and classes that are read from it."""
        name, *attributes = chain
        value = keepers.contents(cells[name]) if name in cells else self._kept_name(namespace, name)
        for attribute in attributes:
            if isinstance(value, types.ModuleType):
                is_own = not is_library(value.__name__)
                value = self._kept_name(vars(value), attribute) if is_own else vars(value).get(attribute)
            elif isinstance(value, type):
                value = inspect.getattr_static(value, attribute, None)
            else:
                return
            self.visit(value, attribute)

    def _kept_name(self, namespace: dict[str, Any], name: str) -> Any:
        """The value of a global, which is kept: also if there is none yet."""
        if name in namespace or not hasattr(builtins, name):
            self._globals.setdefault(id(namespace), (namespace, {}))[1][name] = None
        value = namespace.get(name, sys.modules.get(name))
        self.visit(value, name)
        return value

    def _class(self, kind: type) -> None:
        if is_library(kind.__module__):
            self._of_library(kind)
            return
        self._found.append(keepers.of_class(kind.__name__, kind))
        for value in vars(kind).values():
            self.visit(_function_in(value), kind.__name__)
        self._each(kind.__bases__, kind.__name__)

    def _collection(self, value: Any, path: str) -> None:
        self._found.append(keepers.Contents(path, value))
        if not isinstance(value, bytearray):
            self._each(value.values() if isinstance(value, dict) else value, path)
        self._attributes(getattr(value, "__dict__", None), path)

    def _object(self, value: Any, path: str) -> None:
        """An instance of a class: its attributes, and the code of its class."""
        kind, attributes = type(value), getattr(value, "__dict__", None)
        if _is_of_tools(kind):
            self._of_library(value)
            # A jitted or custom_vjp function is an object that holds the caller's functions.
            own = vars(value).values() if isinstance(attributes, dict) else ()
            self._each((held for held in own if isinstance(held, types.FunctionType)), path)
            return
        self.visit(kind, kind.__name__)
        self._attributes(attributes, path)
        names = [name for base in kind.__mro__ for name in _slots(base)]
        if names:
            self._found.append(keepers.of_slots(path, value, names))
            for name in names:
                self.visit(getattr(value, name, None), f"{path}.{name}")

    def _attributes(self, attributes: Any, path: str) -> None:
        if isinstance(attributes, dict):
            self._found.append(keepers.of_attributes(path, attributes))
            for name, held in attributes.items():
                self.visit(held, f"{path}.{name}")


def _is_of_tools(kind: type) -> bool:
    """Whether instances of the class hold no state of the caller's: JAX's own, NumPy's, most of Python's."""
    root = kind.__module__.partition(".")[0]
    return (
        root in ("jax", "jaxlib", "numpy")
        or root.startswith("_cython")
        or (root in sys.stdlib_module_names and root not in _HOLDERS)
    )


def _function_in(value: Any) -> Any:
    """The function behind an attribute of a class."""
    if isinstance(value, (staticmethod, classmethod)):
        return value.__func__
    if isinstance(value, property):
        return value.fget
    return value.func if isinstance(value, functools.cached_property) else value


def _slots(kind: type) -> tuple[str, ...]:
    own = vars(kind).get("__slots__", ())
    names = (own,) if isinstance(own, str) else tuple(own)
    return tuple(name for name in names if not name.startswith("__"))

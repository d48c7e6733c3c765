"""Which names a function's code loads, and whether a module is the caller's own or a library's."""

import dis
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

Chain = tuple[str, ...]
"""A name and the attributes that are read from it at once: ``("np", "random", "normal")``."""

_PATHS = sysconfig.get_paths()
_LIBRARIES = (_PATHS["purelib"], _PATHS["platlib"], _PATHS["stdlib"], _PATHS["platstdlib"], "<frozen")
_OWN = Path(__file__).parents[2]
"""This package, whose functions are shown to readers like functions of their own."""


@lru_cache(maxsize=4096)
def is_library_file(file: str) -> bool:
    """Whether a file belongs to an installed package or to Python itself."""
    if file.startswith(str(_OWN)):
        return False
    return file.startswith(_LIBRARIES) or "site-packages" in file or "dist-packages" in file


@lru_cache(maxsize=4096)
def is_library(module: str) -> bool:
    """Whether a module belongs to an installed package or to Python itself; ``__main__`` does not."""
    root = module.partition(".")[0]
    if root == _OWN.name:
        return False
    if root in sys.stdlib_module_names:
        return root != "__main__"
    file = getattr(sys.modules.get(module, sys.modules.get(root)), "__file__", None)
    return file is not None and is_library_file(file)


@lru_cache(maxsize=1024)
def loaded(code: CodeType) -> tuple[Chain, ...]:
    """The globals, free variables and modules that the code loads or sets, with the attributes read from them.

    The code of functions that are defined inside is read too.
    """
    return tuple(dict.fromkeys(_loaded(code)))


def _loaded(code: CodeType) -> Iterator[Chain]:
    imported: dict[str, Chain] = {}
    chain: Chain = ()
    for instruction in dis.get_instructions(code):
        kind, name = instruction.opname, instruction.argval
        if kind in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM") and chain:
            chain = (*chain, name)
            continue
        if chain:
            yield chain
            if kind.startswith("STORE_FAST"):
                imported[name] = chain
        chain = _begun(kind, name, imported)
    if chain:
        yield chain
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant)


def _begun(kind: str, name: object, imported: dict[str, Chain]) -> Chain:
    """The chain that an instruction begins: a global or free variable, or what was imported inside the function."""
    if kind in ("LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "IMPORT_NAME"):
        return (str(name),)
    if kind.startswith("LOAD_FAST") and isinstance(name, str):
        return imported.get(name, ())
    return ()


_STORES = frozenset(("STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "DELETE_GLOBAL", "DELETE_ATTR", "DELETE_SUBSCR"))
_CHANGING = frozenset(
    ("append", "appendleft", "add", "update", "extend", "insert", "setdefault", "pop", "remove", "next", "setattr")
)


@lru_cache(maxsize=1024)
def may_change_something(code: CodeType) -> bool:
    """Whether the code stores more than its own variables, or calls what may: ``append`` and the like."""
    for instruction in dis.get_instructions(code):
        kind, name = instruction.opname, instruction.argval
        is_free = kind == "STORE_DEREF" and name in code.co_freevars
        if kind in _STORES or is_free or (isinstance(name, str) and name in _CHANGING):
            return True
    return any(may_change_something(constant) for constant in code.co_consts if isinstance(constant, CodeType))


def texts(code: CodeType) -> Iterator[str]:
    """The texts that are written out in the code, those of functions that are defined inside included."""
    return (constant for constant in _constants(code) if isinstance(constant, str))


def numbers(code: CodeType) -> Iterator[int]:
    """The whole numbers that are written out in the code, those of functions that are defined inside included."""
    return (constant for constant in _constants(code) if type(constant) is int)


def _constants(code: CodeType) -> Iterator[Any]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant)
        else:
            yield from constant if isinstance(constant, tuple) else (constant,)

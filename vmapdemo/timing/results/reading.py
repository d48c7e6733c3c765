"""JSON that comes from outside -> frozen records: every field is checked against the record's own annotations."""

import dataclasses
import math
from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from vmapdemo.timing.results.ranges import shown

MOST_ENTRIES = 5000

Record = TypeVar("Record")


def read_record(record: type[Record], fields: object) -> Record:
    """The record that these fields make, as `json.loads` gives them.

    ValueError with one sentence for a field that is missing, unknown or of another type; the record itself
    checks the ranges. Fields are text, numbers, bools, literals, other records, tuples of one kind, and each of these
    or None.
    """
    if not isinstance(fields, Mapping):
        raise ValueError(f"{record.__name__} must be an object with fields, got {shown(fields)}.")
    kinds, required = _fields(cast(Any, record))
    unknown = next((name for name in fields if name not in kinds), None)
    if unknown is not None:
        raise ValueError(f"{record.__name__} has no field {shown(unknown)}.")
    missing = next((name for name in required if name not in fields), None)
    if missing is not None:
        raise ValueError(f"{record.__name__} lacks the field {missing!r}.")
    return record(**{name: _read(kinds[name], value, name) for name, value in fields.items()})


def of_version(fields: object, version: int) -> dict[str, Any]:
    """The fields of a JSON object without its version. ValueError where it is no object, or of another version."""
    if not isinstance(fields, dict):
        raise ValueError(f"it must be an object with fields, got {shown(fields)}.")
    if type(fields.get("version")) is not int or fields["version"] != version:
        raise ValueError(f"its version is {shown(fields.get('version'))}, not {version}.")
    return {name: value for name, value in fields.items() if name != "version"}


@cache
def _fields(record: Any) -> tuple[dict[str, Any], list[str]]:
    """Every field's type, and those that must be there; to find them out takes longer than to read a record."""
    required = [one.name for one in dataclasses.fields(record) if one.default is dataclasses.MISSING]
    return get_type_hints(record), required


def _read(kind: Any, value: object, name: str) -> Any:
    origin, inside = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return read_record(kind, value)  # type: ignore[arg-type]
    if origin is tuple:
        return tuple(_read(inside[0], entry, name) for entry in _entries(value, name))
    if origin in (Union, UnionType):
        return None if value is None else _read(next(one for one in inside if one is not type(None)), value, name)
    if origin is Literal:
        return _one_of(inside, value, name)
    return _plain(kind, value, name)


def _entries(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{name} must be a list, got {shown(value)}.")
    if len(value) > MOST_ENTRIES:
        raise ValueError(f"{name} has {len(value):,} entries; at most {MOST_ENTRIES:,} are read.")
    return value


def _one_of(choices: tuple[Any, ...], value: object, name: str) -> object:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {shown(value)}.")
    return value


def _plain(kind: type, value: object, name: str) -> object:
    if kind is float and _is_finite(value):
        return float(value)  # type: ignore[arg-type]
    # A bool is an int to isinstance.
    if kind is float or type(value) is not kind:
        words = {str: "text", int: "a whole number", float: "a finite number", bool: "true or false"}
        raise ValueError(f"{name} must be {words[kind]}, got {shown(value)}.")
    return value


def _is_finite(value: object) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:
        return False

"""What a visitor asks for on the drawn call: commands as plain data, and the Scenario that each makes.

A command says what is to be, never what is to change, so that it does no harm to carry it out twice. It comes from
outside: whatever it holds is checked here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.scenario.argument import (
    DTYPES,
    MAX_ELEMENTS,
    MAX_NDIM,
    MAX_TEXT,
    Argument,
    InputError,
    Sizes,
    read_types,
    read_values,
)
from vmapdemo.scenario.choices import in_axis, inner_scenario, with_in_axis, with_inner_axis, with_keywords_from
from vmapdemo.scenario.editing import resized, with_block, with_cell
from vmapdemo.scenario.scenario import Axes, Level, Scenario, read_axes

RESULT = "result"
OUTER, INNER = ("in_axes", "out_axes"), ("inner_in_axes", "inner_out_axes")
AXES_PLACES = (*OUTER, *INNER)
SPEC = "spec"
"""The fields that axes are typed into."""
ARRAYS = frozenset({RESULT}.union(*(entry.argument_names for entry in FUNCTIONS.values())))
"""Whatever has a place on some drawing."""
LONGEST_KEPT = 1000
"""So much of what was typed stays as typed; no field of the page takes more."""
BURSTS = ("cell",)
"""The kinds that come in bursts: a run of them is one step of Back."""

REPLACING = ("numbers", "transposed")
"""The kinds after which a position says nothing about the cell that stood there before."""


class CommandError(InputError):
    """No page sends such a command, or what it speaks of is gone; there is nobody to say it to."""


@dataclass(frozen=True, slots=True)
class Command:
    """``make`` gives the Scenario; ``place`` is where a refusal is shown, and ``text`` what stays there as typed."""

    kind: str
    place: str
    make: Callable[[Scenario], Scenario]
    text: str | None = None


def places_of(scenario: Scenario) -> tuple[str, ...]:
    """The fields that its axes stand in."""
    return OUTER if scenario.inner is None else AXES_PLACES


def axes_at(scenario: Scenario, place: str) -> Axes:
    """The axes that stand in that field. CommandError where the scenario has no such field."""
    if place in OUTER:
        return getattr(scenario, place)
    if scenario.inner is None:
        raise CommandError("There is no inner vmap any more.")
    return getattr(scenario.inner, place.removeprefix("inner_"))


def read(data: Any) -> Command:
    """The command in a mapping such as ``{"kind": "cell", "array": "x_batch", "index": [0, 1], "text": "5"}``.

    Raises CommandError for anything that no page sends.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("kind"), str) or data["kind"] not in _READERS:
        raise CommandError("There is no such command.")
    return _READERS[data["kind"]](data)


def place_of(array: str, index: Any) -> str:
    """The name of one cell: ``x_batch[0, 1]``."""
    return f"{array}[{', '.join(map(str, index))}]"


def _cell(data: Mapping[str, Any]) -> Command:
    name, index, text = _array(data), _index(data), _text(data, "text")
    place = place_of(name, index)
    return Command("cell", place, _on_argument(name, lambda argument: with_cell(argument, index, text)), _kept(text))


def _paste(data: Mapping[str, Any]) -> Command:
    name, index, text = _array(data), _index(data), _text(data, "text")
    return Command("paste", name, _on_argument(name, lambda argument: with_block(argument, index, text)))


def _numbers(data: Mapping[str, Any]) -> Command:
    """Numbers, or a type such as ``f32[32,768]``; as many types as there are arrays are one for each of them."""
    name, text = _array(data), _text(data, "text")

    def with_numbers(scenario: Scenario) -> Scenario:
        types = read_types(text)
        if types is None:
            return _on_argument(name, lambda argument: replace(argument, values=read_values(text)))(scenario)
        if len(types) == 1:
            return _on_argument(name, lambda argument: _with_type(argument, *types[0]))(scenario)
        if len(types) != len(scenario.arguments):
            arrays = ", ".join(argument.name for argument in scenario.arguments)
            raise InputError(f"There are {len(types)} shapes, for the arrays {arrays}: write one, or one for each.")
        typed = zip(scenario.arguments, types, strict=True)
        return replace(scenario, arguments=tuple(_with_type(argument, *given) for argument, given in typed))

    return Command("numbers", f"numbers_{name}", with_numbers, _kept(text, MAX_TEXT))


def _with_type(argument: Argument, sizes: Sizes, dtype: str) -> Argument:
    """The array with a shape alone, as it is passed."""
    return replace(argument, values=sizes, dtype=dtype, transposed=False)


def _size(data: Mapping[str, Any]) -> Command:
    name, edge, size = _array(data), _text(data, "edge"), _whole(data, "size")
    return Command("size", name, _on_argument(name, lambda argument: resized(argument, edge, size)))


def _dtype(data: Mapping[str, Any]) -> Command:
    name, dtype = _array(data), _text(data, "dtype")
    if dtype not in DTYPES:
        raise CommandError("There is no such dtype.")

    def with_dtype(argument: Argument) -> Argument:
        if argument.is_key:
            raise CommandError("A key has no other dtype.")
        return replace(argument, dtype=dtype)

    return Command("dtype", name, _on_argument(name, with_dtype))


def _transposed(data: Mapping[str, Any]) -> Command:
    name, transposed = _array(data), _flag(data, "transposed")
    return Command("transposed", name, _on_argument(name, lambda argument: replace(argument, transposed=transposed)))


def _keyword(data: Mapping[str, Any]) -> Command:
    """A parameter and those after it by keyword, or it and those before it by position."""
    name, keyword = _array(data), _flag(data, "keyword")

    def passed(scenario: Scenario) -> Scenario:
        names = tuple(parameter.name for parameter in scenario.entry.parameters)
        root = name.partition(".")[0]
        if root not in names:
            raise CommandError(f"There is no argument {name!r:.40} any more.")
        if (root in scenario.keywords) == keyword:
            return scenario
        return with_keywords_from(scenario, root if keyword else next(iter(names[names.index(root) + 1 :]), None))

    return Command("keyword", "in_axes", passed)


def _nested(data: Mapping[str, Any]) -> Command:
    """A vmap inside the vmap, or none."""
    nested = _flag(data, "nested")

    def with_levels(scenario: Scenario) -> Scenario:
        if (scenario.inner is not None) == nested:
            return scenario
        return replace(scenario, inner=Level() if nested else None, batched=scenario.batched or nested)

    return Command("nested", "in_axes", with_levels)


def _axis(data: Mapping[str, Any]) -> Command:
    """One axis chosen at its handle: of an argument, or of the result."""
    name = _array(data)
    axis = None if data.get("axis") is None else _whole(data, "axis")
    if name == RESULT:
        return Command("axis", "out_axes", lambda scenario: _with_axes(scenario, "out_axes", axis))
    if data.get("level") == "inner":
        return Command("axis", "inner_in_axes", lambda scenario: _with_inner_axis(scenario, name, axis))
    return Command("axis", "in_axes", lambda scenario: _with_in_axis(scenario, name, axis))


def _typed(data: Mapping[str, Any]) -> Command:
    """``in_axes`` or ``out_axes`` as somebody typed them."""
    place, text = _text(data, "place"), _text(data, "text")
    if place == SPEC:
        return Command("typed", place, lambda scenario: _with_spec(scenario, text), _kept(text))
    if place not in AXES_PLACES:
        raise CommandError("There is no such text.")
    return Command("typed", place, lambda scenario: _with_axes(scenario, place, read_axes(text)), _kept(text))


def _axes(data: Mapping[str, Any]) -> Command:
    """All at once, as a fix gives them: those of an inner vmap too, if there is one."""
    texts = [_text(data, place) for place in OUTER]
    inner_texts = [_text(data, place) for place in INNER] if "inner_in_axes" in data else None

    def with_all(scenario: Scenario) -> Scenario:
        in_axes, out_axes = map(read_axes, texts)
        inner = None if inner_texts is None else Level(*map(read_axes, inner_texts))
        return replace(scenario, in_axes=in_axes, out_axes=out_axes, inner=inner, batched=True)

    return Command("axes", "in_axes", with_all)


def _batched(data: Mapping[str, Any]) -> Command:
    batched = _flag(data, "batched")
    return Command("batched", "in_axes", lambda scenario: replace(scenario, batched=batched))


_READERS: dict[str, Callable[[Mapping[str, Any]], Command]] = {
    "cell": _cell,
    "paste": _paste,
    "numbers": _numbers,
    "size": _size,
    "dtype": _dtype,
    "transposed": _transposed,
    "axis": _axis,
    "keyword": _keyword,
    "nested": _nested,
    "typed": _typed,
    "axes": _axes,
    "batched": _batched,
}
KINDS = tuple(_READERS)
"""All that can be asked for."""


def _on_argument(name: str, make: Callable[[Argument], Argument]) -> Callable[[Scenario], Scenario]:
    """The scenario with one argument changed; a browser that is behind may name one of a function that is gone."""

    def changed(scenario: Scenario) -> Scenario:
        if name not in scenario.entry.argument_names:
            raise CommandError(f"There is no argument {name!r:.40} any more.")
        return scenario.with_argument(make(scenario.argument(name)))

    return changed


def _with_in_axis(scenario: Scenario, name: str, axis: int | None) -> Scenario:
    """The axis of one argument; as it was where in_axes says the same in other words."""
    names = scenario.entry.argument_names
    if name not in names:
        raise CommandError(f"There is no argument {name!r:.40} any more.")
    if axis is not None and not 0 <= axis < len(scenario.argument(name).shape):
        raise CommandError("That axis is not there any more.")
    if in_axis(scenario, names.index(name)) == axis and scenario.batched:
        return scenario
    return with_in_axis(scenario, names.index(name), axis)


def _with_inner_axis(scenario: Scenario, name: str, axis: int | None) -> Scenario:
    """The axis of one array that the inner vmap maps, counted in one example of the outer one."""
    names = scenario.entry.argument_names
    if name not in names or scenario.inner is None:
        raise CommandError("There is no such axis any more.")
    shapes = [_example_shape(scenario, position) for position in range(len(names))]
    position = names.index(name)
    if axis is not None and not 0 <= axis < len(shapes[position]):
        raise CommandError("That axis is not there any more.")
    if in_axis(inner_scenario(scenario, shapes), position) == axis:
        return scenario
    return with_inner_axis(scenario, shapes, position, axis)


def _example_shape(scenario: Scenario, position: int) -> tuple[int, ...]:
    """What one example of the outer vmap has of an array. CommandError where in_axes names no axis that is there."""
    axis, shape = in_axis(scenario, position), scenario.arguments[position].shape
    if isinstance(axis, str):
        raise CommandError("The outer vmap has no example.")
    return shape if axis is None else shape[:axis] + shape[axis + 1 :]


def _with_spec(scenario: Scenario, spec: str) -> Scenario:
    if scenario.spec is None:
        raise CommandError("There is no spec any more.")
    return replace(scenario, spec=spec)


def _with_axes(scenario: Scenario, place: str, axes: Axes) -> Scenario:
    """Other axes batch the call; the same ones leave it as it is."""
    if repr(axes) == repr(axes_at(scenario, place)):
        return scenario
    if scenario.inner is not None and place in INNER:
        inner = replace(scenario.inner, **{place.removeprefix("inner_"): axes})
        return replace(scenario, inner=inner, batched=True)
    return replace(scenario, **{place: axes}, batched=True)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise CommandError(f"{name} has to be text.")
    return value


def _array(data: Mapping[str, Any]) -> str:
    name = _text(data, "array")
    if name not in ARRAYS:
        raise CommandError("There is no such array.")
    return name


def _kept(text: str, most: int = LONGEST_KEPT) -> str | None:
    return text if len(text) <= most else None


def _whole(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 10**6:
        raise CommandError(f"{name} has to be a whole number.")
    return value


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise CommandError(f"{name} has to be true or false.")
    return value


def _index(data: Mapping[str, Any]) -> tuple[int, ...]:
    index = data.get("index")
    if not isinstance(index, list) or len(index) > MAX_NDIM or not all(map(_is_position, index)):
        raise CommandError("index has to be a list of positions.")
    return tuple(index)


def _is_position(value: Any) -> bool:
    return type(value) is int and 0 <= value < MAX_ELEMENTS

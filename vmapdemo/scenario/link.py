"""Scenario and View as a URL query, and back: versioned, readable, pure.

Numbers of a row are joined by ``_``, rows by ``~``, slices of a three-axis array by ``~~``: characters that no browser
and no chat program rewrites. A reader may also write ``[[0,1],[2,3]]``, and may leave out what a preset already says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from vmapdemo.gallery.catalogue import FUNCTIONS
from vmapdemo.gallery.entry import STRATEGY_LABELS, Leaf
from vmapdemo.scenario import presets
from vmapdemo.scenario.argument import (
    KEY,
    Argument,
    InputError,
    Sizes,
    number_text,
    read_number,
    read_types,
    read_values,
    type_text,
)
from vmapdemo.scenario.progress import NAMES, NOT_BEGUN, Progress, read_progress
from vmapdemo.scenario.scenario import Level, Scenario, read_axes

VERSION = 2
READ = ("1", "2")
"""The versions that can be read: the first says nothing of keywords and of an inner vmap, and means none."""
MAX_LENGTH = 60_000
PAGES = ("explore", "trace", "time", "gallery", "learn")
RUNS = ("compare", "batch", "length", "why")
IGNORED = (
    "embed",
    "embed_options",
    "fbclid",
    "gclid",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
)


class LinkError(InputError):
    """A link that cannot be read; the message is one sentence to show."""


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: the page, the preset it came from (while unchanged), the strategy in focus, large type.

    `progress`: how far somebody is in the lessons. `run`: what the view Time measures as soon as it is opened: a
    comparison, or a sweep of batch sizes or lengths.
    """

    page: str = "explore"
    preset: str | None = None
    strategy: str = "vmap"
    large: bool = False
    run: str | None = None
    progress: Progress = NOT_BEGUN

    def __post_init__(self) -> None:
        _choice("view", self.page, PAGES)
        if self.run is not None:
            _choice("run", self.run, RUNS)
        _choice("strategy", self.strategy, STRATEGY_LABELS)


def of_preset(
    name: str, *, page: str = "explore", large: bool = False, progress: Progress = NOT_BEGUN
) -> tuple[Scenario, View]:
    """A preset's scenario and the view that shows it; raises LinkError where there is no such preset."""
    if name not in presets.PRESETS:
        raise LinkError(f"There is no preset {name!r:.40}; {_resembling(name)}.")
    preset = presets.PRESETS[name]
    return preset.scenario, View(page, name, preset.strategy, large, progress=progress)


def _resembling(name: str) -> str:
    # Texts of any length are compared in a time that grows with their product.
    close = get_close_matches(name[:40], presets.PRESETS, n=1)
    return f"{close[0]!r} is meant, perhaps" if close else "the list of examples has those that there are"


def encode(scenario: Scenario, view: View) -> str:
    """The query string, without ``?``, that ``decode`` reads back as the same scenario and view."""
    return urlencode(list(_fields(scenario, view)))


@lru_cache(maxsize=512)
def decode(query: str) -> tuple[Scenario, View]:
    """The scenario and view of a query string; an empty one gives the preset ``vmap``.

    Raises LinkError, with one sentence, for what it cannot read.

    >>> decode("preset=mismatch")[0].in_axes
    1
    """
    try:
        return _read(_split(query))
    except LinkError:
        raise
    except InputError as error:
        raise LinkError(f"This link cannot be read. {error}") from error


def _fields(scenario: Scenario, view: View) -> Iterable[tuple[str, str]]:
    yield "v", str(VERSION)
    if view.preset is not None:
        yield "preset", view.preset
    yield "view", view.page
    if view.strategy != "vmap":
        yield "strategy", view.strategy
    if view.large:
        yield "large", "1"
    if view.run is not None:
        yield "run", view.run
    yield from view.progress.fields()
    yield "function", scenario.function
    for argument in scenario.arguments:
        yield argument.name, array_text(argument)
        if not argument.is_key and argument.has_numbers:
            yield f"{argument.name}.dtype", argument.dtype
        if argument.transposed:
            yield f"{argument.name}.T", "1"
    yield "in_axes", repr(scenario.in_axes)
    yield "out_axes", repr(scenario.out_axes)
    if scenario.inner is not None:
        yield "inner_in_axes", repr(scenario.inner.in_axes)
        yield "inner_out_axes", repr(scenario.inner.out_axes)
    if scenario.keywords:
        yield "keywords_from", scenario.keywords[0]
    if scenario.spec is not None:
        yield "spec", scenario.spec
    if not scenario.batched:
        yield "batched", "0"


def array_text(argument: Argument) -> str:
    """The numbers of an argument in the form that links hold, or its type where it has a shape alone."""
    if isinstance(argument.values, Sizes):
        return type_text(argument.dtype, argument.values.shape)
    return _joined(argument.values, argument.dtype, argument.stored.ndim)


def _joined(values: Any, dtype: str, ndim: int) -> str:
    if ndim == 0:
        return number_text(values, dtype)
    separator = ("_", "~", "~~")[ndim - 1]
    parts = [_joined(value, dtype, ndim - 1).rstrip("~" if ndim == 3 else "_") for value in values]
    return separator.join(parts) + (separator if len(parts) == 1 else "")


def _split(query: str) -> dict[str, str]:
    query = query.removeprefix("?")
    if len(query) > MAX_LENGTH:
        raise LinkError(f"This link is {len(query):,} characters long; at most {MAX_LENGTH:,} are read.")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40, errors="strict")
    except ValueError as error:
        raise LinkError("This link is damaged: it is not a list of name=value.") from error
    pairs = [(name, value) for name, value in pairs if name not in IGNORED]
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise LinkError("This link is damaged: it names the same thing twice.")
    return fields


def _read(fields: dict[str, str]) -> tuple[Scenario, View]:
    if fields.pop("v", str(VERSION)) not in READ:
        raise LinkError("This link was made by another version of vmapdemo, which this one cannot read.")
    page = _choice("view", fields.pop("view", "explore"), PAGES)
    large = _choice("large", fields.pop("large", "0"), ("0", "1")) == "1"
    run = _choice("run", fields.pop("run"), RUNS) if "run" in fields else None
    progress = read_progress({name: fields.pop(name) for name in NAMES if name in fields})
    scenario, view = of_preset(fields.pop("preset", presets.DEFAULT.name), page=page, large=large)
    strategy = fields.pop("strategy", "vmap" if fields else view.strategy)
    scenario = _scenario(fields, scenario)
    view = replace(view, strategy=_choice("strategy", strategy, scenario.strategies))
    return scenario, replace(view, run=run, progress=progress, preset=presets.name_of(scenario, view.strategy))


def _choice(name: str, value: str, choices: Iterable[str]) -> str:
    choices = tuple(choices)
    if value not in choices:
        raise LinkError(f"This link asks for {name}={value!r:.40}; there is {', '.join(choices)}.")
    return value


def _scenario(fields: dict[str, str], base: Scenario) -> Scenario:
    """The base with the fields of the link put in; every field has to be known."""
    function = fields.pop("function", base.function)
    if function not in FUNCTIONS:
        raise LinkError(f"There is no function {function!r:.40} in the gallery.")
    same, says_axes = function == base.function, "in_axes" in fields
    known = {argument.name: argument for argument in base.arguments} if same else {}
    arguments = tuple(_argument(fields, leaf, known.get(leaf.name)) for leaf in FUNCTIONS[function].leaves)
    # What a call of one function says of its axes and keywords means nothing for another.
    inner = _inner(fields, base.inner if same and not says_axes else None)
    in_axes = read_axes(fields.pop("in_axes")) if "in_axes" in fields else base.in_axes
    out_axes = read_axes(fields.pop("out_axes")) if "out_axes" in fields else base.out_axes
    keywords = _keywords(fields, function, base.keywords if same and not says_axes else ())
    batched = _choice("batched", fields.pop("batched"), ("0", "1")) == "1" if "batched" in fields else base.batched
    spec = fields.pop("spec", base.spec if same else None)
    if fields:
        raise LinkError(f"This link has a part that vmapdemo does not know: {next(iter(fields))!r:.40}.")
    return Scenario(function, arguments, in_axes, out_axes, batched, keywords, inner, spec)


def _inner(fields: dict[str, str], base: Level | None) -> Level | None:
    """The axes of the inner vmap; a link that names one of them has an inner vmap."""
    texts = {name: fields.pop(f"inner_{name}") for name in ("in_axes", "out_axes") if f"inner_{name}" in fields}
    return replace(base or Level(), **{name: read_axes(text) for name, text in texts.items()}) if texts else base


def _keywords(fields: dict[str, str], function: str, base: tuple[str, ...]) -> tuple[str, ...]:
    """A link names the first parameter that is passed by keyword."""
    if "keywords_from" not in fields:
        return base
    names = tuple(parameter.name for parameter in FUNCTIONS[function].parameters)
    return names[names.index(_choice("keywords_from", fields.pop("keywords_from"), names)) :]


def _argument(fields: dict[str, str], leaf: Leaf, base: Argument | None) -> Argument:
    """A link that gives the numbers says with them whether they are passed as .T; else the base says it."""
    name = leaf.name
    typed = read_types(fields[name]) if name in fields else None
    if typed is not None:
        del fields[name]
        (values, dtype), transposed = typed[0], False
        fields.setdefault(f"{name}.dtype", dtype)
    elif name not in fields:
        if base is None:
            raise LinkError(f"This link does not say what {name} is.")
        values, transposed = base.values, base.transposed
    else:
        values, transposed = _read_array(fields.pop(name)), False
    dtype = fields.pop(f"{name}.dtype", base.dtype if base else KEY if leaf.dtype == KEY else "float32")
    as_given = _choice(f"{name}.T", fields.pop(f"{name}.T", str(int(transposed))), ("0", "1"))
    return Argument(name, values, dtype, as_given == "1")


def _read_array(text: str) -> Any:
    if any(character in text for character in "[](), \t\n"):
        return read_values(text)
    if "~~" in text:
        return [_read_rows(part) for part in _parts(text, "~~")]
    return _read_rows(text) if "~" in text else _read_row(text) if "_" in text else read_number(text)


def _read_rows(text: str) -> list[Any]:
    return [[read_number(cell) for cell in _parts(row, "_")] for row in _parts(text, "~")]


def _read_row(text: str) -> list[Any]:
    return [read_number(cell) for cell in _parts(text, "_")]


def _parts(text: str, separator: str) -> list[str]:
    """The parts between separators; the one at the end only says that there is a single part."""
    return text.removesuffix(separator).split(separator)

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timing.made_up import CONDITIONS, notebook, timing
from tests.timing.made_up_sweep import batches
from vmapdemo.scenario import link
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.results.records import Rejected
from vmapdemo.timing.results.sweep import Point, Sweep
from vmapdemo.timing.service.saved import JSON_VERSION, MOST_CHARACTERS, Saved

COMPARISON = Saved("preset=vmap&view=time&run=compare", comparison=notebook())
SWEEP = Saved("preset=vmap&view=time&run=batch", sweep=batches())


@pytest.mark.parametrize("saved", [COMPARISON, SWEEP])
def test_a_saved_measurement_survives_its_file(saved: Saved) -> None:
    assert Saved.from_json(saved.to_json()) == saved


@pytest.mark.parametrize("saved", [COMPARISON, SWEEP], ids=["comparison", "sweep"])
def test_files_of_this_version_are_still_written_and_read_as_they_were(saved: Saved) -> None:
    text = (Path(__file__).parent / "golden" / f"{saved.kind}_{JSON_VERSION}.json").read_text(encoding="utf-8")
    assert Saved.from_json(text) == saved
    assert saved.to_json() == text


def test_its_kind_and_figures_are_those_of_what_it_holds() -> None:
    assert (COMPARISON.kind, COMPARISON.found) == ("comparison", notebook())
    assert (SWEEP.kind, SWEEP.found) == ("sweep", batches())
    assert SWEEP.conditions == batches().conditions
    assert SWEEP.to_csv() == batches().to_csv()
    assert COMPARISON.to_csv() == notebook().to_csv()


@pytest.mark.parametrize("found", [{}, {"comparison": notebook(), "sweep": batches()}])
def test_it_holds_one_of_the_two(found: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a comparison or a sweep"):
        Saved("preset=vmap", **found)  # type: ignore[arg-type]


BREAKING: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: "",
    "a comparison alone": lambda text: notebook().to_json(),
    "another version": lambda text: text.replace('"version": 1', '"version": 99'),
    "a link of another version": lambda text: text.replace("preset=vmap", "v=99"),
    "a link to nowhere": lambda text: text.replace("preset=vmap", "preset=nowhere"),
    "half of it": lambda text: text[: len(text) // 2],
    "deep nesting": lambda text: '{"version": 1, "link": ' + "[" * 100_000,
    "too much": lambda text: text + " " * MOST_CHARACTERS,
    "neither": lambda text: '{"version": 1, "link": "preset=vmap"}',
    "something else": lambda text: '{"cells": [], "nbformat": 4}',
}


@pytest.mark.parametrize("break_it", BREAKING.values(), ids=BREAKING)
def test_any_other_file_is_refused_with_one_sentence(break_it: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match="This is no measurement that this version can read: ") as caught:
        Saved.from_json(break_it(SWEEP.to_json()))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def with_many(names: int = 1, sizes: int = 1) -> Sweep:
    """A sweep of so many strategies at so many sizes."""
    strategies = tuple(f"s{number}" for number in range(names))
    points = (Point(size, timing(name, 1e-3)) for name in strategies for size in range(1, sizes + 1))
    return Sweep("batch", strategies, tuple(range(1, sizes + 1)), CONDITIONS, tuple(points), complete=True)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (with_many(names=65), "it has 65 strategies; at most 64 are read."),
        (with_many(sizes=65), "it has 65 sizes; at most 64 are read."),
        (with_many(names=21, sizes=50), "it has 1,050 points; at most 1,000 are read."),
    ],
)
def test_what_the_page_could_not_draw_in_time_is_refused(found: Sweep, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Saved("preset=vmap", sweep=found)
    Saved("preset=vmap", sweep=with_many(names=20, sizes=50))


def test_the_longest_link_that_the_page_writes_survives_its_file() -> None:
    numbers = np.full((32, 32), -2147483648)
    long = Scenario("convolve", (Argument("x_batch", numbers, "int32"), Argument("y_batch", numbers, "int32")))
    saved = Saved(link.encode(long, View(page="time", run="compare")), comparison=notebook())
    assert len(saved.link) > 20_000
    assert Saved.from_json(saved.to_json()) == saved


def test_strategies_are_named_as_they_are_on_the_page() -> None:
    with pytest.raises(ValueError, match="name must have the characters of ASCII only, got 'lоор'"):  # noqa: RUF001
        Saved("preset=vmap", sweep=replace(batches(), rejected=(Rejected("lоор", "wrong", "It is."),)))  # noqa: RUF001
    with pytest.raises(ValueError, match="it has 17 arguments; at most 16 are read"):
        Saved("preset=vmap", sweep=replace(batches(), conditions=replace(CONDITIONS, arguments=("int32[]",) * 17)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["link", "sweep", "conditions", "points", "timing", "name", "size"]), json_values)
def test_a_file_with_anything_anywhere_is_read_or_refused_but_never_breaks(where: str, value: object) -> None:
    def replaced(fields: object) -> object:
        if isinstance(fields, dict):
            return {name: value if name == where else replaced(inner) for name, inner in fields.items()}
        return [replaced(inner) for inner in fields] if isinstance(fields, list) else fields

    text = json.dumps(replaced(json.loads(SWEEP.to_json())))
    assert _refusal(text).startswith("This is no measurement") or Saved.from_json(text).sweep is not None


def _refusal(text: str) -> str:
    try:
        Saved.from_json(text)
    except ValueError as error:
        return str(error)
    return ""

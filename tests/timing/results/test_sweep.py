import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timing.made_up import CONDITIONS, timing
from tests.timing.made_up_sweep import batches, lengths
from vmapdemo.timing.results.records import Rejected
from vmapdemo.timing.results.sweep import COPY, EMPTY, Found, Part, Point, Skipped, Stages, Sweep

NAMES = ("loop", "jit", COPY, EMPTY)
seconds = st.floats(1e-9, 6e4)
sizes = st.integers(1, 10**6)
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@st.composite
def sweeps(draw: st.DrawFn) -> Sweep:
    names, limited = ("loop", "jit"), st.sampled_from(NAMES)
    visited = draw(st.lists(sizes, min_size=1, max_size=4, unique=True))
    cells = st.lists(st.tuples(limited, st.sampled_from(visited)), max_size=4, unique=True)

    def point(name: str, size: int) -> Point:
        figures = {"first_call_s": st.none() | seconds, "unwaited_s": st.none() | seconds, "confirmed": st.booleans()}
        others = draw(st.fixed_dictionaries({**figures, "programs": st.none() | st.integers(0, 99)}))
        return Point(size, timing(name, draw(seconds), **others))

    return Sweep(
        draw(st.sampled_from(["batch", "length"])),
        names,
        tuple(visited),
        CONDITIONS,
        tuple(point(*cell) for cell in draw(cells)),
        tuple(Stages(*cell, draw(seconds), draw(seconds), draw(seconds)) for cell in draw(cells)),
        tuple(Skipped(*cell, draw(st.sampled_from(["run", "compile"])), draw(seconds)) for cell in draw(cells)),
        tuple(draw(st.lists(st.builds(Rejected, limited, st.just("wrong"), TEXTS), max_size=2))),
        draw(st.booleans()),
    )


@given(sweeps())
def test_a_sweep_survives_json(sweep: Sweep) -> None:
    assert Sweep.from_json(sweep.to_json()) == sweep


@given(sweeps())
def test_the_csv_has_every_point_with_its_conditions(sweep: Sweep) -> None:
    rows = list(csv.DictReader(io.StringIO(sweep.to_csv())))
    assert [(row["name"], int(row["size"]), float(row["best_s"])) for row in rows] == [
        (point.name, point.size, point.timing.best_s) for point in sweep.points
    ]
    assert all((row["device"], row["jax_version"]) == (CONDITIONS.device, CONDITIONS.jax_version) for row in rows)


def test_the_csv_has_the_compile_times_beside_the_points() -> None:
    rows = list(csv.DictReader(io.StringIO(lengths().to_csv())))
    by_cell = {(row["name"], row["size"]): row for row in rows}
    assert float(by_cell["jit", "16"]["compile_s"]) == pytest.approx(0.48)
    assert by_cell["jit", "64"]["compile_s"] == ""


@pytest.mark.parametrize(
    "found",
    [
        Point(4, timing("jit", 1e-5)),
        Stages("jit", 4, 0.1, 0.2, 0.3),
        Skipped("loop", 4096, "run", 27.0),
        Rejected("jit", "raised", "At batch size 1: TypeError"),
    ],
)
def test_a_part_survives_the_pipe_and_is_added(found: Found) -> None:
    part = Part.from_fields(json.loads(json.dumps(Part(found, 52, 0.5).to_fields())))
    assert part.found == found
    empty = Sweep("batch", ("loop", "jit"), (1, 4, 4096), CONDITIONS)
    grown = empty.plus(replace(part, rounds=7, spent_s=2.0))
    kept = (*grown.points, *grown.stages, *grown.skipped, *grown.rejected)
    assert kept == (found,)
    assert (grown.conditions.rounds, grown.conditions.spent_s) == (7, 2.0)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="'figure' is no part of a sweep"):
        Part.from_fields({"what": "figure"})


BREAKING: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: "",
    "a list": lambda text: "[]",
    "another version": lambda text: text.replace('"version": 1', '"version": 2'),
    "a strategy from nowhere": lambda text: text.replace('"name": "loop"', '"name": "elsewhere"'),
    "a size of zero": lambda text: text.replace('"size": 4', '"size": 0'),
    "a size that is a bool": lambda text: text.replace('"size": 4', '"size": true'),
    "a text for a number": lambda text: text.replace("1e-06", '"quick"'),
    "not a number": lambda text: text.replace("1e-06", "NaN"),
    "infinity": lambda text: text.replace("1e-06", "1e999"),
    "a number of 400 digits": lambda text: text.replace('"size": 4,', f'"size": {"9" * 400},').replace(
        "1e-06", "9" * 400
    ),
    "another thing that varies": lambda text: text.replace('"vary": "batch"', '"vary": "kernel"'),
    "an unknown field": lambda text: text.replace('"vary"', '"extra": 1, "vary"'),
    "a missing field": lambda text: text.replace('"sizes": [1, 4, 16, 64], ', ""),
    "two strategies of one name": lambda text: text.replace('["loop", "jit", "typo"]', '["loop", "loop", "jit"]'),
    "a strategy named like a limit": lambda text: text.replace('["loop", "jit", "typo"]', '["loop", "jit", "copy"]'),
    "no size": lambda text: text.replace("[1, 4, 16, 64]", "[]"),
    "a size twice": lambda text: text.replace("[1, 4, 16, 64]", "[1, 4, 16, 64, 4]"),
    "a point at no size of the sweep": lambda text: text.replace("[1, 4, 16, 64]", "[1, 4, 64]"),
    "two points in one cell": lambda text: text.replace('"size": 4', '"size": 1'),
    "a time that nothing takes": lambda text: text.replace("1e-06", "5e-324"),
    "more runs than JSON can count": lambda text: text.replace('"runs": 52', f'"runs": {10**29}'),
    "brackets without end": lambda text: "[" * 100_000,
    "a long text": lambda text: text.replace("by up to 3", "x" * 3000),
    "too many entries": lambda text: text.replace("[1, 4, 16, 64]", str([1] * 6000)),
}


@pytest.mark.parametrize("break_it", BREAKING.values(), ids=BREAKING)
def test_json_of_anything_else_is_refused_with_a_sentence(break_it: Callable[[str], str]) -> None:
    text = batches().to_json()
    assert break_it(text) != text
    with pytest.raises(ValueError, match="This is not a sweep that this version can read: ") as caught:
        Sweep.from_json(break_it(text))
    assert len(str(caught.value)) < 400


def test_points_are_found_by_name_and_in_order_of_size() -> None:
    shuffled = replace(batches(), points=batches().points[::-1])
    assert [point.size for point in shuffled.points_of("loop")] == [1, 4, 16]
    assert shuffled.at("loop", 4) == timing("loop", 4e-3)
    assert shuffled.at("loop", 64) is None


def test_a_size_where_even_the_empty_call_is_slow_confirms_nothing() -> None:
    sweep = batches()
    busy = tuple(
        replace(point, timing=timing(EMPTY, 8e-6)) if (point.name, point.size) == (EMPTY, 16) else point
        for point in sweep.points
    )
    disturbed = replace(sweep, points=busy)
    assert sweep.confirmed
    assert disturbed.busy_sizes == {16}
    assert {point.size for point in disturbed.points if point.cell not in disturbed.confirmed_cells} == {16}


def test_without_points_nothing_is_confirmed() -> None:
    assert not replace(batches(), points=()).confirmed


def test_the_json_is_plain() -> None:
    assert json.loads(batches().to_json())["points"][0]["timing"] == asdict(timing(COPY, 1e-6))


def test_stages_are_not_negative() -> None:
    with pytest.raises(ValueError, match="lower_s must be a number from 1e-12 to "):
        Stages("a", 3, 0.1, -0.1, 0.1)

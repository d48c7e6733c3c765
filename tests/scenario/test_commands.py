"""Commands of a visitor: data from outside, each carried out on a scenario, and harmless when it comes again."""

import json
import random
from typing import Any

import pytest

from vmapdemo.scenario import commands
from vmapdemo.scenario.argument import InputError
from vmapdemo.scenario.choices import in_axis, out_axis
from vmapdemo.scenario.commands import CommandError
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

VMAP = PRESETS["vmap"].scenario
COMMANDS: list[dict[str, Any]] = [
    {"kind": "cell", "array": "x_batch", "index": [2, 4], "text": "9"},
    {"kind": "paste", "array": "y_batch", "index": [3, 1], "text": "1\t2\t3"},
    {"kind": "numbers", "array": "x_batch", "text": "[[1, 2, 3], [4, 5, 6]]"},
    {"kind": "size", "array": "x_batch", "edge": "rows", "size": 5},
    {"kind": "dtype", "array": "x_batch", "dtype": "float32"},
    {"kind": "transposed", "array": "x_batch", "transposed": True},
    {"kind": "axis", "array": "x_batch", "axis": 1},
    {"kind": "axis", "array": "y_batch", "axis": None},
    {"kind": "axis", "array": "result", "axis": 1},
    {"kind": "typed", "place": "in_axes", "text": "[0, None]"},
    {"kind": "axes", "in_axes": "(1, 0)", "out_axes": "0"},
    {"kind": "axes", "in_axes": "(0, None)", "out_axes": "0", "inner_in_axes": "(None, 0)", "inner_out_axes": "1"},
    {"kind": "batched", "batched": False},
    {"kind": "keyword", "array": "y_batch", "keyword": True},
    {"kind": "nested", "nested": True},
]
HOSTILE: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        1,
        2,
        99,
        10**30,
        0.5,
        float("nan"),
        "",
        "0",
        "x_batch",
        "result",
        "rows",
        "float32",
        "(0, 1)",
    ),
    *("[[1, 2]]", "1" * 5000, "\x00", [], [0], [0, 0], [-1, 0], [10**30, 0], [True, 0], ["0", 0], {}, [[0]], (0, 0)),
)


def after(scenario: Scenario, data: Any) -> Scenario:
    return commands.read(data).make(scenario)


@pytest.mark.parametrize("data", COMMANDS, ids=json.dumps)
def test_a_command_changes_the_scenario_and_nothing_more_when_it_comes_again(data: dict[str, Any]) -> None:
    once = after(VMAP, data)
    assert once != VMAP
    assert after(once, data) == once


def test_the_axes_of_the_arrays_are_those_that_were_chosen() -> None:
    for name, position in (("x_batch", 0), ("y_batch", 1)):
        for axis in (0, 1, None):
            assert in_axis(after(VMAP, {"kind": "axis", "array": name, "axis": axis}), position) == axis
    for axis in (0, 1, None):
        assert out_axis(after(VMAP, {"kind": "axis", "array": "result", "axis": axis}), 2) == axis


def test_a_handle_that_says_what_the_text_says_leaves_the_text() -> None:
    written = after(VMAP, {"kind": "typed", "place": "in_axes", "text": "[-2, 0]"})
    assert after(written, {"kind": "axis", "array": "x_batch", "axis": 0}).in_axes == [-2, 0]


def test_every_kind_is_read() -> None:
    assert {data["kind"] for data in COMMANDS} == set(commands.KINDS)


@pytest.mark.parametrize("data", [None, [], "cell", 3, {}, {"kind": 1}, {"kind": "nonsense"}, {"kind": ["cell"]}])
def test_what_is_no_command_is_refused(data: Any) -> None:
    with pytest.raises(CommandError):
        commands.read(data)


@pytest.mark.parametrize(
    "changed",
    [
        *({"array": "nobody"}, {"array": "x" * 10**6}, {"index": [0] * 1000}, {"index": [10**30, 0]}),
        *({"index": [-1, 0]}, {"index": [True, 0]}, {"index": [1024, 0]}),
    ],
    ids=lambda changed: f"{changed!r:.30}",
)
def test_a_place_that_is_on_no_drawing_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        commands.read({**COMMANDS[0], **changed})


@pytest.mark.parametrize(("data", "most"), [(COMMANDS[0], 1000), (COMMANDS[7 + 2], 1000), (COMMANDS[2], 40_000)])
def test_what_was_typed_is_kept_as_far_as_a_field_holds_it(data: dict[str, Any], most: int) -> None:
    assert "text" in data or data["kind"] == "typed"
    assert commands.read({**data, "text": "x" * most}).text == "x" * most
    assert commands.read({**data, "text": "x" * (most + 1)}).text is None


def test_crafted_commands_are_refused_or_give_a_scenario_within_the_limits() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(3000):
        data = dict(chance.choice(COMMANDS))
        for name in chance.sample(sorted(data), chance.randint(1, len(data))):
            data[name] = chance.choice(HOSTILE)
        try:
            made = after(chance.choice(list(PRESETS.values())).scenario, data)
        except InputError:
            continue
        assert all(1 <= argument.stored.size <= 1024 for argument in made.arguments)

import string
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from tests.drawn import axes, scenarios
from vmapdemo import outcome
from vmapdemo.diagnosis.records import Fix
from vmapdemo.outcome import explanation
from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.choices import CUSTOM, in_axis, out_axis, with_in_axis
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import (
    MAX_AXES_ENTRIES,
    MAX_AXES_TEXT,
    Scenario,
    check_axes,
    read_axes,
)

SEED = 11
VMAP = PRESETS["vmap"].scenario


def test_a_function_that_is_not_in_the_gallery_is_refused() -> None:
    with pytest.raises(InputError, match="no function 'nothing'"):
        replace(VMAP, function="nothing")


@pytest.mark.parametrize(
    "names", [(), ("x_batch",), ("y_batch", "x_batch"), ("x_batch", "z"), ("x_batch", "y_batch", "y_batch")]
)
def test_other_arguments_than_the_function_takes_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="takes the arguments x_batch, y_batch"):
        Scenario("convolve", tuple(Argument(name, [1]) for name in names))


def test_two_scenarios_of_the_same_content_are_equal() -> None:
    again = Scenario("convolve", list(VMAP.arguments), 0, 0)  # type: ignore[arg-type]
    assert again == VMAP
    assert hash(again) == hash(VMAP)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (0, 0.0),
        (0.0, -0.0),
        ((0,), [0]),
        ([0, 1], (0, 1)),
        ((1, 0), (True, 0)),
        ("0", 0),
        (None, "None"),
    ],
)
def test_axes_of_another_type_make_another_scenario(one: Any, other: Any) -> None:
    assert replace(VMAP, in_axes=one) != replace(VMAP, in_axes=other)
    assert replace(VMAP, out_axes=one) != replace(VMAP, out_axes=other)


@pytest.mark.parametrize("change", [{"dtype": "float32"}, {"transposed": True}, {"values": [1, 2, 3]}])
def test_another_argument_makes_another_scenario(change: dict[str, Any]) -> None:
    assert VMAP.with_argument(replace(VMAP.argument("x_batch"), **change)) != VMAP


def test_with_argument_changes_the_one_of_that_name_alone() -> None:
    changed = VMAP.with_argument(Argument("y_batch", [1, 2, 3]))
    assert changed.argument("y_batch").values == (1.0, 2.0, 3.0)
    assert changed.argument("x_batch") == VMAP.argument("x_batch")
    assert VMAP.argument("y_batch").shape == (4, 3)


def test_an_argument_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        VMAP.argument("z")


@pytest.mark.parametrize("name", ["mismatch", "silent-kernel", "square"])
def test_a_fix_makes_the_scenario_that_it_promises(name: str) -> None:
    scenario = PRESETS[name].scenario
    found = explanation(scenario)
    fixes = [*found.fixes, *(caution.fix for caution in found.cautions if caution.fix is not None)]
    assert fixes
    for fix in fixes:
        after = scenario.after(fix)
        assert after is not None
        assert explanation(after).ok
        assert explanation(after).output == fix.output


def test_a_nested_fix_makes_a_scenario_with_an_inner_vmap() -> None:
    deep = VMAP.with_argument(Argument("x_batch", np.zeros((2, 4, 5))))
    fix = explanation(deep).fixes[0]
    assert fix.nested
    mended = deep.after(fix)
    assert mended is not None
    assert mended.inner is not None
    assert explanation(mended).ok
    np.testing.assert_array_equal(outcome.result(mended), fix.run())


def test_a_fix_of_three_vmaps_makes_no_scenario() -> None:
    fix = Fix((0, None), 0, "jax.vmap(jax.vmap(jax.vmap(f)))(x)", "Three.", (), nested=True, axes_only=False)
    assert VMAP.after(fix) is None


@given(axes())
def test_axes_written_as_python_are_read_back_with_their_types(value: Any) -> None:
    assert repr(read_axes(repr(value))) == repr(value)


@given(scenarios())
def test_every_scenario_has_a_key_that_can_be_hashed(scenario: Scenario) -> None:
    assert {scenario: 1}[replace(scenario)] == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("(1, 0)", (1, 0)),
        ("[0, None]", [0, None]),
        ("-1", -1),
        ("None", None),
        ("(0,)", (0,)),
        ("True", True),
        ("0.5", 0.5),
        ("({'w': 0, 'b': None}, 0)", ({"w": 0, "b": None}, 0)),
    ],
)
def test_typed_axes_are_read_as_python(text: str, value: Any) -> None:
    assert repr(read_axes(f" {text} ")) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "(1",
        "x",
        "1 +",
        "lambda: 0",
        "1e999",
        "-1e999",
        "{0}",
        "{1: 0}",
        "{'a': {0}}",
        "b'a'",
        "...",
        "\x00",
        "0 0",
    ],
)
def test_text_that_is_no_axis_literal_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_axes(text)


def test_axes_beyond_the_limits_are_refused() -> None:
    deep: Any = 0
    for _ in range(10):
        deep = (deep,)
    for value in [
        (0,) * (MAX_AXES_ENTRIES + 1),
        deep,
        "a" * MAX_AXES_TEXT,
        10**400,
        (0, -(10**400)),
        float("nan"),
        {1: 0},
        {"a": object()},
        object(),
    ]:
        with pytest.raises(InputError):
            check_axes(value)
    with pytest.raises(InputError, match="201 characters"):
        read_axes("0" * (MAX_AXES_TEXT + 1))


def test_axes_at_the_limit_are_read() -> None:
    assert check_axes((0,) * MAX_AXES_ENTRIES) == (0,) * MAX_AXES_ENTRIES
    assert check_axes("a" * (MAX_AXES_TEXT - 2))


def _hostile_text(random: np.random.Generator) -> str:
    pieces = [
        "[",
        "]",
        "(",
        ")",
        ",",
        " ",
        "\n",
        "1",
        "-",
        "1e999",
        "nan",
        "0x" + "f" * 150,
        "_",
        "True",
        "None",
        "'a'",
        "{",
        "}",
    ]
    pieces += [
        "\x00",
        "...",
        "**",
        "9" * 180,
        "1j",
        "b'x'",
        "\t",
        "#",
        "\\",
        "'\\ud800'",
        "\ud800",
        "[" * 99,
        ":",
        "0o7",
        "'''",
        "f''",
    ]
    if random.random() < 0.3:
        return "".join(random.choice(list(string.printable), int(random.integers(1, 30))))
    return "".join(random.choice(pieces, int(random.integers(1, 10))))


def test_hostile_axes_raise_nothing_but_input_errors() -> None:
    random = np.random.default_rng(SEED)
    refused = 0
    for _ in range(1000):
        text = _hostile_text(random)
        said = _refusal(text)
        assert said is None or "\n" not in said, f"{text!r}, seed {SEED}"
        refused += said is not None
    assert 500 < refused < 1000


def _refusal(text: str) -> str | None:
    """The sentence that refuses the text, or None where it is read."""
    try:
        read_axes(text)
    except InputError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{error!r} for {text!r}, seed {SEED}") from error
    return None


@pytest.mark.parametrize(
    ("in_axes", "choices"),
    [
        (0, [0, 0]),
        (-1, [1, 1]),
        (None, [None, None]),
        ((1, None), [1, None]),
        ([0, -2], [0, 0]),
        ((0,), [CUSTOM, CUSTOM]),
        ((0, 0, 0), [CUSTOM, CUSTOM]),
        (2, [CUSTOM, CUSTOM]),
        (True, [CUSTOM, CUSTOM]),
        ((0.0, "a"), [CUSTOM, CUSTOM]),
        (((0,), 1), [CUSTOM, 1]),
    ],
)
def test_a_picker_shows_what_in_axes_says(in_axes: Any, choices: list[Any]) -> None:
    scenario = replace(VMAP, in_axes=in_axes)
    shown = [in_axis(scenario, index) for index in range(2)]
    assert repr(shown) == repr(choices)


@pytest.mark.parametrize(
    ("out_axes", "choice"), [(0, 0), (-1, 1), (1, 1), (None, None), (2, CUSTOM), (True, CUSTOM), ((0,), CUSTOM)]
)
def test_a_picker_shows_what_out_axes_says(out_axes: Any, choice: Any) -> None:
    assert repr(out_axis(replace(VMAP, out_axes=out_axes), 2)) == repr(choice)


@pytest.mark.parametrize("before", [0, 1, (0, 0), [0, 0], None, (0,), [1], "a", True, (None, 2), [[0], 1], (0, 0, 0)])
@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("axis", [0, 1, None])
def test_what_a_picker_sets_is_what_it_shows(before: Any, index: int, axis: int | None) -> None:
    scenario = replace(VMAP, in_axes=before)
    after = with_in_axis(scenario, index, axis)
    assert in_axis(after, index) == axis
    assert isinstance(after.in_axes, list) == isinstance(before, list)


@pytest.mark.parametrize("before", [0, 1, (0, 1), [1, None], None])
def test_a_picker_leaves_the_other_argument_alone(before: Any) -> None:
    scenario = replace(VMAP, in_axes=before)
    assert in_axis(with_in_axis(scenario, 0, 1), 1) == in_axis(scenario, 1)
    assert in_axis(with_in_axis(scenario, 1, None), 0) == in_axis(scenario, 0)


def test_one_integer_for_all_stays_one_where_it_can() -> None:
    assert with_in_axis(VMAP, 0, 0).in_axes == 0
    assert with_in_axis(VMAP, 0, 1).in_axes == (1, 0)

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import scenarios
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.link import MAX_LENGTH, PAGES, RUNS, LinkError, View, decode, encode, of_preset
from vmapdemo.scenario.presets import PRESETS, name_of
from vmapdemo.scenario.scenario import Scenario

SEED = 5
GOLDEN = [
    (version, *line.split(" ", 1))
    for version in (1, 2)
    for line in (Path(__file__).parents[1] / "golden" / f"links-v{version}.txt").read_text("utf-8").splitlines()
]
"""Links as they were once made, by version and preset: a line is added for a new preset, and none is ever changed."""
VMAP = PRESETS["vmap"].scenario
STRATEGIES = ("loop", "mathy", "vmap", "jit", "shifted")


@given(scenarios(), st.sampled_from(PAGES), st.sampled_from(STRATEGIES), st.booleans(), st.sampled_from([None, *RUNS]))
def test_a_link_decodes_to_what_was_encoded(
    scenario: Scenario, page: str, strategy: str, large: bool, run: str | None
) -> None:
    view = View(page, None, strategy if strategy in scenario.strategies else "vmap", large, run)
    decoded, seen = decode(encode(scenario, view))
    assert decoded == scenario
    assert repr(decoded) == repr(scenario)
    assert seen == view


@pytest.mark.parametrize("text", ["a, b", "a,  b", ",", "&x=1", "é", "\x00", "a=b", "%41", "'", '"', "\\n", "+ ~_"])
@pytest.mark.parametrize("wrap", [lambda text: text, lambda text: (text, 0), lambda text: [[text], None]])
def test_a_text_in_the_axes_survives_a_link(text: str, wrap: Callable[[str], Any]) -> None:
    scenario = replace(VMAP, in_axes=wrap(text), out_axes=text)
    assert decode(encode(scenario, View()))[0] == scenario


@pytest.mark.parametrize(
    "values", [-0.0, [-0.0, 0.0], [[-0.0]], 1e-45, [3.4028235e38], [[[0.1]]], [[[-0.0, 1], [2, 3]]]]
)
def test_every_float32_survives_a_link(values: object) -> None:
    scenario = VMAP.with_argument(Argument("y_batch", values))
    assert decode(encode(scenario, View()))[0] == scenario


@pytest.mark.parametrize(
    "shape",
    [(), (1,), (1, 1), (1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 2, 1), (2, 1, 2), (1, 3), (3, 1), (3, 2, 2)],
)
def test_every_shape_survives_a_link(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    scenario = VMAP.with_argument(Argument("x_batch", array, "int32"))
    assert decode(encode(scenario, View()))[0].argument("x_batch").values == scenario.argument("x_batch").values


def test_the_largest_arguments_fit_into_a_link() -> None:
    random = np.random.default_rng(SEED)
    x = Argument("x_batch", random.integers(-(2**31), 2**31 - 1, (32, 32)), "int32")
    y = Argument("y_batch", random.normal(size=(8, 8, 16)) * 1e-30)
    scenario = Scenario("convolve", (x, y))
    assert decode(encode(scenario, View()))[0] == scenario, f"seed {SEED}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_survives_a_link_with_its_view(name: str, page: str, large: bool) -> None:
    scenario, view = of_preset(name, page=page, large=large)
    assert decode(encode(scenario, view)) == (scenario, view)
    assert view == View(page, name, PRESETS[name].strategy, large)


@pytest.mark.parametrize("name", PRESETS)
def test_a_link_to_a_preset_is_short_and_says_what_it_holds(name: str) -> None:
    query = encode(*of_preset(name))
    assert len(query) < 2000
    said = parse_qs(query, keep_blank_values=True)
    assert said["v"] == ["2"]
    assert {"view", "function", *PRESETS[name].scenario.entry.argument_names, "in_axes", "out_axes"} <= set(said)


@pytest.mark.parametrize("name", PRESETS)
def test_the_numbers_of_a_link_need_no_escape(name: str) -> None:
    names = PRESETS[name].scenario.entry.argument_names
    numbers = re.findall(rf"&(?:{'|'.join(names)})=([^&]*)", encode(*of_preset(name)))
    assert len(numbers) == len(names)
    assert all(re.fullmatch(r"[-0-9._~]+", text) for text in numbers)


@pytest.mark.parametrize(("version", "name", "query"), GOLDEN, ids=[f"v{one}-{name}" for one, name, _ in GOLDEN])
def test_a_link_that_was_made_once_is_read_for_ever(version: int, name: str, query: str) -> None:
    assert query.startswith(f"v={version}&preset={name}&")
    assert decode(query) == of_preset(name)
    # The numbers of the link alone say the same as the preset's name does.
    assert decode(query.replace(f"&preset={name}&", "&")) == of_preset(name)


def test_every_preset_has_a_golden_link_and_every_golden_link_its_preset() -> None:
    assert {name for version, name, _ in GOLDEN if version == 2} == set(PRESETS)
    assert {name for _, name, _ in GOLDEN} <= set(PRESETS)


@pytest.mark.parametrize(
    "query", ["", "?", "v=1", "v=2", "view=explore", "embed=true", "utm_source=a&fbclid=b&gclid=c&embed_options=dark"]
)
def test_a_bare_address_gives_the_preset_vmap(query: str) -> None:
    assert decode(query) == of_preset("vmap")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_opened_by_its_name_alone(name: str) -> None:
    assert decode(f"?preset={name}") == of_preset(name)


def test_an_edit_on_top_of_a_preset_drops_its_name() -> None:
    scenario, view = decode("preset=vmap&in_axes=1")
    assert scenario == replace(VMAP, in_axes=1)
    assert view.preset is None


def test_a_preset_named_over_other_data_is_dropped() -> None:
    _, view = decode(encode(replace(VMAP, out_axes=1), View(preset="vmap")))
    assert view.preset is None


def test_a_link_without_a_name_finds_its_preset() -> None:
    scenario = PRESETS["mismatch"].scenario
    assert decode(encode(scenario, View()))[1].preset == "mismatch"


def test_a_reader_may_write_brackets() -> None:
    scenario, _ = decode(
        urlencode({"x_batch": "[[1, 2, 3], [4, 5, 6]]", "y_batch": "(1, 0, 1)", "in_axes": "(0, None)"})
    )
    assert scenario.argument("x_batch").values == ((1, 2, 3), (4, 5, 6))
    assert scenario.argument("y_batch").values == (1.0, 0.0, 1.0)


def test_new_numbers_on_top_of_a_transposed_preset_are_passed_as_they_are() -> None:
    scenario, _ = decode("preset=mismatch&x_batch=1_2_3~4_5_6")
    assert not scenario.argument("x_batch").transposed
    assert decode("preset=mismatch&in_axes=0")[0].argument("x_batch").transposed


REFUSED = {
    "v=3": "another version",
    "v=": "another version",
    "preset=nothing": "no preset",
    "preset=vmap&preset=vmap": "twice",
    "x_batch=1&x_batch=1": "twice",
    "view=code": "view",
    "strategy=numpy": "strategy",
    "function=eval": "function",
    "large=yes": "large",
    "batched=2": "batched",
    "colour=red": "'colour'",
    "x_batch.T=2": "x_batch.T",
    "x_batch.dtype=float64": "int32 or float32",
    "x_batch.dtype=int32&x_batch=1.5": "not a whole number",
    "x_batch=nan": "whole number",
    "y_batch=nan": "finite",
    "y_batch=inf_1": "finite",
    "y_batch=1e999": "finite",
    "y_batch=1e39": "finite",
    "y_batch=" + "9" * 400: "finite",
    "x_batch=" + "9" * 400: "int32",
    "x_batch=" + "9" * 5000: "int32",
    "x_batch=[" + "9" * 400 + "]": "int32",
    "x_batch=[0x" + "f" * 5000 + "]": "int32",
    "y_batch=[0x" + "f" * 5000 + "]": "finite",
    "x_batch=1_2~3": "different lengths",
    "x_batch=1~~2~3": "different lengths",
    "x_batch=": "not a number",
    "x_batch=__": "not a number",
    "x_batch=~": "not a number",
    "x_batch=" + "[" * 5000: "not an array",
    "x_batch=" + "[" * 60 + "1" + "]" * 60: "at most 3",
    "x_batch=" + "_".join("1" * 1025): "1,025 elements",
    "x_batch=%00": "not a number",
    "x_batch=%5B%00%5D": "not an array",
    "x_batch=%ff": "damaged",
    "in_axes=": "Write an axis",
    "in_axes=(0": "not a Python value",
    "in_axes=open('x')": "not a Python value",
    "in_axes=1e999": "too large",
    "in_axes=" + "9" * 199: None,
    "in_axes=0x" + "f" * 190: None,
    "in_axes=" + "(" * 90 + ")" * 90: None,
    "in_axes={0}": "cannot stand",
    "in_axes=%00": "not a Python value",
    "a" * (MAX_LENGTH + 1): "60,001 characters",
    "&".join(f"a{i}=" for i in range(41)): "damaged",
}


@pytest.mark.parametrize(("query", "words"), REFUSED.items(), ids=[f"{query[:24]!a}-{len(query)}" for query in REFUSED])
def test_a_link_that_cannot_be_read_gives_one_sentence(query: str, words: str | None) -> None:
    said = _read_or_refused(query)
    if words is None and not isinstance(said, str):
        return
    assert isinstance(said, str)
    assert (words or "") in said
    assert "\n" not in said
    assert len(said) < 320


def _mutated(query: str, random: np.random.Generator) -> str:
    """The query with a few pieces taken out, doubled, or put in."""
    extras = [
        "&",
        "=",
        "%",
        "%00",
        "%ff",
        "~",
        "_",
        "nan",
        "1e999",
        "9" * 400,
        "[",
        "(",
        "None",
        "v=3",
        "&x_batch=1",
        "é",
        "\x00",
        "-",
        "&&",
        "_1_",
        ".T=1",
    ]
    for _ in range(int(random.integers(1, 5))):
        start, stop = sorted(random.integers(0, len(query) + 1, 2).tolist())
        stop = min(stop, start + int(random.integers(1, 12)))
        kind = random.integers(3)
        middle = (
            "" if kind == 0 else query[start:stop] * 2 if kind == 1 else query[start:stop] + str(random.choice(extras))
        )
        query = query[:start] + middle + query[stop:]
    return query


def _noise(random: np.random.Generator) -> str:
    return random.bytes(int(random.integers(1, 60))).decode(str(random.choice(["latin-1", "utf-16-le"])), "replace")


def test_hostile_links_give_a_sentence_or_a_scenario() -> None:
    random = np.random.default_rng(SEED)
    links = [query for _, _, query in GOLDEN]
    refused = 0
    for index in range(2000):
        query = _noise(random) if index % 10 == 0 else _mutated(str(random.choice(links)), random)
        read = _read_or_refused(query)
        if isinstance(read, str):
            refused += 1
            assert "\n" not in read, f"{query!r}, seed {SEED}"
            continue
        scenario, view = read
        assert decode(encode(scenario, view)) == (scenario, view), f"{query!r}, seed {SEED}"
        assert view.preset == name_of(scenario, view.strategy), f"{query!r}, seed {SEED}"
    assert 500 < refused < 2000


def _read_or_refused(query: str) -> tuple[Scenario, View] | str:
    """What the link holds, or the sentence that refuses it."""
    try:
        return decode(query)
    except LinkError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{error!r} for {query!r}, seed {SEED}") from error


def test_a_link_can_ask_for_a_measurement_that_exists() -> None:
    assert decode("view=time&run=length")[1].run == "length"
    with pytest.raises(LinkError, match="This link asks for run='kernel'; there is compare, batch, length"):
        decode("view=time&run=kernel")

"""Arrays that have a shape alone, of the size that people have: explained and traced, and never computed."""

import contextlib
import io
from dataclasses import replace
from typing import Any

import pytest

from vmapdemo import export, outcome
from vmapdemo.figures.linked import picture
from vmapdemo.scenario import commands, link
from vmapdemo.scenario.argument import Argument, InputError, Sizes, read_types
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

ATTENTION = Scenario(
    "contract",
    (Argument("a", Sizes((32, 128, 768))), Argument("b", Sizes((768, 64)))),
    (0, None),
    spec="ij,jk->ik",
)
VMAP = PRESETS["vmap"].scenario


def typed(scenario: Scenario, text: str, array: str = "a") -> Scenario:
    return commands.read({"kind": "numbers", "array": array, "text": text}).make(scenario)


def test_a_call_of_real_size_is_explained_from_its_shapes() -> None:
    found = outcome.evaluate(ATTENTION)
    assert found.explanation.ok
    assert found.explanation.output[0].shape == (32, 128, 64)
    assert found.result is found.reference is None
    assert outcome.any_size(ATTENTION) is not None
    assert outcome.value_cautions(ATTENTION) == ()


def test_a_wrong_one_has_a_fix_that_was_tried_on_shapes() -> None:
    wrong = replace(ATTENTION, in_axes=0)
    found = outcome.explanation(wrong)
    assert not found.ok
    assert ATTENTION in [wrong.after(fix) for fix in found.fixes]


def test_its_trace_has_the_real_sizes() -> None:
    found = outcome.trace(ATTENTION)
    assert found.results[0].array.batched_shape == (32, 128, 64)


def test_it_is_seen_in_another_process_like_any_large_one() -> None:
    assert outcome.is_large(ATTENTION)
    seen = outcome.see(ATTENTION)
    assert seen.result is None
    assert seen.links is None


def test_the_picture_has_types_for_cells_and_every_handle() -> None:
    found = outcome.explanation(ATTENTION)
    drawn = picture(ATTENTION, found, None, None)
    assert [table["type"] for table in drawn["tables"]] == ["f32[32,128,768]", "f32[768,64]", "f32[32,128,64]"]
    assert [len(table["handles"]) for table in drawn["tables"]] == [4, 3, 4]
    assert drawn["missing"] is None


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("f32[32,128,768], f32[768,64]", [((32, 128, 768), "float32"), ((768, 64), "float32")]),
        (" float32[ 4, 5 ] ", [((4, 5), "float32")]),
        ("i32[]", [((), "int32")]),
        ("key[3]", [((3,), "key")]),
        ("[[1, 2]]", None),
        ("1 2", None),
        ("", None),
    ],
)
def test_types_are_read_as_jax_writes_them(text: str, types: Any) -> None:
    read = read_types(text)
    assert (None if read is None else [(sizes.shape, dtype) for sizes, dtype in read]) == types


@pytest.mark.parametrize(
    "text",
    [
        *("f32[3", "f32[3]]", "f32[-3]", "f32[0]", "f32[a]", "f32[1.5]", "f32[3], ", "f32[3] f32[4]", "f32[3],x"),
        *("f32[1,1,1,1,1,1,1]", "f32[1000001]", f"f32[{'9' * 5000}]", "f32[2], f32[2], f32[2]", "f32[" * 100),
    ],
    ids=lambda text: text[:24],
)
def test_what_is_no_shape_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InputError) as caught:
        typed(ATTENTION, text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_text_with_a_type_for_each_array_sets_them_all() -> None:
    both = typed(PRESETS["einsum"].scenario, "f32[32,128,768], f32[768,64]")
    assert [argument.shape for argument in both.arguments] == [(32, 128, 768), (768, 64)]
    one = typed(PRESETS["einsum"].scenario, "f32[4,8,3]")
    assert [argument.has_numbers for argument in one.arguments] == [False, True]


def test_numbers_take_the_place_of_a_shape_again() -> None:
    assert typed(typed(ATTENTION, "[[1, 2]]"), "[[3]]", "b").has_numbers


@pytest.mark.parametrize(
    "kind", [{"kind": "cell", "index": [0, 0, 0], "text": "1"}, {"kind": "size", "edge": "rows", "size": 3}]
)
def test_there_are_no_cells_to_edit(kind: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="shape alone"):
        commands.read({"array": "a", **kind}).make(ATTENTION)


def test_a_loop_in_python_has_a_limit() -> None:
    with pytest.raises(InputError, match="loop in Python"):
        typed(VMAP, "i32[4,5000]", "x_batch")


@pytest.mark.parametrize("transposed", [False, True])
def test_a_link_decodes_to_what_was_encoded(transposed: bool) -> None:
    scenario = ATTENTION.with_argument(replace(ATTENTION.arguments[0], transposed=transposed))
    query = link.encode(scenario, View())
    assert "a=f32%5B32%2C128%2C768%5D" in query
    assert link.decode(query)[0] == scenario
    assert link.decode("preset=einsum&a=f32[2,2,3]")[0].arguments[0].shape == (2, 2, 3)


@pytest.mark.parametrize("scenario", [ATTENTION, replace(ATTENTION, in_axes=0)], ids=["right", "wrong"])
def test_its_script_asks_for_shapes(scenario: Scenario) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(export.script(scenario), {})
    assert "(32, 128, 64)" in printed.getvalue()

import re
from xml.etree import ElementTree

import pytest

from tests.effort import some
from vmapdemo import outcome
from vmapdemo.figures.drawing import HUES, svg
from vmapdemo.figures.linked import picture
from vmapdemo.scenario.argument import Argument, Sizes
from vmapdemo.scenario.presets import PRESETS
from vmapdemo.scenario.scenario import Scenario

SVG = "{http://www.w3.org/2000/svg}"


def drawn(scenario: Scenario, most_width: float = 900.0) -> ElementTree.Element:
    found = outcome.evaluate(scenario)
    links = outcome.links(scenario) if found.explanation.ok else None
    return ElementTree.fromstring(svg(picture(scenario, found.explanation, found.result, links), most_width))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("name", some(list(PRESETS), 30))
def test_every_number_of_every_array_stands_in_the_picture(name: str) -> None:
    scenario = PRESETS[name].scenario
    found = outcome.evaluate(scenario)
    data = picture(scenario, found.explanation, found.result, None)
    said = texts(drawn(scenario))
    for table in data["tables"]:
        assert table["title"] in said
        assert not set(table["cells"]) - set(said)


def test_each_example_has_its_colour_and_its_number() -> None:
    root = drawn(PRESETS["vmap"].scenario)
    fills = [element.get("fill") for element in root.iter(f"{SVG}rect") if element.get("fill")]
    assert [fills.count(hue) for hue in HUES] == [5 + 3 + 3] * 4 + [0, 0]
    assert [text for text in texts(root) if text.startswith("●")] == ["●0", "●1", "●2", "●3"] * 3


def test_what_is_shared_has_no_colour() -> None:
    root = drawn(PRESETS["shared-kernel"].scenario)
    fills = [element.get("fill") for element in root.iter(f"{SVG}rect") if element.get("fill")]
    assert fills.count(HUES[0]) == 5 + 3


def test_nothing_stands_outside_and_a_narrow_picture_has_more_lines() -> None:
    wide, narrow = drawn(PRESETS["ensemble"].scenario), drawn(PRESETS["ensemble"].scenario, 300.0)
    assert float(narrow.get("width") or 0) < float(wide.get("width") or 0)
    assert float(narrow.get("height") or 0) > float(wide.get("height") or 0)
    for root in (wide, narrow):
        width, height = float(root.get("width") or 0), float(root.get("height") or 0)
        for group in root.findall(f"{SVG}g"):
            x, y = map(float, re.findall(r"[\d.]+", group.get("transform") or ""))
            for rect in group.iter(f"{SVG}rect"):
                assert x + float(rect.get("x") or 0) + float(rect.get("width") or 0) <= width
                assert y + float(rect.get("y") or 0) + float(rect.get("height") or 0) <= height


def test_a_large_array_is_cut_and_says_so() -> None:
    scenario = PRESETS["vmap"].scenario.with_argument(Argument("x_batch", [[1] * 40] * 4, "int32"))
    root = drawn(scenario)
    assert "and more" in texts(root)


def test_a_shape_alone_is_written_as_its_type() -> None:
    scenario = PRESETS["einsum"].scenario.with_argument(Argument("a", Sizes((4, 2, 3))))
    assert {"f32[4,2,3]", "f32[4,2]"} <= set(texts(drawn(scenario)))


def test_the_title_says_it_in_words() -> None:
    title = drawn(PRESETS["mismatch"].scenario).find(f"{SVG}title")
    assert title is not None
    assert title.text == "x_batch.T (5, 4) 4 examples; y_batch (4, 3) 3 examples"

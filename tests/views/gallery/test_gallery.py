import json
from typing import Any

import pytest

from tests.effort import some
from tests.views.driving import ask, data, keys, opened, scenario, sentence, view, widget
from vmapdemo import outcome
from vmapdemo.gallery.catalogue import ENTRIES
from vmapdemo.gallery.entry import Entry
from vmapdemo.scenario.presets import PRESETS, scenario_of

MOST_BYTES = 200_000


def cards(page: Any) -> dict[str, dict[str, Any]]:
    """The cards that are drawn, by the function's name."""
    return {card["name"]: card for group in data(page, "gallery")["groups"] for card in group["cards"]}


def test_every_function_has_a_card_in_its_group_with_three_ways_in() -> None:
    page = opened("view=gallery")
    groups = data(page, "gallery")["groups"]
    assert [group["title"] for group in groups] == list(dict.fromkeys(entry.group for entry in ENTRIES))
    assert list(cards(page)) == [entry.name for entry in ENTRIES]
    for entry in ENTRIES:
        card = cards(page)[entry.name]
        assert card["story"] == entry.story
        assert [way["preset"] for way in card["ways"]] == [entry.intended.name, entry.loud.name, entry.silent.name]
        assert all(way["told"] for way in card["ways"])
        others = [*entry.others, *entry.other_mistakes]
        assert [way["preset"] for way in card["others"]] == [other.name for other in others]


def test_the_pictures_are_those_of_explore_and_light_over_the_wire() -> None:
    page = opened("view=gallery")
    assert len(json.dumps(data(page, "gallery"))) < MOST_BYTES
    for entry in some(ENTRIES, 6):
        tables = data(opened(f"preset={entry.intended.name}"), "arrays")["tables"]
        drawn = cards(page)[entry.name]["tables"]
        assert [table["cells"] for table in drawn] == [table["cells"] for table in tables]
        assert [table["axis"] for table in drawn] == [table["axis"] for table in tables]


def test_no_call_is_shown_beside_the_cards_and_the_address_is_kept() -> None:
    page = opened("view=gallery")
    assert data(page, "call").keys() == {"address", "cautions"}
    assert "view=gallery" in data(page, "call")["address"]["query"]
    assert not {"arrays", "strategies", "tracing"} & keys(page)


def test_a_way_in_opens_explore_with_the_preset_and_large_type_stays() -> None:
    page = ask(opened("view=gallery&large=1"), "gallery", {"kind": "open", "preset": "smooth-silent"})
    assert scenario(page) == PRESETS["smooth-silent"].scenario
    assert (view(page).page, view(page).preset, view(page).large) == ("explore", "smooth-silent", True)
    assert "arrays" in keys(page)


@pytest.mark.parametrize("preset", ["nonsense", None, 3, ["smooth"], "x" * 10_000])
def test_what_is_no_preset_opens_nothing(preset: object) -> None:
    page = ask(opened("view=gallery"), "gallery", {"kind": "open", "preset": preset})
    assert view(page).page == "gallery"
    assert sentence(page, "link") is None


def test_an_example_chosen_from_the_list_opens_where_it_can_be_seen() -> None:
    page = opened("view=gallery")
    widget(page, "chosen_preset").select("orbit").run()
    assert (view(page).page, view(page).preset) == ("explore", "orbit")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@pytest.mark.parametrize("page", ["trace", "time"])
def test_every_call_of_an_entry_opens_on_every_other_view(entry: Entry, page: str) -> None:
    """Explore is opened with every preset elsewhere."""
    for example in (entry.intended, *entry.others, *entry.mistakes):
        drawn = opened(f"preset={example.name}&view={page}")
        assert scenario(drawn) == scenario_of(entry, example)
        ok = outcome.explanation(scenario(drawn)).ok
        assert ("tracing" in keys(drawn)) == (ok and page == "trace")
        assert ("measure" in keys(drawn)) == (page == "time")

"""The operator's page names what there is, and the figures that hold."""

import re
from pathlib import Path

from vmapdemo.evaluator import worker
from vmapdemo.hosting import limits, memory, settings
from vmapdemo.hosting.metrics import REGISTRY
from vmapdemo.room.codes import ALPHABET
from vmapdemo.room.rooms import IDLE_S, MOST_PEOPLE, MOST_ROOMS
from vmapdemo.timing.service import slots
from vmapdemo.views.time.jobs import MEASUREMENTS

PAGE = (Path(__file__).parents[2] / "docs" / "hosting.md").read_text(encoding="utf-8")


def test_every_metric_and_no_other_is_told() -> None:
    ours = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("vmapdemo_")}
    told = set(re.findall(r"`(vmapdemo_\w+?)(?:_total|_bucket)?[`{]", PAGE)) | {"vmapdemo_measurements_running"}
    assert told == ours


def test_every_setting_and_no_other_is_told() -> None:
    names = re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = re.findall(r'environment\.get\("(\w+)"', source)
    assert sorted(names) == sorted({*read, slots.FOLDER_VARIABLE})


def test_the_limits_are_those_of_the_code() -> None:
    pace, openings = limits.PACE, limits.OPENINGS
    assert f"{pace.rate_per_s:g} messages a second, {pace.burst:g} at once" in PAGE
    assert f"{limits.MESSAGES.burst:g} messages that wait" in PAGE
    assert f"{openings.rate_per_s:g} connections a second, {openings.burst:g} at once" in PAGE
    assert f"counts for {limits.FLOOD_COST:g}" in PAGE
    assert f"a file every {1 / limits.UPLOADS.rate_per_s:g} s, {limits.UPLOADS.burst:g} at once" in PAGE
    assert f"a measurement every {1 / MEASUREMENTS.rate_per_s:g} s, {MEASUREMENTS.burst:g} at once" in PAGE
    assert f"{limits.ROOMS.rate_per_s:g} requests of rooms a second, {limits.ROOMS.burst:g} at once" in PAGE
    opened = limits.ROOM_OPENINGS
    assert f"a room opened every {1 / opened.rate_per_s:g} s, {opened.burst:g} at once" in PAGE
    assert f"{MOST_ROOMS} rooms, with {MOST_PEOPLE} people in each" in PAGE
    assert f"A room ends {IDLE_S / 60:g} minutes after" in PAGE
    assert ALPHABET in PAGE
    ceilings = re.sub(r"\s+", " ", PAGE)
    assert f"({memory.MOST_BYTES / 1e6:g} and {worker.MOST_BYTES / 1e6:g} MB)" in ceilings

import doctest
import re
from pathlib import Path

from vmapdemo.gallery.catalogue import ENTRIES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def test_the_example_of_the_readme_gives_what_it_says() -> None:
    found = doctest.testfile(str(README), module_relative=False)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_make_command_and_picture_of_the_readme_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {"app", "test"} <= set(re.findall(r"\bmake (\w+)", text)) <= set(targets)
    assert [path for path in re.findall(r"\]\(((?!https:)[^)]+)\)", text) if not (ROOT / path).exists()] == []


def test_the_readme_lists_every_function_of_the_gallery_in_its_group() -> None:
    rows = re.findall(r"^\| ([\w ]+) \| (`.*) \|$", README.read_text(encoding="utf-8").split("## The gallery")[1], re.M)
    listed = {(group, name) for group, cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert listed == {(entry.group, entry.name) for entry in ENTRIES}

"""All that the pages say: a file for each language, ``pages/en.json`` the only one so far."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "pages"
Texts = Mapping[str, Any]


def read(language: str = "en") -> Texts:
    """The texts of a language."""
    texts: Texts = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def named(texts: Texts, name: str) -> str:
    """One of them by its path, as ``join.title``."""
    found: Any = texts
    for part in name.split("."):
        found = found[part]
    return str(found)

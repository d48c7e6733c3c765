"""The HTML of the pages, filled with texts, and the files that they load."""

import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from vmapdemo.room.texts import FOLDER, Texts, named

TYPES = {".css": "text/css", ".js": "text/javascript"}
_PLACE = re.compile(r"{{([\w.-]+)}}")


class Pages:
    """Read once, when the server starts.

    In a page ``{{join.title}}`` stands for that text, and the names given to `page` for what they are given.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
        self.build = hashlib.sha256(b"".join(self.files.values())).hexdigest()[:12]
        """In the addresses of the files, so that a browser may keep them for ever."""
        # A script never ends within it.
        self._for_scripts = json.dumps(texts).replace("<", "\\u003c")

    def page(self, name: str, **values: str) -> str:
        """The HTML of one page."""
        given: Mapping[str, str] = {"build": self.build, "lang": named(self._texts, "lang"), **values}

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name == "texts":
                return self._for_scripts
            return escape(given[name] if name in given else named(self._texts, name))

        return _PLACE.sub(fill, (FOLDER / name).read_text(encoding="utf-8"))

    def media_type(self, name: str) -> str:
        """What a file is."""
        return TYPES[Path(name).suffix]

"""Tables and sentences as text nodes: nothing that a visitor typed can become markup here.

A word between backticks is drawn as code. Blocks that stand together are one element, since each costs the server a
millisecond.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

_HERE = Path(__file__).parent

_sheet = st.components.v2.component(
    "sheet",
    html='<div class="sheet"></div>',
    css=(_HERE / "texts.css").read_text(encoding="utf-8"),
    js=(_HERE / "texts.js").read_text(encoding="utf-8"),
)

Block = dict[str, Any]


def show(key: str, *blocks: Block) -> None:
    """Draw the blocks one under the other; ``key`` names them on the page."""
    _sheet(key=key, data={"blocks": list(blocks)})


def heading(text: str) -> Block:
    """A heading over what follows."""
    return {"heading": text}


def lines(*texts: str, kind: Literal["plain", "good", "bad", "caution"] = "plain") -> Block:
    """Lines of text; in a kind other than plain the first is a headline."""
    return {"lines": list(texts), "kind": kind}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """A plain table of texts."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}

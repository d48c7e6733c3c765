"""Tables and sentences as text nodes: nothing that a visitor typed can become markup here.

A word between backticks is drawn as code. Blocks that stand together are one element, since each costs the server a
millisecond.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from vmapdemo.views import component

_texts = component.declare(Path(__file__).parent, "texts")

Block = dict[str, Any]


def show(key: str, *blocks: Block) -> None:
    """Draw the blocks one under the other; ``key`` names them on the page."""
    _texts(key=key, data={"blocks": list(blocks)})


def heading(text: str) -> Block:
    """A heading over what follows."""
    return {"heading": text}


def lines(*texts: str, kind: Literal["plain", "answer", "good", "bad", "caution"] = "plain") -> Block:
    """Lines of text; in a kind other than plain the first is a headline."""
    return {"lines": list(texts), "kind": kind}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False) -> Block:
    """A plain table of texts; of ``numbers`` all columns but the first are aligned on the right."""
    return {"columns": list(columns), "rows": [list(row) for row in rows], "numbers": numbers}


def verbatim(text: str) -> Block:
    """Text as somebody else wrote it, with its lines and spaces."""
    return {"verbatim": text}


def fold(title: str, *blocks: Block) -> Block:
    """Blocks that are folded away under a title."""
    return {"title": title, "blocks": list(blocks)}

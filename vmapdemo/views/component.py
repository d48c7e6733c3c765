"""Parts of the page that JavaScript draws from data: declared here, from the files beside the module that shows them.

Every text becomes a text node, so that nothing that a visitor typed can become markup.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
SHARED = ("dom.js", "requests.js")
"""What the scripts of all parts begin with."""


def declare(
    folder: Path, name: str, html: str = '<div class="root"></div>', *, grids: bool = False
) -> Callable[..., Any]:
    """The component that ``name.js`` draws and ``name.css`` styles, both in ``folder``; with ``grids`` it draws arrays.

    The script is given its data as the one entry of a list. Of a dict Streamlit looks at each value, whether it is a
    table of pandas or of ten other libraries, which takes a tenth of the time of an edit.
    """
    scripts = [*(_HERE / shared for shared in SHARED), *([_HERE / "grid.js"] if grids else []), folder / f"{name}.js"]
    styles = [_HERE / "dom.css", *([_HERE / "grid.css"] if grids else []), folder / f"{name}.css"]
    draw = st.components.v2.component(
        name,
        html=html,
        css="\n".join(map(_text, styles)),
        js="\n".join(map(_text, scripts)),
    )
    return lambda data=None, **others: draw(data=[data], **others)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

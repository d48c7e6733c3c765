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


def declare(folder: Path, name: str, html: str = '<div class="root"></div>') -> Callable[..., Any]:
    """The component that ``name.js`` draws and ``name.css`` styles, both in ``folder``.

    The script is given its data as the one entry of a list. Of a dict Streamlit looks at each value, whether it is a
    table of pandas or of ten other libraries, which takes a tenth of the time of an edit.
    """
    scripts = [*(_HERE / shared for shared in SHARED), folder / f"{name}.js"]
    draw = st.components.v2.component(
        name,
        html=html,
        css="\n".join(_text(path) for path in (_HERE / "dom.css", folder / f"{name}.css")),
        js="\n".join(map(_text, scripts)),
    )
    return lambda data=None, **others: draw(data=[data], **others)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

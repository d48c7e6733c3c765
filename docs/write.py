"""Writes ``docs/diagnoses.md`` from the catalogue: ``python -m docs.write``. Every answer is what ``explain`` says."""

import ast
import linecache
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.catalogue import PRELUDE, SECTIONS, Section
from vmapdemo import Explanation

PAGE = Path(__file__).parent / "diagnoses.md"
HEAD = """\
# Every diagnosis, with its text

`vmapdemo.explain` takes the parameters of `jax.vmap` and the same arguments; it says whose fault a refused call is,
and offers fixes that were checked on the real `jax.vmap`. This page is written by `python -m docs.write`: each answer
below is what `explain` says to the call above it. The calls use these names:
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join(
        [HEAD, f"```python\n{PRELUDE}```\n", *(part for section in SECTIONS for part in _section(section))]
    )


def answers() -> Iterator[tuple[str, str, Explanation]]:
    """The title of the section, that of the snippet, and what is said of it."""
    for section in SECTIONS:
        for title, snippet in section.snippets.items():
            yield section.title, title, _explained(snippet)


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}\n"
    yield f"{section.text}\n"
    for title, snippet in section.snippets.items():
        yield f"### {title}\n"
        yield f"```python\n{snippet}\n```\n"
        yield f"{_answer(_explained(snippet))}\n"


def _explained(snippet: str) -> Explanation:
    """The value of the snippet's last expression, run after the prelude."""
    body = ast.parse(snippet).body
    last = body.pop()
    assert isinstance(last, ast.Expr)
    for name, text in (("<prelude>", PRELUDE), ("<snippet>", snippet)):
        # The advice quotes the line that fails, so that the text has to have a source.
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict[str, Any] = {}
    exec(compile(PRELUDE, "<prelude>", "exec"), namespace)
    exec(compile(ast.Module(body, []), "<snippet>", "exec"), namespace)
    found = eval(compile(ast.Expression(last.value), "<snippet>", "eval"), namespace)
    assert isinstance(found, Explanation)
    return found


def _answer(found: Explanation) -> str:
    lines = [found.headline, found.reason] if not found.ok else []
    lines += [caution.text for caution in found.cautions]
    said = [f"> {line}" for line in [*lines, *found.advice, *found.notes]]
    culprit = [f"> Culprit: `{found.culprit}`"] if found.culprit else []
    fixes = [*found.fixes, *(caution.fix for caution in found.cautions if caution.fix is not None)]
    code = [f"\n```python\n{chr(10).join(f'{fix.code}  # {fix.why}' for fix in fixes)}\n```" for _ in fixes[:1]]
    return "\n>\n".join([*said, *culprit]) + "\n".join(["", *code] if code else [])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

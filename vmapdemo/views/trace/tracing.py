"""The view Trace: the function's lines, the program of one example and the batched program, side by side."""

from pathlib import Path

import streamlit as st

from vmapdemo import export, outcome
from vmapdemo.figures.trace import side_by_side
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import texts
from vmapdemo.views.explore import axes

SINGLE = ("The function is called once, so there is no batch to follow.", "Tick vmap to batch the call.")
EXPLORE = "Mend the axes above, or see Explore: it shows the arrays and what to write instead."

_HERE = Path(__file__).parent

_tracing = st.components.v2.component(
    "tracing",
    html="""
<p class="summary"></p>
<ul class="arguments"></ul>
<div class="panes">
  <ol class="source"></ol>
  <div class="program"><table></table></div>
  <div class="told" role="status"></div>
</div>
""",
    css=(_HERE / "tracing.css").read_text(encoding="utf-8"),
    js=(_HERE / "tracing.js").read_text(encoding="utf-8"),
)


def show(scenario: Scenario, _view: View) -> None:
    """The call and its axes, and what becomes of every line; a sentence where there is nothing to follow."""
    st.code(export.call(scenario), language="python", wrap_lines=True)
    axes.show(scenario)
    found = outcome.explanation(scenario)
    if not scenario.batched:
        texts.show("untraced", texts.lines(*SINGLE, kind="caution"))
    elif not found.ok:
        texts.show("untraced", texts.lines(found.headline, found.reason, *found.advice, EXPLORE, kind="bad"))
    else:
        passed = [argument.expression for argument in scenario.arguments]
        _tracing(key="tracing", data=side_by_side(outcome.trace(scenario)) | {"passed": passed})

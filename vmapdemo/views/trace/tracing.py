"""The view Trace: the function's lines, the program of one example and the batched program, side by side."""

from pathlib import Path

from vmapdemo import outcome
from vmapdemo.evaluator import evaluator
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import component, texts

SINGLE = ("The function is called once, so there is no batch to follow.", "Tick vmap to batch the call.")
REFUSED = ("There is no program to follow: the call fails.", "Apply a fix above, or see the arrays in Explore.")

_tracing = component.declare(
    Path(__file__).parent,
    "tracing",
    """
<p class="summary"></p>
<ul class="arguments"></ul>
<div class="panes">
  <ol class="source"></ol>
  <div class="program"><table></table></div>
  <div class="told" role="status"></div>
</div>
""",
)


def show(scenario: Scenario, _view: View) -> None:
    """The call and its axes, and what becomes of every line; a sentence where there is nothing to follow."""
    found = outcome.explanation(scenario)
    if not scenario.batched:
        texts.show("untraced", texts.lines(*SINGLE, kind="caution"))
    elif not found.ok:
        texts.show("untraced", texts.lines(*REFUSED, kind="bad"))
    else:
        passed = [scenario.arguments[position].expression for position in scenario.form.order]
        _tracing(key="tracing", data=evaluator.trace(scenario) | {"passed": passed})

"""See what jax.vmap does to your axes, why a call fails, what to write instead, and what it costs."""

from vmapdemo.diagnosis.engine import explain
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import ArgumentRow, Caution, Fix
from vmapdemo.notebook.notebook import install, uninstall
from vmapdemo.outcome import Outcome, Run, evaluate, run
from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.link import LinkError, View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.comparison import compare
from vmapdemo.timing.report import Comparison
from vmapdemo.tracing.batch_trace import BatchTrace
from vmapdemo.tracing.engine import trace
from vmapdemo.tracing.records import Step

__all__ = [
    "Argument",
    "ArgumentRow",
    "BatchTrace",
    "Caution",
    "Comparison",
    "Explanation",
    "Fix",
    "InputError",
    "LinkError",
    "Outcome",
    "Run",
    "Scenario",
    "Step",
    "View",
    "compare",
    "evaluate",
    "explain",
    "install",
    "run",
    "trace",
    "uninstall",
]

from typing import Any

import jax
import jax.numpy as jnp
import pytest

from tests.diagnosis import reports_of_our_own
from tests.diagnosis.reports import REPORTS, Report, World, restarted, rows, shortfall
from tests.effort import some
from vmapdemo.tracing.engine import trace

ALL = [*REPORTS, *reports_of_our_own.REPORTS]
NAMES = [report.case.name for report in ALL]


def test_no_two_reports_have_one_name() -> None:
    assert len(set(NAMES)) == len(NAMES) > 90


@pytest.mark.parametrize("report", some(ALL, 40), ids=lambda report: report.case.name)
def test_jax_takes_or_refuses_the_call_as_the_report_says(report: Report) -> None:
    case = report.case
    result: Any = None
    try:
        result = jax.vmap(case.fn, **case.vmap)(*case.args, **case.kwargs)
        accepted = True
    except Exception:
        accepted = False
    assert accepted == case.runs
    if case.caution == "nonfinite":
        assert any(bool(jnp.isnan(leaf).any()) for leaf in jax.tree.leaves(result))
    if case.meant is not None:
        assert jax.tree.leaves(case.meant())


@pytest.mark.parametrize("report", ALL, ids=NAMES)
def test_a_report_is_answered(report: Report) -> None:
    assert shortfall(report) is None


def test_a_trace_says_why_a_reset_in_each_environment_is_slow() -> None:
    assert "both branches run" in str(trace(restarted)(jnp.zeros((4, 2)), World(rows[:, :2], jnp.arange(4) > 1)))


def test_a_trace_says_which_example_decides_how_long_a_loop_takes() -> None:
    def halve(x: jax.Array) -> jax.Array:
        return jax.lax.while_loop(lambda y: y > 1, lambda y: y / 2, x)

    assert "until every example is done" in str(trace(halve)(jnp.arange(4.0)))

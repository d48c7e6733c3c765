"""The part of the view Time that says why: what each strategy dispatches and compiles to, and what that costs."""

import streamlit as st

from vmapdemo import export
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.programs.hlo import Instruction, ProgramMeters
from vmapdemo.timing.results.records import Timing
from vmapdemo.timing.results.text import format_seconds
from vmapdemo.timing.why import Why
from vmapdemo.views import texts
from vmapdemo.views.time import jobs

HEADING = texts.heading("Why: dispatches, programs, and the time that they come to")
COLUMNS = ("strategy", "dispatches", "predicted", "best time", "instructions", "fusions", "flops", "bytes", "memory")
ABOUT = (
    "Predicted: each dispatch at the price that it has on this machine, when the arrays are small. Instructions and "
    "fusions are those of the strategy compiled as one program; flops and bytes are left out where a loop would make "
    "them false."
)
PROGRAM = "program"


def show(scenario: Scenario, view: View, why_not: str) -> None:
    """The button, and what was found."""
    texts.show("why_heading", HEADING)
    disabled = bool(why_not) or jobs.is_busy()
    st.button("Find out", key="why", disabled=disabled, on_click=jobs.start, args=("why", scenario, view))
    jobs.notice(jobs.WHY)
    if jobs.WHY.is_running:
        jobs.running(jobs.WHY)
    else:
        _ended(scenario)


def _ended(scenario: Scenario) -> None:
    job = jobs.WHY.current
    if job is None:
        return
    jobs.ended(jobs.WHY, job)
    found = job.state.why
    if found is None:
        return
    measured = link.decode(job.request.link)[0]
    if measured != scenario:
        text = f"Measured before the scenario changed, for `{export.call(measured)}`."
        texts.show("why_stale", texts.lines(text, kind="caution"))
    _found(found)


def _found(why: Why) -> None:
    rows = [_row(timing, why) for timing in why.comparison.timings]
    told = texts.lines(*why.remarks, f"{why.comparison.conditions}.")
    texts.show("why_table", texts.table(COLUMNS, rows), texts.lines(ABOUT), told)
    if why.programs:
        with st.expander("The compiled programs, with the line of Python that each instruction is from"):
            name = st.segmented_control(
                "Program of", list(why.programs), default=list(why.programs)[-1], key=PROGRAM, required=True
            )
            if name is not None:
                _listing(why.programs[name])


def _row(timing: Timing, why: Why) -> tuple[str, ...]:
    program = why.programs.get(timing.name)
    predicted = why.predicted_s.get(timing.name) if why.prices_confirmed else None
    return (
        timing.name,
        "" if timing.dispatches is None else f"{timing.dispatches:,}",
        "" if predicted is None else format_seconds(predicted),
        format_seconds(timing.best_s),
        *([""] * 5 if program is None else _meters(program)),
    )


def _meters(program: ProgramMeters) -> list[str]:
    counts = (program.instructions, program.fusions, program.flops, program.bytes, program.memory_bytes)
    return ["" if count is None else f"{count:,.0f}" for count in counts]


def _listing(program: ProgramMeters) -> None:
    rows = [(line.computation, line.text.split(", metadata")[0], _from(line)) for line in program.lines]
    texts.show("why_program", texts.table(("part", "instruction", "from"), rows))


def _from(line: Instruction) -> str:
    """The line of Python, without the server's path to it."""
    if line.place is None:
        return ""
    return line.place.source or f"line {line.place.line}"

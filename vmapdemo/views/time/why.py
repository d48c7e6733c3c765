"""The part of the view Time that says why: what each strategy dispatches and compiles to, and what that costs."""

import streamlit as st

from vmapdemo import export
from vmapdemo.gallery.entry import STRATEGY_LABELS
from vmapdemo.peers import catalogue
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.timing.programs.hlo import Instruction, ProgramMeters
from vmapdemo.timing.report import Comparison
from vmapdemo.timing.results.records import Timing
from vmapdemo.timing.results.remarks import mechanisms
from vmapdemo.timing.results.text import format_ratio, format_seconds
from vmapdemo.timing.why import Why
from vmapdemo.views import texts
from vmapdemo.views.time import jobs

HEADING = texts.heading("Why?")
PLAN = (
    "Counts what each strategy dispatches, prices single operations on this machine, and reads what XLA compiles:"
    " about 15 s."
)
COLUMNS = (
    "strategy",
    "dispatches",
    "predicted",
    "measured",
    "predicted / measured",
    "instructions",
    "fusions",
    "flops",
    "read and written, bytes",
    "held, bytes",
)
ABOUT = (
    "Predicted: each dispatch at the price that it has on this machine, when the arrays are small. The columns on the"
    " right are of the strategy compiled as one program; flops and bytes are left out if a loop would make them wrong."
)
PROGRAM = "program"


def show(scenario: Scenario, view: View, why_not: str) -> None:
    """What the measurement says of the reasons, the button to find out more, and what was found."""
    saved = jobs.measured("comparison")
    told = () if saved is None or saved.comparison is None else _told(saved.comparison, saved.link)
    texts.show("why_heading", HEADING)
    if told:
        texts.show("remarks", texts.lines(*told))
    texts.show("why_plan", texts.lines(PLAN))
    jobs.button("Find out what they dispatch and compile", "why", scenario, view, why_not, is_first=False)
    jobs.notice(jobs.WHY)
    if jobs.WHY.is_running:
        jobs.running(jobs.WHY)
    else:
        _ended(scenario)


def _told(found: Comparison, measured: str) -> tuple[str, ...]:
    labels = catalogue.labels(link.decode(measured)[0].function)
    return mechanisms(found.timings, labels)


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
    _found(found.under(STRATEGY_LABELS))


def _found(why: Why) -> None:
    rows = [_row(timing, why) for timing in why.comparison.timings]
    told = texts.lines(*why.remarks)
    about = texts.lines(ABOUT, f"{why.comparison.conditions}.")
    texts.show("why_table", told, texts.table(COLUMNS, rows, numbers=True), about)
    if why.programs:
        with st.expander("The compiled programs, with the line of Python that each instruction is from"):
            name = st.segmented_control(
                "Program of", list(why.programs), default=list(why.programs)[-1], key=PROGRAM, required=True
            )
            if name is not None:
                _listing(why.programs[name])


def _row(timing: Timing, why: Why) -> tuple[str, ...]:
    program = why.programs.get(timing.name)
    predicted_s = why.predicted_s.get(timing.name) if why.prices_confirmed else None
    return (
        timing.name,
        "" if timing.dispatches is None else f"{timing.dispatches:,}",
        "" if predicted_s is None else format_seconds(predicted_s),
        format_seconds(timing.best_s),
        "" if predicted_s is None else format_ratio(predicted_s / timing.best_s),
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

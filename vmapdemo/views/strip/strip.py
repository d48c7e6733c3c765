"""The call as a line of Python with fields for its axes, whether it runs, and the fix to apply where it does not."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from vmapdemo import export, outcome
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import Caution, Fix
from vmapdemo.evaluator import evaluator
from vmapdemo.scenario.commands import SPEC, axes_at, places_of
from vmapdemo.scenario.link import View
from vmapdemo.scenario.presets import DEFAULT
from vmapdemo.scenario.scenario import MAX_AXES_TEXT, Scenario
from vmapdemo.views import component, live, requests, state

KEY = "call"
MEANT = "Runs, but is it meant?"
HINT = "See what `jax.vmap` does with each axis. Try it: change `in_axes` to `1` and see why the call fails."

_strip = component.declare(Path(__file__).parent, "strip")


def show() -> None:
    """Draw the strip, which the style sheet keeps at the top of the window."""
    with st.container(key="strip", gap="xsmall"):
        _call_and_verdict()


@st.fragment(key=live.STRIP)
def _call_and_verdict() -> None:
    """The verdict is drawn before anything has run; what the numbers show comes after it."""
    scenario, view = live.current()
    if not _shows_call(view):  # the address bar is kept in step there too
        _strip(key=KEY, data={"address": state.address(), "cautions": []})
        return
    _strip(key=KEY, data=_data(scenario, view), on_requests_change=partial(requests.take, KEY))
    if view.page != "explore":
        return
    evaluator.prepare(scenario)
    cautions = outcome.value_cautions(scenario)
    if cautions:
        _strip(key="values", data={"cautions": list(map(_caution, cautions))})


def _shows_call(view: View) -> bool:
    """The gallery shows none, and a lesson only in its exercise: its question asks for what a verdict would tell."""
    is_exercise = view.progress.lesson is not None and view.progress.part == "try"
    return view.page != "gallery" and (view.page != "learn" or is_exercise)


def _data(scenario: Scenario, view: View) -> dict[str, Any]:
    return {
        "function": scenario.function,
        "passed": export.passed(scenario),
        "batched": scenario.batched,
        "nested": scenario.inner is not None,
        "options": _options(scenario.form.options),
        "inner_options": _options(scenario.form.inner_options),
        "axes": [_field(scenario, place) for place in places_of(scenario)],
        "spec": None if scenario.spec is None else _text(SPEC, scenario.spec),
        "most": MAX_AXES_TEXT,
        "verdict": _verdict(scenario, outcome.explanation(scenario), with_fixes=view.page != "learn"),
        "hint": HINT if _is_new(scenario, view) else "",
        "confirmed": requests.confirmed(),
        "address": state.address(),
    }


def _options(options: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in options.items())


def _is_new(scenario: Scenario, view: View) -> bool:
    is_untouched = not st.session_state.get(state.TRIED) and scenario == DEFAULT.scenario
    return is_untouched and view.page == "explore"


def _field(scenario: Scenario, place: str) -> dict[str, str]:
    return _text(place, repr(axes_at(scenario, place)))


def _text(place: str, value: str) -> dict[str, str]:
    """A field with what was typed there where that was not taken."""
    sentence, text = state.notices().get(place, (None, None))
    return {"place": place, "text": value if text is None else text, "sentence": sentence or ""}


def _verdict(scenario: Scenario, found: Explanation, *, with_fixes: bool) -> dict[str, Any]:
    """An exercise has no fix to apply: it would be its solution."""
    found_fixes = [*found.fixes, *(caution.fix for caution in found.cautions if caution.fix is not None)]
    fixes = found_fixes if with_fixes else []
    return {
        "kind": "good" if found.ok else "bad",
        "headline": found.headline,
        "lines": [line for line in (" ".join([found.reason, *_gives(scenario, found)]), *found.advice) if line],
        "cautions": list(map(_caution, found.cautions)),
        "fixes": [_fix(scenario, fix) for fix in fixes],
    }


def _gives(scenario: Scenario, found: Explanation) -> list[str]:
    outputs = found.output if scenario.batched else ()
    return [f"One result has shape `{output.example_shape}`, all of them `{output.shape}`." for output in outputs]


def _caution(caution: Caution) -> dict[str, str]:
    return {"headline": MEANT, "text": caution.text}


def _fix(scenario: Scenario, fix: Fix) -> dict[str, Any]:
    """The repaired call, with the axes to apply if the page can make the change."""
    after = scenario.after(fix)
    shapes = ", ".join(str(output.shape) for output in fix.output)
    return {
        "why": f"{fix.why} Gives `{shapes}`.",
        "code": fix.code if after is None else export.call(after),
        "axes": None if after is None else {place: repr(axes_at(after, place)) for place in places_of(after)},
    }

"""Whether the call runs, why not, and what to write instead."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vmapdemo import export, outcome
from vmapdemo.diagnosis.display import COLUMNS, cell_texts, output_text
from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.diagnosis.records import AnySize, Caution, Fix
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state, texts


def show(scenario: Scenario) -> DeltaGenerator:
    """The headline and reason and any caution, the fixes with their buttons, what vmap sees, and JAX's own words.

    Gives the place for what the numbers show once the call has run.
    """
    found = outcome.explanation(scenario)
    fixes = [*found.fixes, *(caution.fix for caution in found.cautions if caution.fix is not None)]
    texts.show("verdict", *_blocks(found, fixes))
    for number, fix in enumerate(fixes):
        _fix(scenario, fix, number)
    place = st.container()
    texts.show("shapes", *_shapes_seen(scenario, found))
    if found.jax_error is not None:
        with st.expander("What JAX says"):
            st.code(found.jax_error, language=None, wrap_lines=True)
    return place


def show_values(scenario: Scenario) -> None:
    """The cautions on numbers, once there are some."""
    found = outcome.value_cautions(scenario)
    if found:
        texts.show("values", *map(_caution, found))


def _blocks(found: Explanation, fixes: list[Fix]) -> list[texts.Block]:
    told = [found.headline, found.reason, *found.advice, *_gives(found)]
    cautions = list(map(_caution, found.cautions))
    ways = [f"{_numbered(number, fixes)}{fix.why} Gives {_shapes(fix)}." for number, fix in enumerate(fixes)]
    return [texts.lines(*told, kind="good" if found.ok else "bad"), *cautions, *([texts.lines(*ways)] if ways else [])]


def _caution(caution: Caution) -> texts.Block:
    return texts.lines("Runs, but is it meant?", caution.text, kind="caution")


def _shapes_seen(scenario: Scenario, found: Explanation) -> list[texts.Block]:
    """One row for each argument, then the shapes of one result and of the whole."""
    rows = [cell_texts(row) for row in found.arguments]
    sizes = outcome.any_size(scenario)
    told = [
        *(output_text(output) for output in found.output),
        *([f"any size: `{sizes.text}`{_held(sizes)}"] if sizes is not None else []),
        scenario.entry.story,
    ]
    return [texts.heading("What vmap sees"), texts.table(COLUMNS, rows), texts.lines(*told)]


def _held(sizes: AnySize) -> str:
    return str(sizes).removeprefix(sizes.text)


def _gives(found: Explanation) -> list[str]:
    return [f"One result has shape {output.example_shape}, the whole {output.shape}." for output in found.output]


def _numbered(number: int, fixes: list[Fix]) -> str:
    return f"{number + 1}. " if len(fixes) > 1 else ""


def _shapes(fix: Fix) -> str:
    return ", ".join(str(output.shape) for output in fix.output)


def _fix(scenario: Scenario, fix: Fix, number: int) -> None:
    """The repaired call as code, with a button where the page can make the change."""
    after = scenario.after(fix)
    code, button = st.columns([4, 1], vertical_alignment="center")
    code.code(fix.code if after is None else export.call(after), language="python", wrap_lines=True)
    if after is not None:
        button.button(
            "Apply", key=f"fix_{number}", type="primary", on_click=state.apply, args=(after,), width="stretch"
        )

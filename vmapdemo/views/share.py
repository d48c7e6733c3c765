"""Copying the link, and the scenario as a file to keep."""

import streamlit as st

from vmapdemo import export
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state

LONG_LINK = 2000

_copy = st.components.v2.component(
    "copy_link",
    html='<span role="status"></span>',
    css="span { font-size: 0.85rem; color: var(--st-text-color); }",
    js="""
export default function ({ data, parentElement }) {
  const status = parentElement.querySelector("span")
  const address = `${location.origin}${location.pathname}?${data.query}`
  navigator.clipboard.writeText(address).then(
    () => { status.textContent = "Link copied." },
    () => { status.textContent = "Copy the address from the address bar." },
  )
}
""",
)


def buttons(scenario: Scenario) -> bool:
    """Share and Save; whether the link was asked for in this run."""
    shared = st.button("Share", key="share", icon=":material/link:")
    files = st.popover("Save", key="save", icon=":material/download:", on_change="rerun")
    if files.open:
        with files:
            _downloads(scenario)
    state.copies_values(copies=shared or bool(files.open))
    return shared


def _downloads(scenario: Scenario) -> None:
    st.download_button(
        "Python script",
        lambda: export.script(scenario),
        "vmap_scenario.py",
        "text/x-python",
        key="script",
        on_click="ignore",
    )
    st.download_button(
        "Jupyter notebook",
        lambda: export.notebook(scenario),
        "vmap_scenario.ipynb",
        "application/x-ipynb+json",
        key="notebook",
        on_click="ignore",
    )


def copy(scenario: Scenario, view: View) -> None:
    """Copy the link in the browser, and say so; a long link comes with a warning."""
    query = link.encode(scenario, view)
    _copy(data={"query": query}, key="copied")
    if len(query) > LONG_LINK:
        st.text(f"The link is {len(query):,} characters long: some chat programs cut it.")

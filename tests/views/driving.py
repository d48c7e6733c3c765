"""The page's script without a browser: opened at a query, run, and read by keys."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

import vmapdemo.views
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import state
from vmapdemo.views.explore import results

MAIN = Path(vmapdemo.views.__file__).parent / "main.py"
PATIENCE_S = 120


def opened(query: str = "") -> AppTest:
    """The page at this query; a name that stands twice stands twice."""
    page = AppTest.from_file(MAIN, default_timeout=PATIENCE_S)
    for name, values in parse_qs(query, keep_blank_values=True).items():
        page.query_params[name] = values if len(values) > 1 else values[0]
    return ran(page)


def ran(page: AppTest, *client: WidgetState) -> AppTest:
    """The page after a run that raised nothing; ``client``: what the browser sends for widgets that AppTest lacks."""
    return sent(page, seen(page), *client)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser has at one moment: the values of the widgets that it shows, and its address."""

    states: WidgetStates
    query: dict[str, Any]


def seen(page: AppTest) -> Browser:
    """The browser that has seen all that there is now. A real one sends nothing for a button that was not pressed."""
    widgets = page._tree.get_widget_states().widgets
    states = WidgetStates(widgets=[one for one in widgets if one.trigger_value or not one.HasField("trigger_value")])
    return Browser(states, dict(page.query_params))


def sent(page: AppTest, browser: Browser, *client: WidgetState) -> AppTest:
    """The page after a message of a browser that may be behind, with the values of ``client`` first of all."""
    replaced = {one.id for one in client}
    message = WidgetStates(widgets=[*(one for one in browser.states.widgets if one.id not in replaced), *client])
    page.query_params.clear()
    page.query_params.update(browser.query)
    page._run(message)
    assert not page.exception, "\n".join(f"{one.message}\n{chr(10).join(one.stack_trace)}" for one in page.exception)
    return page


def link_of(page: AppTest) -> str:
    """The text of the state."""
    text: str = page.session_state[state.LINK]
    return text


def scenario(page: AppTest) -> Scenario:
    """What the visitor has set."""
    return link.decode(link_of(page))[0]


def view(page: AppTest) -> View:
    """What the visitor looks at."""
    return link.decode(link_of(page))[1]


def keys(page: AppTest) -> set[str]:
    """The keys of everything on the page."""
    return {key for element in page.main if (key := getattr(element, "key", None))}


def texts(page: AppTest, key: str) -> str:
    """Every text of a component that draws sentences and tables, without the marks of code."""
    return " ".join(_leaves(_data(page, key))).replace("`", "")


def sentence(page: AppTest, place: str) -> str | None:
    """Why an input at this place was not taken, or None."""
    key = f"notice_{place}"
    return texts(page, key) if key in keys(page) else None


def array(page: AppTest, name: str) -> np.ndarray | None:
    """The array of that name as it is drawn, or None where it is not."""
    tables = {table["name"]: table for table in _data(page, "arrays")["tables"]}
    if name not in tables:
        return None
    return np.array([float(cell) for cell in tables[name]["cells"]]).reshape(tables[name]["shape"])


def edit_cells(page: AppTest, name: str, edited: Any) -> AppTest:
    """What the grid of an argument reports to the server, and a run.

    AppTest keeps only what the last run drew; where that was a part of the page, another run shows it whole.
    """
    report = {"edited_rows": edited, "added_rows": [], "deleted_rows": []}
    key = f"{name}_editor_{page.session_state[state.VERSION]}"
    cells = WidgetState(id=widget_id(page, key), string_value=json.dumps(report))
    before = seen(page)
    sent(page, before, cells)
    return page if page.title else sent(page, Browser(before.states, dict(page.query_params)), cells)


def with_tools(page: AppTest, name: str) -> AppTest:
    """The page with an argument's panel of rows, columns, dtype and pasting open."""
    return ran(page, WidgetState(id=widget_id(page, f"tools_{name}"), bool_value=True))


def resize(page: AppTest, name: str, change: str) -> AppTest:
    """Press a button for rows and columns, such as ``add_row``."""
    with_tools(page, name).button(f"{name}_{change}").click()
    return ran(page)


def paste(page: AppTest, name: str, text: str) -> AppTest:
    """Give an argument its numbers as text."""
    with_tools(page, name).button(f"use_paste_{name}").click()
    return send_text(page, f"paste_{name}", text)


def with_strategies(page: AppTest) -> AppTest:
    """The page after the visitor has come to the strategies."""
    page.session_state[results.FILLED] = link.encode(scenario(page), View())
    return ran(page)


def type_axes(page: AppTest, place: str, text: str) -> AppTest:
    """Type into in_axes or out_axes."""
    return send_text(page, f"typed_{place}", text)


def send_text(page: AppTest, name: str, text: str) -> AppTest:
    """What the browser sends for a text box, also beyond ``max_chars``, which AppTest would refuse."""
    return ran(page, WidgetState(id=widget_id(page, name), string_value=text))


def widget(page: AppTest, name: str) -> Any:
    """The widget of that name, whatever version its key has."""
    return next(element for element in page.main if _is_of(getattr(element, "key", None), name))


def widget_id(page: AppTest, name: str) -> str:
    """What the browser calls the widget of that name."""
    found: str = next(element.proto.id for element in page.main if _is_of(_key_in(element), name))
    return found


def _is_of(key: str | None, name: str) -> bool:
    return key is not None and (key == name or key.startswith(f"{name}-v"))


def _key_in(element: Any) -> str:
    """The key at the end of an id: ``$$ID-<hash>-<key>``."""
    identity: str = getattr(getattr(element, "proto", None), "id", "")
    return identity.split("-", 2)[-1] if identity.startswith("$$ID-") else ""


def _data(page: AppTest, key: str) -> Any:
    return json.loads(next(element.proto.json for element in page.get("bidi_component") if element.key == key))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, list) else [str(value)]

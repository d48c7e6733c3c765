"""The page's script without a browser: opened at a query, run, and read by keys."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

import vmapdemo.views
from vmapdemo.scenario import link
from vmapdemo.scenario.link import View
from vmapdemo.scenario.scenario import Scenario
from vmapdemo.views import requests, state

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
    return " ".join(_leaves(data(page, key))).replace("`", "")


def sentence(page: AppTest, place: str) -> str | None:
    """Why an input at this place was not taken, or None."""
    return page.session_state[state.NOTICES].get(place, (None, None))[0]  # type: ignore[no-any-return]


def array(page: AppTest, name: str) -> np.ndarray | None:
    """The array of that name as it is drawn, or None where it is not."""
    tables = {table["name"]: table for table in data(page, "arrays")["tables"]}
    if name not in tables:
        return None
    return np.array([float(cell) for cell in tables[name]["cells"]]).reshape(tables[name]["shape"])


def request(page: AppTest, key: str, *wishes: dict[str, Any], client: str = "") -> WidgetState:
    """What the drawn part of that key sends for wishes that nobody has asked for yet."""
    client = client or f"the {key} of a browser"
    state_now = page.session_state
    confirmed = state_now[requests.CONFIRMED] if requests.CONFIRMED in state_now else {}  # noqa: SIM401 (it has no get)
    first = confirmed.get(client, 0) + 1
    numbered = [{"number": number, **wish} for number, wish in enumerate(wishes, start=first)]
    events = [{"event": "requests", "value": {"client": client, "requests": numbered}}]
    return events_of(page, key, events)


def events_of(page: AppTest, key: str, events: Any) -> WidgetState:
    """What the browser sends for events of a component, whatever they are."""
    identity = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{widget_id(page, key)}__events"
    return WidgetState(id=identity, json_trigger_value=json.dumps(events))


def ask(page: AppTest, key: str, *wishes: dict[str, Any]) -> AppTest:
    """The page after these wishes at a drawn part, whole: AppTest keeps only what the last run drew."""
    before = seen(page)
    sent(page, before, request(page, key, *wishes))
    return page if page.title else sent(page, Browser(before.states, dict(page.query_params)))


def edit(page: AppTest, name: str, *cells: tuple[tuple[int, ...], str]) -> AppTest:
    """Cells of an argument as they are drawn, each with the text that is typed there."""
    kind = {"kind": "cell", "array": name, "ground": page.session_state[state.GROUND]}
    return ask(page, "arrays", *({**kind, "index": list(index), "text": text} for index, text in cells))


def resize(page: AppTest, name: str, edge: str, size: int) -> AppTest:
    """So many columns, rows or slices."""
    return ask(page, "arrays", {"kind": "size", "array": name, "edge": edge, "size": size})


def paste(page: AppTest, name: str, text: str) -> AppTest:
    """Give an argument its numbers as text."""
    return ask(page, "arrays", {"kind": "numbers", "array": name, "text": text})


def choose_axis(page: AppTest, name: str, axis: int | None) -> AppTest:
    """Choose an axis at its handle."""
    return ask(page, "arrays", {"kind": "axis", "array": name, "axis": axis})


def with_strategies(page: AppTest) -> AppTest:
    """The page after the visitor has come to the strategies."""
    return ask(page, "strategies", {"kind": "fill"})


def type_axes(page: AppTest, place: str, text: str) -> AppTest:
    """Type into in_axes or out_axes."""
    return ask(page, "call", {"kind": "typed", "place": place, "text": text})


def typed(page: AppTest, place: str) -> str:
    """The text that stands in the field for in_axes or out_axes."""
    (text,) = (field["text"] for field in data(page, "call")["axes"] if field["place"] == place)
    return str(text)


def chosen_axis(page: AppTest, name: str) -> Any:
    """The axis whose handle is on, None where that is the one for no axis, "custom" where none is."""
    drawn = data(page, "arrays")
    tables = {table["name"]: table["handles"] for table in drawn["tables"]} | {"missing": drawn["missing"]}
    on = [handle["axis"] for handle in tables.get(name) or tables["missing"] if handle["checked"]]
    return on[0] if on else "custom"


def apply_fix(page: AppTest, number: int = 0) -> AppTest:
    """Press Apply."""
    return ask(page, "call", {"kind": "axes", **data(page, "call")["verdict"]["fixes"][number]["axes"]})


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


def data(page: AppTest, key: str) -> Any:
    """What the component of that key is given to draw."""
    return json.loads(next(element.proto.json for element in page.get("bidi_component") if element.key == key))[0]


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, list) else [str(value)]

"""Hostile messages over the wire, drawn at random: what no page sends, and what a broken browser would.

A message says whether a run answers it, and what it may change of the session that sends it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX

from benchmarks import hostile_input
from benchmarks.hostile_input import Chance, noise, value

MEGABYTE = 1_000_000
DRAWN = ("arrays", "call", "strategies")
"""The drawn parts that take requests."""
MEASURING = ("measure", "sweep", "why")
"""The keys of buttons that start processes, which are not what is tried here."""

Effect = Literal["nothing", "view", "anything"]
"""What a message may change: nothing of the visitor's state, what any widget may choose, or all of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a hostile client knows of the page: the identities of its widgets, by key, and the hash of the page."""

    widgets: Mapping[str, str]
    page: str
    query: str
    session: str


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes to send; a text is sent as text, which the protocol does not know."""

    kind: str
    data: bytes | str
    effect: Effect = "nothing"
    is_answered: bool = True
    """Whether a run of the page comes of it."""
    closes: bool = False
    """Whether the server hangs up on it."""
    may_close: bool = False
    """Whether it may: it is longer than what is read."""


def message(chance: Chance, seen: Seen, number: int) -> Message:
    """One message; `number` is the next that a request may have."""
    draw: Callable[[Chance, Seen, int], Message] = chance.choices(_DRAWS, weights=_WEIGHTS)[0]
    return draw(chance, seen, number)


def rerun(seen: Seen, *states: WidgetState, **others: Any) -> bytes:
    """A request to run the page, as a browser makes it apart from what is given."""
    back = BackMsg()
    back.rerun_script.query_string, back.rerun_script.page_script_hash = seen.query, seen.page
    back.rerun_script.widget_states.widgets.extend(states)
    for name, given in others.items():
        setattr(back.rerun_script, name, given)
    data: bytes = back.SerializeToString()
    return data


def events(identity: str, text: str) -> WidgetState:
    """What a drawn part of that identity sends."""
    return WidgetState(id=f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{identity}__events", json_trigger_value=text)


def requests(identity: str, client: Any, wishes: Any) -> WidgetState:
    """What a drawn part sends for its wishes."""
    return events(identity, _json([{"event": "requests", "value": {"client": client, "requests": wishes}}]))


def _command(chance: Chance, seen: Seen, number: int) -> Message:
    """A wish that may be a good one."""
    wish = hostile_input.command(chance)
    numbered = {"number": number, **wish} if isinstance(wish, dict) else wish
    state = requests(_drawn(chance, seen), "attacker", [numbered])
    return Message("commands", rerun(seen, state), "anything")


def _wish_of_the_view(chance: Chance, seen: Seen, number: int) -> Message:
    kind = chance.choice(("reset", "focus", "fill", "run", value(chance)))
    wish = {"number": number, "kind": kind, "strategy": chance.choice(("loop", "jit", value(chance)))}
    return Message("wishes", rerun(seen, requests(_drawn(chance, seen), "attacker", [wish])), "anything")


def _number(chance: Chance, seen: Seen, number: int) -> Message:
    """A good wish with a number that no page counts to, or from a client that is none."""
    numbers: list[Any] = [-1, 0, True, False, None, float(number), str(number), 2**53 + 1, 2**63, 10**400, 10**4000, []]
    wish = {"number": chance.choice(numbers), "kind": "numbers", "array": "x_batch", "text": "[[1, 2, 3]]"}
    client = chance.choice(("attacker", "", noise(chance), "x" * 5000, "\ud800"))
    return Message("request numbers", rerun(seen, requests(_drawn(chance, seen), client, [wish])))


def _event(chance: Chance, seen: Seen, _: int) -> Message:
    """Events that no page sends, and texts that are none."""
    good = [{"event": "requests", "value": {"client": "attacker", "requests": []}}]
    text = chance.choice(
        (
            _json(value(chance)),
            _json([{"event": chance.choice(("requests", "other", value(chance))), "value": value(chance)}]),
            _json([{"value": value(chance)}]),
            _json({"requests": value(chance)}),
            hostile_input.damaged(chance, _json(good)),
            noise(chance),
            "[" * chance.choice((10, 900, 100_000)),
            _json(good)[:-1] + f", {'9' * 5000}]",
        )
    )
    return Message("events", rerun(seen, events(_any(chance, seen), _sendable(text))))


def _widget(chance: Chance, seen: Seen, _: int) -> Message:
    """A value of the wrong kind, or none of the options, for a widget that is there, or for several."""
    states = [_state(chance, _any(chance, seen)) for _ in range(chance.choice((1, 1, 3)))]
    return Message("widget values", rerun(seen, *states), "view")


def _unknown_widget(chance: Chance, seen: Seen, _: int) -> Message:
    identity = _any(chance, seen)
    unknown = chance.choice(
        (noise(chance), "$$ID-0-x", f"$$ID-{'0' * 32}-arrays", identity[:-1], f"{identity}x", "", "x" * 5000)
    )
    return Message("unknown widgets", rerun(seen, _state(chance, _sendable(unknown))))


def _place(chance: Chance, seen: Seen, _: int) -> Message:
    """A part of the page that is not there: such a run is not begun."""
    fragment = _sendable(noise(chance)) or "x"
    return Message("unknown fragments", rerun(seen, fragment_id=fragment), is_answered=False)


def _page(chance: Chance, seen: Seen, _: int) -> Message:
    text = _sendable(chance.choice((noise(chance), "../../etc/passwd", "x" * 5000)))
    others = chance.choice(({"page_script_hash": text}, {"page_name": text}, {"cached_message_hashes": [text] * 9}))
    back = BackMsg()
    back.ParseFromString(rerun(seen))
    for name, given in others.items():
        if isinstance(given, list):
            back.rerun_script.cached_message_hashes.extend(given)
        else:
            setattr(back.rerun_script, name, given)
    return Message("pages", back.SerializeToString())


def _address(chance: Chance, seen: Seen, _: int) -> Message:
    """Back or Forward to a link that somebody else wrote."""
    query = _sendable(hostile_input.query(chance))
    return Message("links", rerun(seen, query_string=query, is_history_navigation=True), "anything")


def _other_address(chance: Chance, seen: Seen, _: int) -> Message:
    """An address that changes without Back or Forward means nothing."""
    return Message("addresses", rerun(seen, query_string=_sendable(hostile_input.query(chance))))


def _large(chance: Chance, seen: Seen, number: int) -> Message:
    """Texts of a megabyte wherever a text can be."""
    long = chance.choice(("x", "1 ", "é", "[", "1_")) * (MEGABYTE // 2)
    wish = {"number": number, "kind": "numbers", "array": "x_batch", "text": long}
    identity = _drawn(chance, seen)
    states: tuple[WidgetState, ...] = (
        requests(identity, "attacker", [wish]),
        requests(identity, "attacker", [{**wish, "kind": "cell", "index": [0, 0]}]),
        requests(identity, "attacker", [{**wish, "kind": "typed", "place": "in_axes"}]),
        requests(identity, "attacker", [{**wish, "array": long}]),
        requests(identity, "attacker", [{**wish, "kind": "cell", "index": [1] * 200_000}]),
        requests(identity, long, [wish]),
        requests(identity, "attacker", [wish | {"number": None}] * 5),
        requests(identity, "attacker", [0] * 300_000),
        WidgetState(id=_any(chance, seen), string_value=long),
        WidgetState(id=long, string_value="x"),
    )
    return Message("a megabyte", rerun(seen, chance.choice(states)), "view", may_close=True)


def _upload(chance: Chance, seen: Seen, _: int) -> Message:
    """A file that was never uploaded."""
    state = WidgetState(id=seen.widgets.get("open_file", _any(chance, seen)))
    for _each in range(chance.choice((0, 1, 3))):
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size = _sendable(noise(chance)), chance.choice((0, 2**40, 2**63))
        info.file_id = chance.choice(("", "x", "00000000-0000-0000-0000-000000000000"))
    return Message("files", rerun(seen, state))


def _other_message(chance: Chance, seen: Seen, _: int) -> Message:
    """The rest of the protocol, and nothing of it."""
    back = BackMsg()
    plain = ("clear_cache", "set_run_on_save", "stop_script", "load_git_info", "app_heartbeat")
    name = chance.choice((*plain, "files", ""))
    if name == "files":
        asked = back.file_urls_request
        asked.file_names.extend(_sendable(noise(chance)) for _ in range(chance.choice((0, 1, 500))))
        asked.request_id, asked.session_id = "r", chance.choice((seen.session, "x", ""))
    elif name:
        setattr(back, name, chance.random() < 0.8)
    return Message("other messages", back.SerializeToString(), is_answered=False)


def _operation(chance: Chance, seen: Seen, _: int) -> Message:
    """What Streamlit's own elements ask for beside the page."""
    back = BackMsg()
    asked = back.backend_operation_request
    asked.request_id, asked.session_id = "r", chance.choice((seen.session, "x", ""))
    for name in chance.sample(("deferred_file", "dataframe_chunk"), chance.randint(0, 1)):
        _fill(chance, getattr(asked, name))
    return Message("operations", back.SerializeToString(), is_answered=False)


def _garbage(chance: Chance, seen: Seen, _: int) -> Message:
    """Frames that are no message at all."""
    good = rerun(seen)
    data = chance.choice((chance.randbytes(40), good[:-3], b"\xff" * 20, "text", good + b"\x07"))
    return Message("garbage", data, closes=True)


def _state(chance: Chance, identity: str) -> WidgetState:
    """Any value for a widget; a button that measures is not pressed."""
    state = WidgetState(id=identity)
    fields = [one for one in WidgetState.DESCRIPTOR.fields if one.name != "id"]
    one = chance.choice(fields)
    if one.message_type is not None:
        _fill(chance, getattr(state, one.name))
        getattr(state, one.name).SetInParent()
    elif not (one.name == "trigger_value" and identity.endswith(MEASURING)):
        setattr(state, one.name, _plain(chance, one))
    return state


def _fill(chance: Chance, found: Any) -> None:
    """Something in each field of a message within a message."""
    for one in found.DESCRIPTOR.fields:
        inside = getattr(found, one.name)
        if hasattr(inside, "extend"):
            many = range(chance.choice((0, 1, 2, 40)))
            if one.message_type is None:
                inside.extend(_plain(chance, one) for _ in many)
            else:
                _fill(chance, inside.add())
        elif one.message_type is not None:
            _fill(chance, inside)
        else:
            setattr(found, one.name, _plain(chance, one))


def _plain(chance: Chance, one: Any) -> Any:
    kind = one.type
    if one.enum_type is not None:
        return chance.choice(one.enum_type.values).number
    if kind == 8:
        return chance.random() < 0.5
    if kind in (1, 2):
        return chance.choice((0.0, -1.0, 1e308, float("nan"), float("inf"), 5e-324))
    if kind in (3, 4, 5, 13, 18):
        return chance.choice((0, 1, 2, 99, 2**31 - 1) if kind in (4, 5, 13) else (0, 1, 3, -1, 2**63 - 1, -(2**63)))
    text = _sendable(chance.choice((noise(chance), _json(value(chance)), "explore", "vmap", "batch", "length")))
    return text.encode() if kind == 12 else text


def _json(given: Any) -> str:
    return json.dumps(given)


def _sendable(text: str) -> str:
    """Protocol buffers hold no half of a pair of surrogates."""
    return text.encode(errors="replace").decode()


def _drawn(chance: Chance, seen: Seen) -> str:
    return seen.widgets[chance.choice([key for key in DRAWN if key in seen.widgets])]


def _any(chance: Chance, seen: Seen) -> str:
    return seen.widgets[chance.choice(sorted(seen.widgets))]


_DRAWS = (
    *(_command, _wish_of_the_view, _number, _event, _widget, _unknown_widget, _place, _page, _address, _other_address),
    *(_large, _upload, _other_message, _operation, _garbage),
)
_WEIGHTS = (*(6, 2, 2, 4, 8, 2, 1, 1, 4, 1), *(1, 2, 1, 1, 1))

import json
import re
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.hosting.conversation import echo, play, websocket
from tests.views.driving import opened, request
from vmapdemo.timing.service.saved import SavedKind
from vmapdemo.views.frames import KnownMessages, cleaned, is_known
from vmapdemo.views.time import keeping

HASH = "0123456789abcdef0123456789abcdef"
EVENTS = f"$$STREAMLIT_INTERNAL_KEY_$$ID-{HASH}-arrays__events"
GOOD = WidgetState(id=f"$$ID-{HASH}-spread", bool_value=True)


def message(*states: WidgetState, **others: Any) -> bytes:
    back = BackMsg()
    back.rerun_script.widget_states.widgets.extend(states)
    back.rerun_script.query_string = "view=time"
    for name, value in others.items():
        setattr(back.rerun_script, name, value)
    return back.SerializeToString()


@pytest.mark.parametrize("query", ["", "view=trace", "view=time", "view=gallery", "embed=true"])
def test_what_the_widgets_of_the_page_say_is_let_through(query: str) -> None:
    page = opened(query)
    states = [*page._tree.get_widget_states().widgets]
    if query in ("", "embed=true"):
        states.append(request(page, "arrays", {"kind": "cell", "array": "x_batch", "index": [0, 0], "text": "1"}))
    if query == "view=gallery":
        states.append(request(page, "gallery", {"kind": "open", "preset": "smooth-silent"}))
    assert states
    assert [state.id for state in states if not is_known(state)] == []
    frame = message(*states, fragment_id=f"{HASH}", page_script_hash=HASH)
    assert cleaned(frame) == frame


def test_every_button_of_a_kept_run_is_known() -> None:
    kinds: tuple[SavedKind, ...] = ("comparison", "sweep")
    for kind in kinds:
        for button in keeping.BUTTONS:
            assert is_known(WidgetState(id=f"$$ID-{HASH}-{button}_{kind}", trigger_value=True))


@pytest.mark.parametrize(
    "state",
    [
        WidgetState(id="", bool_value=True),
        WidgetState(id="x", bool_value=True),
        WidgetState(id=f"$$ID-{HASH}-nobody", bool_value=True),
        WidgetState(id=f"$$ID-{HASH}-arrays", trigger_value=True),
        WidgetState(id=f"$$ID-{HASH}-spread", string_value="yes"),
        WidgetState(id=f"$$ID-{HASH}-chosen_preset-v12", bool_value=True),
        WidgetState(id=EVENTS, string_value="[]"),
        WidgetState(id=EVENTS, json_trigger_value="[{"),
        WidgetState(id=EVENTS, json_trigger_value="{}"),
        WidgetState(id=EVENTS, json_trigger_value="[1]"),
        WidgetState(id=EVENTS, json_trigger_value='[{"event": 1}]'),
        WidgetState(id=EVENTS, json_trigger_value=f'[{{"event": "requests", "value": {"9" * 5000}}}]'),
        WidgetState(
            id=EVENTS, json_trigger_value=json.dumps([{"event": "requests", "value": json.loads("[" * 50 + "]" * 50)}])
        ),
        WidgetState(id=EVENTS, json_trigger_value="[" * 100_000),
    ],
    ids=lambda state: re.sub(r"\s+", " ", f"{state!s:.90}"),
)
def test_what_no_widget_says_is_taken_out_and_the_rest_stays(state: WidgetState) -> None:
    assert not is_known(state)
    assert cleaned(message(GOOD, state)) == message(GOOD)


@pytest.mark.parametrize("fragment", ["a b", "x" * 201, "\n", "é"])
def test_a_part_that_no_page_has_is_not_asked_for(fragment: str) -> None:
    assert cleaned(message(GOOD, fragment_id=fragment)) is None


@pytest.mark.parametrize("kind", ["clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime", None])
def test_messages_that_the_page_does_not_send_are_dropped(kind: str | None) -> None:
    assert cleaned(BackMsg(**{kind: True} if kind else {}).SerializeToString()) is None


def test_of_what_streamlits_elements_ask_for_downloads_alone_are_let_through() -> None:
    back = BackMsg()
    back.backend_operation_request.deferred_file.file_id = "x"
    assert cleaned(back.SerializeToString()) == back.SerializeToString()
    back.backend_operation_request.install_skills.SetInParent()
    assert cleaned(back.SerializeToString()) is None


@pytest.mark.parametrize("frame", [None, b"\xff" * 20, message(GOOD)[:-3]])
def test_a_frame_that_is_no_message_ends_the_connection(frame: bytes | None) -> None:
    with pytest.raises(DecodeError):
        cleaned(frame)
    event = {"type": "websocket.receive", "bytes": frame} if frame else {"type": "websocket.receive", "text": "x"}
    sent = play(KnownMessages(echo), websocket(), [event])
    assert {"type": "websocket.close", "code": 1002} in sent
    assert [one["bytes"] for one in sent if one["type"] == "websocket.send"] == [b"too late"]


def test_what_is_dropped_does_not_hold_up_what_follows() -> None:
    dropped, good = BackMsg(clear_cache=True).SerializeToString(), message(GOOD)
    frames = [{"type": "websocket.receive", "bytes": frame} for frame in (dropped, good)]
    sent = [one["bytes"] for one in play(KnownMessages(echo), websocket(), frames) if one["type"] == "websocket.send"]
    assert sent[0] == good

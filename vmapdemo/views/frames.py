"""What a browser sends, looked at before Streamlit is given it: what no page sends goes no further.

Streamlit reads the value of a widget when it needs it, and takes it for one of the widget's kind. One that is not makes
it fail in each later run of the session, with a traceback in the log.
"""

import json
import logging
import re
from typing import Any

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from vmapdemo.views import header, share
from vmapdemo.views.time import jobs, keeping, opening, sweep, why

PROTOCOL_ERROR = 1002
_BUTTONS = (
    *(header.LARGE, share.SCRIPT, share.NOTEBOOK, share.PICTURE),
    *(key for place in jobs.PLACES.values() for key in (place.button, place.cancel)),
    *(f"{what}_{kind}" for kind in keeping.KINDS for what in keeping.BUTTONS),
)
KINDS = dict.fromkeys(_BUTTONS, "trigger_value") | {
    header.CHOSEN_PRESET: "string_value",
    header.CHOSEN_VIEW: "string_array_value",
    jobs.PEERS: "bool_value",
    jobs.UNWAITED: "bool_value",
    opening.FILE: "file_uploader_state_value",
    sweep.SPREAD: "bool_value",
    sweep.VARY: "string_array_value",
    why.PROGRAM: "string_array_value",
}
"""By a widget's key, without its version: the kind of its value."""
DOWNLOAD = "backend_operation_request"
TYPES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", DOWNLOAD})
"""The messages of the page. Others would have Streamlit read the repository, or write files of its own beside it."""
DRAWN = "json_trigger_value"
MOST_NESTED = 32
_PLACE = re.compile(r"[\w$.-]{0,200}", re.ASCII)
_IDENTITY = re.compile(r"(?P<drawn>\$\$[A-Z_]+_)?\$\$ID-[0-9a-f]+-(?P<key>.+?)(-v\d+)?(?(drawn)__events)")

_log = logging.getLogger(__name__)


class KnownMessages:
    """Middleware that ends a connection whose frame is no message, and passes on of the others what a page sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve as without it."""

        async def received() -> Message:
            while (event := await receive())["type"] == "websocket.receive":
                try:
                    known = cleaned(event.get("bytes"))
                except DecodeError:
                    _log.warning("A connection was closed: it sent what is no message.")
                    await send({"type": "websocket.close", "code": PROTOCOL_ERROR})
                    return {"type": "websocket.disconnect", "code": PROTOCOL_ERROR}
                if known != event["bytes"]:
                    _log.warning("What no page sends was dropped.")
                if known is not None:
                    return {"type": "websocket.receive", "bytes": known}
            return event

        await self._app(scope, received if scope["type"] == "websocket" else receive, send)


def cleaned(frame: bytes | None) -> bytes | None:
    """The message in a frame, without the values that no widget here has; None for one that no page sends.

    DecodeError where there is no message.
    """
    if frame is None:
        raise DecodeError("a text is no message")
    message = BackMsg.FromString(frame)
    kind = message.WhichOneof("type")
    if kind not in TYPES or (kind == DOWNLOAD and not message.backend_operation_request.HasField("deferred_file")):
        return None
    asked = message.rerun_script
    if not _PLACE.fullmatch(asked.fragment_id):
        return None
    known = [state for state in asked.widget_states.widgets if is_known(state)]
    if len(known) == len(asked.widget_states.widgets):
        return frame
    del asked.widget_states.widgets[:]
    asked.widget_states.widgets.extend(known)
    rest: bytes = message.SerializeToString()
    return rest


def is_known(state: WidgetState) -> bool:
    """Whether a widget of the page may have this identity and a value of this kind, or none."""
    found = _IDENTITY.fullmatch(state.id)
    if found is None:
        return False
    kind = DRAWN if found["drawn"] else KINDS.get(found["key"])
    if kind is None or state.WhichOneof("value") not in (kind, None):
        return False
    return kind != DRAWN or state.WhichOneof("value") is None or _are_events(state.json_trigger_value)


def _are_events(text: str) -> bool:
    """Whether it is the events of a drawn part, and none too deep to be copied."""
    try:
        events = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(events, list) or not all(isinstance(one, dict) for one in events):
        return False
    return all(isinstance(one.get("event"), str) for one in events) and not _is_deeper(events, MOST_NESTED)


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, list | dict):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inside)

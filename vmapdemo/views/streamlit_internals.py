"""All that this project uses of Streamlit beyond its documented names, in one place."""

import logging
from collections.abc import Callable
from functools import cache, wraps
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

__all__ = [
    "RerunException",
    "ends_run",
    "inline_scripts",
    "is_history_navigation",
    "presence",
    "quiet_downloads",
    "remember_theme",
]

_MOST_BYTES = 200
"""The message that ends a run says nothing else."""


def is_history_navigation() -> bool:
    """Whether this run comes from Back or Forward. Streamlit knows it, but has no public name for it yet.

    Without the attribute Back and Forward change the address alone.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def presence() -> Callable[[], bool | None]:
    """Asks, from any thread and at any time, whether the page that is being drawn now is connected to this server.

    Streamlit keeps the session of a page that has lost its connection, so that the page may come back to it, and has no
    public name for the difference. The answer is None where it cannot be told.
    """
    session_id = getattr(get_script_run_ctx(suppress_warning=True), "session_id", None)

    def is_connected() -> bool | None:
        if session_id is None or not runtime.exists():
            return None
        is_active: Callable[[str], bool] | None = getattr(runtime.get_instance(), "is_active_session", None)
        return None if is_active is None else is_active(session_id)

    return is_connected


def quiet_downloads() -> None:
    """No traceback in the log where a browser asks for a file that is not there, nor the name that it gives it.

    Where Streamlit names its log differently, there is a traceback.
    """
    logging.getLogger("streamlit.runtime.backend_operation_handler").addFilter(_is_more_than_missing)


def _is_more_than_missing(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    # What our own writing of a file raises is the cause of Streamlit's error.
    return error is None or error.__cause__ is not None


def remember_theme() -> None:
    """Have the theme read from the settings once: Streamlit reads it for each run, a quarter of the time of an edit.

    It walks through all of its settings six times for that. Where it does so under a different name, it still does.
    """
    read: Callable[..., None] | None = getattr(app_session, "_populate_theme_msg", None)
    if read is None or hasattr(read, "__wrapped__"):
        return
    known: dict[str, Any] = {}

    @wraps(read)
    def write(msg: Any, section: str = "theme") -> None:
        if section not in known:
            known[section] = type(msg)()
            read(known[section], section)
        msg.MergeFrom(known[section])

    app_session._populate_theme_msg = write


def ends_run(frame: bytes) -> bool:
    """Whether a message to the browser is the last of a run. If Streamlit writes it differently, no run is timed."""
    if not 0 < len(frame) <= _MOST_BYTES:
        return False
    try:
        message = ForwardMsg.FromString(frame)
    except ValueError:
        return False
    # A run that ended early begins anew at once: the answer comes with that one.
    is_early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return bool(message.WhichOneof("type") == "script_finished" and not is_early)


@cache
def inline_scripts() -> tuple[str, ...]:
    """The scripts that stand in the page which Streamlit serves, to be let through by their hashes.

    Where the page is not found there are none: a browser then stops them, and says so in its console.
    """
    page = Path(st.__file__).with_name("static") / "index.html"
    if not page.is_file():
        return ()
    reader = _InlineScripts()
    reader.feed(page.read_text(encoding="utf-8"))
    return tuple(reader.found)


class _InlineScripts(HTMLParser):
    """Collects the text of every script without an address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_inside = tag == "script" and "src" not in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.found.append(data)

"""What is read of Streamlit beyond its documented names, with it and without: tests/faults asks a real server."""

import logging
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import Runtime, app_session

from vmapdemo.views import streamlit_internals
from vmapdemo.views.streamlit_internals import is_history_navigation, presence, quiet_downloads, remember_theme


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What Streamlit knows while a page is drawn: its context, and a runtime."""
    known = SimpleNamespace(context=SimpleNamespace(session_id="a"), runtime=None)
    monkeypatch.setattr(streamlit_internals, "get_script_run_ctx", lambda **others: known.context)
    monkeypatch.setattr(streamlit_internals.runtime, "exists", lambda: known.runtime is not None)
    monkeypatch.setattr(streamlit_internals.runtime, "get_instance", lambda: known.runtime)
    return known


def test_a_page_is_connected_as_long_as_the_runtime_says_so(page: SimpleNamespace) -> None:
    connected: set[str] = {"a"}
    page.runtime = SimpleNamespace(is_active_session=lambda session: session in connected)
    is_connected = presence()
    page.context = None  # it is asked from a thread that draws no page
    assert is_connected() is True
    connected.clear()
    assert is_connected() is False


@pytest.mark.parametrize("runtime", [None, SimpleNamespace()])
def test_whether_a_page_is_connected_is_not_known_without_a_runtime_that_tells(
    page: SimpleNamespace, runtime: Any
) -> None:
    page.runtime = runtime
    assert presence()() is None


@pytest.mark.parametrize("context", [None, SimpleNamespace()])
def test_without_a_page_nothing_is_known(page: SimpleNamespace, context: Any) -> None:
    page.context = context
    page.runtime = SimpleNamespace(is_active_session=lambda session: True)
    assert presence()() is None
    assert not is_history_navigation()


def test_the_runtime_tells() -> None:
    assert callable(Runtime.is_active_session)


LOGGER = "streamlit.runtime.backend_operation_handler"


class MissingError(Exception):
    """As Streamlit's own for a file that is not there."""


def told(caplog: pytest.LogCaptureFixture, error: Exception) -> list[str]:
    logger = logging.getLogger(LOGGER)
    logger.addHandler(caplog.handler)
    try:
        logger.error("Error executing deferred callable for file_id %s", "x", exc_info=error)
    finally:
        logger.removeHandler(caplog.handler)
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


def test_a_file_that_is_not_there_is_no_news_but_one_that_fails_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    quiet_downloads()
    assert told(caplog, MissingError("Deferred file x not found")) == []
    ours = MissingError("Callable execution failed")
    ours.__cause__ = ZeroDivisionError()
    assert len(told(caplog, ours)) >= 1


def test_streamlit_still_logs_under_that_name() -> None:
    assert import_module(LOGGER)._LOGGER.name == LOGGER


def test_a_theme_that_is_remembered_is_the_one_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    read = app_session._populate_theme_msg
    monkeypatch.setattr(app_session, "_populate_theme_msg", read)
    remember_theme()
    remembered = app_session._populate_theme_msg
    assert remembered is not read
    for section in ("theme", "theme.light", "theme.dark", "theme.sidebar"):
        expected, *found = (CustomThemeConfig() for _ in range(3))
        read(expected, section)
        for message in found:
            remembered(message, section)
        assert found == [expected, expected]
    remember_theme()
    assert app_session._populate_theme_msg is remembered, "once is enough"


def test_without_that_name_streamlit_reads_the_theme_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(app_session, "_populate_theme_msg")
    remember_theme()
    assert not hasattr(app_session, "_populate_theme_msg")

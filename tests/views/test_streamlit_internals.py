import logging
from importlib import import_module

import pytest

from vmapdemo.views.streamlit_internals import quiet_downloads

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

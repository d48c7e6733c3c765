"""The server's log for machines: one JSON object a line, and nothing that a visitor typed.

A message is told by its template and the type of its error, an error by the places in the code that it came through:
the words of an error may quote what was typed.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

MOST_PLACES = 12


class JsonLines(logging.Formatter):
    """Time, level, logger and message; of an error its type and places."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        told: dict[str, str | list[str]] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            told |= {"error": kind.__name__, "places": _places(trace)}
        return json.dumps(told)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-MOST_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def write_json() -> None:
    """From now on every line of the log is JSON, also those of loggers that have handlers of their own."""
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    if not logging.root.handlers:
        logging.root.addHandler(logging.StreamHandler())
    for logger in (logging.root, *known):
        for handler in logger.handlers:
            handler.setFormatter(JsonLines())

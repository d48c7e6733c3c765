import json
import logging

from vmapdemo.hosting.logs import JsonLines

TYPED = "0x5ec7e7"


def _record(error: Exception | None = None) -> logging.LogRecord:
    told = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("vmapdemo", logging.ERROR, __file__, 1, "It failed for %s", (TYPED,), told)


def test_a_line_is_an_object_with_the_template_of_its_message() -> None:
    line = JsonLines().format(_record())
    assert "\n" not in line
    assert json.loads(line).keys() == {"time", "level", "logger", "message"}
    assert json.loads(line)["message"] == "It failed for %s"


def test_an_error_is_told_by_its_type_and_places_without_a_word_of_the_visitors() -> None:
    try:
        float(TYPED)
    except ValueError as error:
        line = JsonLines().format(_record(error))
    told = json.loads(line)
    assert told["error"] == "ValueError"
    assert [place.rpartition("/")[2].partition(":")[0] for place in told["places"]] == ["test_logs.py"]
    assert TYPED not in line

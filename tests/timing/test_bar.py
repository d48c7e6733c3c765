import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from vmapdemo.timing.bar import progress_bar
from vmapdemo.timing.results.records import Progress

HALF = Progress("measure", None, 0.5, "Round <3>")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def standard_error(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None = None) -> io.StringIO:
    """A terminal, or whatever it is said to be, in place of standard error; and no IPython."""
    stream = Terminal() if stream is None else stream
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    return stream


def shell(published: list[Any], kernel: object) -> SimpleNamespace:
    publisher = SimpleNamespace(publish=lambda data, **others: published.append((data, others)))
    return SimpleNamespace(get_ipython=lambda: SimpleNamespace(display_pub=publisher, kernel=kernel))


def test_a_terminal_shows_a_bar_on_standard_error_and_nothing_afterwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = standard_error(monkeypatch)
    with progress_bar() as report:
        report(HALF)
    assert "[############............]  50% Round <3>" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert capsys.readouterr().out == ""


def test_what_is_no_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = standard_error(monkeypatch, io.StringIO())
    with progress_bar() as report:
        report(HALF)
    assert pipe.getvalue() == ""
    assert "IPython" not in sys.modules


def test_a_notebook_shows_one_display_that_is_updated_and_empty_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, published = standard_error(monkeypatch), list[Any]()
    monkeypatch.setitem(sys.modules, "IPython", shell(published, kernel=object()))  # type: ignore[arg-type]
    with progress_bar() as report:
        report(HALF)
        report(Progress("check", None, 0.6, "Comparing"))
    texts = [data["text/plain"] for data, _ in published]
    assert texts == ["50% Round <3>", "60% Comparing", ""]
    assert '<progress value="0.500" max="1"></progress> Round &lt;3&gt;' in published[0][0]["text/html"]
    assert [others["update"] for _, others in published] == [False, True, True]
    assert len({others["transient"]["display_id"] for _, others in published}) == 1
    assert stream.getvalue() == ""


def test_ipython_in_a_terminal_has_the_bar_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, published = standard_error(monkeypatch), list[Any]()
    monkeypatch.setitem(sys.modules, "IPython", shell(published, kernel=None))  # type: ignore[arg-type]
    with progress_bar() as report:
        report(HALF)
    assert published == []
    assert "50%" in stream.getvalue()


def test_the_bar_goes_away_after_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = standard_error(monkeypatch)

    def interrupted() -> None:
        with progress_bar() as report:
            report(HALF)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.getvalue().endswith("\r\x1b[K")

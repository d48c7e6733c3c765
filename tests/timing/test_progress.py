import io
import sys
from types import SimpleNamespace

import pytest

from vmapdemo.timing.progress import Progress, Thinned, progress_bar

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


def ipython(monkeypatch: pytest.MonkeyPatch, kernel: object) -> list[tuple[str, dict[str, str]]]:
    """A stand-in for IPython, and what it is asked to display or to update."""
    published: list[tuple[str, dict[str, str]]] = []

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> SimpleNamespace:
        published.append(("display", data))
        return SimpleNamespace(update=lambda data, raw: published.append(("update", data)))

    shell = SimpleNamespace(kernel=kernel)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))  # type: ignore[arg-type]
    return published


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
    stream, published = standard_error(monkeypatch), ipython(monkeypatch, kernel=object())
    with progress_bar() as report:
        report(HALF)
        report(Progress("check", None, 0.6, "Comparing"))
    assert [(how, data["text/plain"]) for how, data in published] == [
        ("display", "50% Round <3>"),
        ("update", "60% Comparing"),
        ("update", ""),
    ]
    assert '<progress value="0.500" max="1"></progress> Round &lt;3&gt;' in published[0][1]["text/html"]
    assert stream.getvalue() == ""


def test_ipython_in_a_terminal_has_the_bar_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, published = standard_error(monkeypatch), ipython(monkeypatch, kernel=None)
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


def test_progress_is_thinned_out_but_no_phase_is_lost() -> None:
    told: list[float] = []
    now_s = 0.0
    report = Thinned(lambda progress: told.append(progress.fraction), lambda: now_s)
    for i, phase in enumerate(["cold", "cold", "check", "measure", "measure", "measure"]):
        now_s += 0.04
        report(Progress(phase, None, i / 10, ""))  # type: ignore[arg-type]
    assert told == [0.0, 0.2, 0.3]

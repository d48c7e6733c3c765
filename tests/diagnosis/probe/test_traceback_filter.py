import threading

import jax

from vmapdemo.diagnosis.probe.traceback_filter import unfiltered_tracebacks


def _mode() -> str:
    return str(jax.config.values["jax_traceback_filtering"])


def test_the_mode_from_before_comes_back() -> None:
    before = _mode()
    with unfiltered_tracebacks():
        assert _mode() == "off"
    assert _mode() == before


def test_the_mode_comes_back_once_the_last_thread_has_left() -> None:
    before, inside, leave = _mode(), threading.Event(), threading.Event()

    def stay() -> None:
        with unfiltered_tracebacks():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    with unfiltered_tracebacks():
        thread.start()
        inside.wait(10)
    assert _mode() == "off"
    leave.set()
    thread.join()
    assert _mode() == before

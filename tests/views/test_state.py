import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from vmapdemo.views import state


def test_an_interrupted_callback_is_carried_out_before_the_interruption_goes_on() -> None:
    done: list[str] = []
    interruptions = iter([True, False])

    @state.callback
    def change(value: str) -> None:
        if next(interruptions):
            raise RerunException(RerunData())
        done.append(value)

    with pytest.raises(RerunException):
        change("row added")
    assert done == ["row added"]


def test_a_callback_that_is_not_interrupted_runs_once() -> None:
    done: list[int] = []
    state.callback(done.append)(1)
    assert done == [1]

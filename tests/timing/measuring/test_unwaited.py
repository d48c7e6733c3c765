import pytest

from vmapdemo.timing.measuring.unwaited import CALLS, time_unwaited
from vmapdemo.timing.results.remarks import unwaited_sentence


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Result:
    """A result that is ready only some time after the call has returned."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def block_until_ready(self) -> "Result":
        self.clock.now_s += 200e-6
        return self


def test_what_the_result_still_takes_is_not_counted_but_waited_for() -> None:
    clock, calls = Clock(), []

    def function() -> Result:
        calls.append(clock.now_s)
        clock.now_s += 7e-6
        return Result(clock)

    assert time_unwaited(function, (), clock) == pytest.approx(7e-6)
    assert len(calls) == CALLS
    assert calls[1] == pytest.approx(207e-6)


def test_a_slow_call_is_not_repeated_for_long() -> None:
    clock, calls = Clock(), []

    def function() -> None:
        calls.append(1)
        clock.now_s += 0.3

    assert time_unwaited(function, (), clock) == pytest.approx(0.3)
    assert len(calls) == 1


def test_the_sentence_says_what_the_figure_is() -> None:
    assert unwaited_sentence("jit", 228e-6, 7e-6, " at 4,096") == (
        "Without block_until_ready jit at 4,096 would seem to take 7 µs, but it takes 228 µs, 32.6 times as long:"
        " a call returns before its result is there."
    )


def test_where_nothing_is_hidden_the_sentence_says_that() -> None:
    assert unwaited_sentence("jit", 7e-6, 7e-6).endswith("so small a result is there before the call returns.")

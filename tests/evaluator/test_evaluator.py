"""A real evaluating process, asked and killed."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from vmapdemo import outcome
from vmapdemo.evaluator import evaluator as module
from vmapdemo.evaluator.evaluator import Evaluator, NotAnsweredError
from vmapdemo.evaluator.questions import Question, about
from vmapdemo.figures.trace import side_by_side
from vmapdemo.scenario import presets
from vmapdemo.scenario.argument import Argument
from vmapdemo.scenario.scenario import Scenario

VMAP = presets.DEFAULT.scenario
LARGE = Scenario("convolve", (Argument("x_batch", np.ones((2, 20))), Argument("y_batch", np.ones((2, 3)))))


@pytest.fixture(scope="module")
def asked() -> Iterator[Evaluator]:
    started = Evaluator()
    yield started
    started.close()


def test_every_strategy_is_answered_as_it_would_be_here(asked: Evaluator) -> None:
    for strategy in VMAP.strategies:
        found, expected = asked.ask(about("run", VMAP, strategy)), outcome.run(VMAP, strategy)
        assert found.result.tolist() == expected.result.tolist()
        assert (found.strategy, found.error, found.agrees) == (strategy, None, True)


def test_a_trace_comes_as_the_page_draws_it(asked: Evaluator) -> None:
    assert asked.ask(about("trace", VMAP)) == side_by_side(outcome.trace(VMAP))


@pytest.mark.parametrize("scenario", [VMAP, LARGE, replace(LARGE, in_axes=1), replace(VMAP, in_axes=(0, None))])
def test_all_that_is_seen_is_what_is_seen_here(asked: Evaluator, scenario: Scenario) -> None:
    found, expected = asked.ask(about("see", scenario)), outcome.see(scenario)
    assert found.explanation == expected.explanation
    assert found.explanation.any_size is None, "found apart: it does not travel with the explanation"
    assert (found.any_size, found.links, found.operations) == (expected.any_size, expected.links, expected.operations)
    assert found.value_cautions == expected.value_cautions
    assert (found.result is None) == (expected.result is None)
    assert found.result is None or np.array_equal(found.result, expected.result)


def test_the_verdict_can_be_had_before_the_rest(monkeypatch: pytest.MonkeyPatch, asked: Evaluator) -> None:
    monkeypatch.setattr(module, "_evaluator", asked)
    scenario = replace(LARGE, out_axes=-1)
    expected = outcome.see(scenario).explanation
    outcome._of_shapes.clear()
    assert outcome.needs_verdict(scenario)
    module.judge(scenario)
    monkeypatch.setattr(outcome, "_explained", None)
    assert outcome.explanation(scenario) == expected
    assert outcome.is_large(scenario), "the rest is still to be seen"
    assert not outcome.needs_verdict(scenario)


def test_what_fails_there_is_an_error_here_and_the_process_goes_on(asked: Evaluator) -> None:
    pid = asked.pid
    with pytest.raises(NotAnsweredError, match="KeyError"):
        asked.ask(Question("nothing", about("run", VMAP).link))
    assert asked.ask(about("run", VMAP, "vmap")).agrees
    assert asked.pid == pid


def test_a_killed_process_is_started_again_and_asked_again(asked: Evaluator) -> None:
    asked.ask(about("run", VMAP, "vmap"))
    assert asked.pid is not None
    os.kill(asked.pid, signal.SIGKILL)
    assert asked.ask(about("run", VMAP, "vmap")).agrees


def test_many_threads_get_each_its_own_answer(asked: Evaluator) -> None:
    scenarios = [replace(VMAP, out_axes=axis) for axis in (0, 1, -1, 0)] * 2
    found: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        found[number] = asked.ask(about("run", scenarios[number], "vmap")).result.tolist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(scenarios))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(len(scenarios))] == [outcome.result(one).tolist() for one in scenarios]


def test_a_process_that_ends_twice_gives_no_answer() -> None:
    ends = Evaluator([sys.executable, "-c", "pass"])
    with pytest.raises(NotAnsweredError, match="ended twice"):
        ends.ask(about("run", VMAP, "vmap"))


def test_a_process_that_never_answers_is_ended() -> None:
    hangs = Evaluator([sys.executable, "-c", "import time; time.sleep(1000)"], patience_s=0.2)
    with pytest.raises(NotAnsweredError, match="No answer within"):
        hangs.ask(about("run", VMAP, "vmap"))
    assert not hangs.is_running
    hangs.close()
    with pytest.raises(NotAnsweredError, match="shutting down"):
        hangs.ask(about("run", VMAP, "vmap"))


def test_a_large_scenario_is_seen_once_and_then_known(monkeypatch: pytest.MonkeyPatch, asked: Evaluator) -> None:
    monkeypatch.setattr(module, "_evaluator", asked)
    scenario = replace(LARGE, out_axes=1)
    assert outcome.is_large(scenario)
    module.prepare(scenario)
    assert not outcome.is_large(scenario)
    monkeypatch.setattr(outcome, "_explained", None)
    monkeypatch.setattr(outcome, "_result", None)
    assert outcome.explanation(scenario).ok
    assert outcome.result(scenario).shape == (18, 2)
    assert not outcome.is_large(VMAP)

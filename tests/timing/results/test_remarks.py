"""Each sentence is there when the figures make it true, and only then."""

from dataclasses import replace
from typing import Any

import pytest

from tests.timing.made_up import CONDITIONS, notebook, timing
from vmapdemo.timing.programs.hlo import ProgramMeters
from vmapdemo.timing.results.records import Timing
from vmapdemo.timing.results.remarks import headline, mechanisms, prediction_remarks, program_remarks, remarks


def text(*timings: Timing, **conditions: Any) -> str:
    return "\n".join(remarks(timings, replace(CONDITIONS, **conditions)))


def test_the_figures_of_the_notebook_are_explained() -> None:
    assert remarks(notebook().timings, CONDITIONS) == (
        "Confirmed: in 52 rounds in 0.5 s, the three lowest runs of every strategy agree within 1.2 %.",
        "Operations dispatched by one call: loop 57, mathy 10, vmap 10, jit 1.",
        "vmap is not faster than loop here (3.1 ms against 3.2 ms): vmap removes the loop over the batch (57 dispatches"
        " become 10), not the Python inside the function, whose loops run again on every call; and one dispatch costs"
        " 310 µs instead of 56.1 µs, because vmap rewrites every operation anew each time.",
        "vmap and mathy dispatch 10 operations each; vmap takes 4.43 times as long, because it rewrites each of them"
        " on every call.",
        "jit is 388 times as fast as vmap (8 µs against 3.1 ms): one dispatch of a compiled program in place of 10.",
        "Compiling jit took 36 ms and saves 3.09 ms a call over a warm vmap: it pays for itself after 12 calls.",
        "Compiling jit took 36 ms and saves 3.19 ms a call over a warm loop: it pays for itself after 12 calls.",
        "First calls, in this order: loop 205 ms (9 programs), mathy 110 ms (4 programs), vmap 66 ms (3 programs),"
        " jit 34 ms (1 program). Eager JAX compiles too (loop, mathy, vmap): a small program for each new operation"
        " and shape.",
    )


def test_nothing_is_said_about_nothing() -> None:
    assert remarks((), CONDITIONS) == ()


def test_other_names_get_no_sentences_about_mechanisms() -> None:
    said = remarks((timing("mine", 1e-3, dispatches=57), timing("yours", 3e-3, dispatches=10)), CONDITIONS)
    assert said[1:] == ("Operations dispatched by one call: mine 57, yours 10.",)


def test_what_is_not_confirmed_is_named_with_the_spread() -> None:
    said = text(timing("a", 1e-3), timing("b", 1e-3, confirmed=False, spread=0.38), spent_s=4.0)
    assert said.startswith("Not confirmed for b: after 52 rounds in 4.0 s, the three lowest runs differ by up to 38 %.")
    assert "Confirmed:" not in said


def test_what_always_had_to_share_the_processor_is_named_though_its_runs_agree() -> None:
    said = text(timing("a", 1e-3, undisturbed=52), timing("b", 1e-3, confirmed=False, runs=52, undisturbed=1))
    assert ", other programs had the processor during 51 of 52 runs of b." in said
    assert said.startswith("Not confirmed for b: ")


def test_a_single_round_claims_no_agreement() -> None:
    said = text(timing("a", 20.0, runs=1, loops=1, spread=0.0, confirmed=False), rounds=1, spent_s=40.0)
    assert said == "Not confirmed for a: only 1 round in 40.0 s. Take the ratios as rough."


def test_a_vmap_that_beats_the_loop_is_called_faster() -> None:
    said = text(timing("loop", 40e-3, dispatches=560), timing("vmap", 3e-3, dispatches=10))
    assert "vmap is 13.3 times as fast as loop (3 ms against 40 ms)" in said
    assert "not faster" not in said


def test_a_difference_below_the_precision_is_none() -> None:
    assert "vmap is not faster than loop" in text(
        timing("loop", 3.2e-3, dispatches=57), timing("vmap", 3e-3, dispatches=10)
    )


def test_the_price_of_a_dispatch_is_left_out_where_vmap_pays_no_more() -> None:
    said = text(timing("loop", 57e-3, dispatches=57), timing("vmap", 10e-3, dispatches=10))
    assert "57 dispatches become 10" in said
    assert "rewrites" not in said


@pytest.mark.parametrize("dispatches", [None, 1, 57, 60])
def test_a_vmap_that_is_jitted_or_saves_no_dispatches_gets_no_explanation(dispatches: int | None) -> None:
    said = text(timing("loop", 3e-3, dispatches=57), timing("vmap", 3e-3, dispatches=dispatches))
    assert "Python inside" not in said


@pytest.mark.parametrize(("mathy_s", "dispatches"), [(3e-3, 10), (4e-3, 10), (1e-3, 13), (1e-3, None)])
def test_vmap_and_mathy_are_compared_only_at_equal_dispatches_and_a_real_difference(
    mathy_s: float, dispatches: int | None
) -> None:
    assert "vmap and mathy" not in text(
        timing("mathy", mathy_s, dispatches=dispatches), timing("vmap", 3.1e-3, dispatches=10)
    )


def test_a_jit_that_does_not_help_is_said_not_to() -> None:
    said = text(timing("vmap", 1e-3, dispatches=10), timing("jit", 1e-3, dispatches=1, compile_s=0.03))
    assert "jit is not faster than vmap here (1 ms against 1 ms), although it dispatches once" in said
    assert "Compiling jit took 30 ms and saves nothing over vmap: it never pays for itself." in said


def test_a_jit_that_is_not_one_program_is_not_called_one() -> None:
    assert "compiled program" not in text(timing("vmap", 1e-3, dispatches=10), timing("jit", 1e-5, dispatches=3))


def test_compiling_pays_after_whole_calls() -> None:
    said = text(timing("loop", 101e-3), timing("jit", 1e-3, dispatches=1, compile_s=0.1))
    assert "saves 100 ms a call over a warm loop: it pays for itself after 1 call." in said


def test_the_first_call_stands_in_for_a_compile_time_that_is_not_known() -> None:
    said = text(timing("vmap", 73e-3), timing("jit", 1e-3, dispatches=1, first_call_s=18.5, programs=1))
    assert (
        "The first call of jit took 18.5 s and saves 72 ms a call over a warm vmap: it pays for itself after 257 calls."
        in said
    )


def test_nothing_is_said_of_compiling_that_was_not_seen() -> None:
    said = text(timing("vmap", 1e-3, dispatches=10), timing("jit", 1e-5, dispatches=1))
    assert "Compiling" not in said
    assert "First calls" not in said


def test_strategies_of_one_program_are_not_called_eager() -> None:
    said = text(timing("jit", 1e-5, dispatches=1, first_call_s=0.03, programs=1))
    assert "jit 30 ms (1 program)." in said
    assert "Eager" not in said


def program(instructions: int, fusions: int, temporary_bytes: int | None = 0) -> ProgramMeters:
    return ProgramMeters(instructions, fusions, 60, 240, 176, temporary_bytes, ())


def test_strategies_that_become_programs_of_one_size_are_named_together() -> None:
    said = program_remarks({"loop": program(161, 7, 324), "mathy": program(28, 1), "vmap": program(28, 1)})
    assert said == (
        "Compiled as a whole: mathy, vmap, 28 instructions, 1 fusion each.",
        "Compiled as a whole: loop, 161 instructions, 7 fusions.",
        "Bytes that a run holds between its instructions: loop 324; mathy, vmap none.",
    )


def test_nothing_is_said_of_temporaries_where_there_are_none_or_they_are_not_known() -> None:
    assert program_remarks({"vmap": program(28, 1), "jit": program(1, 0, None)}) == (
        "Compiled as a whole: jit, 1 instruction, 0 fusions.",
        "Compiled as a whole: vmap, 28 instructions, 1 fusion.",
    )
    assert program_remarks({}) == ()


def test_a_prediction_is_called_an_explanation_only_where_it_is_near() -> None:
    timings = (timing("loop", 3.2e-3), timing("mathy", 1e-3), timing("vmap", 1e-3), timing("jit", 8e-6))
    assert prediction_remarks(timings, {"loop": 3e-3, "mathy": 0.5e-3, "vmap": 2e-3}) == (
        "The dispatches explain the time of loop, within 15 %.",
        "More than its dispatches take: mathy 500 µs, for arithmetic, memory or a busy machine.",
        "Less than was predicted: vmap. The prices were higher than now: measure again.",
    )


def test_under_labels_the_same_is_said_and_no_name_is_left() -> None:
    labels = {"loop": "Python loop", "mathy": "By hand", "vmap": "the vmap", "jit": "jit of vmap"}
    plain, labelled = mechanisms(notebook().timings), mechanisms(notebook().timings, labels)
    assert len(plain) == len(labelled)
    assert "mathy" not in "".join(labelled)
    assert "the vmap and By hand dispatch 10 operations each; the vmap takes 4.43 times as long" in labelled[2]
    assert labelled[4].startswith("Compiling jit of vmap took 36 ms and saves 3.09 ms a call over a warm the vmap")


def test_the_headline_is_the_fastest_and_what_vmap_alone_gives() -> None:
    assert headline(notebook().timings, "loop", {"jit": "jit of vmap", "loop": "Python loop"}) == (
        "jit of vmap is fastest: 8 µs a call, 400 times as fast as Python loop.",
        "vmap by itself takes 3.1 ms, as long as Python loop.",
    )


@pytest.mark.parametrize(
    ("best_s", "baseline", "said"),
    [
        ({}, "a", ()),
        ({"a": 1e-3}, "a", ("a is fastest: 1 ms a call.",)),
        ({"a": 1e-3, "vmap": 5e-4}, "a", ("vmap is fastest: 500 µs a call, 2 times as fast as a.",)),
        ({"a": 1e-3, "b": 1.05e-3, "c": 2e-3}, "c", ("a, b are fastest: 1 ms a call, 2 times as fast as c.",)),
        ({"a": 1e-3, "b": 1.05e-3}, "a", ("a, b are fastest: 1 ms a call.",)),
        ({"vmap": 1e-3, "a": 5e-4}, "gone", ("a is fastest: 500 µs a call.",)),
        (
            {"loop": 1e-3, "vmap": 4e-3, "a": 5e-4},
            "loop",
            (
                "a is fastest: 500 µs a call, 2 times as fast as loop.",
                "vmap by itself takes 4 ms, 4 times as long as loop.",
            ),
        ),
    ],
)
def test_the_headline_says_what_the_figures_allow(
    best_s: dict[str, float], baseline: str, said: tuple[str, ...]
) -> None:
    assert headline([timing(name, seconds) for name, seconds in best_s.items()], baseline) == said

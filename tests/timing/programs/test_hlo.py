"""Programs read from their text: one that was saved, lines as other versions write them, and real ones."""

from collections import Counter
from pathlib import Path

import jax.numpy as jnp
import pytest

from vmapdemo import strategies
from vmapdemo.peers import in_jax
from vmapdemo.timing.programs.hlo import Place, ProgramMeters, parse_program, read_program
from vmapdemo.timing.programs.inspection import inspect_program

SAVED = (Path(__file__).parents[2] / "golden" / "jit-of-vmap.hlo").read_text(encoding="utf-8")
ARGS = (jnp.ones((4, 5)), jnp.ones((4, 3)))


def program(function: object) -> ProgramMeters:
    found = read_program(inspect_program(function, ARGS))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_every_instruction_of_a_saved_program_is_read() -> None:
    opcodes = Counter(line.opcode for line in parse_program(SAVED))
    assert opcodes == {
        "parameter": 10,
        "slice": 3,
        "multiply": 3,
        "reduce": 3,
        "add": 3,
        "bitcast": 3,
        "constant": 1,
        "concatenate": 1,
        "fusion": 1,
    }


def test_an_instruction_stands_in_its_computation() -> None:
    lines = parse_program(SAVED)
    assert (lines[-1].computation, lines[-1].opcode) == ("main.1", "fusion")
    assert {line.computation for line in lines if line.opcode == "slice"} == {"fused_computation"}
    assert {line.computation for line in lines if line.opcode == "add"} >= {"scalar_add_computation"}


def test_an_instruction_of_a_saved_program_knows_its_line_of_python() -> None:
    places = {line.opcode: line.place for line in parse_program(SAVED)}
    assert places["slice"] == Place("/home/reader/strategies.py", 21, "convolve")
    assert places["fusion"] == Place("/home/reader/strategies.py", 22, "convolve")
    assert places["constant"] is None


def test_the_text_of_an_instruction_is_free_of_metadata() -> None:
    assert all("metadata" not in line.text for line in parse_program(SAVED))
    assert "%bitcast_concatenate_fusion = f32[4,3]{1,0} fusion(%y.1, %x.1), kind=kLoop, calls=%fused_computation" in (
        parse_program(SAVED)[-1].text
    )


@pytest.mark.parametrize(
    ("line", "opcode", "shape"),
    [
        ("  ROOT %t = (s32[], f32[4,3]{1,0}) tuple(%a, %b)", "tuple", "(s32[], f32[4,3]{1,0})"),
        (
            "  w.7 = (s32[], /*index=1*/(f32[2], pred[])) while(t), body=b",
            "while",
            "(s32[], /*index=1*/(f32[2], pred[]))",
        ),
        ("  %c = f32[1,3,4]{2,1,0} custom-call(%a, %b)", "custom-call", "f32[1,3,4]{2,1,0}"),
        ("  %g = f32[] get-tuple-element(%t), index=1", "get-tuple-element", "f32[]"),
    ],
)
def test_tuples_and_long_names_are_read(line: str, opcode: str, shape: str) -> None:
    found = parse_program(line)[0]
    assert (found.opcode, found.shape, found.text) == (opcode, shape, line.strip())


def test_a_place_in_the_metadata_itself_is_read() -> None:
    metadata = 'metadata={op_name="jit(f)/mul" source_file="/a folder/f.py" source_line=7}'
    found = parse_program(f"  %m = f32[3]{{0}} multiply(%a, %b), {metadata}, backend_config={{}}")[0]
    assert found.place == Place("/a folder/f.py", 7)
    assert found.text == "%m = f32[3]{0} multiply(%a, %b), backend_config={}"


def test_text_that_is_no_program_has_no_instructions() -> None:
    assert parse_program("") == ()
    assert parse_program("StackFrames\n1 {file_location_id=9}\nnonsense (") == ()


def test_vmap_by_hand_and_jit_compile_to_one_fusion_of_as_many_instructions() -> None:
    found = [
        program(function)
        for function in (
            strategies.mathy_batch_convolve,
            strategies.auto_batch_convolve,
            strategies.auto_batch_convolve_jit,
        )
    ]
    assert {(one.instructions, one.fusions, one.flops, one.bytes, one.temporary_bytes) for one in found} == {
        (28, 1, 60, 240, 0)
    }
    # 4x5 and 4x3 come in and 4x3 go out, four bytes each.
    assert found[0].memory_bytes == 176


def test_the_loop_compiles_to_a_larger_program_that_holds_more() -> None:
    loop, vmap = program(strategies.looping_batch_convolve), program(strategies.auto_batch_convolve)
    assert loop.instructions > 4 * vmap.instructions
    assert loop.fusions > vmap.fusions
    assert (loop.temporary_bytes or 0) > 0


def test_a_loop_inside_the_program_makes_its_flops_and_bytes_unknown() -> None:
    found = program(in_jax.mapped_batch_convolve)
    assert (found.flops, found.bytes) == (None, None)
    assert found.memory_bytes


def test_instructions_of_a_real_program_lead_to_the_text_of_their_line() -> None:
    slices = [line for line in program(strategies.auto_batch_convolve_jit).lines if line.opcode == "slice"]
    assert {line.place.function for line in slices if line.place} == {"convolve"}
    assert {line.place.source for line in slices if line.place} == {
        "output.append(jnp.dot(x[centre - 1 : centre + 2], y))"
    }


def test_a_line_whose_file_is_gone_has_no_text() -> None:
    assert Place("/nowhere/at/all.py", 3).source is None


def test_a_function_that_cannot_be_traced_has_no_program() -> None:
    assert read_program(inspect_program(lambda x, y: float(x[0, 0]), ARGS)) is None

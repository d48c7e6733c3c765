"""Edits of one argument: positions are those of the array as it is drawn, after ``.T``."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import arguments
from vmapdemo.scenario.argument import MAX_ELEMENTS, MAX_TEXT, Argument, InputError, number_text
from vmapdemo.scenario.editing import EDGES, read_cell, resized, with_block, with_cell

MATRIX = Argument("x", [[1, 2, 3], [4, 5, 6]], "int32", transposed=True)
CUBE = Argument("x", np.arange(12).reshape(2, 3, 2), "int32")
ANY = arguments("x", max_dims=3)


def sizes(argument: Argument) -> tuple[int, ...]:
    """The numbers of slices, rows and columns that are drawn."""
    return tuple(np.atleast_2d(argument.array).shape)


@given(ANY, st.data(), st.integers(-9, 9))
def test_an_edit_changes_one_cell_and_never_its_input(argument: Argument, data: st.DataObject, value: int) -> None:
    before = repr(argument)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in argument.shape)
    after = with_cell(argument, index, f" {value} ")
    expected = argument.array.copy()
    expected[index] = value
    np.testing.assert_array_equal(after.array, expected)
    kept = (argument.stored.ndim, argument.dtype, argument.transposed)
    assert (after.stored.ndim, after.dtype, after.transposed) == kept
    assert repr(argument) == before


@given(ANY)
def test_typing_what_stands_there_changes_nothing(argument: Argument) -> None:
    for index in np.ndindex(argument.shape):
        assert with_cell(argument, index, number_text(argument.array[index], argument.dtype)) == argument


@given(ANY, st.sampled_from(sorted(EDGES)), st.integers(-1, 9))
def test_resizing_keeps_what_stays_and_adds_zeros(argument: Argument, edge: str, size: int) -> None:
    before, axis = repr(argument), EDGES[edge]
    if size < 1 or len(sizes(argument)) < -axis:
        with pytest.raises(InputError):
            resized(argument, edge, size)
        assert repr(argument) == before
        return
    after = resized(argument, edge, size)
    drawn = sizes(argument)
    wanted = (*drawn[: len(drawn) + axis], size, *drawn[len(drawn) + axis + 1 :])
    assert sizes(after) == wanted
    common = tuple(slice(min(pair)) for pair in zip(drawn, wanted, strict=True))
    old, new = np.atleast_2d(argument.array), np.atleast_2d(after.array).copy()
    np.testing.assert_array_equal(new[common], old[common])
    new[common] = 0
    assert not new.any()
    assert after.stored.ndim >= argument.stored.ndim


@given(ANY, st.data())
def test_a_block_lands_from_its_cell_on_and_the_array_grows_just_as_far(
    argument: Argument, data: st.DataObject
) -> None:
    index = tuple(data.draw(st.integers(0, size - 1)) for size in argument.shape)
    height, width = data.draw(st.integers(1, 3)), data.draw(st.integers(2, 4))
    block = np.arange(height * width).reshape(height, width) - 3
    text = "\n".join("\t".join(map(str, row)) for row in block.tolist())
    after = with_block(argument, index, text)
    row, column = (0, 0, *index)[-2:]
    drawn = np.atleast_2d(after.array)
    *slices, rows, columns = sizes(argument)
    assert drawn.shape == (*slices, max(rows, row + height), max(columns, column + width))
    landed = drawn[(*index[:-2], slice(row, row + height), slice(column, column + width))]
    np.testing.assert_array_equal(landed, block)


def test_the_transpose_is_edited_as_it_is_drawn() -> None:
    assert with_cell(MATRIX, (2, 0), "9").values == ((1, 2, 9), (4, 5, 6))
    assert resized(MATRIX, "rows", 4).values == ((1, 2, 3, 0), (4, 5, 6, 0))
    assert resized(MATRIX, "columns", 1).values == ((1, 2, 3),)
    assert with_block(MATRIX, (2, 1), "7\t8").values == ((1, 2, 3), (4, 5, 7), (0, 0, 8))


def test_a_scalar_and_a_vector_grow_into_a_vector_and_a_matrix() -> None:
    assert resized(Argument("x", 5), "columns", 2).values == (5, 0)
    assert resized(Argument("x", [1, 2]), "rows", 2).values == ((1, 2), (0, 0))
    assert with_block(Argument("x", [1, 2]), (1,), "5 6\n7 8").values == ((1, 5, 6), (0, 7, 8))
    assert resized(CUBE, "slices", 1).values == (((0, 1), (2, 3), (4, 5)),)


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), (" -2 ", -2), ("1e-3", 0.001), ("+4", 4), (".5", 0.5), ("\N{MINUS SIGN}1", -1), ("\N{EN DASH}1", -1)],
)
def test_a_typed_number_is_the_number_that_it_says(text: str, number: float) -> None:
    assert read_cell(text) == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,5", "'1,5' is not a number here: write 1.5."),
        ("", "A cell cannot be empty: type a number."),
        (" \t", "A cell cannot be empty: type a number."),
        ("abc", "'abc' is not a number."),
        ("1_000", "'1_000' is not a number."),
        ("1 2", "'1 2' is not a number."),
        ("0x10", "'0x10' is not a number."),
    ],
)
def test_text_that_is_no_number_gets_a_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_cell(text)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("index", "text", "said"),
    [
        ((0, 0), "1.5", "not a whole number"),
        ((0, 0), "1e40", "beyond"),
        ((0, 0), "nan", "nan"),
        ((0, 2), "1", "not there"),
        ((-1, 0), "1", "not there"),
        ((0,), "1", "not there"),
    ],
)
def test_what_cannot_stand_in_a_cell_is_refused(index: tuple[int, ...], text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        with_cell(MATRIX, index, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,5\t2", "write 1.5"),
        ("1,5", "write 1.5"),
        ("1\t\t3", "cannot be empty"),
        ("1 2\n3", "different lengths"),
        ("[[[1]]]", "more than two axes"),
        ("[[1, 2", "not an array"),
        ("one two", "'one' is not a number"),
        ("1 " * MAX_TEXT, "characters long"),
        ("\n".join(["1\t2"] * MAX_ELEMENTS), "elements"),
    ],
)
def test_a_block_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        with_block(MATRIX, (0, 0), text)


@pytest.mark.parametrize("call", [lambda: resized(MATRIX, "rows", 10**9), lambda: resized(MATRIX, "nonsense", 1)])
def test_a_size_beyond_all_limits_is_refused_before_anything_is_made(call: Any) -> None:
    with pytest.raises(InputError):
        call()

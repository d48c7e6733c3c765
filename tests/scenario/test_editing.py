from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drawn import arguments
from vmapdemo.scenario.argument import Argument, InputError
from vmapdemo.scenario.editing import grid, resized, with_cells

MATRIX = Argument("x", [[1, 2, 3], [4, 5, 6]], "int32", transposed=True)
EDITABLE = arguments("x", max_dims=2)


@settings(deadline=None, print_blob=True, max_examples=40)
@given(EDITABLE)
def test_the_grid_is_a_matrix_of_the_stored_numbers(argument: Argument) -> None:
    assert grid(argument).ndim == 2
    assert grid(argument).ravel().tolist() == argument.stored.ravel().tolist()


@settings(deadline=None, print_blob=True, max_examples=40)
@given(EDITABLE)
def test_no_edit_gives_the_same_argument(argument: Argument) -> None:
    assert with_cells(argument, {}) == argument
    assert resized(argument) == argument


@settings(deadline=None, print_blob=True, max_examples=40)
@given(EDITABLE, st.integers(0, 3), st.integers(0, 3), st.integers(-9, 9))
def test_an_edit_changes_one_cell_and_never_its_input(argument: Argument, row: int, column: int, value: int) -> None:
    before = repr(argument)
    cells = grid(argument)
    place = (row % cells.shape[0], column % cells.shape[1])
    after = with_cells(argument, {place[0]: {str(place[1]): value}})
    cells[place] = value
    assert grid(after).tolist() == cells.tolist()
    assert (after.stored.ndim, after.dtype, after.transposed) == (
        argument.stored.ndim,
        argument.dtype,
        argument.transposed,
    )
    assert repr(argument) == before


@settings(deadline=None, print_blob=True, max_examples=80)
@given(EDITABLE, st.integers(-3, 3), st.integers(-3, 3))
def test_resizing_keeps_what_stays_and_adds_zeros(argument: Argument, rows: int, columns: int) -> None:
    before, cells = repr(argument), grid(argument)
    height, width = cells.shape[0] + rows, cells.shape[1] + columns
    if height < 1 or width < 1:
        with pytest.raises(InputError, match="at least one row and one column"):
            resized(argument, rows, columns)
        return
    after = grid(resized(argument, rows, columns))
    assert after.shape == (height, width)
    assert after[: cells.shape[0], : cells.shape[1]].tolist() == cells[:height, :width].tolist()
    assert not after[cells.shape[0] :].any()
    assert not after[:, cells.shape[1] :].any()
    assert repr(argument) == before


def test_several_cells_change_at_once() -> None:
    changed = with_cells(MATRIX, {0: {"0": 9, "2": 8}, "1": {"1": 7.0}})
    assert changed.values == ((9, 2, 8), (4, 7, 6))


def test_a_scalar_becomes_a_vector_and_a_vector_a_matrix() -> None:
    scalar = Argument("x", 5, "int32")
    assert resized(scalar, columns=1).values == (5, 0)
    assert resized(scalar, rows=1).values == ((5,), (0,))
    assert resized(Argument("x", [1, 2], "int32"), rows=1).values == ((1, 2), (0, 0))


def test_a_matrix_of_one_row_stays_a_matrix() -> None:
    assert resized(MATRIX, rows=-1).values == ((1, 2, 3),)


@pytest.mark.parametrize(
    "edits",
    [{2: {"0": 1}}, {-1: {"0": 1}}, {0: {"3": 1}}, {0: {"-1": 1}}, {"a": {"0": 1}}, {None: {"0": 1}}, {0: {"x": 1}}],
)
def test_a_cell_that_is_not_there_is_refused(edits: dict[Any, Any]) -> None:
    with pytest.raises(InputError, match="That cell does not exist"):
        with_cells(MATRIX, edits)


@pytest.mark.parametrize("value", [None, 1.5, "3", True, float("nan"), float("inf"), 2**31, [1], [1, 2, 3], {}])
def test_a_value_that_is_no_number_of_the_dtype_is_refused(value: Any) -> None:
    with pytest.raises(InputError):
        with_cells(MATRIX, {0: {"0": value}})


@pytest.mark.parametrize("value", [None, "3", True, float("nan"), 1e39, [1.0], np.array([1.0, 2.0])])
def test_a_value_that_is_no_float_is_refused(value: Any) -> None:
    with pytest.raises(InputError):
        with_cells(Argument("x", [1.0, 2.0]), {0: {"1": value}})


def test_growing_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InputError, match="1,026 elements"):
        resized(Argument("x", np.zeros((2, 512))), columns=1)

import string
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import arguments
from vmapdemo.scenario.argument import MAX_TEXT, Argument, InputError, number_text, read_number, read_values

SEED = 7
PRINTED_SHAPES = [(3,), (1, 1), (4, 5), (4, 1), (1, 6), (2, 3, 4), (3, 1, 2)]


def test_an_argument_holds_nested_tuples() -> None:
    assert Argument("x", np.array([[1, 2], [3, 4]]), "int32").values == ((1, 2), (3, 4))


@pytest.mark.parametrize(("dtype", "kind"), [("int32", int), ("float32", float)])
def test_the_numbers_are_of_the_dtype(dtype: str, kind: type) -> None:
    argument = Argument("x", [1, 2.0], dtype)
    assert [type(value) for value in argument.values] == [kind, kind]
    assert argument.array.dtype == dtype


@given(arguments("x"))
def test_an_argument_made_of_its_own_numbers_is_the_same(argument: Argument) -> None:
    again = Argument("x", argument.values, argument.dtype, argument.transposed)
    assert repr(again) == repr(argument)
    assert again.shape == argument.array.shape == np.shape(argument.array)


@given(arguments("x"))
def test_a_transposed_argument_is_passed_with_its_axes_reversed(argument: Argument) -> None:
    expected = argument.stored.T if argument.transposed else argument.stored
    assert argument.array.tolist() == expected.tolist()
    assert argument.expression == ("x.T" if argument.transposed else "x")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((33, 32)), "1,056 elements"),
        ([], "0 elements"),
        ([[], []], "0 elements"),
        (np.zeros((1, 1, 1, 1)), "at most 3"),
        ([[1, 2], [3]], "different lengths"),
        ([[1, 2], 3], "different lengths"),
        ([1, [2, 3]], "different lengths"),
        ([[[1], [2]], [[3], [4, 5]]], "different lengths"),
        (["1"], "numbers only"),
        ("12", "numbers only"),
        ([True], "numbers only"),
        ([None], "numbers only"),
        (None, "numbers only"),
        ([1j], "numbers only"),
        ({"a": 1}, "numbers only"),
        ([{1}], "numbers only"),
        ([float("nan")], "finite"),
        ([float("inf")], "finite"),
        ([-float("inf")], "finite"),
        ([1e39], "finite"),
        (np.array([np.float64("nan")]), "finite"),
    ],
)
def test_data_beyond_the_limits_is_refused_in_one_sentence(values: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        Argument("x", values)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [1.5, -0.25, float("nan"), float("inf"), 2**31, -(2**31) - 1, 1e300])
def test_an_int32_takes_no_other_number(value: float) -> None:
    with pytest.raises(InputError, match="x is int32") as caught:
        Argument("x", [0, value], "int32")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("dtype", ["int32", "float32"])
@pytest.mark.parametrize("bits", [1100, 20_000])
def test_a_number_too_long_for_a_float_is_refused_in_one_sentence(dtype: str, bits: int) -> None:
    with pytest.raises(InputError, match=f"x is {dtype}") as caught:
        Argument("x", [0, 1 << bits], dtype)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [0, -1, 2**31 - 1, -(2**31), 3.0, -0.0, np.int64(5), np.float32(7)])
def test_an_int32_takes_every_whole_number_of_its_range(value: float) -> None:
    assert Argument("x", value, "int32").array == int(value)


@pytest.mark.parametrize("shape", [(1024,), (32, 32), (8, 8, 16), (1,), (), (1, 1, 1)])
def test_the_limits_themselves_are_allowed(shape: tuple[int, ...]) -> None:
    assert Argument("x", np.zeros(shape)).shape == shape


@pytest.mark.parametrize("dtype", ["float64", "int", "", "complex64", None, 3, ["int32"]])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(InputError, match="int32 or float32"):
        Argument("x", [1], dtype)


def test_transposed_has_to_be_a_bool() -> None:
    with pytest.raises(InputError, match="True or False"):
        Argument("x", [1], "int32", 1)  # type: ignore[arg-type]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_text_of_a_float32_gives_the_same_number_back(value: float) -> None:
    back = Argument("x", read_number(number_text(value, "float32"))).values
    assert repr(back) == repr(value)


def test_the_text_of_a_zero_has_its_sign_whichever_came_first() -> None:
    for first, second in [(0.0, -0.0), (-0.0, 0.0)]:
        texts = [number_text(value, "float32") for value in (first, second)]
        assert [repr(float(text)) for text in texts] == [repr(first), repr(second)]


@given(st.integers(-(2**31), 2**31 - 1))
def test_the_text_of_an_int32_gives_the_same_number_back(value: int) -> None:
    assert read_number(number_text(value, "int32")) == value


@pytest.mark.parametrize(
    ("value", "text"), [(11.0, "11"), (0.1, "0.1"), (-2.5, "-2.5"), (1e20, "1e+20"), (100.0, "100")]
)
def test_the_text_of_a_number_is_the_shortest(value: float, text: str) -> None:
    assert number_text(value, "float32") == text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[[0, 1], [2, 3]]", ((0, 1), (2, 3))),
        ("((0, 1), (2, 3))", ((0, 1), (2, 3))),
        ("[[0,1],[2,3]]", ((0, 1), (2, 3))),
        ("  [1, 2]\n", (1, 2)),
        ("[[0 1 2]\n [3 4 5]]", ((0, 1, 2), (3, 4, 5))),
        ("[2. 3. 4.]", (2.0, 3.0, 4.0)),
        ("[ 1. -2.5  1.e-03]", (1.0, -2.5, 0.001)),
        ("Array([11., 20., 29.], dtype=float32)", (11.0, 20.0, 29.0)),
        ("Array([[11., 20.],\n       [ 3.,  6.]], dtype=float32)", ((11.0, 20.0), (3.0, 6.0))),
        ("array([[1, 2]])", ((1, 2),)),
        ("np.array([1, 2], dtype=np.int32)", (1, 2)),
        ("jnp.array([[1], [2]])", ((1,), (2,))),
        ("Array([1, 2], dtype=int32, weak_type=True)", (1, 2)),
        ("1 2 3", (1, 2, 3)),
        ("1\t2\n3\t4", ((1, 2), (3, 4))),
        ("1\t2\r\n3\t4\r\n", ((1, 2), (3, 4))),
        ("1,2\n3,4", ((1, 2), (3, 4))),
        ("1, 2\n3, 4", ((1, 2), (3, 4))),
        ("1;2\n3;4", ((1, 2), (3, 4))),
        ("  1  2\n  3  4", ((1, 2), (3, 4))),
        ("1\n2\n3", ((1,), (2,), (3,))),
        ("7", 7),
        ("-1.5e3", -1500.0),
    ],
)
def test_pasted_text_is_read(text: str, values: Any) -> None:
    assert repr(read_values(text)) == repr(values)


@pytest.mark.parametrize(
    "text", ["", "  ", "[[0, 1]", "[1, 2", "a b", "1 two", "[a]", "[1] [2", "Array(", "f([1])(2)", "1\n\n2x"]
)
def test_text_that_is_no_array_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Argument("x", read_values(text))


def test_too_long_a_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputError, match="40,001 characters"):
        read_values("1" * (MAX_TEXT + 1))


@pytest.mark.parametrize("text", ["1_2_3", "0_1\n2_3"])
def test_digits_joined_by_underscores_are_not_one_number(text: str) -> None:
    with pytest.raises(InputError):
        read_values(text)


@pytest.mark.parametrize("dtype", ["int32", "float32"])
@pytest.mark.parametrize("shape", PRINTED_SHAPES)
def test_what_numpy_prints_is_read_back(shape: tuple[int, ...], dtype: str) -> None:
    random = np.random.default_rng(SEED)
    for scale in (1, 1e-3, 1e6):
        array = (random.normal(size=shape) * 100 * scale).astype(dtype)
        for text in (str(array), repr(array), str(array.tolist())):
            got = Argument("x", read_values(text), dtype).array
            np.testing.assert_allclose(got, array, rtol=1e-4, err_msg=f"{text!r}, seed {SEED}")


@pytest.mark.parametrize("separator", ["\t", ",", ";", " ", ", "])
def test_what_a_spreadsheet_copies_is_read_back(separator: str) -> None:
    random = np.random.default_rng(SEED)
    for rows, columns in [(2, 2), (5, 3), (2, 1)]:
        array = random.integers(-99, 99, (rows, columns))
        text = "\n".join(separator.join(map(str, row)) for row in array.tolist()) + "\n"
        assert np.array(read_values(text)).tolist() == array.tolist(), f"{text!r}, seed {SEED}"


def _hostile_text(random: np.random.Generator) -> str:
    pieces = [
        "[",
        "]",
        "(",
        ")",
        ",",
        " ",
        "\n",
        "1",
        "-",
        "1e999",
        "nan",
        "0x" + "f" * 5000,
        "_",
        "True",
        "None",
        "'a'",
        "{",
        "}",
    ]
    pieces += [
        "\x00",
        "...",
        "Array(",
        "dtype=",
        "**",
        "9" * 5000,
        "1j",
        "b'x'",
        "\t",
        ";",
        "#",
        "\\",
        "é",
        "٣",
        "[" * 300,
        ":",
        "\ud800",
    ]
    kind = random.random()
    if kind < 0.2:
        return "".join(random.choice(list(string.printable), int(random.integers(1, 40))))
    if kind < 0.5:
        return f"[{', '.join(random.choice(pieces, int(random.integers(1, 3))))}]"
    return "".join(random.choice(pieces, int(random.integers(1, 12))))


def test_hostile_texts_raise_nothing_but_input_errors() -> None:
    random = np.random.default_rng(SEED)
    refused = 0
    for _ in range(1000):
        text = _hostile_text(random)
        for dtype in ("int32", "float32"):
            said = _refusal(text, dtype)
            assert said is None or "\n" not in said, f"{text!r}, seed {SEED}"
            refused += said is not None
    assert 1000 < refused < 2000


def _refusal(text: str, dtype: str) -> str | None:
    """The sentence that refuses the text, or None where it is read."""
    try:
        Argument("x", read_values(text), dtype)
    except InputError as error:
        return str(error)
    except Exception as error:
        raise AssertionError(f"{error!r} for {text!r} as {dtype}, seed {SEED}") from error
    return None

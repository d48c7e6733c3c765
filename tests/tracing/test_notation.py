import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vmapdemo.tracing.notation import MOST_OPERANDS, letters, line, number_text, short_dtype, type_text


@pytest.mark.parametrize(
    ("dtype", "short"),
    [
        ("float32", "f32"),
        ("bfloat16", "bf16"),
        ("int8", "i8"),
        ("uint32", "u32"),
        ("complex64", "c64"),
        ("bool", "bool"),
        ("key<fry>", "key<fry>"),
    ],
)
def test_a_dtype_has_the_short_name_that_jax_prints(dtype: str, short: str) -> None:
    assert short_dtype(dtype) == short


def test_a_type_is_written_as_jax_writes_it() -> None:
    for value in (jnp.ones((4, 3)), jnp.int32(3), jax.random.key(0), jnp.ones((0,), "bool")):
        assert f":{type_text(jax.typeof(value))}." in str(jax.make_jaxpr(lambda x: x)(value)).replace(" ", "").replace(
            "let", "."
        )
    assert type_text("token") == "token"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2.0, "2.0"),
        (np.float32(-1), "-1.0"),
        (1 / 3, "0.333333"),
        (np.int32(7), "7"),
        (True, "True"),
        (float("-inf"), "-inf"),
        (1e-7, "1e-07"),
        (2j, "2j"),
    ],
)
def test_a_number_is_written_so_that_its_kind_shows(number: object, text: str) -> None:
    assert number_text(number) == text


def test_a_number_that_jax_keeps_with_its_dtype_is_written_as_a_number() -> None:
    (equation,) = jax.make_jaxpr(lambda n: n + 1)(jnp.array(0)).eqns
    assert number_text(equation.invars[1].val) == "1"


def test_a_line_leaves_out_what_says_nothing() -> None:
    aval = jax.typeof(jnp.ones((3,)))
    params = {"axes": (np.int64(0),), "sharding": None, "reverse": False, "jaxpr": object(), "dtype": np.dtype("int32")}
    assert line([("c", aval)], "some", params, ["a", "2.0"]) == "c:f32[3] = some[axes=(0,) dtype=int32] a 2.0"
    assert line([], "some", {}, []) == "some"
    assert line([("c", aval)], "fft", {"kind": jnp.fft, "sizes": ((1, 2), ())}, ["a"]) == (
        "c:f32[3] = fft[sizes=((1, 2), ())] a"
    )


def test_many_operands_are_cut() -> None:
    names = [f"x{n}" for n in range(60)]
    words = line([], "concatenate", {}, names).split()
    assert len(words) == MOST_OPERANDS + 1
    assert words[-2:] == ["...", "x59"]
    assert line([], "concatenate", {}, names[:MOST_OPERANDS]).split()[1:] == names[:MOST_OPERANDS]


def test_letters_go_on_after_z() -> None:
    names = list(itertools.islice(letters(frozenset("x")), 27))
    assert names[:3] == ["a", "b", "c"]
    assert names[-3:] == ["z", "aa", "ab"]
    assert "x" not in names

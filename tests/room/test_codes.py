import random

from vmapdemo.room.codes import ALPHABET, LENGTH, code_of, read


def test_a_code_has_no_signs_that_look_alike_and_no_vowels() -> None:
    assert not set("0O1ILAEIU") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET)


def test_a_code_follows_from_the_secret_and_is_read_as_it_is_written() -> None:
    seed = 11
    print(f"seed {seed}")
    chance = random.Random(seed)
    secrets = ["".join(chance.choices("abcdefgh0123", k=24)) for _ in range(500)]
    codes = [code_of(secret) for secret in secrets]
    assert codes == [code_of(secret) for secret in secrets]
    assert len(set(codes)) > 495
    for code in codes:
        assert len(code) == LENGTH
        assert read(f" {code[:3].lower()} {code[3:]}") == code
    assert {code_of(secret, "K")[0] for secret in secrets} == {"K"}


def test_anything_else_is_no_code() -> None:
    for text in ("", "BCDF", "BCDFGH", "BCDF0", "BCDFE", "BCDFÄ", "BCDF\u0660", "B" * 10_000, "<b>"):
        assert read(text) is None

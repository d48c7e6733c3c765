import random
from collections.abc import Callable

import pytest

from vmapdemo.diagnosis.any_size.formula import formula

FORMULAS: list[tuple[str, Callable[[int, int], int]]] = [
    ("7", lambda n, m: 7),
    ("n", lambda n, m: n),
    ("n - 2", lambda n, m: n - 2),
    ("2*n + 1", lambda n, m: 2 * n + 1),
    ("n + m - 1", lambda n, m: n + m - 1),
    ("n - m + 1", lambda n, m: n - m + 1),
    ("n*m", lambda n, m: n * m),
    ("n**2", lambda n, m: n * n),
    ("n//2", lambda n, m: n // 2),
    ("(n + 1)//2", lambda n, m: (n + 1) // 2),
    ("(n - 2)//3 + 1", lambda n, m: (n - 2) // 3 + 1),
]


@pytest.mark.parametrize(("text", "of"), FORMULAS, ids=[text for text, _ in FORMULAS])
def test_the_formula_that_made_the_sizes_is_found_or_one_that_equals_it(
    text: str, of: Callable[[int, int], int]
) -> None:
    seed = 5
    draw = random.Random(seed)
    points = [{"n": draw.randint(3, 40), "m": draw.randint(3, 20)} for _ in range(12)]
    found = formula(points, [of(point["n"], point["m"]) for point in points])
    for n, m in ((50, 60), (51, 13), (100, 7)):
        assert eval(found, {"n": n, "m": m}) == of(n, m), f"{found} instead of {text}, seed {seed}"


def test_sizes_that_follow_no_formula_have_none() -> None:
    assert formula([{"n": 3}, {"n": 4}, {"n": 5}], [2, 3, 7]) == ""

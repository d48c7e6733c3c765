import importlib
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from vmapdemo.parsing import parse, read_literal


@pytest.mark.parametrize(
    "text", ["(", "a", "1 +", "-" * 40_000, "(" * 300, "1+" * 20_000 + "1", "\x00", "\ud800", "{[]}"]
)
def test_what_is_no_literal_is_refused_whatever_python_makes_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no Python value"):
        read_literal(text)


def test_what_python_warns_of_is_nothing_to_warn_of_here() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        importlib.reload(importlib.import_module("vmapdemo.parsing"))
        with pytest.raises(ValueError, match="no Python value"):
            read_literal("1if 2else 3")
        assert read_literal(r"'\d'") == r"\d"
    assert caught == []


def test_threads_that_parse_at_once_do_not_disturb_each_other() -> None:
    text, failed = f"[{'[1, 2, 3], ' * 300}]", list[BaseException]()

    def read(depth: int) -> None:
        if depth:
            read(depth - 1)
            return
        for _ in range(100):
            try:
                parse(text)
                read_literal(text)
            except BaseException as error:
                failed.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(read, (0, 30, 60)))
    finally:
        sys.setswitchinterval(before)
    assert failed == []

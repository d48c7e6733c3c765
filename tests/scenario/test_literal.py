import importlib
import warnings

import pytest

from vmapdemo.scenario.literal import read_literal


@pytest.mark.parametrize(
    "text", ["(", "a", "1 +", "-" * 40_000, "(" * 300, "1+" * 20_000 + "1", "\x00", "\ud800", "{[]}"]
)
def test_what_is_no_literal_is_refused_whatever_python_makes_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="no Python value"):
        read_literal(text)


def test_what_python_warns_of_is_nothing_to_warn_of_here() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        importlib.reload(importlib.import_module("vmapdemo.scenario.literal"))
        with pytest.raises(ValueError, match="no Python value"):
            read_literal("1if 2else 3")
        assert read_literal(r"'\d'") == r"\d"
    assert caught == []

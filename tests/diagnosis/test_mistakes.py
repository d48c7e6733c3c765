import pytest

from tests.diagnosis.mistakes import CASES, Case, shortfall

LATER = {
    # keyword arguments, and what a batch or a key should have been passed as
    "scalar by keyword",
    "in_axes for a keyword",
    "Python list as a batch",
    "one random key",
    # advice for the function's body
    "Python if",
    "NumPy inside",
    "assignment into an array",
    "slice of traced length",
    # a missing axis_name
    "collective without a name",
    # cautions that need values or a look at the randomness
    "same noise for everyone",
    "int32 overflow",
}
"""The cases that the next stage covers."""

NOW = [case for case in CASES if case.name not in LATER]


@pytest.mark.parametrize("case", NOW, ids=[case.name for case in NOW])
def test_a_mistake_is_explained_and_mended(case: Case) -> None:
    assert shortfall(case) is None


def test_only_the_mistakes_of_the_next_stage_still_fall_short() -> None:
    assert {case.name for case in CASES if shortfall(case) is not None} == LATER

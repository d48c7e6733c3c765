import pytest

from tests.diagnosis.mistakes import CASES, Case, shortfall


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_explained_and_mended(case: Case) -> None:
    assert shortfall(case) is None

"""How the suite is run: in which order, by which worker, and with which caches."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from tests.effort import LONG, QUICK

ROOT = Path(__file__).parents[1]

# Compiled once for all processes and runs; JAX reads this when it is imported. Whoever measures compiling turns it off.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(ROOT / ".pytest_cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ.setdefault("JAX_TRACEBACK_FILTERING", "off")  # a refused trace then takes 0.6 instead of 5 ms

settings.register_profile("default", deadline=None, print_blob=True, max_examples=100)
settings.register_profile("long", settings.get_profile("default"), max_examples=1000)
settings.load_profile("long" if LONG else "default")

MEASURING = (
    "tests/timing/measuring/test_processor.py",
    "tests/timing/service/test_pool.py",
    "tests/timing/service/test_worker.py",
    "tests/timing/test_main.py",
    "tests/browser/test_sweep.py",
    "tests/browser/test_timing.py",
    "tests/browser/test_why.py",
)
"""What measures in processes of its own, one file after another: side by side they would measure each other."""

SLOW = (
    "browser",
    "diagnosis/probe/test_in_numpy.py",
    "diagnosis/test_blame.py",
    "diagnosis/test_economy.py",
    "diagnosis/test_engine.py",
    "diagnosis/test_never_raises.py",
    "diagnosis/test_random.py",
    "diagnosis/test_reports.py",
    "diagnosis/test_right_calls.py",
    "diagnosis/test_untouched.py",
    "docs",
    "examples",
    "peers",
    "timing/service",
    "timing/test_main.py",
    "views",
)
"""What ``make check`` leaves to ``make test``."""

collect_ignore = [*SLOW] if QUICK else []
missing = [name for name in (*MEASURING, *(f"tests/{name}" for name in SLOW)) if not (ROOT / name).exists()]
assert not missing, f"tests/conftest.py names {missing}, which has moved."


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's work, and so is all that measures."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "measuring" if file in MEASURING else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Files are given out in their order here; by default those with the most tests come first."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes early, or one worker would be left alone with it.

    Except for the browser, which comes last: while Playwright is up, an event loop is running in the main thread.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[bool, bool]:
    file = item.nodeid.split("::")[0]
    is_late = file in MEASURING or file.startswith("tests/browser/")
    return is_late, not file.startswith("tests/diagnosis/") if not is_late else file not in MEASURING


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine changes no answer: only the tests of the limit itself know how long a search may take."""
    if request.path.name != "test_economy.py":
        monkeypatch.setattr("vmapdemo.diagnosis.probe.budget.PATIENCE_S", 60.0)


def pytest_collection_finish() -> None:
    """What is loaded now stays: no garbage collection need look at it again."""
    gc.collect()
    gc.freeze()

"""How the suite is run: in which order, by which worker, and with which caches."""

import gc
import os
from pathlib import Path

import jax
import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from tests.effort import LONG, MEASURING, QUICK, SLOW
from vmapdemo.timing.service.slots import FOLDER_VARIABLE

# What is compiled is kept, for all processes and runs; whoever measures compiling turns it off.
KEPT = {
    "jax_compilation_cache_dir": str(Path(__file__).parents[1] / ".pytest_cache" / "jax"),
    "jax_persistent_cache_min_compile_time_secs": 0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}
for name, value in KEPT.items():
    jax.config.update(name, value)
    os.environ[name.upper()] = str(value)

# Servers of these tests wait for nobody else's measurements.
os.environ[FOLDER_VARIABLE] = str(
    Path(__file__).parents[1] / ".pytest_cache" / "slots" / os.environ.get("PYTEST_XDIST_WORKER", "alone")
)

settings.register_profile("default", deadline=None, print_blob=True, max_examples=100)
settings.register_profile("long", settings.get_profile("default"), max_examples=1000)
settings.load_profile("long" if LONG else "default")

jax.config.update("jax_traceback_filtering", "off")  # a refused trace then takes 0.6 instead of 5 ms

collect_ignore = [*SLOW] if QUICK else []


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

"""The real server, asked for one new shape after the other."""

import asyncio
import sys

import pytest

from benchmarks.load import UNLIMITED
from benchmarks.memory import Looker, Memory, new_links, open_all
from benchmarks.server import serving
from benchmarks.visitors import Latencies

LINKS = 300
MOST_MB = 700
"""As it was, so many new shapes took 2 GB; 10,000 stay below this too (benchmarks/memory)."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's /proc tells what processes hold")
def test_links_of_ever_new_shapes_do_not_fill_the_memory() -> None:
    found = Latencies()
    with serving(UNLIMITED) as server:
        asyncio.run(open_all(server, new_links(LINKS, seed=11), found, Looker))
        held_mb = Memory(server.pid).look()
    assert found.errors == []
    assert len(found.first) == LINKS
    assert 100 < held_mb < MOST_MB

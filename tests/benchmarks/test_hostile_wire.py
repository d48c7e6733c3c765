"""Hostile messages to a real server: no traceback, the sender's state is kept, another visitor notices nothing."""

import random

from benchmarks import hostile
from tests.effort import LONG

COUNT = 2000 if LONG else 200


def test_hostile_messages_break_nothing() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    found = hostile.over_the_wire(seed, COUNT)
    assert found.failures == [], "\n".join(map(str, found.failures))
    assert found.bystander.errors == []
    assert sum(sum(tried.counts.values()) for tried in found.tried.values()) == COUNT
    assert len(found.tried) > 8, "of many kinds"
    assert found.good_edits > COUNT // 10
    assert len(found.bystander.edit) > 5

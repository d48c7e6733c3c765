"""What strangers send, and what comes of it: ``python -m benchmarks.hostile``.

Random hostile input for every entrance, first without a server and then over the wire of a real one, on which another
visitor edits meanwhile. Prints how much was taken and refused at each entrance, the slowest, and every failure with
the number and the seed that draw its input again.
"""

import argparse
import logging
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.hostile_core import Tried, all_tried
from benchmarks.hostile_wire import Attack, attacked
from benchmarks.machine import conditions
from benchmarks.server import serving
from benchmarks.visitors import percentile_ms

APP = "benchmarks/without_limits.py"
"""How often somebody may ask is tried elsewhere."""
MOST_SHOWN = 20


def over_the_wire(seed: int, count: int) -> Attack:
    """So many messages to a server of their own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(APP, log=log) as server:
            return attacked(server.url, log, seed, count)


def main(arguments: Sequence[str] | None = None) -> None:
    """Try everything and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, default=100_000, help="inputs without a server")
    parser.add_argument("--wire", type=int, default=5000, help="messages to a server")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    chosen = parser.parse_args(arguments)
    # Streamlit warns of each call of the page's code outside of a server.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    print(conditions("jax", "streamlit"))
    print(f"seed {chosen.seed}", flush=True)
    for tried in all_tried(chosen.seed, chosen.core):
        _show(tried)
    if chosen.wire:
        _show_attack(over_the_wire(chosen.seed, chosen.wire))


def _show(tried: Tried) -> None:
    print(tried, flush=True)
    for failure in tried.failures[:MOST_SHOWN]:
        print(f"  {failure}")


def _show_attack(attack: Attack) -> None:
    print("over the wire:")
    for kind in sorted(attack.tried):
        _show(attack.tried[kind])
    edits = attack.bystander.edit
    p50, p95 = (percentile_ms(edits, percent) for percent in (50, 95))
    print(f"good edits in between: {attack.good_edits}, each two messages")
    print(f"another visitor's edits: {len(edits)}, p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    print(f"errors of that visitor: {len(attack.bystander.errors)} {' '.join(attack.bystander.errors[:3])}")


if __name__ == "__main__":
    main()

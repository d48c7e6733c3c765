"""What an explanation costs: ``python -m benchmarks.explaining``.

Every call of the corpora in ``tests/diagnosis`` is explained a few times. The figures are the medians over the calls of
the best time of each, as milliseconds and as ratios to one trace of the real vmap of the same call
(``jax.make_jaxpr``; for a refused call the time until it is refused), in one run, and how often the caller's function
was called.
"""

import functools
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax

from tests.diagnosis.corpus import CORPUS, Called
from vmapdemo import explain

REPEATS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One call: seconds to explain and to trace it once, and how often its function was called for that."""

    is_right: bool
    explained_s: float
    traced_s: float
    calls: int


def measured(called: Called) -> Row:
    """The best of a few explanations of a call."""
    found = called.by(explain)
    explained = min(_seconds(lambda: called.by(explain)) for _ in range(REPEATS))
    traced = min(_seconds(lambda: _trace(called)) for _ in range(REPEATS))
    return Row(found.ok and not found.cautions, explained, traced, _calls(called))


def _trace(called: Called) -> None:
    try:
        jax.make_jaxpr(jax.vmap(called.function, **called.vmap))(*called.args, **called.kwargs)
    except Exception:
        return


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _calls(called: Called) -> int:
    """How often one explanation calls the function; the count is kept where an explanation does not set it back."""
    marks = io.BytesIO()

    @functools.wraps(called.function)
    def counted(*arguments: Any, **keywords: Any) -> Any:
        marks.write(b".")
        return called.function(*arguments, **keywords)

    called.by(explain, counted)
    return len(marks.getvalue())


def main() -> None:
    """Print the table."""
    rows = [measured(called) for called in CORPUS]
    print("| calls | how many | ms | times one trace | calls of the function | most calls |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for title, is_right in (("right", True), ("wrong, or hardly meant", False)):
        chosen = [row for row in rows if row.is_right == is_right]
        spent = statistics.median(row.explained_s for row in chosen) * 1000
        ratio = statistics.median(row.explained_s / row.traced_s for row in chosen)
        calls = statistics.median(row.calls for row in chosen)
        most = max(row.calls for row in chosen)
        print(f"| {title} | {len(chosen)} | {spent:.1f} | {ratio:.1f} | {calls:.0f} | {most} |")


if __name__ == "__main__":
    main()

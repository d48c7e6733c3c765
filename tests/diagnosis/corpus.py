"""Every call of the corpora, right and wrong, in one form."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.diagnosis import blame, mistakes, reports, reports_of_our_own


@dataclass(frozen=True)
class Called:
    """One call of jax.vmap."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    vmap: dict[str, Any] = field(default_factory=dict)

    def by(self, verb: Callable[..., Any], function: Callable[..., Any] | None = None, **more: Any) -> Any:
        """What ``jax.vmap``, ``explain`` or ``trace`` makes of it, or of another function in its place."""
        return verb(function or self.function, **self.vmap, **more)(*self.args, **self.kwargs)


def _corpus() -> Iterator[Called]:
    cases = [*mistakes.CASES, *(report.case for report in (*reports.REPORTS, *reports_of_our_own.REPORTS))]
    for case in cases:
        yield Called(case.name, case.fn, case.args, case.kwargs, case.vmap)
    for fault in (*blame.BODY, *blame.AXES):
        yield Called(fault.name, fault.function, fault.args, fault.kwargs, fault.vmap)


CORPUS = list(_corpus())

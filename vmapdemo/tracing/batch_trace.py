"""What a trace says: the whole, which prints itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vmapdemo.diagnosis.explanation import Explanation
from vmapdemo.tracing.display import argument_text, note_lines, paragraph, result_text, table, table_html, table_lines
from vmapdemo.tracing.records import Array, Result, Step


@dataclass(frozen=True, slots=True)
class Programs:
    """Makes the jaxpr of one example and that of the whole batch, on demand."""

    example: Callable[[], Any]
    batched: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class BatchTrace:
    """Where the batch axis is after every operation of a function.

    ``ok`` says whether JAX accepts the call; if not, ``explanation`` says why and there are no steps. ``arguments``
    has an Array for every array that was passed, with the axis along which it is mapped.
    """

    explanation: Explanation
    function: Callable[..., Any] = field(repr=False, compare=False)
    function_name: str
    arguments: tuple[Array, ...] = ()
    steps: tuple[Step, ...] = ()
    results: tuple[Result, ...] = ()
    programs: Programs | None = field(repr=False, compare=False, default=None)

    @property
    def ok(self) -> bool:
        """Whether JAX accepts the call."""
        return self.explanation.ok

    @property
    def batch_size(self) -> int | None:
        """How many examples there are; None if the call is refused before that is known."""
        return self.explanation.batch_size

    @property
    def output_axes(self) -> tuple[int | None, ...]:
        """The position of the batch axis in each array of the result."""
        return tuple(result.array.axis for result in self.results)

    @property
    def saved_flops(self) -> int:
        """Operations that are spared because shared steps run once and not for every example, loops left out."""
        return sum((step.flops or 0) * ((self.batch_size or 1) - 1) for step in self.steps if step.shared)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Every step, those inside loops and conditions after the loop or condition itself."""
        return tuple(_walked(self.steps))

    def example_jaxpr(self) -> Any:
        """JAX's own program of one example; None if the call is refused."""
        return None if self.programs is None else self.programs.example()

    def batched_jaxpr(self) -> Any:
        """JAX's own program of the whole batch; None if the call is refused."""
        return None if self.programs is None else self.programs.batched()

    def __str__(self) -> str:
        if not self.ok:
            return str(self.explanation)
        rows, notes = table(self.steps, self.batch_size or 0)
        return "\n".join([*self._before(), "", *table_lines(rows), "", *note_lines(notes), *self._after()])

    __repr__ = __str__  # what a prompt and a notebook without HTML show

    def _repr_html_(self) -> str:
        if not self.ok:
            return self.explanation._repr_html_()
        rows, notes = table(self.steps, self.batch_size or 0)
        after = (*note_lines(notes), *self._after())
        parts = (*map(paragraph, self._before()), table_html(rows), *map(paragraph, after))
        return f'<div class="vmapdemo-trace">{"".join(parts)}</div>'

    def _before(self) -> Iterator[str]:
        yield self.explanation.headline
        yield from map(argument_text, self.arguments)

    def _after(self) -> Iterator[str]:
        yield from map(result_text, self.results)
        if self.saved_flops:
            yield f"Sharing saves {self.saved_flops:,} arithmetic operations."


def _walked(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _walked(step.inner)

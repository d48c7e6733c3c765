"""What a trace says, as frozen records."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vmapdemo.diagnosis.records import Explanation, Shape

if TYPE_CHECKING:
    from vmapdemo.tracing.folding import Block


@dataclass(frozen=True, slots=True)
class Array:
    """One array: its name in the program text, its ``shape`` in one example, and ``batched_shape`` in the whole batch.

    ``axis`` is the position of the batch axis in ``batched_shape``; None where the array is shared by all examples.
    """

    name: str
    dtype: str
    shape: Shape
    axis: int | None
    batched_shape: Shape


@dataclass(frozen=True, slots=True)
class Source:
    """The caller's line that an operation comes from: ``file`` without its folder, and the text of the line."""

    file: str
    line: int
    text: str
    function: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation, in one example and in the whole batch.

    ``description``: what the primitive does, in a sentence.
    ``rewritten_to``: the primitives that stand in its place in the batched program; ``note``: a sentence where that
    is of interest, else "". ``shared``: it does not depend on the batch, so it runs once for all examples.
    ``within``: the jitted or custom functions around it, and which body of a loop or condition, outermost first.
    ``inner``: the steps in the bodies of a loop or condition. ``example_text`` is its line in the program of one
    example, ``batched_text`` its lines in the batched program. ``flops`` (one example) and ``batched_flops`` (all
    examples) are None where no count is known, for loops and conditions among others.
    """

    primitive: str
    description: str
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    rewritten_to: tuple[str, ...]
    note: str
    shared: bool
    source: Source | None
    within: tuple[str, ...]
    example_text: str
    batched_text: tuple[str, ...]
    flops: int | None
    batched_flops: int | None
    inner: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One array of the result, as ``out_axes`` wants it.

    ``found_axis`` is where the batch axis was after the last operation (None: shared), and ``brought_by`` the
    primitives that were put in to bring it to ``array.axis``.
    """

    array: Array
    found_axis: int | None
    brought_by: tuple[str, ...] = ()


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
        """How many examples there are; None where the call is refused before that is known."""
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

    @property
    def folded(self) -> tuple["Block", ...]:
        """The steps with consecutive repeats folded into one Block each."""
        from vmapdemo.tracing.folding import fold

        return fold(self.steps)

    def example_jaxpr(self) -> Any:
        """JAX's own program of one example; None where the call is refused."""
        return None if self.programs is None else self.programs.example()

    def batched_jaxpr(self) -> Any:
        """JAX's own program of the whole batch; None where the call is refused."""
        return None if self.programs is None else self.programs.batched()

    def __str__(self) -> str:
        from vmapdemo.tracing.display import as_text

        return as_text(self)

    __repr__ = __str__  # what a prompt and a notebook without HTML show

    def _repr_html_(self) -> str:
        from vmapdemo.tracing.display import as_html

        return as_html(self)


def _walked(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _walked(step.inner)

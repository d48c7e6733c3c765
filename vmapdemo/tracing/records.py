"""The parts of a trace, as frozen records; ``batch_trace`` has the whole."""

from dataclasses import dataclass

from vmapdemo.diagnosis.records import Shape


@dataclass(frozen=True, slots=True)
class Array:
    """One array: its name in the program text, its ``shape`` in one example, and ``batched_shape`` in the whole batch.

    ``axis`` is the position of the batch axis in ``batched_shape``; None if the array is shared by all examples.
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
    ``rewritten_to``: the primitives that stand in its place in the batched program; ``note``: a sentence if that
    is of interest, else "". ``shared``: it does not depend on the batch, so it runs once for all examples.
    ``within``: the jitted or custom functions around it, and which body of a loop or condition, outermost first.
    ``inner``: the steps in the bodies of a loop or condition. ``example_text`` is its line in the program of one
    example, ``batched_text`` its lines in the batched program. ``flops`` (one example) and ``batched_flops`` (all
    examples) are None if no count is known, for loops and conditions among others.
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
    primitives that were inserted to bring it to ``array.axis``.
    """

    array: Array
    found_axis: int | None
    brought_by: tuple[str, ...] = ()

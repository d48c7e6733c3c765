"""The parts of a diagnosis, as frozen records; ``explanation`` has the whole."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Culprit = Literal["in_axes", "out_axes", "arguments", "function", "axis_name", "axis_size"]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArgumentRow:
    """What vmap makes of one array: ``shape`` as passed, the mapped ``axis``, and what the function sees of it.

    ``axis`` is None if the array is shared, and whatever was written if that is no axis at all.
    ``mapped_size`` and ``example_shape`` are None if the axis does not exist. ``offends``: this array's axis is
    (part of) what is wrong.
    """

    path: str
    shape: Shape
    dtype: str
    axis: Any
    mapped_size: int | None
    example_shape: Shape | None
    offends: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One array of the result: its shape for one example, for the whole batch, and where the batch axis is."""

    path: str
    dtype: str
    example_shape: Shape
    shape: Shape
    axis: int | None


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the call that was checked on the real vmap.

    ``code`` is the whole repaired expression, ``why`` one sentence, ``output`` the shape that it gives, and ``run()``
    does the repaired call on the caller's own arguments. ``nested``: it takes a vmap inside a vmap, and ``in_axes``
    and ``out_axes`` are those of the outer one; ``inner`` has those of the inner one if there are two and no more.
    ``axes_only``: nothing else changes than these two.
    """

    in_axes: Any
    out_axes: Any
    code: str
    why: str
    output: tuple[Output, ...]
    nested: bool = False
    axes_only: bool = True
    inner: tuple[Any, Any] | None = None
    call: Callable[[], Any] = field(repr=False, compare=False, default=lambda: None)

    def run(self) -> Any:
        """The result of the repaired call; raises what the function raises."""
        return self.call()


@dataclass(frozen=True, slots=True)
class Caution:
    """The call runs, but is probably not meant: a stable ``rule`` name, a sentence, and a fix if one exists."""

    rule: str
    text: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class AnySize:
    """The shapes of a call in symbols, ``(b, n), (b, 3) -> (b, n - 2)``, where b is the batch size.

    ``condition``: from which sizes on they hold, ``n >= 3``. ``inferred``: they come from several sizes that were
    tried, up to ``largest``, and hold for others only as far as those tell.
    """

    text: str
    inferred: bool
    condition: str = ""
    largest: int | None = None

    def __str__(self) -> str:
        held = f" with {self.condition}" if self.condition else ""
        tried = f", inferred from several sizes up to {self.largest}" if self.inferred else ""
        return f"{self.text}{held}{tried}"


class Later:
    """An answer that is found when it is first asked for, and kept."""

    def __init__(self, ask: Callable[[], Any] = lambda: None) -> None:
        self._ask: Callable[[], Any] | None = ask
        self.known: Any = None

    def __call__(self) -> Any:
        """The answer; the first time it is asked for, whatever that runs is run."""
        if self._ask is not None:
            self.known = self._ask()
            self._ask = None  # what the question holds is free
        return self.known

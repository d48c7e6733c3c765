"""What a function or JAX raised, kept without its frames: these would hold the caller's arrays."""

from dataclasses import dataclass

import jax

READS_A_VALUE = (jax.errors.JAXTypeError, jax.errors.JAXIndexError)
"""What JAX raises when Python reads a traced value."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The kind of an error and its message."""

    kind: type[BaseException]
    message: str

    @property
    def words(self) -> str:
        """The error as Python prints it: ``TypeError: ...``."""
        return f"{self.kind.__name__}: {self.message}"

    def is_a(self, *kinds: type[BaseException]) -> bool:
        """Whether the error is of one of these kinds."""
        return issubclass(self.kind, kinds)

    @property
    def reads_a_value(self) -> bool:
        """Whether Python wanted the value of a traced array."""
        return self.is_a(*READS_A_VALUE)


class NotAskedError(Exception):
    """In place of an error: the budget left no call for the question."""


NOT_ASKED = Refusal(NotAskedError, "this was not tried")


def refusal_of(error: BaseException) -> Refusal:
    """The Refusal of an error; one that cannot even be printed is known by its kind."""
    try:
        return Refusal(type(error), str(error))
    except Exception:
        return Refusal(type(error), "")
